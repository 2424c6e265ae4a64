"""Orders laid over a curve: directives in the timeline, and settings for the whole of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from emsync_bridge.cue import Affect, Directive, Ekman, EmotionCurve, EmotionSpan, Spotting
from emsync_bridge.emotion.overrides.directive_text import ParsedDirective, parse_directive
from emsync_bridge.emotion.overrides.moods import named_probabilities, reclassified
from emsync_bridge.emotion.overrides.placed_orders import directives_of
from emsync_bridge.errors import EmotionError
from emsync_bridge.options import PlacedOrder
from emsync_bridge.orders.dialogue import is_dialogue_order
from emsync_bridge.orders.music import music_order

ORDERED_SIGMA = 0.1
"""Standard error of an order: people mean their numbers roughly."""

RAMP_STEP = 2.0
"""Seconds for which a ramp holds one value."""

SLIVER = 1e-6
"""Seconds below which a span is no span."""


def with_directives(
    felt: Sequence[EmotionSpan],
    directives: Sequence[Directive],
    duration: float,
    *,
    over: Sequence[EmotionSpan] | None = None,
) -> tuple[list[EmotionSpan], list[str]]:
    """Return the spans with all directives carried out, and a warning for each that was not understood.

    Arguments:
        felt: The curve that the picture gives, which ``auto`` goes back to.
        directives: Directives in order of start. One without an end holds until the next one. A later one overrules.
        duration: Seconds of the timeline.
        over: The curve to lay them over, which holds what an order leaves open; the felt one by default.
    """
    spans, warnings = list(felt if over is None else over), []
    under = list(spans)
    directives = [d for d in directives if music_order(d.text) is None and not is_dialogue_order(d.text)]
    for index, directive in enumerate(directives):
        try:
            order = parse_directive(directive.text)
        except EmotionError as problem:
            warnings.append(f"At {directive.start:.2f} s: {problem} The marker is left aside.")
            continue
        end = directive.end
        if end is None or end <= directive.start:
            end = next((later.start for later in directives[index + 1 :] if later.start > directive.start), duration)
        start, end = max(0.0, directive.start), min(end, duration)
        if end - start > SLIVER:
            spans = _lay_over(spans, felt if order.verb == "auto" else under, order, start, end)
    return spans, warnings


def overruled_note(directives: Sequence[Directive]) -> list[str]:
    """Return a sentence on directives of moods that a mood for the whole cut overrules; none without any.

    Arguments:
        directives: All of the timeline; silences and orders for the music are carried out all the same.
    """
    count = sum(_sets_a_mood(directive.text) for directive in directives)
    if not count:
        return []
    markers = "One marker that orders a mood is" if count == 1 else f"{count} markers that order moods are"
    return [f"{markers} overruled by the mood for the whole cut"]


def _sets_a_mood(text: str) -> bool:
    if music_order(text) is not None or is_dialogue_order(text):
        return False
    try:
        return parse_directive(text).verb not in ("silence", "auto")
    except EmotionError:
        return False


def set_everywhere(
    spans: Sequence[EmotionSpan],
    valence: float | None,
    arousal: float | None,
    reason: str,
    emotion: Ekman | None = None,
) -> list[EmotionSpan]:
    """Return the spans with one or both axes set; silences stay silent.

    Arguments:
        spans: Spans in order of time.
        valence: Valence from -1 to 1; None leaves it.
        arousal: Arousal from -1 to 1; None leaves it.
        reason: Reason that the set spans give.
        emotion: The emotion that was named, where it is one of the six.
    """
    order = ParsedDirective("set", valence, arousal, words=reason, emotion=emotion)
    return [span if span.silence else _apply(span, order) for span in spans]


def with_orders(curve: EmotionCurve, spotting: Spotting, orders: Sequence[PlacedOrder]) -> EmotionCurve:
    """Return a finished curve with orders for places laid over it.

    Arguments:
        curve: The curve.
        spotting: The cut that it belongs to.
        orders: A later one overrules an earlier one.

    Raises:
        EmotionError: As for ``directives_of``.
    """
    return EmotionCurve(tuple(with_directives(curve.spans, directives_of(orders, spotting), spotting.duration)[0]))


def _lay_over(
    spans: Sequence[EmotionSpan], under: Sequence[EmotionSpan], order: ParsedDirective, start: float, end: float
) -> list[EmotionSpan]:
    """Return the spans with an order laid over one stretch."""
    # what an order leaves open is what stood there before any of these orders, not what an earlier one of them said
    inside = _cut(under, start, end)
    if order.goal is not None:
        inside = [piece for span in inside for piece in _steps(span)]
        inside = [_apply(span, _between(order, order.goal, span, start, end)) for span in inside]
    elif order.verb == "silence":
        inside = [
            replace(span, silence=True, confidence=1.0, reason="silence, as ordered", ordered=(True, True))
            for span in inside
        ]
    elif order.verb == "set":
        inside = [_apply(span, order) for span in inside]
    return [*_cut(spans, -math.inf, start), *inside, *_cut(spans, end, math.inf)]


def _cut(spans: Sequence[EmotionSpan], start: float, end: float) -> list[EmotionSpan]:
    clipped = [replace(span, start=max(span.start, start), end=min(span.end, end)) for span in spans]
    return [span for span in clipped if span.end - span.start > SLIVER]


def _steps(span: EmotionSpan) -> list[EmotionSpan]:
    count = max(1, math.ceil((span.end - span.start) / RAMP_STEP - 1e-6))
    length = (span.end - span.start) / count
    return [
        replace(span, start=span.start + i * length, end=span.end if i + 1 == count else span.start + (i + 1) * length)
        for i in range(count)
    ]


def _between(
    order: ParsedDirective, goal: ParsedDirective, span: EmotionSpan, start: float, end: float
) -> ParsedDirective:
    way = ((span.start + span.end) / 2 - start) / (end - start)

    def mixed(first: float | None, last: float | None, here: float) -> float | None:
        if first is None and last is None:
            return None
        return (1 - way) * (here if first is None else first) + way * (here if last is None else last)

    return replace(
        order,
        valence=mixed(order.valence, goal.valence, span.affect.valence),
        arousal=mixed(order.arousal, goal.arousal, span.affect.arousal),
    )


def _apply(span: EmotionSpan, order: ParsedDirective) -> EmotionSpan:
    affect = Affect(
        span.affect.valence + order.shift[0] if order.valence is None else order.valence,
        span.affect.arousal + order.shift[1] if order.arousal is None else order.arousal,
    ).clipped()
    touched = (
        order.valence is not None or order.shift[0] != 0,
        order.arousal is not None or order.shift[1] != 0,
    )
    errors = (
        ORDERED_SIGMA if order.valence is not None else span.sigma[0],
        ORDERED_SIGMA if order.arousal is not None else span.sigma[1],
    )
    whole = order.valence is not None and order.arousal is not None
    if whole and order.emotion is not None and order.goal is None:
        ekman = named_probabilities(order.emotion)
    else:
        ekman = reclassified(span.ekman if not whole else None, (span.affect, span.sigma), (affect, errors))
    return replace(
        span,
        affect=affect,
        sigma=errors,
        confidence=1.0 if whole else (1.0 + span.confidence) / 2,
        ekman=ekman,
        reason=order.words if whole or not span.reason else f"{order.words}; {span.reason}",
        silence=False,
        ordered=(span.ordered[0] or touched[0], span.ordered[1] or touched[1]),
        contributions=() if whole else span.contributions,
    )
