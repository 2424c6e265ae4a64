"""Music of an old cut made to fit a changed one: bars that fit are kept, the rest is recomposed in their manner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from emsync_bridge.cue import EmotionCurve, HitAnswer, Spotting, Take, TempoMap
from emsync_bridge.music.analysis.keys import spelled_like
from emsync_bridge.music.planning.plan import plan_on
from emsync_bridge.scoring.conform.bars import KeptBars, kept_runs
from emsync_bridge.scoring.conform.carry import carry_curve, carry_hits, carry_take
from emsync_bridge.scoring.conform.changes import Change, list_changes
from emsync_bridge.scoring.conform.matching import TOLERANCE, match_shots, retimed_segments, unchanged_segments
from emsync_bridge.scoring.conform.refitting import refitted_runs
from emsync_bridge.scoring.conform.report import ConformReport, gaps, report_on
from emsync_bridge.scoring.conform.seams import LAST_TICK, before_tick, join_runs, tempo_targets

Hole = tuple[float, float]
"""Start and end in seconds of a stretch without music."""

Fill = Callable[[Take, Spotting, EmotionCurve, Sequence[Hole]], Take]
"""Composes the holes of a take: take, cut, mood, holes in order."""


@dataclass(frozen=True)
class Conformed:
    """The result of a conform.

    Arguments:
        spotting: The new cut with a person's decisions on its hits.
        curve: Its mood, as it was where the picture is unchanged and where a person had set it.
        take: The music; the old take itself where nothing changed.
        changes: Change of every shot.
        report: State of every hit and section, and the amount of music that is identical.
    """

    spotting: Spotting
    curve: EmotionCurve
    take: Take
    changes: tuple[Change, ...]
    report: ConformReport


def conform_take(
    take: Take,
    old: tuple[Spotting, EmotionCurve],
    new: tuple[Spotting, EmotionCurve],
    fill: Fill,
    answers: Callable[[Take, Spotting, EmotionCurve], tuple[HitAnswer, ...]],
) -> Conformed:
    """Return music for a changed cut that keeps every bar that fits.

    Arguments:
        take: The music of the old cut.
        old: The old cut and its mood.
        new: The new cut as read and its mood as estimated.
        fill: Function that composes the stretches between kept bars.
        answers: Function that measures the onsets that answer the hits of a take.

    Raises:
        MusicError: A stretch cannot be composed.
    """
    before, mood_before = old
    matches = match_shots(before.shots, new[0].shots)
    unchanged = unchanged_segments(matches)
    segments = sorted((*unchanged, *retimed_segments(matches)), key=lambda segment: segment.new_start)
    cut = carry_hits(before, new[0], segments)
    mood = carry_curve(mood_before, new[1], segments, cut.duration)
    changes = list_changes(before, cut, matches)
    kept = kept_runs(take, before, cut, unchanged)
    targets = [target.time for target in tempo_targets(cut, mood)]
    refitted = refitted_runs(take, (before, cut), targets, segments, kept)
    runs = tuple(sorted((*kept, *refitted), key=lambda run: run.new_start))
    whole = len(runs) == 1 and not runs[0].shift and not gaps([(runs[0].new_start, runs[0].new_end)], cut.duration)
    if whole and not refitted and abs(before.duration - cut.duration) <= TOLERANCE:
        carried = conformed = take
        runs = (replace(runs[0], start=runs[0].lines[0]),)
    else:
        tempo_map, runs = _joined_before_the_end(take, cut, mood, runs)
        carried = conformed = carry_take(take, tempo_map, runs)
        holes = [
            hole
            for hole in gaps([(run.new_start, run.new_end) for run in runs], cut.duration)
            if not _silent(mood, *hole)
        ]
        if holes:
            conformed = spelled_like(fill(carried, cut, mood, holes), take.key)
        conformed = replace(conformed, seed=take.seed, answers=answers(conformed, cut, mood))
    return Conformed(cut, mood, conformed, changes, report_on(before, cut, segments, runs, carried, conformed))


def _joined_before_the_end(
    take: Take, cut: Spotting, mood: EmotionCurve, runs: Sequence[KeptBars]
) -> tuple[TempoMap, tuple[KeptBars, ...]]:
    """Return the tempo map and the runs of ``join_runs``, without bars in whose place the new music ends.

    Where the last bars cannot be kept, the last chord and its ringing are composed together.
    """
    while True:
        tempo_map, placed = join_runs(take, cut, mood, runs)
        final = plan_on(tempo_map, cut, mood).final
        if final is None or not placed:
            return tempo_map, placed
        if placed[-1].new_end > cut.duration - LAST_TICK and placed[-1].start <= final:
            return tempo_map, placed  # the old ending is kept
        fitting = tuple(run for run in (before_tick(run, final, take.tempo_map) for run in placed) if run is not None)
        if fitting == placed:
            return tempo_map, placed
        runs = fitting


def _silent(curve: EmotionCurve, start: float, end: float) -> bool:
    return all(span.silence for span in curve.spans if span.start < end - TOLERANCE and span.end > start + TOLERANCE)
