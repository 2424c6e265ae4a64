from fractions import Fraction
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import Meter, Tempo, TempoMap
from emsync_bridge.live.sync.midi_clock import LAST_POSITION, read_song_position, song_position
from emsync_bridge.live.sync.mtc import QuarterFrameReader, mtc_format, mtc_label, read_full_frame
from emsync_bridge.live.sync.send import SendClock, SendMtc

NTSC = Fraction(1000, 1001)
TEMPO = TempoMap((Tempo(0, 500_000), Tempo(96, 625_000)), (Meter(0, 4),))


@given(st.integers(0, LAST_POSITION))
def test_song_positions_come_back(sixteenth):
    assert read_song_position(song_position(sixteenth)) == sixteenth


def test_song_position_as_known():
    assert song_position(300) == b"\xf2\x2c\x02"
    assert read_song_position(b"\xf2\x80\x00") is None
    with pytest.raises(ValueError, match=r"[Ss]ong position"):
        song_position(LAST_POSITION + 1)


def test_clock_starts_on_the_downbeat_and_follows_the_tempo_map():
    sync = SendClock(TEMPO)
    assert sync.locate(0.0) == [b"\xfc", song_position(0)]
    first, *clocks = islice(sync.rolling(0.0), 122)
    assert first[1] == b"\xfa"
    assert first[0] == pytest.approx(-0.002)
    assert {message for _, message in clocks} == {b"\xf8"}
    assert clocks[0][0] == 0.0
    assert clocks[24][0] == pytest.approx(0.5)
    assert clocks[120][0] - clocks[96][0] == pytest.approx(0.625)


@given(st.floats(0, 60))
def test_a_follower_joins_at_the_announced_sixteenth(position):
    sync = SendClock(TEMPO)
    announced = read_song_position(sync.locate(position)[1])
    (when, how), (first, clock), *_ = islice(sync.rolling(position), 3)
    assert (how, clock) == (b"\xfb" if announced else b"\xfa", b"\xf8")
    assert when < first == TEMPO.seconds(6 * announced)
    assert position - 1e-6 <= first < position + TEMPO.seconds(102) - TEMPO.seconds(96)


def test_beyond_the_last_song_position_there_is_no_clock():
    sync = SendClock(TempoMap())
    assert sync.locate(3000.0) == [b"\xfc"]
    assert list(sync.rolling(3000.0)) == []


@given(
    st.sampled_from(
        [(24 * NTSC, False), (Fraction(25), False), (30 * NTSC, True), (60 * NTSC, True), (Fraction(50), False)]
    ),
    st.integers(0, 200_000),
    st.integers(0, 200_000),
)
def test_quarter_frames_name_the_frame_that_shows(rate_drop, start_frame, frame):
    rate, drop = rate_drop
    form = mtc_format(rate, drop_frame=drop)
    sync = SendMtc(form, start_frame / rate)
    reader = QuarterFrameReader()
    before = -1.0
    for moment, message in islice(sync.rolling(float(frame / rate)), 40):
        assert moment >= before
        before = moment
        position = reader.feed(message)
    seconds = position.quarter * form.frame_seconds / 4 - start_frame / rate
    assert float(seconds) == pytest.approx(moment, abs=1e-6)


def test_a_locate_names_the_frame():
    rate = 60 * NTSC
    sync = SendMtc(mtc_format(rate, drop_frame=True), 215784 / rate)  # 01:00:00;00
    (message,) = sync.locate(float(7 / rate))
    assert read_full_frame(message) == mtc_label(107892 + 3, mtc_format(rate, drop_frame=True).rate)
    assert sync.jump(1.0) == []
