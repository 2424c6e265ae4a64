"""Files of more than 4 GiB, which WAV's own sizes of 32 bits cannot count."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from emsync_bridge.ffmpeg import find_ffmpeg
from emsync_bridge.render.files.metadata import Stamp
from emsync_bridge.render.files.wav import SAMPLE_RATE, WavFormat, write_wav


@pytest.mark.skipif(sys.platform == "win32", reason="files with holes are made otherwise there")
def test_hours_are_written_as_rf64(tmp_path: Path) -> None:
    minutes = np.zeros((360 * SAMPLE_RATE, 2), np.float32)
    path = tmp_path / "long.wav"
    write_wav(
        path, (minutes for _ in range(32)), 32 * len(minutes), form=WavFormat(bits="32f"), stamp=Stamp(project="Long")
    )
    size = path.stat().st_size
    assert size > 2**32
    with path.open("rb") as file:
        head = file.read(80)
        assert (head[:4], head[8:16]) == (b"RF64", b"WAVEds64")
        assert int.from_bytes(head[20:28], "little") == size - 8
    told = subprocess.run([find_ffmpeg(), "-hide_banner", "-i", path], capture_output=True, text=True, check=False)
    assert "Duration: 03:12:00.00" in told.stderr
    path.unlink()
