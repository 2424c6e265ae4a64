import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.live.clock import ClockLine, EarliestFit, RunningFit


@given(st.floats(-1e6, 1e6), st.floats(-1e4, 1e4), st.floats(0.1, 4), st.floats(-100, 100))
def test_a_line_goes_both_ways(time, position, rate, later):
    line = ClockLine(time, position, rate)
    assert line.position_at(line.time_at(position + later)) == pytest.approx(position + later, abs=1e-6)


@given(st.floats(0.5, 2), st.floats(0, 86400), st.floats(0, 1e6), st.integers(0, 2**32))
def test_the_fit_sees_through_the_jitter_of_an_audio_period(rate, position, time, seed):
    chance = random.Random(seed)
    fit = RunningFit()
    for step in range(600):
        elapsed = step / 100
        # Arrivals are rounded up to the next period of 1024 samples, as through RtMidi on JACK.
        fit.observe(time + elapsed + chance.uniform(0, 1024 / 48000), position + rate * elapsed)
    now = time + 6
    true = position + rate * (6 - 512 / 48000)
    assert abs(fit.line.position_at(now) - true) < 0.008 * max(1, rate)
    assert fit.line.rate == pytest.approx(rate, rel=0.02)


def test_the_fit_follows_varispeed():
    """Five seconds after a change of 10 %, it is within a tenth of a frame."""
    fit, position = RunningFit(), 0.0
    for step in range(1000):
        rate = 1.0 if step < 500 else 0.9
        position += rate / 100
        assert not fit.observe(step / 100, position)
    assert fit.line.position_at(9.99) == pytest.approx(position, abs=0.004)
    assert fit.line.rate == pytest.approx(0.9, abs=0.01)


def test_a_jump_starts_afresh():
    fit = RunningFit()
    for step in range(100):
        fit.observe(step / 100, step / 100)
    assert fit.observe(1.0, 50.0)
    assert fit.line.position_at(1.0) == 50.0
    assert fit.line.rate == 1.0


def test_nothing_is_known_at_first():
    assert RunningFit().line is None


@given(st.floats(0.8, 1.25), st.floats(0, 86400), st.integers(0, 2**32))
def test_the_earliest_arrivals_tell_the_course_in_spite_of_the_period(rate, position, seed):
    chance = random.Random(seed)
    fit = EarliestFit(RunningFit())
    for step in range(200):
        elapsed = step / 100
        fit.observe(elapsed + chance.uniform(0, 1024 / 48000), position + rate * elapsed)
    assert abs(fit.line.position_at(2.0) - (position + rate * 2.0)) < 0.005


def test_what_is_no_jitter_does_not_lead_the_fit():
    fit = EarliestFit(RunningFit(jump=10.0))
    for step in range(100):
        fit.observe(step / 100, step / 100)
    fit.observe(1.0, 3.0)
    assert fit.line.position_at(1.0) < 1.2
    fit.reset()
    assert fit.line is None
