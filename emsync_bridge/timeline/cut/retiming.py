"""Retiming: piecewise linear transforms from one clock to another, for speed changes, reverse and freezes."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise


@dataclass(frozen=True)
class TimeTransform:
    """A stretch of an outer clock during which an inner clock runs at one speed.

    Arguments:
        start: Seconds of the outer clock.
        end: Seconds of the outer clock, after ``start``.
        local: Seconds of the inner clock at ``start``.
        speed: Seconds of the inner clock per second of the outer one; 0 for a freeze, negative for reverse.
    """

    start: Fraction
    end: Fraction
    local: Fraction
    speed: Fraction = Fraction(1)

    def local_at(self, time: Fraction) -> Fraction:
        """Return the inner time at an outer time."""
        return self.local + (time - self.start) * self.speed

    def part(self, low: Fraction, high: Fraction) -> TimeTransform | None:
        """Return the stretch during which the inner clock shows low <= t < high; None when it never does."""
        if self.speed == 0:
            return self if low <= self.local < high else None
        first, last = sorted(self.start + (edge - self.local) / self.speed for edge in (low, high))
        start, end = max(first, self.start), min(last, self.end)
        return TimeTransform(start, end, self.local_at(start), self.speed) if start < end else None

    def time_of(self, local: Fraction) -> Fraction | None:
        """Return the outer time at which the inner clock shows a time; None when that is never."""
        if self.speed == 0:
            return self.start if local == self.local else None
        time = self.start + (local - self.local) / self.speed
        return time if self.start <= time < self.end else None

    def then(self, inner: TimeTransform) -> TimeTransform | None:
        """Return the transform from this one's outer clock to the inner clock of a transform nested in it.

        Arguments:
            inner: A transform whose outer clock is this one's inner clock.
        """
        shown = self.part(inner.start, inner.end)
        if shown is None:
            return None
        return TimeTransform(shown.start, shown.end, inner.local_at(shown.local), self.speed * inner.speed)


@dataclass(frozen=True)
class Retiming:
    """Source time over a clip's own time, as points joined by straight lines.

    Arguments:
        knots: Clip time and source time in seconds, at least two, clip times rising. The first and the last line go on
            beyond the ends.
    """

    knots: tuple[tuple[Fraction, Fraction], ...]

    @classmethod
    def steady(cls, time: Fraction, source: Fraction, speed: Fraction = Fraction(1)) -> Retiming:
        """Return the retiming that shows a source time at a clip time and keeps one speed."""
        return cls(((time, source), (time + 1, source + speed)))

    def later(self, by: Fraction) -> Retiming:
        """Return the retiming whose source times are larger by a number of seconds."""
        return Retiming(tuple((time, source + by) for time, source in self.knots))

    def at(self, time: Fraction) -> Fraction:
        """Return the source time at a clip time."""
        (t0, s0), (t1, s1) = self._line(time)
        return s0 + (time - t0) * (s1 - s0) / (t1 - t0)

    def time_of(self, source: Fraction) -> Fraction | None:
        """Return the first clip time at which a source time shows; None when that is never."""
        for index, ((t0, s0), (t1, s1)) in enumerate(pairwise(self.knots)):
            if s0 == s1:
                if source == s0:
                    return t0
                continue
            time = t0 + (source - s0) * (t1 - t0) / (s1 - s0)
            if (index == 0 or time >= t0) and (index == len(self.knots) - 2 or time < t1):
                return time
        return None

    def speed(self, start: Fraction, end: Fraction) -> Fraction | None:
        """Return the speed over a stretch of clip time; None when it varies."""
        speeds = {transform.speed for transform in self.transforms(start, end)}
        return speeds.pop() if len(speeds) == 1 else None

    def transforms(self, start: Fraction, end: Fraction) -> list[TimeTransform]:
        """Return the stretches of one speed that make up a stretch of clip time."""
        inner = [time for time, _ in self.knots[1:-1] if start < time < end]
        edges = [start, *inner, end]
        found = []
        for low, high in pairwise(edges):
            (t0, s0), (t1, s1) = self._line(low)
            found.append(TimeTransform(low, high, self.at(low), (s1 - s0) / (t1 - t0)))
        return found

    def _line(self, time: Fraction) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]:
        index = bisect_right(self.knots, time, key=lambda knot: knot[0]) - 1
        index = min(max(index, 0), len(self.knots) - 2)
        return self.knots[index], self.knots[index + 1]
