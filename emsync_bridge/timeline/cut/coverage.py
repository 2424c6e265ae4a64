"""Coverage: how much of the frame an item hides over its time, by scale, position, crop and opacity.

One rule for every format. An item's share is the area of the frame that its picture covers, from 0 to 1, times its
opacity. An item hides what lies below it while its share is above one half; while it is below one hundredth it is not
seen at all; in between it shows only where nothing below it hides more. Values with key frames are straight lines from
key to key and constant beyond the ends. Rotation, masks, keys and plug-ins are not judged.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from itertools import pairwise

from emsync_bridge.timeline.cut.model import CoverageSpan
from emsync_bridge.timeline.cut.retiming import TimeTransform

HIDING_SHARE = Fraction(1, 2)  # a fade over another picture then changes the shot at its middle, as a dissolve does
UNSEEN_SHARE = Fraction(1, 100)

MAX_KEYS = 10_000  # per value and item
_SAMPLES = 8  # between two keys; a change of class is then found to half a frame
_BISECTIONS = 24
_SHARE_STEPS = 64


@dataclass(frozen=True)
class KeyframeCurve:
    """A value over time.

    Arguments:
        keys: Time in seconds and value, times rising; one for a constant.
    """

    keys: tuple[tuple[Fraction, float], ...]

    @classmethod
    def of(cls, value: float) -> KeyframeCurve:
        """Return a constant."""
        return cls(((Fraction(0), value),))

    @classmethod
    def through(cls, keys: dict[Fraction, float], default: float) -> KeyframeCurve:
        """Return the curve through key frames in any order; a constant without any."""
        return cls(tuple(sorted(keys.items())[:MAX_KEYS])) if keys else cls.of(default)

    def at(self, time: Fraction) -> float:
        """Return the value at a time."""
        after = bisect_right(self.keys, time, key=lambda key: key[0])
        if after in (0, len(self.keys)):
            return self.keys[0 if after == 0 else -1][1]
        (t0, v0), (t1, v1) = self.keys[after - 1], self.keys[after]
        return v0 + (v1 - v0) * float((time - t0) / (t1 - t0))

    def scaled(self, by: float) -> KeyframeCurve:
        """Return the curve with every value multiplied."""
        return KeyframeCurve(tuple((time, value * by) for time, value in self.keys))

    def shifted(self, by: float) -> KeyframeCurve:
        """Return the curve with a number added to every value."""
        return KeyframeCurve(tuple((time, value + by) for time, value in self.keys))


_ONE, _ZERO = KeyframeCurve.of(1), KeyframeCurve.of(0)


@dataclass(frozen=True)
class Appearance:
    """Position of an item's picture in the frame, and its opacity, on the item's own clock.

    Arguments:
        opacity: Opacity from 0 to 1.
        width: Width of the picture; 1 fills the frame.
        height: Height of the picture; 1 fills the frame.
        x: Distance of its centre from that of the frame to the right, in widths of the frame.
        y: Distance of its centre from that of the frame upwards, in heights of the frame.
        left: Share of the picture's width that is cropped off, from 0 to 1.
        right: Share of the picture's width that is cropped off.
        top: Share of the picture's height that is cropped off.
        bottom: Share of the picture's height that is cropped off.
    """

    opacity: KeyframeCurve = _ONE
    width: KeyframeCurve = _ONE
    height: KeyframeCurve = _ONE
    x: KeyframeCurve = _ZERO
    y: KeyframeCurve = _ZERO
    left: KeyframeCurve = _ZERO
    right: KeyframeCurve = _ZERO
    top: KeyframeCurve = _ZERO
    bottom: KeyframeCurve = _ZERO

    def share(self, time: Fraction) -> float:
        """Return the share of the frame that the item hides at a time."""
        across = _covered(self.width.at(time), self.x.at(time), self.left.at(time), self.right.at(time))
        up = _covered(self.height.at(time), self.y.at(time), self.bottom.at(time), self.top.at(time))
        return across * up * _unit(self.opacity.at(time))

    def times(self) -> list[Fraction]:
        """Return the times of all key frames."""
        curves: list[KeyframeCurve] = [getattr(self, field.name) for field in fields(self)]
        return sorted({time for curve in curves if len(curve.keys) > 1 for time, _ in curve.keys})


def coverage(appearance: Appearance, shown: TimeTransform, frame: Fraction) -> tuple[CoverageSpan, ...]:
    """Return the coverage of an item, in time of the timeline, without gaps.

    Arguments:
        appearance: The item's.
        shown: The stretch of the timeline in which it shows, with the clock that the appearance counts in.
        frame: Seconds of one frame of the timeline.
    """
    low, high = sorted((shown.local, shown.local_at(shown.end)))
    keys = [time for time in appearance.times() if low < time < high] if shown.speed else []
    edges = sorted({shown.start, shown.end, *(shown.start + (key - shown.local) / shown.speed for key in keys)})
    if not keys and (not shown.speed or len(appearance.times()) == 0):
        return (CoverageSpan(shown.start, shown.end, _rounded(appearance.share(shown.local))),)

    def share(time: Fraction) -> float:
        return appearance.share(shown.local_at(time))

    points = [low + (high - low) * Fraction(n, _SAMPLES) for low, high in pairwise(edges) for n in range(_SAMPLES)]
    bounds = [edges[0]]
    for before, after in pairwise([*points, edges[-1]]):
        if _level(share(before)) != _level(share(after)):
            bounds.append(_crossing(share, before, after, frame / 2))
    bounds.append(edges[-1])
    return tuple(
        CoverageSpan(start, end, _rounded(share((start + end) / 2))) for start, end in pairwise(bounds) if start < end
    )


def combine(inner: Sequence[CoverageSpan], outer: Sequence[CoverageSpan]) -> tuple[CoverageSpan, ...]:
    """Return the coverage of an item inside a nest: the product of both shares.

    Arguments:
        inner: Coverage of the item; none when it covers the whole nest.
        outer: Coverage of the nest; none when it covers the whole frame.
    """
    if not inner or not outer:
        return tuple(inner or outer)
    edges = sorted({edge for span in (*inner, *outer) for edge in (span.start, span.end)})
    found: list[CoverageSpan] = []
    for start, end in pairwise(edges):
        shares = [share_at(spans, start) for spans in (inner, outer)]
        share = shares[0] * shares[1]
        if found and found[-1].share == share:
            found[-1] = found[-1]._replace(end=end)
        else:
            found.append(CoverageSpan(start, end, share))
    return tuple(found)


def share_at(spans: Sequence[CoverageSpan], time: Fraction) -> Fraction:
    """Return the share that covers a time; 1 outside all spans."""
    index = bisect_right(spans, time, key=lambda span: span.start) - 1
    return spans[index].share if index >= 0 and time < spans[index].end else Fraction(1)


def within(spans: Sequence[CoverageSpan], start: Fraction, end: Fraction) -> tuple[CoverageSpan, ...]:
    """Return the part of a coverage between two times; nothing when the item hides the frame throughout."""
    part = tuple(
        CoverageSpan(max(span.start, start), min(span.end, end), span.share)
        for span in spans
        if span.start < end and start < span.end
    )
    return part if any(span.share <= HIDING_SHARE for span in part) else ()


def _covered(size: float, shift: float, first: float, last: float) -> float:
    """Return the part of one side of the frame that a picture of some size, shift and crop covers."""
    size = abs(size)
    low = 0.5 + shift - size / 2
    start, end = low + size * _unit(first), low + size * (1 - _unit(last))
    return max(0.0, min(end, 1.0) - max(start, 0.0))


def _unit(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _rounded(share: float) -> Fraction:
    """Return a share in few digits that stays on its side of both bounds."""
    exact = Fraction(round(share * _SHARE_STEPS), _SHARE_STEPS)
    if _level(float(exact)) == _level(share):
        return exact
    return Fraction(share).limit_denominator(10_000)


def _level(share: float) -> int:
    return (share >= UNSEEN_SHARE) + (share > HIDING_SHARE)


def _crossing(share: Callable[[Fraction], float], before: Fraction, after: Fraction, near: Fraction) -> Fraction:
    """Return the time between two at which the level changes, to within ``near`` seconds."""
    level = _level(share(before))
    for _ in range(_BISECTIONS):
        if after - before <= near:
            break
        middle = (before + after) / 2
        if _level(share(middle)) == level:
            before = middle
        else:
            after = middle
    return after
