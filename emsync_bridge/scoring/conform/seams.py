"""One tempo map over the bars that a changed cut keeps, with a new tempo plan in the seams between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from emsync_bridge.cue import EmotionCurve, Meter, Spotting, Take, Tempo, TempoMap
from emsync_bridge.errors import MusicError
from emsync_bridge.music.planning.tempo_plan import TempoPlan, TempoTarget, plan_tempo
from emsync_bridge.scoring.conform.bars import MIN_RUN, KeptBars
from emsync_bridge.scoring.conform.matching import TOLERANCE
from emsync_bridge.scoring.conform.refitting import refitted_tempo

MIN_SEAM = 2.0
"""Seconds that a seam has at least, so that its tempo can be planned: about one bar."""

LAST_TICK = 0.065
"""Seconds of the longest tick, at 40 quarter notes per minute: the last bar ends up to one before the cut does."""

_MAX_WIDENING = 6
_MAX_BEND = 0.06
_APART = 0.02  # seconds by which a hit in a seam is apart from its ends


def join_runs(
    take: Take, new: Spotting, curve: EmotionCurve, runs: Sequence[KeptBars]
) -> tuple[TempoMap, tuple[KeptBars, ...]]:
    """Return a tempo map for the new cut that repeats the tempo of every kept bar, and the runs at their new ticks.

    Where a seam is too short, or its end cannot be put on a bar line, bars beside it are given up until it can.

    Arguments:
        take: The music of the old cut.
        new: The new cut.
        curve: Its mood; the edges of silences are met like hits.
        runs: Runs in order of the new cut.
    """
    base = 60e6 / take.tempo_map.tempos[-1].microseconds_per_quarter
    targets = tempo_targets(new, curve)
    built = _Builder(base, _regular_meter(take.tempo_map, round(take.tempo_map.tick(new.duration))))
    placed: list[KeptBars] = []
    for wanted in runs:
        for give_up in range(_MAX_WIDENING + 1):
            attempt = _place(built, _shortened(wanted, give_up, take.tempo_map), targets)
            if attempt is None and placed and len(placed[-1].lines) > MIN_RUN + 1:
                earlier = _without_last_bar(placed[-1], take.tempo_map)
                rebuilt = built.back_to(earlier.start, take.tempo_map, earlier)
                retry = _place(rebuilt, _shortened(wanted, give_up, take.tempo_map), targets)
                if retry is not None:
                    placed[-1], built, attempt = earlier, rebuilt, retry
            if attempt is not None:
                seam, run = attempt
                if seam is not None:
                    built = built.with_seam(seam)
                run = replace(run, start=built.tick)
                built = built.with_run(run, take.tempo_map)
                placed.append(run)
                break
    while placed and LAST_TICK < new.duration - built.seconds < MIN_SEAM and len(placed[-1].lines) > MIN_RUN + 1:
        placed[-1] = _without_last_bar(placed[-1], take.tempo_map)
        built = built.back_to(placed[-1].start, take.tempo_map, placed[-1])
    rest = new.duration - built.seconds
    if rest > LAST_TICK:
        ahead = [replace(t, time=t.time - built.seconds) for t in targets if built.seconds + TOLERANCE < t.time]
        built = built.with_seam(plan_tempo(rest, ahead, base, meter=replace(built.meter, tick=0), max_bend=_MAX_BEND))
    return built.tempo_map(), tuple(placed)


def before_tick(run: KeptBars, tick: int, old: TempoMap) -> KeptBars | None:
    """Return a placed run without the bars that reach beyond a tick; None where too few would stay.

    Arguments:
        run: A run at its new ticks.
        tick: Tick of the new take.
        old: Tempo map of the old take.
    """
    count = sum(line - run.lines[0] + run.start <= tick for line in run.lines)
    if count == len(run.lines):
        return run
    return run.within(0, count, old) if count > MIN_RUN else None


def tempo_targets(new: Spotting, curve: EmotionCurve) -> list[TempoTarget]:
    """Return the moments that the tempo meets: answered hits, and the edges of silences.

    Arguments:
        new: The cut.
        curve: Its mood.
    """
    hits = {hit.time: hit.weight for hit in new.answered_hits() if 0 < hit.time < new.duration}
    edges = {edge for span in curve.spans if span.silence for edge in (span.start, span.end) if 0 < edge < new.duration}
    return [TempoTarget(time, hits.get(time, 0.5)) for time in sorted({*hits, *edges})]


@dataclass(frozen=True)
class _Builder:
    """A tempo map that grows: everything up to ``tick`` is fixed."""

    base: float
    meter: Meter
    tempos: tuple[Tempo, ...] = ()
    meters: tuple[Meter, ...] = ()
    tick: int = 0

    @cached_property
    def seconds(self) -> float:
        return TempoMap(self.tempos).seconds(self.tick) if self.tempos else 0.0

    def with_seam(self, plan: TempoPlan) -> _Builder:
        """Return it with a planned seam behind it; the seam ends on its last landing, or at its end."""
        length = plan.landings[-1].tick if plan.landings else plan.end
        return self._with(plan.tempo_map, 0, max(length, 1))

    def with_run(self, run: KeptBars, old: TempoMap) -> _Builder:
        """Return it with the bars of a run behind it."""
        source = refitted_tempo(run, old, self.seconds) if run.refitted else old
        return self._with(source, run.lines[0], run.ticks)

    def back_to(self, tick: int, old: TempoMap, run: KeptBars) -> _Builder:
        """Return it as it was at a tick, with a shorter run behind that."""
        tempos = tuple(tempo for tempo in self.tempos if tempo.tick < tick)
        meters = tuple(meter for meter in self.meters if meter.tick < tick)
        return replace(self, tempos=tempos, meters=meters, tick=tick).with_run(run, old)

    def tempo_map(self) -> TempoMap:
        """Return the whole map without entries that repeat the one before."""
        return TempoMap(_without_repeats(self.tempos), _without_meter_repeats(self.meters))

    def _with(self, source: TempoMap, first: int, length: int) -> _Builder:
        """Return it with a stretch of another map behind it."""
        offset = self.tick - first
        last = first + length
        running = [tempo for tempo in source.tempos if tempo.tick <= first][-1:]
        inside = [tempo for tempo in source.tempos if first < tempo.tick < last]
        meter_before = [meter for meter in source.meters if meter.tick <= first][-1:]
        meters_inside = [meter for meter in source.meters if first < meter.tick < last]
        tempos = [replace(running[0], tick=first), *inside] if running else inside
        meters = [replace(meter_before[0], tick=first), *meters_inside] if meter_before else meters_inside
        return replace(
            self,
            tempos=(*self.tempos, *(replace(t, tick=t.tick + offset) for t in tempos)),
            meters=(*self.meters, *(replace(m, tick=m.tick + offset) for m in meters)),
            tick=self.tick + length,
        )


def _regular_meter(tempo_map: TempoMap, end: int) -> Meter:
    """Return the meter that holds for the longest; the others are odd bars."""
    lengths: dict[tuple[int, int], int] = {}
    for meter, following in zip(tempo_map.meters, [*(m.tick for m in tempo_map.meters[1:]), end], strict=True):
        kind = (meter.numerator, meter.denominator)
        lengths[kind] = lengths.get(kind, 0) + max(0, following - meter.tick)
    return Meter(0, *max(lengths, key=lambda kind: lengths[kind]))


def _place(
    built: _Builder, run: KeptBars | None, targets: Sequence[TempoTarget]
) -> tuple[TempoPlan | None, KeptBars] | None:
    """Return the seam that leads to a run on a bar line, and the run; None where there is no such seam.

    The seam is None where the run follows without one.
    """
    if run is None:
        return None
    at = built.seconds
    gap = run.new_start - at
    if abs(gap) <= TOLERANCE:
        return None, run
    if gap < MIN_SEAM:
        return None
    inside = [t for t in targets if at + TOLERANCE < t.time < run.new_start - TOLERANCE]
    if any(t.time < at + _APART or t.time > run.new_start - _APART for t in inside):
        return None  # too near to an edge to be met
    ahead = [replace(t, time=t.time - at) for t in inside]
    try:
        meter = replace(built.meter, tick=0)
        seam = plan_tempo(gap, [*ahead, TempoTarget(gap, on_bar=True)], built.base, meter=meter, max_bend=_MAX_BEND)
    except MusicError:
        return None
    return (seam, run) if seam.landings[-1].metrical == "bar" else None


def _shortened(run: KeptBars, bars: int, old: TempoMap) -> KeptBars | None:
    """Return a run without its first bars; None where too few would stay."""
    if len(run.lines) - bars <= MIN_RUN and bars:
        return None
    return run.within(bars, len(run.lines), old)


def _without_last_bar(run: KeptBars, old: TempoMap) -> KeptBars:
    return run.within(0, len(run.lines) - 1, old)


def _without_repeats(tempos: Sequence[Tempo]) -> tuple[Tempo, ...]:
    kept: list[Tempo] = []
    for tempo in tempos:
        if not kept or kept[-1].microseconds_per_quarter != tempo.microseconds_per_quarter:
            kept.append(tempo)
    return tuple(kept)


def _without_meter_repeats(meters: Sequence[Meter]) -> tuple[Meter, ...]:
    """Return meters without those that change nothing; one that begins off the bars before it stays."""
    kept: list[Meter] = []
    for meter in meters:
        before = kept[-1] if kept else None
        alike = before and (before.numerator, before.denominator) == (meter.numerator, meter.denominator)
        if before is None or not alike or (meter.tick - before.tick) % before.bar_ticks:
            kept.append(meter)
    return tuple(kept)
