"""Reading WAV files that ``wav.write_wav`` wrote: 16, 24 and 32 bits, RIFF and RF64."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np

from emsync_bridge.errors import RenderError
from emsync_bridge.render.engines import Audio
from emsync_bridge.render.files.wav import CHANNELS, Bits, WavFormat

_BITS: dict[tuple[int, int], Bits] = {(1, 16): "16", (1, 24): "24", (3, 32): "32f"}


class WavReader:
    """An open WAV file.

    Arguments:
        path: The file.

    Raises:
        RenderError: It is no stereo WAV file of a known format.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            self.form, self.samples = self._header(path)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> WavReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def blocks(self, length: int) -> Iterator[Audio]:
        """Yield the sound in blocks of ``length`` samples, shape (n, 2)."""
        left = self.samples
        while left > 0 and (data := self._file.read(min(length, left) * self.form.frame)):
            block = self._unpacked(data)
            left -= len(block)
            yield block

    def _header(self, path: Path) -> tuple[WavFormat, int]:
        file = self._file
        form, large = None, 0
        if file.read(4) not in (b"RIFF", b"RF64") or file.read(8)[4:] != b"WAVE":
            raise RenderError("This is not a WAV file", where=path)
        while len(head := file.read(8)) == 8:
            name, size = head[:4], int.from_bytes(head[4:], "little")
            if name == b"data":
                if form is None:
                    break
                return form, (large if size == 0xFFFFFFFF else size) // form.frame
            body = file.read(size + size % 2)
            if name == b"ds64":
                large = int.from_bytes(body[8:16], "little")
            elif name == b"fmt ":
                kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", body[:16])
                if channels == CHANNELS and (kind, bits) in _BITS:
                    form = WavFormat(rate, _BITS[kind, bits])
        raise RenderError("This WAV file has a format that is not known here", where=path)

    def _unpacked(self, data: bytes) -> Audio:
        if self.form.bits == "32f":
            return np.frombuffer(data, "<f4").reshape(-1, CHANNELS)
        if self.form.bits == "16":
            whole = np.frombuffer(data, "<i2").astype(np.float32) / np.float32(2**15)
        else:
            wide = np.zeros((len(data) // 3, 4), np.uint8)
            wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
            whole = (wide.view("<i4") >> 8).astype(np.float32) / np.float32(2**23)
        sound: Audio = whole.reshape(-1, CHANNELS)
        return sound
