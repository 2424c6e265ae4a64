"""Header of a WAV file: format, length, place of the samples and start timecode, whatever program wrote it.

RIFF, RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088); plain and extensible format; time reference of the broadcast
extension (EBU Tech 3285).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from emsync_bridge.errors import MediaError

PCM, FLOAT = 1, 3
"""Kinds of samples: integers and floating-point numbers."""

_HEADS = (b"RIFF", b"RF64", b"BW64")
_EXTENSIBLE = 0xFFFE
_SUBFORMAT = 24  # offset of the kind of samples in an extensible format
_REFERENCE = 338  # offset of TimeReferenceLow in the broadcast extension
_UNKNOWN = 0xFFFFFFFF  # size of a chunk that the chunk ds64 tells, or that was never filled in
_MAX_CHUNKS = 1000
_MAX_CHANNELS, _MAX_RATE = 1024, 1 << 20
_KINDS = {PCM: (8, 16, 24, 32), FLOAT: (32, 64)}


@dataclass(frozen=True)
class WavHeader:
    """Facts of a WAV file.

    Arguments:
        kind: ``PCM`` or ``FLOAT``.
        channels: Number of channels.
        rate: Samples per second.
        bits: Bits of one sample of one channel.
        samples: Length.
        data: Byte of the file at which the samples begin.
        start: Seconds since midnight at which the sound begins; 0 where the file does not say.
    """

    kind: int
    channels: int
    rate: int
    bits: int
    samples: int
    data: int
    start: Fraction = Fraction(0)


def read_wav_header(path: Path) -> WavHeader:
    """Return the facts of a WAV file. A file that ends early counts as long as what is there.

    Arguments:
        path: The file.

    Raises:
        MediaError: It cannot be opened, or holds no sound that is not compressed.
    """
    try:
        with path.open("rb") as file:
            found = _header(file, path.stat().st_size)
    except OSError as problem:
        raise MediaError(f"The file cannot be opened ({problem.strerror})", where=path) from None
    except (struct.error, IndexError):
        found = "it is cut off"
    if isinstance(found, str):
        raise MediaError(f"Not an uncompressed WAV file: {found}", where=path, hint="Convert it to WAV first")
    return found


def _header(file: BinaryIO, size: int) -> WavHeader | str:
    """Return the facts of an open file, or what is wrong with it."""
    head = file.read(12)
    if head[:4] not in _HEADS or head[8:] != b"WAVE":
        return "it does not begin as one"
    layout: tuple[int, int, int, int] | None = None
    large, reference = 0, 0
    for _ in range(_MAX_CHUNKS):
        name, length = struct.unpack("<4sI", file.read(8))
        if name == b"data":
            break
        body = file.read(min(length, _REFERENCE + 8))
        file.seek(length - len(body) + length % 2, 1)
        if name == b"fmt ":
            layout = _layout(body)
        elif name == b"ds64":
            large = struct.unpack_from("<Q", body, 8)[0]
        elif name == b"bext":
            low, high = struct.unpack_from("<II", body, _REFERENCE)
            reference = low + (high << 32)
    else:
        return "it holds no samples"
    if layout is None:
        return "its samples come before their format"
    kind, channels, rate, bits = layout
    if bits not in _KINDS.get(kind, ()) or not 0 < channels <= _MAX_CHANNELS or not 0 < rate <= _MAX_RATE:
        return f"samples of kind {kind} with {bits} bits, {channels} channels at {rate} Hz are not known here"
    frame, begins = channels * bits // 8, file.tell()
    told = (large or size) if length == _UNKNOWN else length
    samples = max(0, min(told, size - begins)) // frame
    return WavHeader(kind, channels, rate, bits, samples, begins, Fraction(reference, rate))


def _layout(body: bytes) -> tuple[int, int, int, int]:
    kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if kind == _EXTENSIBLE:
        kind = struct.unpack_from("<H", body, _SUBFORMAT)[0]
    return kind, channels, rate, bits
