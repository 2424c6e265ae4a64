"""Real receivers as fixtures: OSC in another process, and JACK with its dummy driver."""

import os
import signal

import pytest
from live_receivers import Lines, OscReceiver, appears, jack_running

from emsync_bridge.live.playback.part import LivePart, PartNote


@pytest.fixture
def osc():
    receiver = OscReceiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="session")
def jack_server():
    """Start a JACK server of our own with the dummy driver."""
    with jack_running(f"emsync-test-{os.getpid()}"):
        yield


@pytest.fixture
def midi_monitor(jack_server):
    """Start jack_midi_dump, whose lines are what arrives."""
    monitor = Lines(["stdbuf", "-oL", "jack_midi_dump", "-a"])
    try:
        assert appears("midi-monitor:input")
        yield monitor
    finally:
        monitor.close(signal.SIGINT)


@pytest.fixture
def scale():
    """Twenty-four notes, 50 ms apart, of which each sounds through the two that follow it."""
    strikes = tuple(PartNote(i / 20, i / 20 + 0.125, 2, 40 + i, 80) for i in range(24))
    return LivePart(strikes, (), 1.4, channels=(("piano", 2),))


@pytest.fixture
def held():
    """Eight notes that sound for half a minute."""
    return LivePart(
        tuple(PartNote(i / 100, 30.0, 3, 50 + i, 80) for i in range(8)), (), 30.0, channels=(("strings", 3),)
    )
