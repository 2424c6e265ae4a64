"""A desk with the entries installed, Resolve, and a bridge for them to speak to, as fixtures."""

import pytest
from fake_resolve import FakeResolve
from resolve_desk import Desk
from standin_bridge import StandIn


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path, music="")


@pytest.fixture
def app():
    """Return Resolve Studio 20.3 with a cut of three shots, ten seconds at 24."""
    fake = FakeResolve()
    fake.cut(96, 72, 72)
    return fake


@pytest.fixture
def bridge(desk):
    stand_in = StandIn(desk.bridge)
    yield stand_in
    stand_in.close()
