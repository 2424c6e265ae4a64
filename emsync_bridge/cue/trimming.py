"""A part of a timeline as a timeline of its own."""

from __future__ import annotations

from dataclasses import replace

from emsync_bridge.cue import Directive, EmotionCurve, EmotionSpan, HitPoint, Shot, Spotting
from emsync_bridge.errors import TimelineError
from emsync_bridge.timecode import frame_at

MIN_SECONDS = 1.0
"""Seconds that a range must have at least."""


def trim_spotting(spotting: Spotting, start: float, end: float) -> Spotting:
    """Return what the composer needs to know of a part of a cut, times counted from the part's first frame.

    Arguments:
        spotting: The whole cut.
        start: Seconds; the nearest frame is taken.
        end: Seconds; the nearest frame is taken.

    Raises:
        TimelineError: The part is outside the cut or too short.
    """
    first, last = frame_at(max(0.0, start), spotting.rate), min(frame_at(end, spotting.rate), spotting.frames)
    length = last - first
    if length < MIN_SECONDS * spotting.rate:
        raise TimelineError(
            f"The range {start:g} to {end:g} s must contain at least {MIN_SECONDS:g} s of the timeline",
            hint=f"Choose a range inside its {spotting.duration:g} s",
        )
    offset, duration = float(first / spotting.rate), float(length / spotting.rate)

    def moved(hit: HitPoint) -> HitPoint:
        span = (hit.span[0] - offset, hit.span[1] - offset) if hit.span else None
        return replace(hit, time=float((hit.frame - first) / spotting.rate), frame=hit.frame - first, span=span)

    inside = [moved(hit) for hit in spotting.hits if first < hit.frame < last and hit.kind not in ("start", "end")]
    return replace(
        spotting,
        duration=duration,
        start_frame=spotting.start_frame + first,
        hits=(HitPoint(0.0, 0, "start"), *inside, HitPoint(duration, length, "end")),
        shots=tuple(
            _cut_shot(shot, offset, offset + duration)
            for shot in spotting.shots
            if shot.start < offset + duration and shot.end > offset
        ),
        directives=_cut_directives(spotting.directives, offset, offset + duration),
        texts=tuple(
            replace(text, start=text.start - offset, end=None if text.end is None else text.end - offset)
            for text in spotting.texts
            if text.start < offset + duration and (text.start if text.end is None else text.end) >= offset
        ),
    )


def cut_curve(curve: EmotionCurve, start: float, end: float) -> EmotionCurve:
    """Return a part of a mood, times counted from the part's start.

    Arguments:
        curve: The whole mood.
        start: Seconds.
        end: Seconds.
    """
    inside = [span for span in curve.spans if span.start < end and span.end > start]
    spans = [
        replace(span, start=max(span.start, start) - start, end=min(span.end, end) - start)
        for span in inside or [curve.at(start)]
    ]
    return EmotionCurve((replace(spans[0], start=0.0), *spans[1:-1], replace(spans[-1], end=end - start))[: len(spans)])


def laid_over(curve: EmotionCurve, part: EmotionCurve, start: float) -> EmotionCurve:
    """Return a mood with another one from a moment on, for as long as that one lasts.

    Arguments:
        curve: The whole mood.
        part: Part that replaces a part of it, its times counted from ``start``.
        start: Seconds.
    """
    end = start + part.spans[-1].end
    before = [replace(span, end=min(span.end, start)) for span in curve.spans if span.start < start]
    after = [replace(span, start=max(span.start, end)) for span in curve.spans if span.end > end]
    middle: list[EmotionSpan] = [replace(s, start=s.start + start, end=s.end + start) for s in part.spans]
    return EmotionCurve((*before, *middle, *after))


def _cut_shot(shot: Shot, start: float, end: float) -> Shot:
    first, last = max(shot.start, start), min(shot.end, end)

    def source(time: float) -> float | None:
        if shot.source_start is None or shot.source_end is None:
            return None
        return shot.source_start + (shot.source_end - shot.source_start) * (time - shot.start) / shot.duration

    return replace(shot, start=first - start, end=last - start, source_start=source(first), source_end=source(last))


def _cut_directives(directives: tuple[Directive, ...], start: float, end: float) -> tuple[Directive, ...]:
    """Return the orders that hold in a part: those given there, and the last lasting one from before."""
    lasting = [order for order in directives if order.end is None and order.start <= start][-1:]
    limited = [order for order in directives if order.end is not None and order.start <= start < order.end]
    later = [order for order in directives if start < order.start < end]
    return tuple(
        replace(
            order,
            start=max(0.0, order.start - start),
            end=None if order.end is None else min(order.end, end) - start,
        )
        for order in (*lasting, *limited, *later)
    )
