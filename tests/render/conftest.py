from __future__ import annotations

import pytest

from emsync_bridge.render.engines import find_fluidsynth

needs_fluidsynth = pytest.mark.skipif(find_fluidsynth() is None, reason="FluidSynth is not installed")


@pytest.fixture(params=["midirenderer", pytest.param("fluidsynth", marks=needs_fluidsynth)])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)
