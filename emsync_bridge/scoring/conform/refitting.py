"""Bars of retimed shots: the same notes, at a tempo that puts their hits on the new cuts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from emsync_bridge.cue import TICKS_PER_QUARTER, Spotting, Take, Tempo, TempoMap
from emsync_bridge.music.planning.tempo_plan import FASTEST, SLOWEST
from emsync_bridge.scoring.conform.bars import MIN_RUN, Bars, KeptBars, hit_times, same_hits, times_between
from emsync_bridge.scoring.conform.matching import TOLERANCE, Segment

MAX_STRETCH = 1.25
"""Greatest factor by which bars become longer or shorter; beyond it a phrase has another character, and the stretch is
composed instead."""

_ON_A_TICK = 0.05  # ticks by which a hit of the old music may be off the tick that answers it


@dataclass(frozen=True)
class _Chain:
    """Stretches that follow one another in both cuts, at least one of them retimed."""

    segments: tuple[Segment, ...]

    @property
    def old(self) -> tuple[float, float]:
        """Start and end in seconds of the old cut."""
        return self.segments[0].old_start, self.segments[-1].old_end

    def to_new(self, time: float) -> float:
        """Return the time in the new cut of a time in the old one."""
        at = bisect_right([segment.old_start for segment in self.segments], time) - 1
        return self.segments[max(0, at)].to_new(time)

    def to_old(self, time: float) -> float:
        """Return the time in the old cut of a time in the new one."""
        at = bisect_right([segment.new_start for segment in self.segments], time) - 1
        return self.segments[max(0, at)].to_old(time)


def fits(segment: Segment) -> bool:
    """Tell whether music can follow a retimed stretch by its tempo alone."""
    return 1 / MAX_STRETCH - TOLERANCE <= segment.stretch <= MAX_STRETCH + TOLERANCE


def refitted_runs(
    take: Take,
    cuts: tuple[Spotting, Spotting],
    targets: Sequence[float],
    segments: Sequence[Segment],
    kept: Sequence[KeptBars],
) -> tuple[KeptBars, ...]:
    """Return the runs of bars that can be kept at another tempo, in order of the new cut.

    Arguments:
        take: The music of the old cut.
        cuts: The old cut and the new one.
        targets: Times in the new cut that its music meets, in seconds and in order.
        segments: Stretches that the new cut repeats, unchanged or retimed, in its order.
        kept: Bars that are kept at their tempo.
    """
    bars = Bars.of(take, cuts[0].duration)
    hits = hit_times(cuts[0]), hit_times(cuts[1])
    taken = {line for run in kept for line in run.lines[:-1]}
    edges = {edge for run in kept for edge in (run.lines[0], run.lines[-1])}
    runs: list[KeptBars] = []
    for chain in _chains(segments):
        anchored = {
            index: anchors
            for index in bars.indices(*chain.old)
            if bars.lines[index] not in taken and (anchors := _anchors(take.tempo_map, cuts, hits, bars, index, chain))
        }
        for first, last in bars.grouped(list(anchored)):
            points = {bars.lines[index]: anchored[index][0] for index in range(first, last + 1)}
            points[bars.lines[last + 1]] = anchored[last][1]
            for at in times_between(targets, points[bars.lines[first]], points[bars.lines[last + 1]]):
                tick = take.tempo_map.tick(chain.to_old(at))
                if abs(tick - round(tick)) <= _ON_A_TICK:
                    points.setdefault(round(tick), at)
            joined = bool(edges & {bars.lines[first], bars.lines[last + 1]})
            if joined or last - first + 1 >= MIN_RUN:
                shift = points[bars.lines[first]] - bars.times[first]
                runs.append(bars.run(first, last, shift, tuple(sorted(points.items()))))
    return tuple(sorted(runs, key=lambda run: run.new_start))


def refitted_tempo(run: KeptBars, old: TempoMap, begin: float) -> TempoMap:
    """Return the tempo map of the old take, with the tempo of a run's bars changed so that its anchors are met.

    Between two anchors every tempo is changed by the same factor, so that its course stays; each factor is exact from
    the time really reached, so that rounding does not add up.

    Arguments:
        run: Bars with anchors.
        old: Tempo map of the old take.
        begin: Seconds of the new cut at which the first bar really begins.
    """
    inside = [anchor for anchor in run.anchors if run.lines[0] <= anchor[0] <= run.lines[-1]]
    tempos: list[Tempo] = []
    at = begin
    for (first, _), (last, due) in pairwise(inside):
        factor = (due - at) / (old.seconds(last) - old.seconds(first))
        running = [tempo for tempo in old.tempos if tempo.tick <= first][-1]
        steps = [Tempo(first, running.microseconds_per_quarter)]
        steps += [tempo for tempo in old.tempos if first < tempo.tick < last]
        for step, end in zip(steps, [*(step.tick for step in steps[1:]), last], strict=True):
            exact = (due - at) * 1e6 * TICKS_PER_QUARTER / (last - step.tick)
            wanted = exact if end == last else step.microseconds_per_quarter * factor
            tempos.append(Tempo(step.tick, max(1, round(wanted))))
            at += (end - step.tick) * tempos[-1].microseconds_per_quarter / (TICKS_PER_QUARTER * 1e6)
    return TempoMap(tuple(tempos), old.meters)


def _chains(segments: Sequence[Segment]) -> list[_Chain]:
    """Return the rows of stretches that follow one another in both cuts, one of them retimed within bounds."""
    rows: list[list[Segment]] = []
    for segment in segments:
        last = rows[-1][-1] if rows and rows[-1] else None
        follows = (
            last is not None
            and abs(last.old_end - segment.old_start) <= TOLERANCE
            and abs(last.new_end - segment.new_start) <= TOLERANCE
        )
        if not fits(segment):
            rows.append([])
        elif follows:
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return [_Chain(tuple(row)) for row in rows if any(segment.stretch != 1 for segment in row)]


def _anchors(
    tempo_map: TempoMap,
    cuts: tuple[Spotting, Spotting],
    hits: tuple[Sequence[float], Sequence[float]],
    bars: Bars,
    index: int,
    chain: _Chain,
) -> tuple[float, float] | None:
    """Return the seconds of the new cut at which a bar begins and ends, or None where it does not fit there."""
    old, new = cuts
    first, last = bars.times[index], bars.times[index + 1]
    start, end = chain.old
    at_end = index == bars.last
    reaches = last <= end + TOLERANCE or (at_end and end >= old.duration - TOLERANCE)
    if first < start - TOLERANCE or not reaches or not same_hits(*hits, (first, last), chain.to_new):
        return None
    if any(_off_tick(tempo_map, hit) for hit in times_between(hits[0], first, last)):
        return None
    new_first, new_last = chain.to_new(first), chain.to_new(last)
    if at_end:
        if abs(chain.to_new(old.duration) - new.duration) > TOLERANCE:
            return None
        new_last = new.duration + last - old.duration
    bpm = (bars.lines[index + 1] - bars.lines[index]) / TICKS_PER_QUARTER * 60 / (new_last - new_first)
    return (new_first, new_last) if SLOWEST <= bpm <= FASTEST else None


def _off_tick(tempo_map: TempoMap, time: float) -> bool:
    tick = tempo_map.tick(time)
    return abs(tick - round(tick)) > _ON_A_TICK
