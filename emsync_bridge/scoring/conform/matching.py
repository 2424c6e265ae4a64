"""Shots of an old cut found again in a new one, by source, source range, name and version.

In-order matches are the heaviest chain of candidates that increases in both cuts, weighted by the seconds that both
show; what is left over is then matched regardless of order, as moved.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from emsync_bridge.cue import Shot
from emsync_bridge.files.urls import media_stem

MatchKind = Literal["same", "moved", "retimed"]

TOLERANCE = 1e-4
"""Seconds within which two times of a timeline are one: far less than a frame, more than the rounding of a rate."""

MIN_OVERLAP = 0.04
"""Seconds of shared source below which two shots are not the same: one frame at 25 frames per second."""

_VERSION = re.compile(r"(?i)(?:^|[._\- ])(?:v|ver|version)[._\- ]?\d{1,4}(?=$|[._\- ])")
_SPEED_TOLERANCE = 1e-3
_RETIMED_SHARE = 1e-3  # of its seconds that a retimed shot weighs: enough to be in order where nothing else is lost


@dataclass(frozen=True)
class Match:
    """A stretch of picture that both cuts show.

    Arguments:
        old: Index of the shot in the old cut.
        new: Index of the shot in the new cut.
        old_start: Seconds in the old cut.
        new_start: Seconds in the new cut.
        old_duration: Seconds in the old cut.
        new_duration: Seconds in the new cut; differs where the speed was changed.
        kind: ``same`` in the order of the old cut, ``moved`` out of order, ``retimed`` at another speed.
    """

    old: int
    new: int
    old_start: float
    new_start: float
    old_duration: float
    new_duration: float
    kind: MatchKind = "same"

    @property
    def shift(self) -> float:
        """Seconds by which it is later in the new cut."""
        return self.new_start - self.old_start


@dataclass(frozen=True)
class Segment:
    """A stretch of the timeline that the new cut repeats, cuts included.

    Arguments:
        old_start: Seconds in the old cut.
        new_start: Seconds in the new cut.
        duration: Seconds in the old cut.
        stretch: Seconds of the new cut for a second of the old one: 1 unless the speed was changed.
    """

    old_start: float
    new_start: float
    duration: float
    stretch: float = 1.0

    @property
    def shift(self) -> float:
        """Seconds by which it is later in the new cut."""
        return self.new_start - self.old_start

    @property
    def old_end(self) -> float:
        """Seconds in the old cut."""
        return self.old_start + self.duration

    @property
    def new_end(self) -> float:
        """Seconds in the new cut."""
        return self.new_start + self.duration * self.stretch

    def to_new(self, time: float) -> float:
        """Return the time in the new cut of a time in the old one, both in seconds."""
        return self.new_start + (time - self.old_start) * self.stretch

    def to_old(self, time: float) -> float:
        """Return the time in the old cut of a time in the new one, both in seconds."""
        return self.old_start + (time - self.new_start) / self.stretch


def shot_identity(shot: Shot) -> str:
    """Return the name by which a shot is recognised: its source's file name without folder, suffix and version.

    ``SC010_comp_v011.mov`` and ``SC010_comp_v012.exr`` are one shot; a shot without media goes by its name.
    """
    if shot.media is None:
        return "name:" + _VERSION.sub("", shot.name).strip().casefold()
    stem = media_stem(shot.media)
    return "media:" + (_VERSION.sub("", stem).strip(" ._-") or stem).casefold()


def match_shots(old: Sequence[Shot], new: Sequence[Shot]) -> tuple[Match, ...]:
    """Return the matches of two cuts in order of the new one.

    Arguments:
        old: Shots of the old cut, in order, without gaps.
        new: Shots of the new cut, in order, without gaps.

    Returns:
        Matches that overlap in neither cut. A shot may be in several, where something was inserted into it.
    """
    by_identity: dict[str, list[int]] = defaultdict(list)
    for index, shot in enumerate(old):
        by_identity[shot_identity(shot)].append(index)
    candidates = [
        found
        for index, shot in enumerate(new)
        for before in by_identity.get(shot_identity(shot), ())
        if (found := _compare(before, old[before], index, shot)) is not None
    ]
    matches = _heaviest_chain(candidates)
    taken_old = _Taken((m.old_start, m.old_start + m.old_duration) for m in matches)
    taken_new = _Taken((m.new_start, m.new_start + m.new_duration) for m in matches)
    for found in sorted(candidates, key=lambda m: (-m.old_duration, abs(m.shift), m.new, m.old)):
        in_old = (found.old_start, found.old_start + found.old_duration)
        in_new = (found.new_start, found.new_start + found.new_duration)
        if taken_old.is_free(*in_old) and taken_new.is_free(*in_new):
            matches.append(replace(found, kind="moved") if found.kind == "same" else found)
            taken_old.add(*in_old)
            taken_new.add(*in_new)
    return tuple(sorted(matches, key=lambda m: m.new_start))


def unchanged_segments(matches: Iterable[Match]) -> tuple[Segment, ...]:
    """Return the stretches that the new cut repeats unchanged, neighbours with one shift joined.

    Arguments:
        matches: Matches in order of the new cut.
    """
    joined: list[Segment] = []
    for found in matches:
        if found.kind == "retimed":
            continue
        piece = Segment(found.old_start, found.new_start, found.old_duration)
        last = joined[-1] if joined else None
        if (
            last is not None
            and abs(last.old_end - piece.old_start) <= TOLERANCE
            and abs(last.new_end - piece.new_start) <= TOLERANCE
        ):
            joined[-1] = Segment(last.old_start, last.new_start, piece.old_end - last.old_start)
        else:
            joined.append(piece)
    return tuple(joined)


def retimed_segments(matches: Iterable[Match]) -> tuple[Segment, ...]:
    """Return the stretches that the new cut repeats at another speed, one for each shot.

    Arguments:
        matches: Matches in order of the new cut.
    """
    return tuple(
        Segment(found.old_start, found.new_start, found.old_duration, found.new_duration / found.old_duration)
        for found in matches
        if found.kind == "retimed"
    )


def _compare(before: int, old: Shot, index: int, new: Shot) -> Match | None:
    """Return the stretch that two shots of one identity share, or None."""
    places = (old.source_start, old.source_end, new.source_start, new.source_end)
    if any(place is None for place in places) or old.duration <= 0 or new.duration <= 0:
        # A title or a generator shows the same from its first frame on.
        length = min(old.duration, new.duration)
        same_name = old.name == new.name
        return Match(before, index, old.start, new.start, length, length) if same_name and length > 0 else None
    old_from, old_to, new_from, new_to = (float(place) for place in places if place is not None)
    old_speed, new_speed = (old_to - old_from) / old.duration, (new_to - new_from) / new.duration
    backwards = old_speed < 0 or new_speed < 0
    low = max(min(old_from, old_to), min(new_from, new_to))
    high = min(max(old_from, old_to), max(new_from, new_to))
    if old_speed == 0 or new_speed == 0:  # a freeze frame
        if old_speed != new_speed or abs(old_from - new_from) > MIN_OVERLAP:
            return None
        length = min(old.duration, new.duration)
        return Match(before, index, old.start, new.start, length, length)
    if old_speed * new_speed < 0 or high - low < MIN_OVERLAP * abs(old_speed):
        return None
    first = high if backwards else low
    lengths = (high - low) / abs(old_speed), (high - low) / abs(new_speed)
    starts = old.start + (first - old_from) / old_speed, new.start + (first - new_from) / new_speed
    if abs(new_speed / old_speed - 1) > _SPEED_TOLERANCE:
        return _retimed(Match(before, index, *starts, *lengths, "retimed"), old, new)
    found = Match(before, index, *starts, lengths[0], lengths[0])
    return found if abs(old_speed - 1) <= _SPEED_TOLERANCE else _same_speed(found, old, new)


def _same_speed(found: Match, old: Shot, new: Shot) -> Match:
    """Return a match of two retimed shots, the whole of them where they show the same but for a frame."""
    aside = max(found.old_start - old.start, found.new_start - new.start)
    if abs(old.duration - new.duration) > TOLERANCE or aside >= MIN_OVERLAP:
        return found
    return replace(
        found, old_start=old.start, new_start=new.start, old_duration=old.duration, new_duration=old.duration
    )


def _retimed(found: Match, old: Shot, new: Shot) -> Match:
    """Return a match at another speed, widened to edges that both shots have in common but for a frame.

    Formats round the source range of a retimed clip to whole frames.
    """
    old_start, new_start = found.old_start, found.new_start
    old_end, new_end = old_start + found.old_duration, new_start + found.new_duration
    if max(old_start - old.start, new_start - new.start) < MIN_OVERLAP:
        old_start, new_start = old.start, new.start
    if max(old.end - old_end, new.end - new_end) < MIN_OVERLAP:
        old_end, new_end = old.end, new.end
    return replace(
        found,
        old_start=old_start,
        new_start=new_start,
        old_duration=old_end - old_start,
        new_duration=new_end - new_start,
    )


def _heaviest_chain(candidates: Sequence[Match]) -> list[Match]:
    """Return the candidates that follow one another in both cuts and together share the most seconds."""
    by_start = sorted(range(len(candidates)), key=lambda i: candidates[i].new_start)
    by_end = sorted(range(len(candidates)), key=lambda i: candidates[i].new_start + candidates[i].new_duration)
    ends = sorted(m.old_start + m.old_duration for m in candidates)
    heaviest = _PrefixMaximum(len(ends))
    best = [(0.0, -1)] * len(candidates)  # weight of the heaviest chain that ends here, and its last but one
    waiting = 0
    for i in by_start:
        found = candidates[i]
        while waiting < len(by_end):
            other = candidates[by_end[waiting]]
            if other.new_start + other.new_duration > found.new_start + TOLERANCE or best[by_end[waiting]][0] == 0:
                break
            heaviest.raise_to(
                bisect_left(ends, other.old_start + other.old_duration), (best[by_end[waiting]][0], by_end[waiting])
            )
            waiting += 1
        weight, before = heaviest.before(bisect_right(ends, found.old_start + TOLERANCE))
        share = 1.0 if found.kind == "same" else _RETIMED_SHARE
        best[i] = (weight + share * found.old_duration, before)
    at = max(range(len(candidates)), key=lambda i: best[i][0], default=-1)
    chain = []
    while at >= 0:
        chain.append(candidates[at])
        at = best[at][1]
    return chain[::-1]


class _PrefixMaximum:
    """Greatest value among the first places of a row (Fenwick 1994, for maxima)."""

    def __init__(self, size: int) -> None:
        self._tree = [(0.0, -1)] * (size + 1)

    def raise_to(self, place: int, value: tuple[float, int]) -> None:
        """Raise the value at a place, counted from 0."""
        at = place + 1
        while at < len(self._tree):
            self._tree[at] = max(self._tree[at], value)
            at += at & -at

    def before(self, count: int) -> tuple[float, int]:
        """Return the greatest value among the first ``count`` places."""
        found = (0.0, -1)
        while count > 0:
            found = max(found, self._tree[count])
            count -= count & -count
        return found


class _Taken:
    """Ranges of a timeline that are matched already, apart from each other."""

    def __init__(self, ranges: Iterable[tuple[float, float]]) -> None:
        self._ranges = sorted(ranges)

    def is_free(self, start: float, end: float) -> bool:
        """Tell whether a range overlaps none of them."""
        at = bisect_left(self._ranges, (start, start))
        before = self._ranges[at - 1][1] if at else 0.0
        after = self._ranges[at][0] if at < len(self._ranges) else end
        return before <= start + TOLERANCE and after >= end - TOLERANCE

    def add(self, start: float, end: float) -> None:
        """Add a range that is free."""
        insort(self._ranges, (start, end))
