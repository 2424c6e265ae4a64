"""WAV files at 48 kHz and 24 bit, with or without the time stamp of Broadcast Wave."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np

from emsync_bridge.errors import RenderError
from emsync_bridge.render.engines import Audio
from emsync_bridge.render.midi_events import SAMPLE_RATE

__all__ = ["CHANNELS", "SAMPLE_RATE", "samples_of", "write_wav"]

CHANNELS = 2
BYTES_PER_SAMPLE = 3
_FRAME = CHANNELS * BYTES_PER_SAMPLE
_BEXT_BYTES = 602  # version 1 without coding history, EBU Tech 3285
_LARGEST = 2**32 - 1 - 1024  # a RIFF size has 32 bits; some room for the header


def samples_of(seconds: Fraction | float) -> int:
    """Return the samples that fill a length, the last one begun.

    Arguments:
        seconds: The length, usually frames over rate as a fraction; in a float an error far below one sample is
            forgiven.

    Raises:
        RenderError: The length is not above zero, or longer than a WAV file of 4 GiB holds (4 h 8 min).
    """
    exact = seconds * SAMPLE_RATE
    samples = ceil(exact) if isinstance(exact, Fraction) else ceil(exact - 1e-4)
    if samples <= 0:
        raise RenderError("There is no time to fill with music", hint="Check the length of the timeline")
    if samples * _FRAME > _LARGEST:
        longest = _LARGEST // _FRAME // SAMPLE_RATE
        raise RenderError(
            f"{float(seconds) / 3600:.1f} hours are too long for one WAV file, which holds "
            f"{longest // 3600} h {longest % 3600 // 60} min at most",
            hint="Split the timeline into reels",
        )
    return samples


def write_wav(path: Path, blocks: Iterable[Audio], samples: int, *, start: Fraction | None = None) -> None:
    """Write sound block by block; the caller sees to a temporary name.

    Plain PCM format rather than the extensible one: every editor takes it, and Python's own reader as well.

    Arguments:
        path: The new file.
        blocks: Shape (n, 2) each, full scale at 1.
        samples: How many samples they have together.
        start: Seconds since midnight for a Broadcast Wave time reference; None for a WAV without one.

    Raises:
        OSError: The file cannot be written.
    """
    size = samples * _FRAME
    chunks = b"" if start is None else _bext(round(start * SAMPLE_RATE))
    chunks += struct.pack(
        "<4sIHHIIHH", b"fmt ", 16, 1, CHANNELS, SAMPLE_RATE, SAMPLE_RATE * _FRAME, _FRAME, BYTES_PER_SAMPLE * 8
    )
    written = 0
    with path.open("wb") as file:
        file.write(struct.pack("<4sI4s", b"RIFF", 4 + len(chunks) + 8 + size, b"WAVE") + chunks)
        file.write(struct.pack("<4sI", b"data", size))
        for block in blocks:
            file.write(_packed(block))
            written += len(block)
    if written != samples:
        raise ValueError(f"{samples} samples were announced, {written} came")


def _packed(block: Audio) -> bytes:
    full = np.float32(2**23)  # the mantissa of a 32-bit float has just as many bits
    whole = np.clip(np.rint(block * full), -full, full - 1).astype("<i4")
    data: bytes = whole.reshape(-1, 1).view(np.uint8)[:, :BYTES_PER_SAMPLE].tobytes()
    return data


def _bext(reference: int) -> bytes:
    """Return a broadcast extension chunk (EBU Tech 3285, version 1) whose only statement is the time reference."""
    head = struct.pack("<256s32s32s10s8s", b"", b"emsync", b"", b"", b"")
    body = head + struct.pack("<IIH", reference & 0xFFFFFFFF, reference >> 32, 1)
    return struct.pack("<4sI", b"bext", _BEXT_BYTES) + body.ljust(_BEXT_BYTES, b"\0")
