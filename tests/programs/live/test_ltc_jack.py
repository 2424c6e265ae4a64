"""Linear time code through JACK: one player leads by sound, another follows what it hears."""

import json
import time
from fractions import Fraction

import pytest

from emsync_bridge.live.outputs.base import BothTarget, RecordingTarget
from emsync_bridge.live.playback.part import LivePart, PartNote
from emsync_bridge.live.playback.player import ProcessPlayer
from emsync_bridge.live.playback.sender_process import SenderAssignment
from emsync_bridge.live.sync.ltc_jack import LtcSource, LtcTarget
from emsync_bridge.live.sync.mtc import mtc_format

pytest.importorskip("cffi", reason="JACK-Client is not installed")

PART = LivePart(tuple(PartNote(i / 8, i / 8 + 0.1, 0, 40 + i % 80, 80) for i in range(400)), (), 51.0)


def test_a_player_follows_the_sound_of_another(jack_server, tmp_path):
    form, start = mtc_format(Fraction(25)), Fraction(3600)
    logs = [tmp_path / name for name in ("leader", "follower")]
    leader = SenderAssignment(BothTarget(RecordingTarget(logs[0]), LtcTarget(form, start)), PART)
    with ProcessPlayer(leader) as leading:
        source = LtcSource(form, start, port="emsync-ltc:out")
        with ProcessPlayer(SenderAssignment(RecordingTarget(logs[1]), PART, source=source)) as following:
            for position in (0.0, 40.1, 10.33):
                leading.play(position)
                time.sleep(1.5)
            assert following.status().rolling
            assert following.status().warning == ""
            leading.stop()
            time.sleep(1.0)
            assert not following.status().rolling
    told = [[json.loads(line) for line in log.read_text().splitlines()] for log in logs]
    rolls = [(e["when"], e["values"][1]) for e in told[0] if e["event"] == "StateMessage" and e["values"][0] == 1]
    assert len(rolls) == 3
    notes = [event for event in told[1] if event["event"] == "NoteOn"]
    assert len(notes) > 20
    errors = []
    for note in notes:
        when, position = max(roll for roll in rolls if roll[0] <= note["sent"])
        errors.append(position + note["sent"] - when - (note["pitch"] - 40) / 8)
    # pitches come again every ten seconds
    off = sorted(abs((error + 5) % 10 - 5) for error in errors)
    assert off[len(off) // 2] < 0.06  # two periods of 21 ms, of which JACK's dummy device hands over one late
