"""How tests are shared out where several processes run them (``pytest -n 2``)."""

import pytest


def pytest_collection_modifyitems(items):
    """Keep the tests of a file together, since they share a fixture; and all of live, which share one JACK server."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group("live" if item.path.parent.name == "live" else item.path.name))
