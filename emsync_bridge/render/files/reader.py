"""Reading WAV files that ``wav.write_wav`` wrote: 16, 24 and 32 bits, RIFF and RF64."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np

from emsync_bridge.errors import RenderError
from emsync_bridge.files.wav_header import FLOAT, PCM, read_wav_header
from emsync_bridge.render.engines import Audio
from emsync_bridge.render.files.wav import CHANNELS, Bits, WavFormat

_BITS: dict[tuple[int, int], Bits] = {(PCM, 16): "16", (PCM, 24): "24", (FLOAT, 32): "32f"}


class WavReader:
    """An open WAV file.

    Arguments:
        path: The file.

    Raises:
        MediaError: It is not a WAV file.
        RenderError: It is not stereo, or of a format that is not known.
    """

    def __init__(self, path: Path) -> None:
        header = read_wav_header(path)
        bits = _BITS.get((header.kind, header.bits))
        if bits is None or header.channels != CHANNELS:
            raise RenderError("This WAV file has a format that is not known here", where=path)
        self.form, self.samples = WavFormat(header.rate, bits), header.samples
        self._file = path.open("rb")
        self._file.seek(header.data)

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
