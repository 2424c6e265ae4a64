"""A stretch of a plan as a plan of its own, so that music without an end is written a chapter at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from emsync_bridge.cue import EmotionCurve, Meter, Spotting, Tempo, TempoMap
from emsync_bridge.music.planning.plan import CompositionPlan
from emsync_bridge.music.planning.tempo_plan import TempoPlan


def chapter_of(
    plan: CompositionPlan, spotting: Spotting, curve: EmotionCurve, start: int, end: int
) -> tuple[CompositionPlan, Spotting, EmotionCurve]:
    """Return plan, cut and mood of a stretch, which begins at tick and second 0.

    Hit points keep their indices, so that those before the stretch have negative times.

    Arguments:
        plan: Plan of the whole.
        spotting: The whole cut.
        curve: Its mood.
        start: Tick of a bar line.
        end: Tick of a later bar line, or of the end.
    """
    if start == 0 and end == plan.end:
        return plan, spotting, curve
    moment, last = plan.seconds(start), plan.seconds(end)
    cut = replace(
        spotting,
        duration=last - moment,
        hits=tuple(replace(hit, time=hit.time - moment) for hit in spotting.hits),
        directives=tuple(
            replace(d, start=max(0.0, d.start - moment), end=None if d.end is None else d.end - moment)
            for d in spotting.directives
            if d.start < last and (d.end is None or d.end > moment)
        ),
    )
    spans = [
        replace(span, start=max(span.start, moment) - moment, end=min(span.end, last) - moment)
        for span in curve.spans
        if span.start < last and span.end > moment
    ]
    return _plan(plan, start, end), cut, EmotionCurve(tuple(spans) or curve.spans[-1:])


def _plan(plan: CompositionPlan, start: int, end: int) -> CompositionPlan:
    moment, last = plan.seconds(start), plan.seconds(end)

    def inside(ticks: Iterable[int]) -> tuple[int, ...]:
        return tuple(tick - start for tick in ticks if start <= tick < end)

    tempo_map = TempoMap(_tempos(plan.tempo.tempo_map, start, end), _meters(plan.tempo.tempo_map, start, end))
    landings = tuple(
        replace(landing, tick=landing.tick - start) for landing in plan.tempo.landings if start <= landing.tick < end
    )
    hits = tuple(
        (index, replace(landing, tick=landing.tick - start))
        for index, landing in plan.hits
        if start <= landing.tick < end
    )
    sections = tuple(
        replace(
            section,
            start=max(section.start, moment) - moment,
            end=min(section.end, last) - moment,
            start_tick=max(section.start_tick, start) - start,
            end_tick=min(section.end_tick, end) - start,
        )
        for section in plan.sections
        if section.start_tick < end and section.end_tick > start
    )
    return CompositionPlan(
        tempo=TempoPlan(tempo_map, landings, end - start, plan.tempo.base_bpm),
        sections=sections,
        chords=inside(plan.chords),
        hits=hits,
        final=plan.final - start if plan.final is not None and start <= plan.final < end else None,
        bar_lines=(*inside(plan.bar_lines), end - start),
    )


def _tempos(tempo_map: TempoMap, start: int, end: int) -> tuple[Tempo, ...]:
    holding = [tempo for tempo in tempo_map.tempos if tempo.tick <= start][-1]
    later = (tempo for tempo in tempo_map.tempos if start < tempo.tick < end)
    return (replace(holding, tick=0), *(replace(tempo, tick=tempo.tick - start) for tempo in later))


def _meters(tempo_map: TempoMap, start: int, end: int) -> tuple[Meter, ...]:
    later = (meter for meter in tempo_map.meters if start < meter.tick < end)
    return (replace(tempo_map.meter_at(start), tick=0), *(replace(meter, tick=meter.tick - start) for meter in later))
