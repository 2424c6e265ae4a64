"""One bridge for each module of tests, and a cut that is quickly scored."""

import pytest
from bridge_running import bridge_in, short_cut


@pytest.fixture(scope="module")
def bridge(tmp_path_factory):
    with bridge_in(tmp_path_factory.mktemp("bridge") / "home") as running:
        yield running


@pytest.fixture(scope="session")
def cut(tmp_path_factory):
    return short_cut(tmp_path_factory.mktemp("cut"))


@pytest.fixture(scope="session")
def long_cut(tmp_path_factory):
    """Return a cut that takes much longer to score than any test may take."""
    return short_cut(tmp_path_factory.mktemp("cut"), 300, name="long")
