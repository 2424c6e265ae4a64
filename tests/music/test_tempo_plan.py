"""The tempo plan: every hit on the grid, the tempo hardly bent."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import TICKS_PER_QUARTER, Meter
from emsync_bridge.errors import MusicError
from emsync_bridge.music.planning.tempo_plan import TempoTarget, plan_tempo
from emsync_bridge.music.planning.tempo_ramps import with_tempo_ramps

gaps = st.lists(st.floats(0.05, 30), max_size=25)


@given(gaps, st.floats(45, 200), st.floats(0, 20))
def test_every_target_falls_on_a_tick_to_the_microsecond(gaps, bpm, tail):
    times, now = [], 0.0
    for gap in gaps:
        now += gap
        times.append(now)
    duration = now + max(tail, 0.1)
    plan = plan_tempo(duration, [TempoTarget(time) for time in times], bpm)
    assert len(plan.landings) == len(times)
    for landing, time in zip(plan.landings, times, strict=True):
        assert abs(plan.tempo_map.seconds(landing.tick) - time) < 50e-6
    assert [landing.tick for landing in plan.landings] == sorted({landing.tick for landing in plan.landings})
    assert plan.tempo_map.seconds(plan.end) <= duration + 1e-9
    assert duration - plan.tempo_map.seconds(plan.end) < 60 / 40 / TICKS_PER_QUARTER


@given(st.lists(st.floats(4, 30), min_size=1, max_size=20), st.floats(60, 140))
def test_hits_of_the_default_gap_bend_the_tempo_within_the_limit_and_land_on_sixteenths_at_worst(gaps, bpm):
    times = [sum(gaps[: i + 1]) for i in range(len(gaps))]
    plan = plan_tempo(times[-1] + 5, [TempoTarget(time) for time in times], bpm)
    lines = plan.tempo_map.bar_lines(plan.end)
    for landing in plan.landings:
        assert abs(landing.bend) <= 0.0605
        assert landing.metrical in ("bar", "beat")
        if landing.metrical == "bar":
            assert landing.tick in lines


def test_a_hit_that_suits_the_tempo_needs_no_bend_and_no_odd_bar():
    plan = plan_tempo(20, [TempoTarget(4.0), TempoTarget(8.0), TempoTarget(16.0)], 120)
    assert [(landing.metrical, round(landing.bend, 6)) for landing in plan.landings] == [("bar", 0.0)] * 3
    assert plan.tempo_map.meters == (Meter(0, 4),)


def test_hits_closer_than_a_sixteenth_are_met_on_ticks():
    plan = plan_tempo(5, [TempoTarget(2.0), TempoTarget(2.0 + 1 / 24)], 100)
    first, second = plan.landings
    assert second.tick > first.tick
    assert abs(plan.tempo_map.seconds(second.tick) - 2.0 - 1 / 24) < 50e-6


def test_waltz_time_has_bars_of_three_beats():
    plan = plan_tempo(30, [TempoTarget(12.0)], 90, meter=Meter(0, 3))
    assert plan.tempo_map.bar_lines(73) == [0, 72]


@pytest.mark.parametrize(
    ("duration", "times", "bpm"), [(0, [], 100), (10, [5, 5], 100), (10, [12], 100), (10, [], 10), (10, [0.0], 100)]
)
def test_nonsense_is_refused(duration, times, bpm):
    with pytest.raises(MusicError):
        plan_tempo(duration, [TempoTarget(time) for time in times], bpm)


@given(st.lists(st.floats(1, 30), min_size=1, max_size=20), st.floats(60, 140))
def test_a_smooth_tempo_meets_the_same_targets_without_jumps(gaps, bpm):
    times = [sum(gaps[: i + 1]) for i in range(len(gaps))]
    plan = plan_tempo(times[-1] + 5, [TempoTarget(time) for time in times], bpm)
    smooth = with_tempo_ramps(plan)
    for landing, time in zip(smooth.landings, times, strict=True):
        assert abs(smooth.tempo_map.seconds(landing.tick) - time) < 50e-6
    largest = max(abs(landing.bend) for landing in plan.landings)
    whole = [tempo for tempo in smooth.tempo_map.tempos if tempo.tick <= plan.landings[-1].tick]
    if min(gaps) >= 4:
        for before, after in pairwise(whole):
            assert abs(before.microseconds_per_quarter / after.microseconds_per_quarter - 1) < 0.01 + largest
    assert all(tempo.microseconds_per_quarter > 0 for tempo in smooth.tempo_map.tempos)


def test_between_two_hits_the_tempo_runs_in_small_steps():
    plan = plan_tempo(30, [TempoTarget(9.7), TempoTarget(20.1)], 100)
    jumps = [
        abs(a.microseconds_per_quarter / b.microseconds_per_quarter - 1) for a, b in pairwise(plan.tempo_map.tempos)
    ]
    steps = [
        abs(a.microseconds_per_quarter / b.microseconds_per_quarter - 1)
        for a, b in pairwise(with_tempo_ramps(plan).tempo_map.tempos)
    ]
    assert max(jumps) > 0.004
    assert max(steps) < max(jumps) / 3


@pytest.mark.parametrize("fits", [0.96, 0.98, 1.02, 1.04])
def test_bend_and_drift_of_the_base_share_what_a_hit_asks_for(fits):
    time = 16 * 60 / (100 * fits)  # four bars at a tempo that was not asked for
    plan = plan_tempo(time + 10, [TempoTarget(time)], 100)
    assert min(100, 100 * fits) < plan.base_bpm < max(100, 100 * fits)
    (landing,) = plan.landings
    assert landing.metrical == "bar"
    assert 0 < abs(landing.bend) < 0.03


def test_a_hit_that_fits_leaves_the_tempo_as_it_was_asked_for():
    plan = plan_tempo(20, [TempoTarget(9.6)], 100)
    assert plan.base_bpm == 100
    assert plan.landings[0].bend == 0
