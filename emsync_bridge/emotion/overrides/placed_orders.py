"""Orders for places in a cut: one shot, a range of time, or all of it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from emsync_bridge.cue import Directive, Spotting
from emsync_bridge.emotion.overrides.directive_text import parse_directive
from emsync_bridge.errors import EmotionError, TimelineError
from emsync_bridge.options import PlacedOrder
from emsync_bridge.timecode import from_timecode, to_timecode

_SHOTS = re.compile(r"shots?\s*(\d{1,6})(?:\s*[-\u2013]\s*(\d{1,6}))?", re.IGNORECASE)
_RANGE = re.compile(r"(?P<start>[^-\u2013]*)[-\u2013](?P<end>[^-\u2013]*)")
_SECONDS = re.compile(r"(\d{1,7}(?:\.\d+)?)\s*s?", re.IGNORECASE)
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2}(?:\.\d+)?)")
_TIMECODE = re.compile(r"\d{1,2}:\d{2}:\d{2}[:;]\d{2,3}")

HOW = "Write PLACE=ORDER, as in shot3=joy, shots3-5=calm, 00:10-00:24=tense, 12.5-20=v=-0.4, 10-=silence or all=hope"


def parse_order(text: str) -> PlacedOrder:
    """Return what ``PLACE=ORDER`` says.

    Raises:
        EmotionError: Its place or its order makes no sense.
    """
    place, sign, words = (piece.strip() for piece in text.partition("="))
    if not sign or not _is_place(place):
        raise EmotionError(f"{text!r} is not an order for a place", hint=HOW, setting="orders")
    parse_directive(words)
    return PlacedOrder(place, words)


def orders_for_all(text: str) -> tuple[PlacedOrder, ...]:
    """Return those of several orders, joined by commas, that hold for the whole cut.

    Arguments:
        text: Text, such as ``all=tense, all=darker, much calmer, shot2=joy``; an order may hold commas itself.
    """
    orders: list[list[str]] = []
    for piece in text.split(","):
        place, sign, _ = piece.partition("=")
        if sign and _is_place(place.strip()):
            orders.append([piece])
        elif orders:
            orders[-1].append(piece)
    return tuple(order for pieces in orders if (order := _understood(",".join(pieces).strip())) and _is_for_all(order))


def directives_of(orders: Sequence[PlacedOrder], spotting: Spotting) -> list[Directive]:
    """Return orders as directives of a cut, in the order in which they were given: a later one overrules.

    Raises:
        EmotionError: Orders are not understood, or are for places that the cut lacks; the message names each.
    """
    tried = [_tried(order, spotting) for order in orders]
    problems = [each for each in tried if isinstance(each, EmotionError)]
    if problems:
        facts = ". ".join(dict.fromkeys(each.what for each in problems))
        raise EmotionError(facts, hint=". ".join(dict.fromkeys(each.hint for each in problems)), setting="orders")
    return [each for each in tried if isinstance(each, Directive)]


def _tried(order: PlacedOrder, spotting: Spotting) -> Directive | EmotionError:
    try:
        parse_directive(order.words)
        start, end = stretch_of(order.place, spotting)
    except EmotionError as problem:
        return problem
    return Directive(start, order.words, end)


def _understood(text: str) -> PlacedOrder | None:
    try:
        return parse_order(text)
    except EmotionError:
        return None


def _is_for_all(order: PlacedOrder) -> bool:
    return order.place.lower() == "all"


def stretch_of(place: str, spotting: Spotting) -> tuple[float, float]:
    """Return start and end of a place in a cut, in seconds.

    Arguments:
        place: ``all``, shots by number, or a range of seconds, clock times or timecode.
        spotting: The cut.

    Raises:
        EmotionError: The cut has no such place.
    """
    start, end = _stretch(place, spotting)
    if start < 0 or start >= spotting.duration:
        raise EmotionError(f"The cut has no range {place!r}", hint=f"It runs {_range_of(spotting)}")
    if start >= end:
        raise EmotionError(f"The range {place!r} does not end after it begins", hint="Write the earlier moment first")
    return start, min(end, spotting.duration)


def _stretch(place: str, spotting: Spotting) -> tuple[float, float]:
    if place.lower() == "all":
        return 0.0, spotting.duration
    if shots := _SHOTS.fullmatch(place):
        first, last = int(shots[1]), int(shots[2] or shots[1])
        if not 1 <= first <= last <= len(spotting.shots):
            known = f"to shot{len(spotting.shots)}" if len(spotting.shots) > 1 else "alone"
            raise EmotionError(f"The cut has no {place!r}", hint=f"It has shot1 {known}, {_range_of(spotting)}")
        return spotting.shots[first - 1].start, spotting.shots[last - 1].end
    stretch = _RANGE.fullmatch(place)
    if stretch is None:
        raise EmotionError(f"{place!r} is not a place in a cut", hint=HOW)
    start, end = _moments(stretch)
    return _seconds(start, spotting) if start else 0.0, _seconds(end, spotting) if end else spotting.duration


def _range_of(spotting: Spotting) -> str:
    first, last = spotting.start_frame, spotting.start_frame + spotting.frames
    codes = (to_timecode(frame, spotting.rate, spotting.drop_frame) for frame in (first, last))
    return f"from 0 to {spotting.duration:g} s ({' to '.join(codes)})"


def _is_place(text: str) -> bool:
    if text.lower() == "all" or _SHOTS.fullmatch(text):
        return True
    stretch = _RANGE.fullmatch(text)
    moments = [moment for moment in _moments(stretch) if moment] if stretch else []
    return bool(moments) and all(map(_is_moment, moments))


def _moments(stretch: re.Match[str]) -> tuple[str, str]:
    return stretch["start"].strip(), stretch["end"].strip()


def _is_moment(text: str) -> bool:
    return any(form.fullmatch(text) for form in (_SECONDS, _CLOCK, _TIMECODE))


def _seconds(text: str, spotting: Spotting) -> float:
    """Return seconds from the cut's start of a moment."""
    if plain := _SECONDS.fullmatch(text):
        return float(plain[1])
    if clock := _CLOCK.fullmatch(text):
        return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + float(clock[3])
    try:
        frame = from_timecode(text, spotting.rate, spotting.drop_frame)
    except TimelineError as problem:
        raise EmotionError(problem.what, hint=problem.hint) from None
    frames = frame - spotting.start_frame
    if frames < 0:  # a timeline may run over midnight, where timecode starts again
        last = from_timecode(f"23:59:59:{math.ceil(spotting.rate) - 1:02}", spotting.rate, spotting.drop_frame)
        frames = frames + last + 1 if frames + last + 1 <= spotting.frames else frames
    return float(frames / spotting.rate)
