"""The published clock of 8 ms: moments of a plan are moved by half a unit at most, and come back to their ticks."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, HitPoint, Spotting
from emsync_bridge.music.emsync_original.grid import Grid
from emsync_bridge.music.emsync_original.vocabulary import UNITS_PER_SECOND
from emsync_bridge.music.planning.plan import plan_composition


@given(st.lists(st.floats(4.0, 9.0), min_size=1, max_size=5), st.floats(60, 160))
def test_moments_of_a_plan_lie_on_both_clocks(gaps, bpm):
    times = [sum(gaps[: index + 1]) for index in range(len(gaps))]
    frames = [round(24 * time) for time in times]
    end = frames[-1] + 120
    hits = [HitPoint(0.0, 0, "start"), *(HitPoint(f / 24, f, "cut") for f in frames), HitPoint(end / 24, end, "end")]
    curve = EmotionCurve((EmotionSpan(0.0, end / 24, Affect(0.2, 0.2)),))
    plan = plan_composition(Spotting("cut", end / 24, Fraction(24), hits=tuple(hits)), curve, bpm=bpm)
    grid = Grid(plan)
    for tick in (*plan.bar_lines, *plan.chords, plan.end):
        unit = grid.unit(tick)
        assert abs(unit / UNITS_PER_SECOND - plan.seconds(tick)) <= 0.5 / UNITS_PER_SECOND + 1e-9
        assert grid.tick(unit) == tick
