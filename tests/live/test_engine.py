"""The player in virtual time: whatever is ordered, every note gets its release."""

import random
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_virtual import Recorder, run

from emsync_bridge.cue import Tempo, TempoMap
from emsync_bridge.live.clock import ClockLine
from emsync_bridge.live.events import Midi, NoteOff, NoteOn, StateMessage
from emsync_bridge.live.playback.engine import PREROLL, PlaybackEngine
from emsync_bridge.live.playback.part import LivePart, PartNote
from emsync_bridge.live.playback.schedule import Rank, Schedule
from emsync_bridge.live.sync.mtc import mtc_format
from emsync_bridge.live.sync.send import SendClock, SendMtc

strikes = st.builds(
    lambda start, length, channel, pitch: PartNote(start / 100, (start + length) / 100, channel, pitch, 80),
    st.integers(0, 800),
    st.integers(1, 300),
    st.sampled_from([0, 3, 9]),
    st.integers(60, 63),
)
parts = st.lists(strikes, max_size=40).map(lambda found: LivePart(tuple(sorted(found)), (), 9.0))
syncs = st.sampled_from([None, SendClock(TempoMap((Tempo(0, 400_000),))), SendMtc(mtc_format(Fraction(25)))])
orders = st.lists(
    st.tuples(
        st.sampled_from(["play", "stop", "locate", "rate", "chase", "wait", "stall"]),
        st.floats(0, 10),
        st.floats(0, 1.5),
    ),
    max_size=12,
)


@given(parts, syncs, orders, st.sampled_from([0.0, 0.2]), st.floats(-0.1, 0.1), st.booleans())
def test_whatever_is_ordered_no_note_hangs(part, sync, orders, lookahead, latency, looping):
    output = Recorder(lookahead)
    engine = PlaybackEngine(output, part, sync=sync, latency=latency, loop=(1.0, 2.5) if looping else None)
    now = 100.0
    engine.open(now)
    for order, value, pause in orders:
        epoch = engine.epoch
        if order == "play":
            engine.play(now, position=value)
        elif order == "rate":
            engine.play(now, rate=0.5 + value / 10)
        elif order == "stop":
            engine.stop(now)
            assert not output.sounding
        elif order == "locate":
            engine.locate(now, value)
        elif order == "chase":
            engine.chase(now, ClockLine(now, value, 1.0))
        if order in ("play", "rate"):
            assert engine.epoch > epoch
        if order == "stall":
            now += pause
            engine.step(now)
        else:
            now = run(engine, now, now + pause)
        assert engine.sounding == len(output.sounding)
    engine.close(now)
    assert not output.sounding
    assert engine.sounding == 0
    begun, ended = output.of(NoteOn), output.of(NoteOff)
    assert len(begun) == len(ended) == engine.counts.notes
    used = {event.channel for _, event in begun}
    quiet = {
        event.data[0] & 0x0F for _, event in output.log if isinstance(event, Midi) and event.data[1:] == b"\x7b\x00"
    }
    assert used == quiet


@given(parts)
def test_played_through_every_note_is_on_time_and_in_order(part):
    output = Recorder()
    engine = PlaybackEngine(output, part, send_programs=False)
    engine.play(10.0, position=0.0)
    run(engine, 10.0, 100.0)
    assert not engine.rolling
    begun = [(round(when - 10 - PREROLL, 6), e.channel, e.pitch) for when, e in output.of(NoteOn)]
    assert begun == [(round(s.start, 6), s.channel, s.pitch) for s in part.strikes]
    times = [when for when, event in output.log if isinstance(event, (NoteOn, NoteOff))]
    assert times == sorted(times)


def test_an_ending_note_goes_before_one_that_begins():
    output = Recorder()
    part = LivePart((PartNote(0, 1, 0, 60, 80), PartNote(0.5, 1, 0, 64, 80), PartNote(1, 2, 0, 62, 80)), (), 2.0)
    engine = PlaybackEngine(output, part, send_programs=False)
    engine.play(0.0, position=0.0)
    run(engine, 0.0, 5.0)
    kinds = [type(e).__name__ for _, e in output.log if isinstance(e, (NoteOn, NoteOff))]
    assert kinds == ["NoteOn", "NoteOn", "NoteOff", "NoteOff", "NoteOn", "NoteOff"]


def test_a_note_in_whose_middle_playing_begins_is_struck_but_drums_are_not():
    part = LivePart((PartNote(0, 4, 0, 60, 80), PartNote(0, 4, 9, 36, 80), PartNote(0, 1.05, 0, 64, 80)), (), 4.0)
    output = Recorder()
    engine = PlaybackEngine(output, part, send_programs=False)
    engine.play(0.0, position=1.0)
    run(engine, 0.0, 10.0)
    assert [(e.pitch, e.seconds) for _, e in output.of(NoteOn)] == [(60, 3.0)]


def test_what_is_too_late_is_left_out_and_releases_are_sent_all_the_same():
    part = LivePart((PartNote(0, 1, 0, 60, 80), PartNote(2, 3, 0, 62, 80), PartNote(4, 5, 0, 64, 80)), (), 5.0)
    output = Recorder()
    engine = PlaybackEngine(output, part, send_programs=False)
    engine.play(0.0, position=0.0)
    run(engine, 0.0, 1.5)
    engine.step(2.0 + PREROLL + 0.031)
    assert engine.counts.dropped == 1
    assert not output.sounding
    run(engine, 2.2, 9.0)
    assert [e.pitch for _, e in output.of(NoteOn)] == [60, 64]


def test_a_loop_loses_no_time():
    part = LivePart(
        (PartNote(1.0, 1.2, 0, 60, 80), PartNote(1.5, 9.0, 0, 62, 80), PartNote(2.0, 2.5, 0, 64, 80)), (), 9.0
    )
    output = Recorder()
    engine = PlaybackEngine(output, part, loop=(1.0, 2.0), send_programs=False)
    engine.play(0.0, position=1.0)
    run(engine, 0.0, 3.9)
    begun = [(when - PREROLL, e.pitch) for when, e in output.of(NoteOn)]
    assert begun == [(pytest.approx(i / 2), 60 if i % 2 == 0 else 62) for i in range(8)]
    assert engine.counts.wraps == 3


def test_after_a_sleep_of_the_computer_it_goes_on_where_it_should_be():
    part = LivePart(tuple(PartNote(i / 10, i / 10 + 0.1, 0, 60, 80) for i in range(20)), (), 40.0)
    output = Recorder()
    engine = PlaybackEngine(output, part, sync=SendMtc(mtc_format(Fraction(25))), send_programs=False, loop=(0.0, 2.0))
    engine.play(0.0, position=0.0)
    run(engine, 0.0, 0.5)
    before = len(output.log)
    engine.step(3601.03)
    assert len(output.log) < before + 10
    assert not output.sounding
    run(engine, 3601.03, 3601.03 + PREROLL + 0.1)
    assert engine.position(3601.03 + PREROLL) == pytest.approx(0.98)


def test_a_jump_of_the_clock_that_is_followed_releases_what_sounds():
    output = Recorder()
    engine = PlaybackEngine(
        output, LivePart((PartNote(0, 9, 0, 60, 80), PartNote(5, 6, 3, 62, 80)), (), 9.0), send_programs=False
    )
    engine.chase(0.0, ClockLine(0.0, 0.0))
    run(engine, 0.0, 1.0)
    engine.chase(1.0, ClockLine(0.0, 0.01, 1.001))
    assert sorted(output.sounding) == [(0, 60)]
    engine.chase(1.0, ClockLine(1.0, 4.0))
    run(engine, 1.0, 2.5)
    assert [(when, e.pitch) for when, e in output.of(NoteOn)] == [(0.0, 60), (1.0, 60), (2.0, 62)]
    engine.stop(2.5)
    assert not output.sounding


def test_a_release_never_comes_before_a_beginning_that_was_sent_ahead():
    output = Recorder(lookahead=0.2)
    engine = PlaybackEngine(output, LivePart((PartNote(0.1, 0.105, 0, 60, 80),), (), 9.0), send_programs=False)
    engine.chase(0.0, ClockLine(0.0, 0.0))
    engine.step(-0.099)
    assert output.sounding
    engine.chase(-0.09, ClockLine(0.0, 0.05))
    engine.step(-0.09)
    assert not output.sounding
    ((begun, _),), ((ended, _),) = output.of(NoteOn), output.of(NoteOff)
    assert begun < ended < begun + 0.01


def test_latency_and_lookahead_send_early():
    part = LivePart((PartNote(1.0, 2.0, 0, 60, 80),), (), 2.0)
    output = Recorder(lookahead=0.2)
    engine = PlaybackEngine(output, part, latency=0.05, send_programs=False)
    engine.play(0.0, position=0.0)
    due = engine.step(0.3)
    assert due == pytest.approx(PREROLL + 1.0)
    engine.step(due)
    ((when, _),) = output.of(NoteOn)
    assert when == pytest.approx(due + 0.2)


def test_states_come_at_their_time():
    part = LivePart((), ((0.0, StateMessage("section", ("a",))), (1.0, StateMessage("hit", ("b",)))), 2.0)
    output = Recorder()
    engine = PlaybackEngine(output, part, send_programs=False)
    engine.play(0.0, position=0.5, rate=2.0)
    run(engine, 0.0, 5.0)
    heard = [(round(when - PREROLL, 6), e.name, e.values[0]) for when, e in output.of(StateMessage)]
    assert heard == [(0.0, "transport", 1), (0.25, "hit", "b"), (0.75, "transport", 0)]


def test_clock_and_notes_share_one_time():
    tempo = TempoMap((Tempo(0, 500_000),))
    part = LivePart(tuple(PartNote(i / 2, i / 2 + 0.1, 0, 60, 80) for i in range(8)), (), 4.0, tempo)
    output = Recorder()
    engine = PlaybackEngine(output, part, sync=SendClock(tempo), send_programs=False)
    engine.play(0.0, position=0.3)
    run(engine, 0.0, 9.0)
    clocks = [when for when, e in output.of(Midi) if e.data == b"\xf8"]
    position = next(e.data for _, e in output.of(Midi) if e.data[0] == 0xF2)
    first = position[1] / 8 - 0.3 + PREROLL
    assert clocks[0] == pytest.approx(first)
    assert all(any(abs(when - clock) < 1e-9 for clock in clocks) for when, _ in output.of(NoteOn))


def test_a_receiver_that_fails_does_not_stop_the_rest():
    class Failing(Recorder):
        def send(self, when, events):
            raise OSError("gone")

    engine = PlaybackEngine(Failing(), LivePart((PartNote(0, 1, 0, 60, 80),), (), 1.0), send_programs=False)
    engine.play(0.0, position=0.0)
    run(engine, 0.0, 5.0)
    engine.close(5.0)
    assert engine.counts.failed > 2
    assert engine.sounding == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(Rank))), st.integers(0, 2**16))
def test_the_schedule_is_in_order_and_of_one_epoch(entries, seed):
    schedule = Schedule()
    old = schedule.epoch
    for position, rank in entries:
        schedule.put(old, position, rank, "old")
    epoch = schedule.renew()
    chance = random.Random(seed)
    current = []
    for position, rank in entries:
        meant = chance.choice([old, epoch])
        assert schedule.put(meant, position, rank, "new") is (meant == epoch)
        current += [(position, rank)] if meant == epoch else []
    taken = [schedule.take() for _ in range(len(schedule))]
    assert [(e.position, e.rank) for e in taken] == sorted(current)
    assert all(before.sequence < after.sequence for before, after in pairwise(taken) if before[:2] == after[:2])
