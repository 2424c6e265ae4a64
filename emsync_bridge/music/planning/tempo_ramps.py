"""A tempo plan whose tempo changes beat by beat, so that there is no jump at a hit."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from emsync_bridge.cue import TICKS_PER_QUARTER as BEAT
from emsync_bridge.cue import Tempo
from emsync_bridge.music.planning.tempo_plan import TempoPlan


def with_tempo_ramps(plan: TempoPlan) -> TempoPlan:
    """Return a plan that meets the same landings at the same times with accelerandi and ritardandi instead of jumps.

    At a landing the length of a tick is the mean of its lengths before and after, at the last one the one after; in
    the middle of an approach it is such that the approach takes as long as it did. Between these it runs in straight
    lines.

    Arguments:
        plan: Plan that ``plan_tempo`` returned, one tempo an approach and one to the end.
    """
    tempo_map = plan.tempo_map
    ticks = [0, *(landing.tick for landing in plan.landings)]
    if len(ticks) == 1:
        return plan
    lengths = [tempo.microseconds_per_quarter / 1e6 / BEAT for tempo in tempo_map.tempos]  # seconds of a tick
    edges = [lengths[0], *((a + b) / 2 for a, b in pairwise(lengths[:-1])), lengths[-1]]
    tempos: list[Tempo] = []
    for number, (first, last) in enumerate(pairwise(ticks)):
        start, end, mean = edges[number], edges[number + 1], lengths[number]
        middle, half = 2 * mean - (start + end) / 2, (last - first) / 2

        def passed(
            tick: float, start: float = start, middle: float = middle, end: float = end, half: float = half
        ) -> float:
            """Return seconds since the approach began, the area under two straight lines."""
            rising = min(tick, half)
            falling = max(0.0, tick - half)
            area = start * rising + (middle - start) * rising**2 / (2 * half)
            return area + middle * falling + (end - middle) * falling**2 / (2 * half)

        goal, reached = tempo_map.seconds(last), tempo_map.seconds(first)
        begun = reached
        for tick in range(first, last, BEAT):
            following = min(tick + BEAT, last)
            aim = goal if following == last else begun + passed(following - first)
            tempo = max(1, round((aim - reached) * 1e6 * BEAT / (following - tick)))
            tempos.append(Tempo(tick, tempo))
            reached += (following - tick) * tempo / (BEAT * 1e6)
    tempos.append(Tempo(ticks[-1], tempo_map.tempos[-1].microseconds_per_quarter))
    return replace(plan, tempo_map=replace(tempo_map, tempos=tuple(tempos)))
