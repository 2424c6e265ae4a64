"""WAV files: 16, 24 or 32 bits, RF64 where 4 GiB do not suffice, with or without what is known of the music.

RF64 and its chunk ds64: EBU Tech 3306, ITU-R BS.2088.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Literal

import numpy as np

from emsync_bridge.errors import RenderError
from emsync_bridge.render.engines import Audio
from emsync_bridge.render.files.metadata import Stamp, broadcast_chunk, info_chunk, ixml_chunk
from emsync_bridge.render.midi_events import SAMPLE_RATE
from emsync_bridge.render.mix.meter import Loudness

__all__ = ["CHANNELS", "SAMPLE_RATE", "WavFormat", "samples_of", "write_wav"]

Bits = Literal["16", "24", "32f"]

CHANNELS = 2
_MAX_RIFF = 2**32 - 1 - 4096  # a RIFF size has 32 bits; some room for the header
_LONGEST = 24 * 3600  # seconds: timecode counts no further
_PCM, _FLOAT = 1, 3
_DITHER_SEED = 16


@dataclass(frozen=True)
class WavFormat:
    """A format of samples.

    Arguments:
        rate: Samples per second.
        bits: Integers of 16 bits (with dither) or 24 bits, or floats of 32 bits.
    """

    rate: int = SAMPLE_RATE
    bits: Bits = "24"

    @property
    def frame(self) -> int:
        """Bytes of one sample of both channels."""
        return CHANNELS * {"16": 2, "24": 3, "32f": 4}[self.bits]


def samples_of(seconds: Fraction | float, rate: int = SAMPLE_RATE) -> int:
    """Return the samples that fill a length, the last one begun.

    Arguments:
        seconds: The length, usually frames over rate as a fraction; in a float an error far below one sample is
            forgiven.
        rate: Samples per second.

    Raises:
        RenderError: The length is not above zero, or longer than a day.
    """
    exact = seconds * rate
    samples = ceil(exact) if isinstance(exact, Fraction) else ceil(exact - 1e-4)
    if samples <= 0:
        raise RenderError("There is no time to fill with music", hint="Check the length of the timeline")
    if seconds > _LONGEST:
        raise RenderError(
            f"{float(seconds) / 3600:.1f} hours are too long: timecode counts 24 hours",
            hint="Split the timeline into reels",
        )
    return samples


def write_wav(
    path: Path,
    blocks: Iterable[Audio],
    samples: int,
    *,
    form: WavFormat | None = None,
    stamp: Stamp | None = None,
    loudness: Loudness | None = None,
) -> None:
    """Write sound block by block; the caller sees to a temporary name.

    Plain PCM format rather than the extensible one: every editor takes it, and Python's own reader as well.

    Arguments:
        path: The new file.
        blocks: Shape (n, 2) each, full scale at 1.
        samples: Length of all blocks together.
        form: Rate and bits; 48 kHz and 24 bits when None.
        stamp: Facts of the music, for a Broadcast Wave file.
        loudness: Its loudness and true peak.

    Raises:
        OSError: The file cannot be written.
    """
    form = form or WavFormat()
    size = samples * form.frame
    kind = _FLOAT if form.bits == "32f" else _PCM
    layout = (kind, CHANNELS, form.rate, form.rate * form.frame, form.frame, form.frame // CHANNELS * 8)
    chunks = struct.pack("<4sIHHIIHH", b"fmt ", 16, *layout)
    behind = b""
    if stamp is not None:
        chunks = broadcast_chunk(stamp, form.rate, form.bits, loudness) + chunks
        behind = ixml_chunk(stamp, form.rate, form.bits) + info_chunk(stamp)
    total = 4 + len(chunks) + 8 + size + size % 2 + len(behind)
    large = total > _MAX_RIFF
    written = 0
    dither = np.random.default_rng(_DITHER_SEED)
    with path.open("wb") as file:
        if large:
            sizes = struct.pack("<4sIQQQI", b"ds64", 28, total + 36, size, samples, 0)
            file.write(struct.pack("<4sI4s", b"RF64", 0xFFFFFFFF, b"WAVE") + sizes + chunks)
        else:
            file.write(struct.pack("<4sI4s", b"RIFF", total, b"WAVE") + chunks)
        file.write(struct.pack("<4sI", b"data", 0xFFFFFFFF if large else size))
        for block in blocks:
            file.write(_packed(block, form.bits, dither))
            written += len(block)
        file.write(bytes(size % 2) + behind)
    if written != samples:
        raise ValueError(f"{samples} samples were announced, {written} came")


def _packed(block: Audio, bits: Bits, dither: np.random.Generator) -> bytes | memoryview:
    if bits == "32f":
        return np.ascontiguousarray(block, "<f4").data
    if bits == "16":
        full = np.float32(2**15)
        # triangular dither of two steps: the error becomes noise that does not follow the music
        noise = dither.random(block.shape, np.float32) - dither.random(block.shape, np.float32)
        noise[~block.any(1)] = 0  # silence stays silent
        return bytes(np.clip(np.rint(block * full + noise), -full, full - 1).astype("<i2").tobytes())
    full = np.float32(2**23)  # the mantissa of a 32-bit float has just as many bits
    whole = np.clip(np.rint(block * full), -full, full - 1).astype("<i4")
    data: bytes = whole.reshape(-1, 1).view(np.uint8)[:, :3].tobytes()
    return data
