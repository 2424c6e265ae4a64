"""Bars of the old music that a changed cut can keep.

A bar is kept where the new cut repeats its stretch of the timeline unchanged and its hits are the same, the one on the
bar line after it included, since that one is prepared in it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from emsync_bridge.cue import Spotting, Take, TempoMap
from emsync_bridge.scoring.conform.matching import TOLERANCE, Segment

MIN_RUN = 2
"""Bars that a run of kept bars has at least; a single bar between two seams is not worth a join on either side."""


@dataclass(frozen=True)
class KeptBars:
    """Neighbouring bars that are kept.

    Arguments:
        lines: Their bar lines in ticks of the old take, the end of the last bar included.
        old_start: Seconds of the first line in the old cut.
        old_end: Seconds of the last line in the old cut.
        shift: Seconds by which they are later in the new cut.
        start: Tick of the first line in the new take, once it is known.
        anchors: Ticks of the old take and the seconds of the new cut at which they fall, for bars at another tempo: in
            order, all lines among them; empty where the tempo stays.
    """

    lines: tuple[int, ...]
    old_start: float
    old_end: float
    shift: float
    start: int = 0
    anchors: tuple[tuple[int, float], ...] = ()

    @property
    def refitted(self) -> bool:
        """Tell whether the bars are played at another tempo than before."""
        return bool(self.anchors)

    @property
    def ticks(self) -> int:
        """Ticks from the first line to the last."""
        return self.lines[-1] - self.lines[0]

    @property
    def new_start(self) -> float:
        """Seconds of the first line in the new cut."""
        return self._anchored(self.lines[0], self.old_start + self.shift)

    @property
    def new_end(self) -> float:
        """Seconds of the last line in the new cut."""
        return self._anchored(self.lines[-1], self.old_end + self.shift)

    @property
    def segment(self) -> Segment:
        """Stretch of the timeline that they fill."""
        length = self.old_end - self.old_start
        stretch = (self.new_end - self.new_start) / length if self.refitted else 1.0
        return Segment(self.old_start, self.new_start, length, stretch)

    def within(self, first: int, last: int, old: TempoMap) -> KeptBars:
        """Return the bars from one of the lines to another.

        Arguments:
            first: Index of the first line.
            last: Index after the last line.
            old: Tempo map of the old take.
        """
        lines = self.lines[first:last]
        return replace(self, lines=lines, old_start=old.seconds(lines[0]), old_end=old.seconds(lines[-1]))

    def _anchored(self, tick: int, otherwise: float) -> float:
        at = bisect_left(self.anchors, (tick,))
        return self.anchors[at][1] if self.anchors else otherwise


@dataclass(frozen=True)
class Bars:
    """Bar lines of a take, its end included.

    Arguments:
        lines: Lines in ticks.
        times: Times in seconds.
    """

    lines: tuple[int, ...]
    times: tuple[float, ...]

    @classmethod
    def of(cls, take: Take, duration: float) -> Bars:
        """Return the bars of a take for a cut of a duration in seconds."""
        end = round(take.tempo_map.tick(duration))
        lines = (*take.tempo_map.bar_lines(end), end)
        return cls(lines, tuple(take.tempo_map.seconds(line) for line in lines))

    @property
    def last(self) -> int:
        """Index of the last bar."""
        return len(self.lines) - 2

    def indices(self, start: float, end: float) -> range:
        """Return the indices of the bars that may lie between two times in seconds of the old cut."""
        first = max(0, bisect_left(self.times, start - TOLERANCE))
        return range(first, min(len(self.lines) - 1, bisect_right(self.times, end + TOLERANCE) + 1))

    def grouped(self, indices: Sequence[int]) -> list[tuple[int, int]]:
        """Return the first and the last bar of every row of neighbours among bars in order."""
        groups: list[tuple[int, int]] = []
        for index in indices:
            if groups and groups[-1][1] == index - 1:
                groups[-1] = (groups[-1][0], index)
            else:
                groups.append((index, index))
        return groups

    def run(self, first: int, last: int, shift: float, anchors: tuple[tuple[int, float], ...] = ()) -> KeptBars:
        """Return bars as kept, from one index to another, both included."""
        return KeptBars(self.lines[first : last + 2], self.times[first], self.times[last + 1], shift, 0, anchors)


def kept_runs(take: Take, old: Spotting, new: Spotting, segments: Sequence[Segment]) -> tuple[KeptBars, ...]:
    """Return the runs of bars that can be kept at their tempo, in order of the new cut.

    Arguments:
        take: The music of the old cut.
        old: The old cut.
        new: The new cut.
        segments: Stretches that the new cut repeats unchanged.
    """
    bars = Bars.of(take, old.duration)
    old_hits, new_hits = hit_times(old), hit_times(new)
    runs: list[KeptBars] = []
    for segment in segments:
        kept = []
        for index in bars.indices(segment.old_start, segment.old_end):
            first, last = bars.times[index], bars.times[index + 1]
            at_end = index == bars.last
            inside = first >= segment.old_start - TOLERANCE and (
                last <= segment.old_end + TOLERANCE or (at_end and segment.old_end >= old.duration - TOLERANCE)
            )
            ends_alike = not at_end or abs(new.duration - old.duration - segment.shift) <= TOLERANCE
            if inside and ends_alike and same_hits(old_hits, new_hits, (first, last), segment.to_new):
                kept.append(index)
        runs += [bars.run(first, last, segment.shift) for first, last in bars.grouped(kept)]
    whole = [run for run in runs if len(run.lines) > MIN_RUN or len(bars.lines) <= MIN_RUN + 1]
    return tuple(sorted(whole, key=lambda run: run.new_start))


def hit_times(spotting: Spotting) -> list[float]:
    """Return the times of the hits that the music lands on, in seconds and in order."""
    return [hit.time for hit in spotting.answered_hits()]


def same_hits(
    old: Sequence[float], new: Sequence[float], stretch: tuple[float, float], to_new: Callable[[float], float]
) -> bool:
    """Tell whether two cuts have the same hits in a stretch of the timeline, its ends included.

    Arguments:
        old: Times of the hits of the old cut, in seconds and in order.
        new: Times of the hits of the new cut.
        stretch: Start and end in seconds of the old cut.
        to_new: Function that gives the time in the new cut of a time in the old one.
    """
    start, end = stretch
    before = [to_new(time) for time in times_between(old, start, end)]
    after = times_between(new, to_new(start), to_new(end))
    return len(before) == len(after) and all(abs(a - b) <= TOLERANCE for a, b in zip(before, after, strict=True))


def times_between(times: Sequence[float], start: float, end: float) -> Sequence[float]:
    """Return the times from one moment to another, both included; ``times`` are in order."""
    return times[bisect_left(times, start - TOLERANCE) : bisect_right(times, end + TOLERANCE)]
