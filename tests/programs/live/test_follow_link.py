"""Ableton Link: the arithmetic anywhere, a real session only in a network namespace of its own."""

import json
import shutil
import subprocess
import sys

import pytest
from live_receivers import LIVE
from live_virtual import Recorder, follow

from emsync_bridge.cue import Tempo, TempoMap
from emsync_bridge.live.events import NoteOn
from emsync_bridge.live.playback.engine import PlaybackEngine
from emsync_bridge.live.playback.part import LivePart, PartNote
from emsync_bridge.live.sync.follow_link import LinkReader, LinkSource

ALONE = "ip link set lo up multicast on && ip route add 224.0.0.0/4 dev lo && exec "


class Session(LinkReader):
    """A session of one tempo that starts at a time; read by looking, like the real one."""

    def __init__(self, source, start, bpm):
        super().__init__(source)
        self.start, self.bpm = start, bpm

    def line(self, now):
        self.observe(now, playing=now > self.start - 1, beats=(now - self.start) * self.bpm / 60, bpm=self.bpm)
        return super().line(now)


def test_beats_of_the_session_are_those_of_the_music_through_its_own_tempo_changes():
    bent = TempoMap((Tempo(0, 500_000), Tempo(96, 600_000)))
    notes = tuple(PartNote(bent.seconds(24 * i), bent.seconds(24 * i + 6), 9, 36, 80) for i in range(16))
    output = Recorder()
    engine = PlaybackEngine(output, LivePart(notes, (), 20.0, bent), send_programs=False)
    follow(engine, Session(LinkSource(bent, bent.seconds(48)), 3.0, 90.0), [], 1.0, 8.8)
    heard = [when for when, _ in output.of(NoteOn)]
    assert heard == [pytest.approx(3.0 + i * 60 / 90, abs=0.01) for i in range(9)]


def test_a_real_session_is_followed():
    pytest.importorskip("link", reason="LinkPython-extern is not installed")
    if not all(map(shutil.which, ("unshare", "ip"))):
        pytest.skip("no unshare and ip for a network of its own")
    inside = ALONE + f"{sys.executable} {LIVE / 'link_session.py'}"
    done = subprocess.run(
        ["unshare", "-n", "sh", "-c", inside], capture_output=True, text=True, timeout=60, check=False
    )
    if "unshare" in done.stderr or "Operation not permitted" in done.stderr:
        pytest.skip("a network namespace of its own is not permitted here")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["before"] is None
    assert found["stopped"] is None
    assert "Nobody" in found["alone"]
    assert found["started"]["rate"] == pytest.approx(132 / 120, abs=1e-4)
    assert found["slower"]["rate"] == pytest.approx(90 / 120, abs=1e-4)
    assert abs(found["started"]["off"]) < 0.01
    assert abs(found["slower"]["off"]) < 0.01
