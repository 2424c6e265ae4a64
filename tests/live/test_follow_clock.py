import random
import sys
from fractions import Fraction
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_virtual import Recorder, follow

from emsync_bridge.cue import Meter, Tempo, TempoMap
from emsync_bridge.live.events import NoteOff, NoteOn, StateMessage
from emsync_bridge.live.playback.engine import PlaybackEngine
from emsync_bridge.live.playback.part import LivePart, PartNote
from emsync_bridge.live.sync.follow_clock import LOSS, ClockReader, ClockSource
from emsync_bridge.live.sync.follow_mtc import MtcReader, MtcSource
from emsync_bridge.live.sync.midi_clock import song_position
from emsync_bridge.live.sync.mtc import mtc_format
from emsync_bridge.live.sync.send import SendClock, SendMtc

TICK, START, CONTINUE, STOP = b"\xf8", b"\xfa", b"\xfb", b"\xfc"
BENT = TempoMap((Tempo(0, 500_000), Tempo(384, 520_000), Tempo(960, 480_000)), (Meter(0, 4),))
FRAME = 1 / 24


def reader_of(tempo_map=None, **options):
    return ClockReader(ClockSource(tempo_map or TempoMap(), **options))


def feed_ticks(reader, count, now=0.0, period=0.5 / 24):
    for _ in range(count):
        reader.feed(TICK, now)
        now += period
    return now


def test_the_first_clock_after_start_is_the_downbeat():
    reader = reader_of()
    reader.feed(START, 4.0)
    assert reader.line(4.0) is None
    reader.feed(TICK, 4.01)
    assert reader.line(4.01).position_at(4.01) == 0
    assert reader.begin == 0


def test_clocks_of_a_daw_that_stands_still_move_nothing_but_tell_the_tempo():
    reader = reader_of()
    now = feed_ticks(reader, 48, period=0.4 / 24)
    assert reader.line(now) is None
    reader.feed(song_position(32), now)
    assert reader.take_locate() == pytest.approx(4.0)
    reader.feed(CONTINUE, now)
    reader.feed(TICK, now)
    line = reader.line(now)
    assert line.position_at(now) == pytest.approx(4.0)
    assert line.rate == pytest.approx(1.25)


def test_song_positions_of_ardour_7_count_clocks():
    # Ardour 7.3 at the third quarter note sends 48.
    reader = reader_of(units="clocks")
    reader.feed(b"\xf2\x30\x00", 0.0)
    assert reader.take_locate() == pytest.approx(1.0)


def test_without_clocks_it_stops_and_with_them_it_goes_on():
    reader = reader_of()
    reader.feed(START, 0.0)
    now = feed_ticks(reader, 24)
    assert reader.line(now + LOSS - 0.03)
    assert reader.line(now + LOSS) is None
    reader.feed(TICK, now + 5.0)
    assert reader.line(now + 5.0).position_at(now + 5.0) == pytest.approx(0.5)


def test_stop_means_at_once():
    reader = reader_of()
    reader.feed(START, 0.0)
    now = feed_ticks(reader, 24)
    reader.feed(STOP, now)
    assert reader.line(now) is None
    reader.feed(CONTINUE, now + 1)
    reader.feed(TICK, now + 1)
    assert reader.line(now + 1).position_at(now + 1) == pytest.approx(0.5)


@given(st.integers(0, 999), st.floats(0.9, 1.1), st.integers(0, 300))
def test_clocks_that_arrive_in_steps_are_followed_within_a_few_milliseconds(seed, speed, sixteenth):
    """As measured through RtMidi on JACK with a period of 1024 samples: up to a period late, and at times a stall."""
    chance = random.Random(seed)
    reader = reader_of(BENT)
    reader.feed(song_position(sixteenth), 0.0)
    reader.feed(CONTINUE, 0.0)
    start = BENT.seconds(6 * sixteenth)
    stall = chance.randrange(120, 200)
    held = 0.0
    for step in range(240):
        moment = BENT.seconds(6 * sixteenth + step)
        sent = (moment - start) / speed
        arrived = sent + chance.uniform(0, 1024 / 48000)
        if step == stall:
            held = arrived + 0.15
        arrived = max(arrived, held)
        reader.feed(TICK, arrived)
        if step > 96:
            line = reader.line(arrived)
            assert abs(line.position_at(sent) - moment) < 0.03
    assert reader.line(arrived).rate == pytest.approx(speed, abs=0.02)


def stretches(seed, sender, halt, count=100):
    """Yield what a DAW sends that locates at random, often into the middle of a bar, and plays at several speeds."""
    chance = random.Random(seed)
    now = 10.0
    for _ in range(count):
        position, speed, length = chance.uniform(0, 50), chance.choice([1.0, 1.0, 0.97, 1.04]), chance.uniform(1.0, 2.0)
        late = [now + 0.01 * i for i in range(len(sender.locate(position)))]
        messages = list(zip(late, sender.locate(position), strict=True))
        begin = now + 0.1
        for moment, message in sender.rolling(position):
            if moment >= position + length * speed:
                break
            arrival = begin + (moment - position) / speed + chance.uniform(0, 256 / 48000)
            messages.append((max(arrival, messages[-1][0]), message))
        end = begin + length
        messages += [(end, message) for message in halt]
        yield messages, (begin, position, speed, length), end + 0.4
        now = end + 0.4


@pytest.mark.parametrize("how", ["clock", "mtc"])
def test_after_random_locates_every_note_is_on_its_frame(how):
    """Notes every eighth, and one on every hit; what is sounded is compared with where the DAW really is."""
    form = mtc_format(Fraction(24))
    sender, reader, halt = {
        "clock": (SendClock(BENT), reader_of(BENT), [STOP]),
        "mtc": (SendMtc(form), MtcReader(MtcSource(form)), []),
    }[how]
    notes = tuple(PartNote(BENT.seconds(12 * i), BENT.seconds(12 * i + 9), 0, 60 + i % 12, 80) for i in range(240))
    output = Recorder()
    engine = PlaybackEngine(output, LivePart(notes, (), 70.0, BENT), send_programs=False)
    now, errors, missed = 9.0, [], []
    for messages, (begin, position, speed, length), until in stretches(7, sender, halt):
        before = len(output.log)
        now = follow(engine, reader, messages, now, until)
        assert not output.sounding
        for strike in notes:
            if position + 0.3 < strike.start < position + length * speed - 0.05:
                at = begin + (strike.start - position) / speed
                close = [w for w, e in output.log[before:] if isinstance(e, NoteOn) and abs(w - at) < 0.12]
                missed += [] if close else [strike.start]
                errors += [(w - at) * speed for w in close]
    sys.stdout.write(f"{how}: largest error {1000 * max(map(abs, errors)):.1f} ms of {len(errors)} notes\n")
    assert not missed
    assert max(map(abs, errors)) < FRAME / 2
    assert len(output.of(NoteOn)) == len(output.of(NoteOff))
    assert len(errors) > 300


def test_a_drum_on_the_first_beat_is_heard():
    output = Recorder()
    engine = PlaybackEngine(output, LivePart((PartNote(0.0, 0.05, 9, 36, 80), PartNote(0.5, 0.6, 9, 38, 80)), (), 4.0))
    clocks = [(1.0 + moment, message) for moment, message in islice(SendClock(TempoMap()).rolling(0.0), 60)]
    follow(engine, reader_of(), clocks, 0.5, 2.0)
    assert [e.pitch for _, e in output.of(NoteOn)] == [36, 38]
    follow(engine, reader_of(), [(2.5, song_position(1)), (2.51, CONTINUE), (2.53, TICK)], 2.4, 2.7)
    assert [e.pitch for _, e in output.of(NoteOn)] == [36, 38], "nothing from before the song position"


def test_the_transport_is_told_where_the_daw_went():
    output = Recorder()
    engine = PlaybackEngine(output, LivePart((), (), 60.0))
    follow(engine, reader_of(), [(1.0, song_position(64))], 0.5, 1.5)
    assert output.of(StateMessage)[-1][1].values[:2] == (0, 8.0)
