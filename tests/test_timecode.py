from fractions import Fraction

import pytest
from frame_rates import NTSC, RATES
from hypothesis import given
from hypothesis import strategies as st
from opentimelineio import opentime

from emsync_bridge.errors import TimelineError
from emsync_bridge.timecode import can_drop, frame_at, from_timecode, to_timecode

DAY_FRAMES = 86400


@pytest.mark.parametrize(
    ("frame", "rate", "drop", "text"),
    [
        (86400, Fraction(24), False, "01:00:00:00"),
        (86400, 24 * NTSC, False, "01:00:00:00"),
        (1799, 30 * NTSC, True, "00:00:59;29"),
        (1800, 30 * NTSC, True, "00:01:00;02"),
        (17981, 30 * NTSC, True, "00:09:59;29"),
        (17982, 30 * NTSC, True, "00:10:00;00"),
        (107892, 30 * NTSC, True, "01:00:00;00"),
        (108000, 30 * NTSC, False, "01:00:00:00"),
        (3599, 60 * NTSC, True, "00:00:59;59"),
        (3600, 60 * NTSC, True, "00:01:00;04"),
        (215784, 60 * NTSC, True, "01:00:00;00"),
        (2591999, 30 * NTSC, False, "23:59:59:29"),
        (2589407, 30 * NTSC, True, "23:59:59;29"),
        (119, Fraction(120), False, "00:00:00:119"),
    ],
)
def test_known_timecodes(frame, rate, drop, text):
    assert to_timecode(frame, rate, drop) == text
    assert from_timecode(text, rate) == frame


@given(st.sampled_from(RATES), st.integers(0, 144 * 17982 * 4))
def test_every_frame_survives_the_round_trip(rate_and_drop, frame):
    rate, drop = rate_and_drop
    base = -(-rate.numerator // rate.denominator)
    day = 144 * (600 * base - 9 * base // 15) if drop else DAY_FRAMES * base
    text = to_timecode(frame, rate, drop)
    assert from_timecode(text, rate) == from_timecode(text, rate, drop) == frame % day


@given(st.sampled_from(RATES), st.integers(0, 10**7))
def test_the_next_frame_has_the_next_label(rate_and_drop, frame):
    rate, drop = rate_and_drop
    base = -(-rate.numerator // rate.denominator)
    here, following = (
        [int(part) for part in to_timecode(n, rate, drop).replace(";", ":").split(":")] for n in (frame, frame + 1)
    )
    if here[3] + 1 < base:
        assert following == [*here[:3], here[3] + 1]
    else:
        skips = drop and here[2] == 59 and (here[1] + 1) % 10
        assert following[3] == (base // 15 if skips else 0)
        assert following[2] == (here[2] + 1) % 60


@given(
    st.sampled_from([(rate, drop) for rate, drop in RATES if rate <= 60 and rate != 15]),
    st.integers(0, 86313 * 24),
)
def test_opentime_agrees_where_it_knows_the_rate(rate_and_drop, frame):
    rate, drop = rate_and_drop
    theirs = opentime.to_timecode(opentime.RationalTime(frame, float(rate)), float(rate), drop)
    assert to_timecode(frame, rate, drop) == theirs


def test_a_label_that_drop_frame_skips_means_the_next_one():
    rate = 30 * NTSC
    assert from_timecode("00:01:00;00", rate) == from_timecode("00:01:00;01", rate) == 1800
    assert from_timecode("00:10:00;00", rate) == 17982


def test_drop_frame_exists_at_multiples_of_2997_only():
    assert [float(rate) for rate, _ in RATES if can_drop(rate)] == pytest.approx(
        [29.97] * 2 + [59.94] * 2 + [119.88] * 2, abs=1e-3
    )
    assert to_timecode(1800, Fraction(30), drop_frame=True) == "00:01:00:00"


@pytest.mark.parametrize(
    "text", ["", "1", "01:00:00", "01:00:00:30", "01:60:00:00", "01:00:61:00", "aa:bb:cc:dd", "-1:00:00:00"]
)
def test_what_is_no_timecode_is_refused(text):
    with pytest.raises(TimelineError):
        from_timecode(text, Fraction(30))


@given(st.sampled_from(RATES), st.integers(0, 10**7))
def test_frame_at_finds_the_frame_of_its_own_time(rate_and_drop, frame):
    rate, _ = rate_and_drop
    assert frame_at(Fraction(frame) / rate, rate) == frame
    assert frame_at(float(Fraction(frame) / rate), rate) == frame
