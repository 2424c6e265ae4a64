"""How tests are shared out where several processes run them (``pytest -n 2``), and which may be tried again."""

import signal

import pytest


def pytest_configure():
    """Have Ctrl-C heard by what the tests start and interrupt, also where a shell runs the tests in the background."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


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
