"""Plan of a piece, fixed before its notes: tempo, chords on hits, sections of affect, silences, the ending."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from emsync_bridge.cue import TICKS_PER_QUARTER, Affect, EmotionCurve, Meter, Spotting, TempoMap
from emsync_bridge.music.planning.tempo_plan import Landing, Metrical, TempoPlan, TempoTarget, plan_tempo
from emsync_bridge.music.planning.tempo_ramps import with_tempo_ramps

FINAL_CHORD = 3.0
"""Seconds that the last chord would like to ring."""

MIN_FINAL = 1.2
"""Seconds that it needs at least."""

_CALM_BPM, _OCTAVES = 92.0, 0.5

_KNOWN = 4096
"""Ticks whose seconds are remembered at most."""


@dataclass(frozen=True)
class PlanSection:
    """A stretch between two anchors with one affect; times in seconds, ticks from the tempo plan."""

    start: float
    end: float
    start_tick: int
    end_tick: int
    affect: Affect
    silence: bool = False


@dataclass(frozen=True)
class CompositionPlan:
    """Everything that decoding must respect.

    Arguments:
        tempo: The tempo plan; its landings are those of ``anchors``.
        sections: Sections in order, from tick 0 to the end.
        chords: Ticks where a CHORD with a real chord onset is due.
        hits: Index into ``Spotting.hits`` and landing of every hit to be answered.
        final: Tick of the last chord; None when the piece ends in silence.
        bar_lines: All bar lines, and the end as the last.
    """

    tempo: TempoPlan
    sections: tuple[PlanSection, ...]
    chords: tuple[int, ...]
    hits: tuple[tuple[int, Landing], ...]
    final: int | None
    bar_lines: tuple[int, ...]

    @property
    def end(self) -> int:
        """Tick at which the music is over."""
        return self.tempo.end

    def section_at(self, tick: int) -> PlanSection:
        """Return the section that a tick lies in."""
        return self.sections[max(0, bisect_right(self._section_starts, tick) - 1)]

    def seconds(self, tick: int) -> float:
        """Return the time in seconds of a tick; while a piece is written the same few are asked for at every token."""
        known = self._known_seconds
        if tick not in known:
            if len(known) >= _KNOWN:
                known.clear()
            known[tick] = self.tempo.tempo_map.seconds(tick)
        return known[tick]

    @cached_property
    def _known_seconds(self) -> dict[int, float]:
        return {}

    @cached_property
    def _section_starts(self) -> list[int]:
        return [section.start_tick for section in self.sections]


def tempo_for(affect: Affect) -> float:
    """Return a base tempo for a mood: 65 to 130 quarter notes per minute, rising with arousal.

    Tempo is the strongest correlate of arousal after note density (r 0.56 on VGMIDI's 200 rated pieces).
    """
    return float(_CALM_BPM * 2.0 ** (_OCTAVES * affect.arousal))


def plan_composition(
    spotting: Spotting,
    curve: EmotionCurve,
    *,
    bpm: float | None = None,
    meter: Meter | None = None,
    max_bend: float = 0.06,
    smooth: bool = False,
) -> CompositionPlan:
    """Return the plan for a cut and its mood.

    Arguments:
        spotting: The cut.
        curve: The mood, with silences.
        bpm: Base tempo; from the curve's mean arousal when not given.
        meter: Regular meter; 4/4 when not given.
        max_bend: Greatest bend of the tempo between two anchors.
        smooth: Whether the tempo changes gradually between anchors instead of at them.
    """
    silences = _silences(curve, spotting.duration)
    hits, times = _anchors(spotting, silences)
    targets = [TempoTarget(time, hits[time][1] if time in hits else 0.5) for time in times]
    tempo = plan_tempo(spotting.duration, targets, bpm or tempo_for(curve.mean()), meter=meter, max_bend=max_bend)
    if smooth:
        tempo = with_tempo_ramps(tempo)
    landings = dict(zip(times, tempo.landings, strict=True))
    return _laid_out(curve, spotting.duration, tempo, landings, {time: hits[time][0] for time in hits}, times)


def plan_on(
    tempo_map: TempoMap, spotting: Spotting, curve: EmotionCurve, edges: Sequence[float] = ()
) -> CompositionPlan:
    """Return the plan for a cut and its mood on a tempo map that is already there.

    Arguments:
        tempo_map: Tempo map of a piece that was composed for the cut.
        spotting: The cut.
        curve: The mood.
        edges: Seconds at which the mood may change besides hits and silences.
    """
    duration, base = spotting.duration, 60e6 / tempo_map.tempos[-1].microseconds_per_quarter
    end = int(tempo_map.tick(duration) + 1e-6)
    lines = set(tempo_map.bar_lines(end))
    silences = _silences(curve, duration)
    hits, times = _anchors(spotting, silences)

    landings: dict[float, Landing] = {}
    reached = 0
    for time in sorted({*times, *(edge for edge in edges if 0 < edge < duration)}):
        tick = round(tempo_map.tick(time))
        line = max(line for line in (0, *lines) if line <= tick)
        place: Metrical = "bar" if tick in lines else "tick" if (tick - line) % TICKS_PER_QUARTER else "beat"
        landings[time] = Landing(tick, place, mean_bpm(tempo_map, reached, tick) / base - 1)
        reached = tick if time in times else reached
    tempo = TempoPlan(tempo_map, tuple(landings.values()), end, base)
    return _laid_out(curve, duration, tempo, landings, {time: hits[time][0] for time in hits}, times)


def mean_bpm(tempo_map: TempoMap, first: int, last: int) -> float:
    """Return the mean tempo from one tick to another, in quarter notes per minute."""
    if last <= first:
        return tempo_map.bpm(last)
    return (last - first) / TICKS_PER_QUARTER * 60 / (tempo_map.seconds(last) - tempo_map.seconds(first))


def _anchors(
    spotting: Spotting, silences: Sequence[tuple[float, float]]
) -> tuple[dict[float, tuple[int, float]], list[float]]:
    """Return index and weight of every hit to be answered by its time, and the times of hits and edges of silences."""
    hits = {
        hit.time: (index, hit.weight)
        for index, hit in enumerate(spotting.hits)
        if hit.answered
        and hit.kind not in ("start", "end")
        and 0 < hit.time < spotting.duration
        and not any(start <= hit.time < end for start, end in silences)
    }
    edges = {edge for silence in silences for edge in silence if 0 < edge < spotting.duration}
    return hits, sorted(set(hits) | edges)


def _laid_out(
    curve: EmotionCurve,
    duration: float,
    tempo: TempoPlan,
    landings: Mapping[float, Landing],
    hits: Mapping[float, int],
    anchors: Sequence[float],
) -> CompositionPlan:
    """Return the plan on a tempo.

    Arguments:
        curve: The mood.
        duration: Seconds.
        tempo: The tempo plan.
        landings: Landings of all moments at which a section may begin, by their seconds, in order of time.
        hits: Index into ``Spotting.hits`` of those that are hits.
        anchors: Times of hits and of edges of silences.
    """
    times, ticks = [0.0, *landings, duration], [0, *(landing.tick for landing in landings.values()), tempo.end]
    sections = _sections(times, ticks, curve, _silences(curve, duration))
    lines = tempo.tempo_map.bar_lines(tempo.end)
    final = None if sections[-1].silence else _final_chord(tempo, lines, anchors[-1] if anchors else 0.0, duration)
    chords = {landings[time].tick for time in hits} | ({final} if final is not None else set())
    return CompositionPlan(
        tempo=tempo,
        sections=tuple(sections),
        chords=tuple(sorted(chords)),
        hits=tuple((hits[time], landing) for time, landing in landings.items() if time in hits),
        final=final,
        bar_lines=(*lines, tempo.end),
    )


def _silences(curve: EmotionCurve, duration: float) -> list[tuple[float, float]]:
    """Return the silences of a curve with neighbours joined."""
    joined: list[tuple[float, float]] = []
    for span in curve.spans:
        if span.silence and span.start < duration:
            end = min(span.end, duration)
            if joined and joined[-1][1] >= span.start:
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((max(0.0, span.start), end))
    return joined


def _sections(
    times: Sequence[float], ticks: Sequence[int], curve: EmotionCurve, silences: Sequence[tuple[float, float]]
) -> list[PlanSection]:
    sections = []
    for (start, end), (first, last) in zip(pairwise(times), pairwise(ticks), strict=True):
        if last > first:
            middle = (start + end) / 2
            silent = any(a <= middle < b for a, b in silences)
            sections.append(PlanSection(start, end, first, last, curve.mean(start, end).clipped(), silent))
    return sections


def _final_chord(tempo: TempoPlan, lines: Sequence[int], last: float, duration: float) -> int:
    """Return the tick of the last chord: the last hit when it is near the end, else a bar line, else a beat."""
    seconds, tick = tempo.tempo_map.seconds, round(tempo.tempo_map.tick(last))
    if duration - last <= FINAL_CHORD + 2:
        return tick
    inside = [line for line in lines if line > tick and duration - seconds(line) >= MIN_FINAL]
    return min(inside, key=lambda line: abs(duration - seconds(line) - FINAL_CHORD), default=tick)
