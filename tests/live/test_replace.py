"""Another part from a position on, while it plays: nothing hangs, nothing is cut, nothing comes twice."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_virtual import Recorder, run

from emsync_bridge.cue import Tempo, TempoMap
from emsync_bridge.live.events import Midi, NoteOff, NoteOn, StateMessage
from emsync_bridge.live.outputs.osc import OscTarget
from emsync_bridge.live.playback.engine import PREROLL, PlaybackEngine
from emsync_bridge.live.playback.part import LivePart, PartNote, join_parts, split_part
from emsync_bridge.live.playback.player import ProcessPlayer
from emsync_bridge.live.playback.sender_process import SenderAssignment
from emsync_bridge.live.sync.send import SendClock

PIANO = (("piano", 2),)


def steps(first, count, pitch, length=0.2, apart=0.25):
    return tuple(PartNote(first + i * apart, first + i * apart + length, 2, pitch, 80) for i in range(count))


def begun(output):
    return [(round(when - PREROLL, 6), event.pitch) for when, event in output.of(NoteOn)]


strikes = st.builds(
    lambda start, length, pitch: PartNote(start / 100, (start + length) / 100, 2, pitch, 80),
    st.integers(0, 800),
    st.integers(1, 300),
    st.integers(60, 71),
)
parts = st.lists(strikes, max_size=40).map(lambda found: LivePart(tuple(sorted(found)), (), 9.0, channels=PIANO))


@given(parts, parts, st.floats(0, 10), st.floats(0, 10), st.floats(0, 9), st.sampled_from([0.0, 0.2]), st.booleans())
def test_the_new_part_is_played_from_the_position_on(old, new, ordered, ahead, start, lookahead, looping):
    output = Recorder(lookahead)
    engine = PlaybackEngine(output, old, loop=(1.0, 4.0) if looping else None, send_programs=False)
    engine.play(0.0, position=start)
    now = run(engine, 0.0, ordered)
    position = engine.position(now) + lookahead + ahead
    sent = len(output.of(NoteOn))
    engine.replace(now, new, position)
    if not looping:
        run(engine, now, 60.0)
        wanted = [s for s in old.strikes if s.start < position - 1e-6] + [
            s for s in new.strikes if s.start >= position - 1e-6
        ]
        expected = sorted((s.start, s.pitch) for s in wanted if s.start >= start - 1e-6 and s.start < 9.0 + 1e-6)
        found = sorted(
            (round(when - PREROLL - lookahead + start, 6), e.pitch)
            for when, e in output.of(NoteOn)
            if when > PREROLL + lookahead + 1e-6
        )
        assert found == [(round(s, 6), p) for s, p in expected if round(s, 6) > round(start + 1e-6, 6)]
    else:
        run(engine, now, now + 20.0)
        assert len(output.of(NoteOn)) >= sent
        engine.close(now + 20.0)
    assert not output.sounding
    assert len(output.of(NoteOn)) == len(output.of(NoteOff)) == engine.counts.notes


def test_a_note_that_began_before_keeps_its_length():
    output = Recorder()
    engine = PlaybackEngine(
        output, LivePart((PartNote(0.0, 5.0, 2, 60, 80), *steps(0.5, 8, 62)), (), 6.0), send_programs=False
    )
    engine.play(0.0, position=0.0)
    now = run(engine, 0.0, 1.0)
    engine.replace(now, LivePart(steps(2.0, 4, 70), (), 6.0), 2.0)
    run(engine, now, 9.0)
    assert begun(output) == [(0.0, 60), *((0.5 + i / 4, 62) for i in range(6)), *((2.0 + i / 4, 70) for i in range(4))]
    ends = [round(when - PREROLL, 6) for when, event in output.of(NoteOff) if event.pitch == 60]
    assert ends == [5.0]


def test_a_part_that_grows_without_a_known_end():
    output = Recorder()
    engine = PlaybackEngine(output, LivePart((), (), math.inf), send_programs=False)
    engine.play(0.0, position=0.0)
    now = 0.0
    for bar in range(5):
        engine.replace(now, LivePart(steps(2.0 * bar, 8, 60 + bar), (), math.inf), 2.0 * bar)
        now = run(engine, now, 2.0 * bar + 1.5)
        assert engine.rolling
    assert begun(output) == [(i / 4, 60 + i // 8) for i in range(38)]
    engine.stop(now)
    assert not output.sounding


def test_a_position_that_has_passed_plays_the_rest():
    output = Recorder()
    engine = PlaybackEngine(output, LivePart((), (), 6.0), send_programs=False)
    engine.play(0.0, position=0.0)
    now = run(engine, 0.0, 3.1)
    engine.replace(now, LivePart(steps(0.0, 24, 60), (), 6.0), 0.0)
    run(engine, now, 9.0)
    assert begun(output)[0] == (3.25, 60)
    assert engine.counts.dropped == 0


def test_standing_still_or_about_to_begin_it_is_simply_the_new_part():
    for about in (False, True):
        output = Recorder()
        engine = PlaybackEngine(output, LivePart(steps(0.0, 8, 60, length=3.0), (), 6.0), send_programs=False)
        if about:
            engine.play(0.0, position=1.1)
        engine.replace(0.0, LivePart((PartNote(0.5, 4.0, 2, 70, 80), *steps(2.0, 4, 72)), (), 6.0), 0.0)
        if not about:
            engine.play(0.0, position=1.1)
        run(engine, 0.0, 9.0)
        assert [pitch for _, pitch in begun(output)] == [70, 72, 72, 72, 72]


def test_the_clock_goes_on_in_the_new_tempo_without_a_stumble():
    old, new = TempoMap((Tempo(0, 500_000),)), TempoMap((Tempo(0, 500_000), Tempo(96, 400_000)))
    output = Recorder()
    engine = PlaybackEngine(output, LivePart((), (), 8.0, old), sync=SendClock(old), send_programs=False)
    engine.play(0.0, position=0.3)
    now = run(engine, 0.0, 1.0)
    engine.replace(now, LivePart((), (), 8.0, new), 2.0)
    run(engine, now, 6.0)
    ticks = [round(new.tick(when - PREROLL + 0.3), 3) for when, event in output.of(Midi) if event.data == b"\xf8"]
    assert ticks == [pytest.approx(18 + i, abs=0.002) for i in range(len(ticks))]
    assert sum(event.data == b"\xfb" for _, event in output.of(Midi)) == 1


def test_new_instruments_get_their_sounds():
    output = Recorder()
    engine = PlaybackEngine(output, LivePart((), (), 8.0, channels=PIANO))
    engine.open(0.0)
    before = len(output.log)
    engine.replace(0.0, LivePart((), (), 8.0, channels=(("strings", 3), *PIANO)), 2.0)
    assert {event.data[0] & 0x0F for _, event in output.log[before:]} == {3}
    assert b"\xc3\x30" in {event.data for _, event in output.log[before:]}


@given(parts, parts, st.floats(0, 9), st.integers(1, 7))
def test_in_pieces_it_is_the_same(old, new, position, size):
    marks = tuple((float(i), StateMessage("section", (str(i),))) for i in range(9))
    new = LivePart(new.strikes, marks, 9.0, channels=PIANO)
    whole, by_piece = join_parts(old, new, position), old
    for piece, begin in split_part(new, position, size):
        by_piece = join_parts(by_piece, piece, begin)
    assert by_piece == whole


def test_a_player_takes_music_in_while_it_plays(osc):
    with ProcessPlayer(SenderAssignment(OscTarget("emsync", port=osc.port), LivePart((), (), 60.0))) as player:
        player.play(0.0)
        # More than a pipe holds at once.
        player.replace(LivePart(steps(0.5, 5000, 61, 0.005, 0.01), (), 60.0), 0.5)
        osc.wait_for(lambda _: len(osc.messages("/emsync/note")) > 20)
        player.replace(LivePart(steps(0.0, 5000, 72, 0.005, 0.01), (), 60.0), 1.0)
        osc.wait_for(lambda _: any(m["values"][2] == 72 for m in osc.messages("/emsync/note")))
        player.stop()
        osc.wait_for(lambda _: not osc.sounding())
    pitches = [m["values"][2] for m in osc.messages("/emsync/note")]
    assert pitches == sorted(pitches)


def test_a_mood_that_comes_too_late_for_its_place_is_told_at_once():
    mood = (1.0, StateMessage("emotion", (0.5, 0.5)))
    hit = (1.2, StateMessage("hit", ("marker", "", 30, 1.0)))
    output = Recorder()
    engine = PlaybackEngine(output, LivePart(steps(0, 40, 60), (), 10.0, channels=PIANO), send_programs=False)
    engine.play(0.0)
    now = run(engine, 0.0, 3.0)
    engine.replace(now, LivePart(steps(0, 40, 62), (mood, hit), 10.0, channels=PIANO), 1.0)
    run(engine, now, 20.0)
    told = [(when, state.name) for when, state in output.of(StateMessage) if state.name in ("emotion", "hit")]
    assert told == [(now, "emotion")]
