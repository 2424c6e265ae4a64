"""Another plan from a bar line on: what a change of mood or of a hit asks while the music is already playing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from emsync_bridge.cue import EmotionCurve, Spotting, TempoMap
from emsync_bridge.music.planning.plan import CompositionPlan, PlanSection
from emsync_bridge.music.planning.tempo_plan import TempoPlan

Planner = Callable[[Spotting, EmotionCurve], CompositionPlan]
"""Plans a cut and its mood, as ``plan.plan_composition`` does."""


def replan_from(
    plan: CompositionPlan, tick: int, spotting: Spotting, curve: EmotionCurve, planner: Planner
) -> CompositionPlan:
    """Return a plan that is the old one up to a bar line and another from there on.

    Arguments:
        plan: The plan so far.
        tick: One of its bar lines.
        spotting: The cut as it is wanted now, on the same clock; it must reach past the bar line.
        curve: The mood as it is wanted now.
        planner: Function that plans what is left.
    """
    start = plan.tempo.tempo_map.seconds(tick)
    rest = replace(
        spotting,
        duration=spotting.duration - start,
        hits=tuple(replace(hit, time=hit.time - start) for hit in spotting.hits),
    )
    moods = [replace(span, start=max(0.0, span.start - start), end=span.end - start) for span in curve.spans]
    later = planner(rest, EmotionCurve(tuple(span for span in moods if span.end > 0) or curve.spans[-1:]))
    return _joined(plan, tick, later, start)


def _joined(plan: CompositionPlan, tick: int, later: CompositionPlan, start: float) -> CompositionPlan:
    old, new = plan.tempo, later.tempo
    tempo_map = TempoMap(
        (
            *(tempo for tempo in old.tempo_map.tempos if tempo.tick < tick),
            *(replace(tempo, tick=tempo.tick + tick) for tempo in new.tempo_map.tempos),
        ),
        (
            *(meter for meter in old.tempo_map.meters if meter.tick < tick),
            *(replace(meter, tick=meter.tick + tick) for meter in new.tempo_map.meters),
        ),
    )
    past = [(index, landing) for index, landing in plan.hits if landing.tick < tick]
    to_come = [(index, replace(landing, tick=landing.tick + tick)) for index, landing in later.hits]
    landings = (
        *(landing for landing in old.landings if landing.tick < tick),
        *(replace(landing, tick=landing.tick + tick) for landing in new.landings),
    )
    return CompositionPlan(
        tempo=TempoPlan(tempo_map, landings, new.end + tick, new.base_bpm),
        sections=(*_until(plan, tick, start), *(_moved(section, tick, start) for section in later.sections)),
        chords=(*(chord for chord in plan.chords if chord < tick), *(chord + tick for chord in later.chords)),
        hits=(*past, *to_come),
        final=None if later.final is None else later.final + tick,
        bar_lines=(*(line for line in plan.bar_lines if line < tick), *(line + tick for line in later.bar_lines)),
    )


def _until(plan: CompositionPlan, tick: int, seconds: float) -> list[PlanSection]:
    return [
        replace(section, end=min(section.end, seconds), end_tick=min(section.end_tick, tick))
        for section in plan.sections
        if section.start_tick < tick
    ]


def _moved(section: PlanSection, tick: int, seconds: float) -> PlanSection:
    return replace(
        section,
        start=section.start + seconds,
        end=section.end + seconds,
        start_tick=section.start_tick + tick,
        end_tick=section.end_tick + tick,
    )
