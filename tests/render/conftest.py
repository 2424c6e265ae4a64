from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emsync_bridge.render.engines import find_fluidsynth

needs_fluidsynth = pytest.mark.skipif(find_fluidsynth() is None, reason="FluidSynth is not installed")


@pytest.fixture(params=["midirenderer", pytest.param("fluidsynth", marks=needs_fluidsynth)])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def small_disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    may_mount = sys.platform == "linux" and os.geteuid() == 0
    mount = ["mount", "-t", "tmpfs", "-o", request.param, "tmpfs", folder]
    if not may_mount or subprocess.run(mount, check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)
