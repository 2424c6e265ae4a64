"""Programs that receive what is played."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from live_waiting import comes_true

LIVE = Path(__file__).parent
"""Folder of the helper programs."""


class Lines:
    """A program whose output is read as it comes."""

    def __init__(self, command, **options):
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **options
        )
        self.lines = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append((time.perf_counter(), line.rstrip("\n")))

    def wait_for(self, condition, within=10.0):
        found = comes_true(lambda: condition([line for _, line in list(self.lines)]), within, every=0.01)
        assert found, f"not seen within {within} s; last lines: {[line for _, line in self.lines][-5:]}"
        return found

    def close(self, stop=None):
        if stop:
            self.process.send_signal(stop)
        else:
            self.process.kill()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        self.process.stdout.close()


class OscReceiver(Lines):
    """Messages that arrived over OSC."""

    def __init__(self):
        super().__init__([sys.executable, str(LIVE / "osc_receiver.py")])
        self.port = int(self.wait_for(lambda lines: lines and lines[0], within=20))

    def messages(self, *addresses):
        found = [json.loads(line) for _, line in list(self.lines)[1:]]
        return [m for m in found if not addresses or m["address"] in addresses]

    def sounding(self):
        """Idents of the notes that were begun and not ended."""
        on = {m["values"][0] for m in self.messages("/emsync/note")}
        return on - {m["values"][0] for m in self.messages("/emsync/off")}


@contextmanager
def jack_running(server):
    """Run a JACK server of our own with the dummy driver; tests that need one skip where there is none."""
    missing = [program for program in ("jackd", "jack_midi_dump", "jack_lsp", "stdbuf") if not shutil.which(program)]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    pytest.importorskip("rtmidi", reason="python-rtmidi is not installed")
    ours = {"JACK_DEFAULT_SERVER": server, "JACK_NO_START_SERVER": "1", "JACK_NO_AUDIO_RESERVATION": "1"}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    # Clients on a busy machine get five seconds before they are thrown out.
    # Where real time is not permitted, the server says so and runs without.
    options = ["--realtime", "--realtime-priority", "20", "--no-mlock", "--timeout", "5000", "--name", server]
    jackd = Lines(["jackd", *options, "-d", "dummy", "-r", "48000", "-p", "1024"])
    try:
        if not appears("system"):
            pytest.skip("jackd does not start here")
        yield jackd
    finally:
        # Killed, a JACK server would keep one of the eight places that a computer has for them.
        jackd.close(signal.SIGTERM)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def jack_ports():
    return subprocess.run(["jack_lsp"], capture_output=True, text=True, check=False).stdout


def appears(port, within=10.0):
    """True once JACK has a port; False after the wait."""
    return comes_true(lambda: port in jack_ports(), within, every=0.1)


def disappears(port, within=10.0):
    """True once JACK lacks a port; False after the wait."""
    return comes_true(lambda: port not in jack_ports(), within, every=0.1)
