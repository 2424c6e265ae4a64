"""Ardour without its window, on the tests' own JACK server, with a MIDI track named Notes."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from itertools import accumulate
from pathlib import Path

import mido
from live_receivers import Lines, appears, jack_ports
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message import ParseError as NoMessage

from emsync_bridge.live.outputs.osc import pack

PORT = 3819

_TRACK = """
AudioEngine:set_backend("None (Dummy)", "", "")
s = load_session("{folder}", "live")
local midi = ARDOUR.ChanCount(ARDOUR.DataType("midi"), 1)
s:new_midi_track(midi, midi, true, ARDOUR.PluginInfo(), nil, nil, 1, "Notes",
    ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true)
s:save_state("", false, false, false, false, false)
close_session()
quit()
"""
_OPTIONS = {
    **dict.fromkeys(("send-mtc", "send-midi-clock", "send-mmc"), 1),
    **dict.fromkeys(("auto-connect-standard-busses", "input-auto-connect", "output-auto-connect"), 0),
}


def missing():
    """Reason for which Ardour cannot be started here, or nothing."""
    program = next(Path("/usr/lib/ardour7").glob("hardour-*"), None)
    if program is None or not all(map(shutil.which, ("ardour7-new_session", "ardour7-lua"))):
        return "Ardour 7 is not installed"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
        try:
            near.bind(("", PORT))
        except OSError:
            return "another program listens on Ardour's OSC port"
    return ""


class Ardour:
    """A running session; OSC goes out from the socket that reads the answers."""

    def __init__(self, folder):
        home, self.session = folder / "home", folder / "session"
        config = home / ".config" / "ardour7" / "config"
        config.parent.mkdir(parents=True)
        options = "".join(f'<Option name="{name}" value="{value}"/>' for name, value in _OPTIONS.items())
        config.write_text(f'<?xml version="1.0"?><Ardour><Config>{options}</Config></Ardour>')
        self._environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}
        self._run("ardour7-new_session", "-s", "48000", "-m", "2", str(self.session), "live")
        self._edit('Open Sound Control (OSC)" active="0"', 'Open Sound Control (OSC)" active="1"')
        script = folder / "track.lua"
        script.write_text(_TRACK.format(folder=self.session))
        self._run("ardour7-lua", str(script))
        self._edit('address-only="1"', 'address-only="0"')
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        library = "/usr/lib/ardour7"
        places = {"LD_LIBRARY_PATH": library, "ARDOUR_DLL_PATH": library}
        places |= {"ARDOUR_DATA_PATH": "/usr/share/ardour7", "ARDOUR_CONFIG_PATH": "/etc/ardour7"}
        program = str(next(Path(library).glob("hardour-*")))
        self._program = Lines(
            [program, str(self.session), "live"], env=self._environment | places, stdin=subprocess.DEVNULL
        )
        try:
            assert appears("ardour:Notes/midi_in", within=40)
            self.ask("/transport_speed", within=40)
            self.play()
            self.stop()
            assert "ardour:" in jack_ports()
        except BaseException:
            self.close()
            raise

    def send(self, address, *values):
        self._socket.sendto(pack(address, values), ("127.0.0.1", PORT))

    def ask(self, address, within=10.0):
        """Return what Ardour answers."""
        until = time.perf_counter() + within
        while time.perf_counter() < until:
            self.send(address)
            again = time.perf_counter() + 0.5
            while time.perf_counter() < again:
                try:
                    message = OscMessage(self._socket.recv(65536))
                except (TimeoutError, NoMessage):
                    continue
                if message.address == address and message.params:
                    return message.params[0]
        raise AssertionError(f"Ardour does not answer {address}")

    def position(self):
        """Return where the playhead is, in seconds."""
        return self.ask("/transport_frame") / 48000

    def locate(self, seconds, *, roll=False):
        self.send("/locate", round(seconds * 48000), int(roll))

    def play(self):
        """Let the transport roll; asked again, for in the middle of a locate it does not listen."""
        until = time.perf_counter() + 10
        while not self.ask("/transport_speed") and time.perf_counter() < until:
            self.send("/transport_play")
            time.sleep(0.3)

    def stop(self):
        """Stop the transport, and wait until it stands."""
        until = time.perf_counter() + 10
        while self.ask("/transport_speed") and time.perf_counter() < until:
            self.send("/transport_stop")
            time.sleep(0.1)

    def arm(self):
        """Make the track and the session ready to record."""
        until = time.perf_counter() + 20
        while not self._listed() and time.perf_counter() < until:
            pass
        self.send("/strip/recenable", 1, 1)
        time.sleep(0.5)
        while (rolls := self.ask("/transport_speed")) or not self.ask("/record_enabled"):
            assert time.perf_counter() < until, "Ardour is not made ready to record"
            # A fresh session begins to roll when it is armed, and every stop disarms it.
            if rolls:
                self.stop()
            else:
                self.send("/rec_enable_toggle")
            time.sleep(0.5)

    def _listed(self):
        """Ask for the strips, which makes them known to this socket, and return whether all were told."""
        self.send("/strip/list")
        with contextlib.suppress(TimeoutError):
            while b"end_route_list" not in self._socket.recv(65536):
                pass
            return True
        return False

    def recorded(self):
        """Return tick, in 1/19200 of a quarter note, and pitch of each note of the take that has most of them."""
        files = (self.session / "interchange").glob("*/midifiles/*.mid")
        return max(map(_notes, files), key=len, default=[])

    def close(self):
        self._program.close(signal.SIGTERM)
        self._socket.close()

    def _run(self, *command):
        subprocess.run(
            command, check=True, capture_output=True, stdin=subprocess.DEVNULL, env=self._environment, timeout=60
        )

    def _edit(self, old, new):
        path = self.session / "live.ardour"
        text = path.read_text()
        assert old in text or new in text
        path.write_text(text.replace(old, new))


def _notes(path):
    try:
        messages = mido.merge_tracks(mido.MidiFile(path).tracks)
    except (EOFError, OSError):  # still being written
        return []
    ticks = accumulate(message.time for message in messages)
    return [(tick, m.note) for tick, m in zip(ticks, messages, strict=True) if m.type == "note_on"]
