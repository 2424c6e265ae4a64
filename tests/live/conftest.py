"""Real receivers for the tests: OSC in another process, and JACK with its dummy driver."""

import os
import shutil
import signal

import pytest
from live_receivers import Lines, OscReceiver, appears

from emsync_bridge.live.part import Part, Strike


@pytest.fixture
def osc():
    receiver = OscReceiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="session")
def jack_server():
    """Start a JACK server of our own with the dummy driver."""
    missing = [program for program in ("jackd", "jack_midi_dump", "jack_lsp", "stdbuf") if not shutil.which(program)]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    pytest.importorskip("rtmidi", reason="python-rtmidi is not installed")
    server = f"emsync-test-{os.getpid()}"
    ours = {"JACK_DEFAULT_SERVER": server, "JACK_NO_START_SERVER": "1", "JACK_NO_AUDIO_RESERVATION": "1"}
    os.environ.update(ours)
    # Clients on a busy machine get five seconds before they are thrown out.
    server_options = ["--no-realtime", "--no-mlock", "--timeout", "5000", "--name", server]
    command = ["jackd", *server_options, "-d", "dummy", "-r", "48000", "-p", "1024"]
    jackd = Lines(command)
    try:
        if not appears("system"):
            pytest.skip("jackd does not start here")
        yield
    finally:
        # Killed, a JACK server would keep one of the eight places that a computer has for them.
        jackd.close(signal.SIGTERM)
        for name in ours:
            del os.environ[name]


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
    strikes = tuple(Strike(i / 20, i / 20 + 0.125, 2, 40 + i, 80) for i in range(24))
    return Part(strikes, (), 1.4, channels=(("piano", 2),))


@pytest.fixture
def held():
    """Eight notes that sound for half a minute."""
    return Part(tuple(Strike(i / 100, 30.0, 3, 50 + i, 80) for i in range(8)), (), 30.0, channels=(("strings", 3),))
