from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_disk import small_disk_at

from emsync_bridge.render.engines import find_fluidsynth

needs_fluidsynth = pytest.mark.skipif(find_fluidsynth() is None, reason="FluidSynth is not installed")


@pytest.fixture(params=["midirenderer", pytest.param("fluidsynth", marks=needs_fluidsynth)])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def small_disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    with small_disk_at(tmp_path / "small", request.param) as folder:
        yield folder
