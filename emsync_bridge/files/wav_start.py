"""Start timecode of a WAV: the time reference of its broadcast extension (EBU Tech 3285)."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

_HEADS = (b"RIFF", b"RF64", b"BW64")
_REFERENCE = 338  # offset of TimeReferenceLow in the chunk
_MAX_CHUNKS = 1000


def wav_start(path: Path) -> Fraction:
    """Return the seconds since midnight at which a WAV begins; 0 when it does not say or is not a WAV.

    Arguments:
        path: The file.
    """
    rate, samples = 0, 0
    try:
        with path.open("rb") as file:
            head = file.read(12)
            if head[:4] not in _HEADS or head[8:] != b"WAVE":
                return Fraction(0)
            for _ in range(_MAX_CHUNKS):
                name, size = struct.unpack("<4sI", file.read(8))
                if name == b"data":
                    break
                body = file.read(min(size, _REFERENCE + 8))
                file.seek(size - len(body) + size % 2, 1)
                if name == b"fmt ":
                    rate = struct.unpack_from("<I", body, 4)[0]
                elif name == b"bext":
                    low, high = struct.unpack_from("<II", body, _REFERENCE)
                    samples = low + (high << 32)
    except (OSError, ValueError, struct.error):
        pass
    return Fraction(samples, rate) if rate else Fraction(0)
