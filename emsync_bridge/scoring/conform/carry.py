"""Music of kept bars carried over to a new tempo map; everything between them is left empty."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from emsync_bridge.cue import (
    Affect,
    ChordSpan,
    Control,
    EmotionCurve,
    EmotionSpan,
    Gesture,
    Note,
    ScoreSection,
    ShortScore,
    Spotting,
    Statement,
    Take,
    TempoMap,
)
from emsync_bridge.scoring.conform.bars import KeptBars
from emsync_bridge.scoring.conform.matching import TOLERANCE, Segment
from emsync_bridge.scoring.conform.refitting import fits

SUSTAIN = 64

_REDONE = re.compile(r"(\d+\.\d+)-(\d+\.\d+) (seed \d+)")
_LEFT = 0.05  # seconds of a section below which nothing of it is left

_Span = TypeVar("_Span", Statement, ChordSpan, ScoreSection)


def carry_take(take: Take, tempo_map: TempoMap, runs: Sequence[KeptBars]) -> Take:
    """Return a take on the new tempo map that holds the kept bars alone.

    Notes that sound beyond the end of a run are released there; controllers begin a run with the values that they had,
    and the pedal is up at its end.

    Arguments:
        take: The music of the old cut.
        tempo_map: Tempo map of the new cut.
        runs: Kept bars at their new ticks.
    """
    notes: list[Note] = []
    controls: list[Control] = []
    begins = [note.start for note in take.notes]  # notes are in order
    for run in runs:
        first, last, offset = run.lines[0], run.lines[-1], run.start - run.lines[0]
        inside = take.notes[bisect_left(begins, first) : bisect_left(begins, last)]
        notes += [replace(note, start=note.start + offset, end=min(note.end, last) + offset) for note in inside]
        controls += _controls_of(take.controls, first, last, offset)
    score = None if take.score is None else _carry_score(take.score, runs)
    return replace(
        take, notes=tuple(sorted(notes)), controls=tuple(sorted(controls)), tempo_map=tempo_map, answers=(), score=score
    )


def merge_takes(carried: Take, fresh: Take, holes: Sequence[tuple[int, int]]) -> Take:
    """Return a take with the kept bars of one and the holes of another on the same tempo map.

    Arguments:
        carried: The kept bars.
        fresh: Music for the whole cut.
        holes: First tick and end tick of each, in order.
    """
    notes, controls = list(carried.notes), list(carried.controls)
    begins = [note.start for note in fresh.notes]  # notes are in order
    for first, last in holes:
        inside = fresh.notes[bisect_left(begins, first) : bisect_left(begins, last)]
        notes += [replace(note, end=min(note.end, last)) for note in inside]
        controls += _controls_of(fresh.controls, first, last, 0)
    score = carried.score
    if score is not None and fresh.score is not None:
        parts = [KeptBars(hole, 0.0, 0.0, 0.0, start=hole[0]) for hole in holes]
        new = _carry_score(fresh.score, parts)
        score = ShortScore(
            score.themes,
            tuple(sorted((*score.statements, *new.statements), key=lambda s: s.start)),
            tuple(sorted((*score.chords, *new.chords), key=lambda c: c.start)),
            tuple(sorted((*score.sections, *new.sections), key=lambda s: s.start)),
            tuple(sorted((*score.gestures, *new.gestures), key=lambda g: g.hit)),
        )
    return replace(carried, notes=tuple(sorted(notes)), controls=tuple(sorted(controls)), score=score)


def carry_curve(old: EmotionCurve, new: EmotionCurve, segments: Iterable[Segment], duration: float) -> EmotionCurve:
    """Return the mood of the new cut: as it was where the music can be kept, newly estimated elsewhere.

    What a person has set stays with the picture at any speed.

    Arguments:
        old: Mood of the old cut, as a person has set it.
        new: Mood of the new cut as estimated.
        segments: Stretches that the new cut repeats, unchanged or retimed.
        duration: Seconds of the new cut.
    """
    spans: list[EmotionSpan] = []
    at = 0.0
    for segment in sorted(segments, key=lambda s: s.new_start):
        if segment.new_start > at + TOLERANCE:
            spans += _clipped(new.spans, Segment(at, at, segment.new_start - at))
        carried = _clipped(old.spans, segment)
        spans += carried if fits(segment) else [part for span in carried for part in _as_set(span, new)]
        at = segment.new_end
    if duration > at + TOLERANCE:
        spans += _clipped(new.spans, Segment(at, at, duration - at))
    if not spans:
        return new
    spans[0] = replace(spans[0], start=0.0)
    spans[-1] = replace(spans[-1], end=duration)
    return EmotionCurve(tuple(_joined(spans)))


def carry_hits(old: Spotting, new: Spotting, segments: Iterable[Segment]) -> Spotting:
    """Return the new cut with a person's decisions on its hits: their weight, and whether they are answered.

    Arguments:
        old: The old cut with the person's decisions.
        new: The new cut as read.
        segments: Stretches that the new cut repeats, unchanged or retimed.
    """
    decided = {}
    for segment in segments:
        for hit in old.hits:
            if segment.old_start - TOLERANCE <= hit.time <= segment.old_end + TOLERANCE:
                decided[round(segment.to_new(hit.time) * 1e3), hit.kind] = hit
    hits = []
    for hit in new.hits:
        key = round(hit.time * 1e3)
        found = next((decided[near, hit.kind] for near in (key, key - 1, key + 1) if (near, hit.kind) in decided), None)
        hits.append(replace(hit, weight=found.weight, answered=found.answered) if found else hit)
    return replace(new, hits=tuple(hits))


def carry_redone(redone: str, segments: Iterable[Segment]) -> str:
    """Return a note of sections that a person had recomposed, at the times of the new cut.

    Arguments:
        redone: The cue's note: start and end in seconds and seed of each section.
        segments: Stretches of the old music that are kept; what is left of a section lies in them.
    """
    found = []
    kept = sorted(segments, key=lambda segment: segment.new_start)
    for section in redone.split("; "):
        noted = _REDONE.fullmatch(section)
        if noted is None:
            continue
        start, end = float(noted[1]), float(noted[2])
        for segment in kept:
            first, last = max(start, segment.old_start), min(end, segment.old_end)
            if last - first > _LEFT:
                found.append(f"{segment.to_new(first):.2f}-{segment.to_new(last):.2f} {noted[3]}")
    return "; ".join(found)


def _controls_of(controls: Sequence[Control], first: int, last: int, offset: int) -> list[Control]:
    state: dict[tuple[str, int], int] = {}
    inside: list[Control] = []
    for control in controls:
        if control.tick < first:
            state[control.player, control.cc] = control.value
        elif control.tick < last:
            inside.append(replace(control, tick=control.tick + offset))
    at_once = {(c.player, c.cc) for c in inside if c.tick == first + offset}
    begun = [Control(first + offset, player, cc, value) for (player, cc), value in state.items()]
    lifted = {c.player for c in (*begun, *inside) if c.cc == SUSTAIN}
    return [
        *(control for control in begun if (control.player, control.cc) not in at_once),
        *inside,
        *(Control(last + offset, player, SUSTAIN, 0) for player in sorted(lifted)),
    ]


def _carry_score(score: ShortScore, runs: Sequence[KeptBars]) -> ShortScore:
    statements: list[Statement] = []
    chords: list[ChordSpan] = []
    sections: list[ScoreSection] = []
    gestures: list[Gesture] = []
    for run in runs:
        first, last, offset = run.lines[0], run.lines[-1], run.start - run.lines[0]

        statements += _within(score.statements, first, last, offset)
        chords += _within(score.chords, first, last, offset)
        sections += _within(score.sections, first, last, offset)
        gestures += [
            replace(g, start=max(g.start, first) + offset, hit=g.hit + offset)
            for g in score.gestures
            if first <= g.hit < last
        ]
    return ShortScore(score.themes, tuple(statements), tuple(chords), tuple(sections), tuple(gestures))


def _within(spans: Iterable[_Span], first: int, last: int, offset: int) -> list[_Span]:
    """Return the parts of spans that lie in a stretch of ticks, moved by an offset."""
    return [
        replace(span, start=max(span.start, first) + offset, end=min(span.end, last) + offset)
        for span in spans
        if span.start < last and span.end > first
    ]


def _clipped(spans: Iterable[EmotionSpan], segment: Segment) -> list[EmotionSpan]:
    """Return the parts of spans that lie in a stretch of the old cut, at their times in the new one."""
    start, end = segment.old_start, segment.old_end
    return [
        replace(span, start=segment.to_new(max(span.start, start)), end=segment.to_new(min(span.end, end)))
        for span in spans
        if min(span.end, end) - max(span.start, start) > TOLERANCE
    ]


def _as_set(old: EmotionSpan, new: EmotionCurve) -> list[EmotionSpan]:
    """Return what a person has set in a span over a new estimate.

    Arguments:
        old: The span at its time in the new cut.
        new: Mood of the new cut as estimated.
    """
    if all(old.ordered):
        return [old]
    estimated = _clipped(new.spans, Segment(old.start, old.start, old.end - old.start))
    return [_with_axes_of(old, span) for span in estimated] if any(old.ordered) else estimated


def _with_axes_of(old: EmotionSpan, new: EmotionSpan) -> EmotionSpan:
    """Return a new span with the axes that a person has set in an old one."""
    first, second = ((old if own else new) for own in old.ordered)
    return replace(
        new,
        affect=Affect(first.affect.valence, second.affect.arousal),
        sigma=(first.sigma[0], second.sigma[1]),
        confidence=max(old.confidence, new.confidence),
        ekman=None,
        reason=old.reason,
        ordered=(first.ordered[0], second.ordered[1]),
    )


def _joined(spans: Sequence[EmotionSpan]) -> list[EmotionSpan]:
    """Return spans without gaps, neighbours that say the same as one."""
    joined: list[EmotionSpan] = []
    for span in spans:
        if joined and replace(joined[-1], start=0.0, end=0.0) == replace(span, start=0.0, end=0.0):
            joined[-1] = replace(joined[-1], end=span.end)
            continue
        if joined:
            joined[-1] = replace(joined[-1], end=span.start)
        joined.append(span)
    return joined
