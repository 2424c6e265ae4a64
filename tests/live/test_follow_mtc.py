import random
from fractions import Fraction
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.live.sync.follow_mtc import FREEWHEEL, MtcReader, MtcSource
from emsync_bridge.live.sync.mtc import full_frame, mtc_format, mtc_label, quarter_frame
from emsync_bridge.live.sync.send import SendMtc

NTSC = Fraction(1000, 1001)
RATES = [(24 * NTSC, False), (Fraction(25), False), (30 * NTSC, True), (30 * NTSC, False), (60 * NTSC, True)]


def of(rate, drop, start_frame=0):
    form = mtc_format(rate, drop_frame=drop)
    start = start_frame / rate
    return SendMtc(form, start), MtcReader(MtcSource(form, start))


@given(st.sampled_from(RATES), st.integers(0, 5_000_000), st.floats(0, 600), st.floats(0.9, 1.1), st.integers(0, 999))
def test_a_rolling_daw_is_followed_within_half_a_frame(rate_drop, start_frame, position, speed, seed):
    """Messages arrive as through RtMidi on JACK with a period of 256 samples, in steps of 5.3 ms."""
    chance = random.Random(seed)
    sender, follower = of(*rate_drop, start_frame)
    for moment, message in islice(sender.rolling(position), 192):
        now = (moment - position) / speed
        follower.feed(message, now + chance.uniform(0, 256 / 48000))
    line = follower.line(now)
    assert abs(line.position_at(now) - moment) < 0.5 / rate_drop[0]
    assert line.rate == pytest.approx(speed, abs=0.02)


def test_it_starts_after_two_labels_and_stops_when_the_stream_does():
    sender, follower = of(Fraction(25), False)
    started = None
    for moment, message in islice(sender.rolling(0.0), 40):
        follower.feed(message, moment)
        if started is None and follower.line(moment):
            started = moment
    assert started == pytest.approx(0.15)
    assert follower.line(moment + FREEWHEEL - 0.01)
    assert follower.line(moment + FREEWHEEL + 0.01) is None


def test_a_locate_is_told_once():
    sender, follower = of(Fraction(25), False, 90000)
    (message,) = sender.locate(12.4)
    follower.feed(message, 0.0)
    assert follower.take_locate() == pytest.approx(12.4)
    assert follower.take_locate() is None
    assert follower.line(0.0) is None


def test_a_jump_while_rolling_is_followed():
    sender, follower = of(Fraction(24), False)
    now = 0.0
    for start in (3.0, 50.0, 7.0):
        for _, message in islice(sender.rolling(start), 60):
            follower.feed(message, now)
            now += 1 / 96
        assert follower.line(now).position_at(now) == pytest.approx(start + 60 / 96, abs=0.002)


def test_running_backwards_is_standing_still():
    _, follower = of(Fraction(25), False)
    rate = mtc_format(Fraction(25)).rate
    for step in range(80):
        follower.feed(quarter_frame(4000 - step, rate), step / 100)
        assert follower.line(step / 100) is None


def test_another_frame_rate_is_noticed():
    _, follower = of(Fraction(25), False)
    follower.feed(full_frame(mtc_label(100, mtc_format(Fraction(30)).rate)), 0.0)
    assert follower.warning


def test_a_timeline_that_runs_past_midnight():
    sender, follower = of(Fraction(25), False, 86_399 * 25)
    for moment, message in islice(sender.rolling(0.0), 400):
        follower.feed(message, moment)
    assert follower.line(moment).position_at(moment) == pytest.approx(moment, abs=0.002)
