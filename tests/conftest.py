"""How tests are shared out where several processes run them (``pytest -n 2``), and which may be tried again."""

import pytest


def pytest_collection_modifyitems(items):
    """Keep the tests of a file together, since they share a fixture; and all of live, which share one JACK server.

    Those of live play in real time, with Ardour, FluidSynth and a JACK server without a sound card, on a machine that
    does other things as well: what was kept from running in time is tried again.
    """
    for item in items:
        live = item.path.parent.name == "live"
        item.add_marker(pytest.mark.xdist_group("live" if live else item.path.name))
        if live:
            item.add_marker(pytest.mark.flaky(reruns=2))
