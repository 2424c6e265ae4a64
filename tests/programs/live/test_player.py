"""The sender process with real sockets and ports; lateness is shown, not asserted, for test machines are busy."""

import json
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from live_receivers import Lines, disappears
from live_waiting import told, wait_until, wait_until_over

from emsync_bridge.errors import LiveError
from emsync_bridge.live.outputs.base import RecordingTarget
from emsync_bridge.live.outputs.midi import MidiTarget
from emsync_bridge.live.outputs.osc import OscTarget
from emsync_bridge.live.playback.part import LivePart, PartNote
from emsync_bridge.live.playback.player import ProcessPlayer
from emsync_bridge.live.playback.sender_process import SenderAssignment
from emsync_bridge.live.sync.follow_mtc import MtcSource
from emsync_bridge.live.sync.mtc import mtc_format
from emsync_bridge.live.sync.send import SendMtc

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

PLANNER = """
import sys, time
from emsync_bridge.live.playback.part import LivePart, PartNote
from emsync_bridge.live.playback.player import ProcessPlayer
from emsync_bridge.live.playback.sender_process import SenderAssignment
from emsync_bridge.live.outputs.osc import OscTarget
if __name__ == "__main__":
    part = LivePart(tuple(PartNote(i / 100, 30.0, 3, 50 + i, 80) for i in range(8)), (), 30.0)
    with ProcessPlayer(SenderAssignment(OscTarget("emsync", port=int(sys.argv[1])), part)) as player:
        player.play(0.0)
        print(player.pid, flush=True)
        time.sleep(60)
"""


def test_all_notes_arrive_in_order_and_end(osc, scale):
    with ProcessPlayer(SenderAssignment(OscTarget("emsync", port=osc.port), scale)) as player:
        player.play(0.0)
        status = wait_until_over(player)
    osc.wait_for(lambda _: len(osc.messages("/emsync/off")) >= 2 * status.notes)
    begun = osc.messages("/emsync/note")
    assert status.notes + status.dropped == 24
    assert len(begun) == status.notes
    assert [m["values"][2] for m in begun] == sorted(m["values"][2] for m in begun)
    assert not osc.sounding()
    if not status.dropped:
        apart = [after["at"] - before["at"] for before, after in pairwise(begun)]
        told(f"spread of 50 ms steps at the receiver: {1000 * min(apart):.1f} to {1000 * max(apart):.1f} ms")
        assert begun[-1]["at"] - begun[0]["at"] == pytest.approx(23 / 20, abs=0.1)
    told(f"lateness at the sender, ms: {status.lateness_ms}, {player.priority}")


def test_stop_and_locate_release_what_sounds(osc, held):
    with ProcessPlayer(SenderAssignment(OscTarget("emsync", port=osc.port), held)) as player:
        player.play(0.0)
        osc.wait_for(lambda _: len(osc.sounding()) == 8)
        player.locate(10.0)
        osc.wait_for(lambda _: len(osc.messages("/emsync/note")) == 16)
        osc.wait_for(lambda _: len(osc.sounding()) == 8)
        assert player.status().position == pytest.approx(10, abs=2)
        player.stop()
        osc.wait_for(lambda _: not osc.sounding())
        assert not player.status().rolling
        assert player.status().sounding == 0


def test_closing_in_the_middle_leaves_nothing_sounding(osc, held):
    with ProcessPlayer(SenderAssignment(OscTarget("emsync", port=osc.port), held)) as player:
        player.play(0.0)
        osc.wait_for(lambda _: len(osc.sounding()) == 8)
    osc.wait_for(lambda _: not osc.sounding())


def is_running(process):
    """True while a process runs; one that has ended but was not yet reaped by its adopter does not."""
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        return not Path("/proc/self/stat").exists()


@posix
@pytest.mark.parametrize("how", ["SIGKILL to the planner", "SIGTERM to the sender"])
def test_no_note_hangs_when_a_process_dies(osc, tmp_path, how):
    script = tmp_path / "planner.py"
    script.write_text(PLANNER)
    planner = subprocess.Popen([sys.executable, str(script), str(osc.port)], stdout=subprocess.PIPE, text=True)
    try:
        sender = int(planner.stdout.readline())
        osc.wait_for(lambda _: len(osc.sounding()) == 8)
        died = time.perf_counter()
        kind, whom = how.split(" to the ")
        os.kill(planner.pid if whom == "planner" else sender, getattr(signal, kind))
        osc.wait_for(lambda _: not osc.sounding())
        taken = max(m["at"] for m in osc.messages("/emsync/off")[:8]) - died
        told(f"{how}: {1000 * taken:.1f} ms until silence")
        assert taken < 1.0
        if whom == "planner":
            wait_until(lambda: not is_running(sender), 5)
    finally:
        planner.kill()
        planner.wait()
        planner.stdout.close()


@posix
def test_the_death_of_the_sender_is_a_message(tmp_path, held):
    with ProcessPlayer(SenderAssignment(RecordingTarget(tmp_path / "log"), held)) as player:
        player.play(0.0)
        os.kill(player.pid, signal.SIGKILL)
        player._process.join()
        with pytest.raises(LiveError, match="has ended"):
            player.status()


def test_a_recording_holds_what_was_sent(tmp_path, scale):
    with ProcessPlayer(SenderAssignment(RecordingTarget(tmp_path / "log", lookahead=0.1), scale)) as player:
        player.play(1.0, rate=2.0)
        wait_until_over(player)
    events = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    whens = [event["when"] for event in events if event["event"] == "NoteOn"]
    assert whens[-1] - whens[0] == pytest.approx((len(whens) - 1) / 40, abs=0.06)
    assert {event["data"] for event in events if event["event"] == "Midi"} >= {"c200", "b24000", "b27b00", "e20040"}


def test_a_receiver_that_cannot_be_opened_is_a_message(scale):
    with pytest.raises(LiveError, match="MIDI"):
        ProcessPlayer(SenderAssignment(MidiTarget("no such port"), scale))


def test_a_file_that_cannot_be_opened_is_a_message(tmp_path, scale):
    with pytest.raises(LiveError, match="cannot be opened"):
        ProcessPlayer(SenderAssignment(RecordingTarget(tmp_path / "no" / "log"), scale))


def test_a_receiver_that_was_away_is_played_to_again(midi_monitor):
    part = LivePart(
        tuple(PartNote(i / 10, i / 10 + 0.05, 2, 60, 80) for i in range(200)), (), 20.0, channels=(("piano", 2),)
    )
    with ProcessPlayer(SenderAssignment(MidiTarget("midi-monitor"), part)) as player:
        player.play(0.0)
        midi_monitor.wait_for(lambda lines: sum(" 92 3c" in line for line in lines) > 2)
        midi_monitor.process.kill()
        assert disappears("midi-monitor:input")
        time.sleep(1.0)
        back = Lines(["stdbuf", "-oL", "jack_midi_dump", "-a"])
        try:
            lines = back.wait_for(lambda lines: sum(" 92 3c" in line for line in lines) > 2 and lines)
            assert any(" c2 00" in line for line in lines), "the sounds are chosen again"
            assert player.status().rolling
        finally:
            back.close()


def test_one_player_follows_the_timecode_of_another(midi_monitor, osc):
    """Real quarter frames through JACK; how exactly they are followed is told, not asserted."""
    form, start = mtc_format(Fraction(25)), Fraction(3600)
    quarters = tuple(PartNote(i / 4, i / 4 + 0.2, 0, 30 + i, 80) for i in range(80))
    master = SenderAssignment(MidiTarget(), LivePart(duration=20.0), sync=SendMtc(form, start))
    slave = SenderAssignment(
        OscTarget("emsync", port=osc.port), LivePart(quarters, (), 20.0), source=MtcSource(form, start, "emsync:out")
    )
    with ProcessPlayer(master) as leading, ProcessPlayer(slave) as following:
        assert "emsync:out" in following.source
        leading.locate(3.0)
        wait_until(lambda: following.status().position == 3.0, 5)
        for position in (2.0, 12.0):
            leading.play(position)
            osc.wait_for(
                lambda _, first=position: any(n["values"][2] > 30 + 4 * first + 1 for n in osc.messages("/emsync/note"))
            )
            offsets = []
            for _ in range(10):
                before, behind, after = leading.status(), following.status(), leading.status()
                offsets.append(behind.position - (before.position + after.position) / 2)
                time.sleep(0.02)
            told(f"followed by {1000 * sorted(offsets)[5]:+.1f} ms")
            assert abs(sorted(offsets)[5]) < 0.25
        leading.stop()
        osc.wait_for(lambda _: not osc.sounding())
        wait_until(lambda: not following.status().rolling, 5)
    pitches = [note["values"][2] for note in osc.messages("/emsync/note")]
    assert min(pitches) >= 38
    assert not [pitch for pitch in pitches if 55 < pitch < 77], "nothing between the two stretches"
