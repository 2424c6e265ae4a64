"""Notes through JACK: each on its sample, and on again after the server or the receiver was away."""

import contextlib
import os
import signal
import sys
import time
from itertools import pairwise

import pytest
from live_receivers import LIVE, Lines, appears, disappears, jack_running

from emsync_bridge.errors import LiveError
from emsync_bridge.live.outputs.base import BothTarget
from emsync_bridge.live.outputs.jack import JackTarget, _unwrapped
from emsync_bridge.live.outputs.osc import OscTarget
from emsync_bridge.live.playback.part import LivePart, PartNote
from emsync_bridge.live.playback.player import ProcessPlayer
from emsync_bridge.live.playback.sender_process import SenderAssignment

pytest.importorskip("cffi", reason="JACK-Client is not installed")

GRID = LivePart(
    tuple(PartNote(i / 50, i / 50 + 0.01, 2, 60, 80) for i in range(150)), (), 3.2, channels=(("piano", 2),)
)


@pytest.fixture
def exact(jack_server):
    receiver = Lines([sys.executable, str(LIVE / "jack_receiver.py")])
    try:
        receiver.wait_for(lambda lines: "ready" in lines)
        yield receiver
    finally:
        receiver.close(signal.SIGTERM)


def received(lines, status):
    found = [line.split() for line in lines if " " in line]
    return [int(frame) for frame, data in found if data.startswith(status)]


def test_every_note_is_on_its_sample(exact):
    with ProcessPlayer(SenderAssignment(JackTarget("exact:in"), GRID)) as player:
        player.play(0.0)
        exact.wait_for(lambda lines: "b27b00" in str(lines[-3:]))
        status = player.status()
    frames = received([line for _, line in exact.lines], "92")
    apart = {after - before for before, after in pairwise(frames)}
    sys.stdout.write(f"{status.xruns} xruns; late at the sender, ms: {status.lateness_ms}\n")
    assert status.notes == len(frames) == 150 - status.dropped
    if not status.xruns and not status.dropped:
        assert apart == {960}


def test_with_osc_beside_it_the_transport_is_told_in_time(exact, osc):
    target = BothTarget(JackTarget("exact:in"), OscTarget("emsync", port=osc.port, notes=False))
    with ProcessPlayer(SenderAssignment(target, GRID)) as player:
        player.play(0.0)
        osc.wait_for(lambda _: any(m["values"][0] == 1 for m in osc.messages("/emsync/transport")))
        exact.wait_for(lambda lines: received(lines, "92"))
        assert not osc.messages("/emsync/note")


def test_a_receiver_that_was_away_for_a_moment_is_played_to_again(exact):
    long = LivePart(tuple(PartNote(i / 10, i / 10 + 0.05, 2, 60, 80) for i in range(300)), (), 30.0)
    with ProcessPlayer(SenderAssignment(JackTarget("exact:in"), long)) as player:
        player.play(0.0)
        exact.wait_for(lambda lines: received(lines, "92"))
        exact.process.kill()
        exact.process.wait()
        assert disappears("exact:in")
        again = Lines([sys.executable, str(LIVE / "jack_receiver.py")])
        try:
            again.wait_for(lambda lines: len(received(lines, "92")) > 3)
            assert player.status().rolling
        finally:
            again.close(signal.SIGTERM)


def test_a_server_that_was_restarted_is_played_to_again(jack_server):
    server = f"emsync-again-{os.getpid()}"
    command = [sys.executable, str(LIVE / "jack_receiver.py")]
    long = LivePart(tuple(PartNote(i / 10, i / 10 + 0.05, 2, 60, 80) for i in range(600)), (), 60.0)
    with contextlib.ExitStack() as ends:
        with jack_running(server):
            first = ends.enter_context(contextlib.closing(Lines(command)))
            assert appears("exact:in")
            player = ends.enter_context(ProcessPlayer(SenderAssignment(JackTarget("exact:in"), long)))
            player.play(0.0)
            first.wait_for(lambda lines: received(lines, "92"))
        time.sleep(0.5)
        before = player.status()
        assert before.rolling
        with jack_running(server):
            again = ends.enter_context(contextlib.closing(Lines(command)))
            again.wait_for(lambda lines: len(received(lines, "92")) > 3)
            after = player.status()
            assert after.rolling
            assert after.epoch == before.epoch, "time went on meanwhile"
            ends.close()


def test_what_is_missing_is_a_message(jack_server, monkeypatch):
    with pytest.raises(LiveError, match="no JACK MIDI port"):
        JackTarget("nowhere").open()
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "there-is-none")
    with pytest.raises(LiveError, match="JACK cannot be used"):
        JackTarget().open()


def test_frames_are_counted_beyond_32_bits():
    near = 2**32 - 100
    assert _unwrapped(50, near) == 2**32 + 50
    assert _unwrapped(2**32 - 500, near) == 2**32 - 500
    assert _unwrapped(1000, 5 * 2**32 + 900) == 5 * 2**32 + 1000
