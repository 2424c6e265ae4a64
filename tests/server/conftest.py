"""A bridge in a folder of its own, which answers without a process."""

import pytest
from made_jobs import bridge_of

from emsync_bridge.server.paths import Home


@pytest.fixture
def home(tmp_path):
    place = Home(tmp_path / "home", tmp_path / "home" / "bridge.log")
    place.make()
    return place


@pytest.fixture
def bridge(home):
    return bridge_of(home)
