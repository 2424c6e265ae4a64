"""Real receivers for the tests: OSC in another process, and JACK with its dummy driver."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from emsync_bridge.live.part import Part, Strike


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
        until = time.perf_counter() + within
        while time.perf_counter() < until:
            found = condition([line for _, line in list(self.lines)])
            if found:
                return found
            time.sleep(0.01)
        raise AssertionError(f"not seen within {within} s; last lines: {[line for _, line in self.lines][-5:]}")

    def close(self):
        self.process.kill()
        self.process.wait()
        self._reader.join()
        self.process.stdout.close()


class OscReceiver(Lines):
    """What arrived over OSC."""

    def __init__(self):
        super().__init__([sys.executable, str(Path(__file__).with_name("osc_receiver.py"))])
        self.port = int(self.wait_for(lambda lines: lines and lines[0], within=20))

    def messages(self, *addresses):
        found = [json.loads(line) for _, line in list(self.lines)[1:]]
        return [m for m in found if not addresses or m["address"] in addresses]

    def sounding(self):
        """Idents of the notes that were begun and not ended."""
        on = {m["values"][0] for m in self.messages("/emsync/note")}
        return on - {m["values"][0] for m in self.messages("/emsync/off")}


@pytest.fixture
def osc():
    receiver = OscReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def midi_monitor(tmp_path):
    """Lines of jack_midi_dump on a JACK server of its own."""
    missing = [program for program in ("jackd", "jack_midi_dump", "jack_lsp", "stdbuf") if not shutil.which(program)]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    pytest.importorskip("rtmidi", reason="python-rtmidi is not installed")
    server = f"emsync-test-{os.getpid()}"
    os.environ["JACK_DEFAULT_SERVER"] = server
    os.environ["JACK_NO_START_SERVER"] = "1"
    environment = {**os.environ, "JACK_NO_AUDIO_RESERVATION": "1"}
    command = ["jackd", "--no-realtime", "--no-mlock", "--name", server, "-d", "dummy", "-r", "48000", "-p", "1024"]
    jackd = Lines(command, env=environment)
    monitor = None
    try:
        for _ in range(100):
            if subprocess.run(["jack_lsp"], capture_output=True, env=environment, check=False).returncode == 0:
                break
            time.sleep(0.1)
        else:
            pytest.skip("jackd does not start here")
        monitor = Lines(["stdbuf", "-oL", "jack_midi_dump", "-a"], env=environment)
        for _ in range(100):
            if (
                b"midi-monitor:input"
                in subprocess.run(["jack_lsp"], capture_output=True, env=environment, check=True).stdout
            ):
                break
            time.sleep(0.1)
        yield monitor
    finally:
        if monitor:
            monitor.close()
        jackd.close()
        del os.environ["JACK_DEFAULT_SERVER"], os.environ["JACK_NO_START_SERVER"]


@pytest.fixture
def scale():
    """Twenty-four notes, 50 ms apart, of which each sounds through the two that follow it."""
    strikes = tuple(Strike(i / 20, i / 20 + 0.125, 2, 40 + i, 80) for i in range(24))
    return Part(strikes, (), 1.4, channels=(("piano", 2),))


@pytest.fixture
def held():
    """Eight notes that sound for half a minute."""
    return Part(tuple(Strike(i / 100, 30.0, 3, 50 + i, 80) for i in range(8)), (), 30.0, channels=(("strings", 3),))
