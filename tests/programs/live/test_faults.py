"""Whatever breaks, no note hangs, playing goes on, and nothing is left behind."""

import os
import random
import signal
import socket
import sys
import threading
import time
from ctypes import c_uint
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_receivers import OscReceiver
from live_virtual import Recorder, run
from live_waiting import told
from pythonosc.osc_bundle import OscBundle

from emsync_bridge.errors import LiveError
from emsync_bridge.live.events import NoteOff, NoteOn
from emsync_bridge.live.outputs.midi import MidiTarget
from emsync_bridge.live.outputs.osc import OscTarget
from emsync_bridge.live.playback.engine import PlaybackEngine
from emsync_bridge.live.playback.part import LivePart, PartNote
from emsync_bridge.live.playback.player import ProcessPlayer
from emsync_bridge.live.playback.sender_process import SenderAssignment
from emsync_bridge.live.playback.watchdog import CHANNELS, PITCHES, SharedNotes, note_offs

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
linux = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="what a process holds is read from /proc")

DENSE = LivePart(
    tuple(sorted(PartNote(i / 20, i / 20 + 2.0, i % 4, 40 + i % 30, 80) for i in range(1200))), (), 62.0, channels=()
)


@posix
def test_a_sender_that_is_killed_leaves_no_note_behind(osc, held):
    with ProcessPlayer(SenderAssignment(OscTarget("emsync", port=osc.port), held)) as player:
        player.play(0.0)
        osc.wait_for(lambda _: len(osc.sounding()) == 8)
        died = time.perf_counter()
        os.kill(player.pid, signal.SIGKILL)
        osc.wait_for(lambda _: not osc.sounding())
        told(f"{1000 * (osc.messages('/emsync/off')[7]['at'] - died):.1f} ms from SIGKILL to silence")
        with pytest.raises(LiveError, match="8 notes that it left sounding were released"):
            player.status()


@posix
def test_a_killed_sender_is_made_up_for_at_a_midi_port(midi_monitor, held):
    with ProcessPlayer(SenderAssignment(MidiTarget("midi-monitor"), held)) as player:
        player.play(0.0)
        midi_monitor.wait_for(lambda lines: sum(" 93 " in line for line in lines) == 8)
        os.kill(player.pid, signal.SIGKILL)
        midi_monitor.wait_for(lambda lines: sum(" 83 " in line for line in lines) == 8)
        midi_monitor.wait_for(lambda lines: sum(" b3 7b" in line for line in lines) == 1)


@linux
def test_after_200_random_locates_all_is_silent_and_nothing_has_leaked(osc):
    chance = random.Random(11)
    with ProcessPlayer(SenderAssignment(OscTarget("emsync", port=osc.port), DENSE)) as player:
        player.play(0.0)
        osc.wait_for(lambda _: osc.sounding())

        def holds():
            process = Path(f"/proc/{player.pid}")
            ours = Path("/proc/self")
            files = [len(list((folder / "fd").iterdir())) for folder in (process, ours)]
            return files, len(list((process / "task").iterdir())), threading.active_count()

        before = holds()
        for _ in range(200):
            player.locate(chance.uniform(0, 55))
            time.sleep(chance.uniform(0, 0.01))
        player.locate(20.0)
        heard = len(osc.messages("/emsync/note"))
        osc.wait_for(lambda _: len(osc.messages("/emsync/note")) > heard + 10)
        assert player.status().rolling
        assert holds() == before
        ordered = time.perf_counter()
        player.stop()
        osc.wait_for(lambda _: not osc.sounding())
        last = max(message["at"] for message in osc.messages("/emsync/off")[-200:])
        told(f"silent {1000 * (last - ordered):.0f} ms after the order, copies of the releases counted in")
        assert player.status().sounding == 0


@posix
def test_a_process_that_was_frozen_goes_on_where_it_should_be(osc):
    with ProcessPlayer(SenderAssignment(OscTarget("emsync", port=osc.port), DENSE)) as player:
        player.play(0.0)
        osc.wait_for(lambda _: len(osc.sounding()) > 10)
        os.kill(player.pid, signal.SIGSTOP)
        time.sleep(2.0)
        heard = len(osc.messages("/emsync/note"))
        os.kill(player.pid, signal.SIGCONT)
        osc.wait_for(lambda _: len(osc.messages("/emsync/note")) > heard + 45)
        again = osc.messages("/emsync/note")[heard:]
        burst = [m for m in again if m["at"] < again[0]["at"] + 0.1]
        assert len(burst) < 45, "what still sounds is struck again, but nothing that has gone by"
        player.stop()
        osc.wait_for(lambda _: not osc.sounding())


def test_a_receiver_that_is_killed_and_started_again_is_played_to(held):
    part = LivePart(tuple(PartNote(i / 20, i / 20 + 0.1, 2, 60 + i % 5, 80) for i in range(600)), (), 30.0)
    first = OscReceiver()
    try:
        with ProcessPlayer(SenderAssignment(OscTarget("emsync", port=first.port), part)) as player:
            player.play(0.0)
            first.wait_for(lambda _: len(first.messages("/emsync/note")) > 5)
            first.close()
            time.sleep(0.3)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
                again.bind(("127.0.0.1", first.port))
                again.settimeout(3)
                assert again.recv(4096)
            assert player.status().rolling
            assert player.status().failed <= 1
    finally:
        first.process.kill()


def test_the_wall_clock_may_be_set_while_it_plays(monkeypatch):
    """Time tags are wall time: those sent after the step agree with the clock as it is then."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
        near.bind(("127.0.0.1", 0))
        near.settimeout(2)
        output = OscTarget("supercollider", port=near.getsockname()[1]).open()
        wall = time.time
        for step in (0.0, 3600.0, -7200.0):
            monkeypatch.setattr(time, "time", lambda off=step: wall() + off)
            output.send(output.clock() + 0.2, [NoteOn(0, 60, 80, 1, 1.0)])
            assert OscBundle(near.recv(4096)).timestamp - time.time() == pytest.approx(0.2, abs=0.1)
        output.close()


def test_what_was_released_while_the_receiver_was_away_is_released_again():
    output = Recorder()
    engine = PlaybackEngine(
        output, LivePart((PartNote(0, 0.5, 0, 60, 80), PartNote(0, 9, 0, 64, 80)), (), 9.0), send_programs=False
    )
    engine.play(0.0, position=0.0)
    run(engine, 0.0, 0.2)
    output.send, kept = lambda when, events: None, output.send
    run(engine, 0.2, 1.0)
    output.send = lambda when, events: output.log.extend((when, event) for event in events)
    engine.rejoin(1.0)
    assert [(e.channel, e.pitch) for _, e in output.of(NoteOff)] == [(0, 60)]
    output.send = kept


@given(
    st.lists(st.tuples(st.integers(0, 15), st.integers(0, 3), st.integers(1, 9), st.booleans())),
    st.sampled_from([0.0, 0.2]),
)
def test_the_mirror_holds_what_may_sound(events, lookahead):
    cells = (c_uint * (CHANNELS * PITCHES))()
    mirror, expected, now = SharedNotes(cells, lookahead), {}, 0.0
    for channel, pitch, ident, on in events:
        now += 1.0
        event = NoteOn(channel, pitch, 80, ident, 1.0) if on else NoteOff(channel, pitch, ident)
        mirror.before([event])
        if on:
            expected[channel, pitch] = ident
        elif expected.get((channel, pitch)) == ident:
            if lookahead:
                mirror.after(now, [event])
                assert NoteOff(channel, pitch, ident) in note_offs(cells), "not before it is delivered"
            del expected[channel, pitch]
        mirror.after(now, [event])
        mirror.tidy(now + 0.1)
        assert {(off.channel, off.pitch): off.ident for off in note_offs(cells)} == expected
