"""Report on a conform: a state for every hit and section, and how much music is identical."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from emsync_bridge.cue import Spotting, Take
from emsync_bridge.scoring.conform.bars import KeptBars
from emsync_bridge.scoring.conform.matching import TOLERANCE, Segment
from emsync_bridge.scoring.conform.seams import LAST_TICK

State = Literal["kept", "moved", "re-fitted", "new", "lost"]
"""``kept`` and ``moved`` sound as before, ``moved`` at another time; ``re-fitted`` is picture that both cuts share with
music fitted to it again: the same notes at another tempo, or new notes; ``new`` and ``lost`` are in one of the cuts
alone."""


@dataclass(frozen=True)
class HitReport:
    """A hit and its state.

    Arguments:
        state: State as in ``State``.
        old: Seconds in the old cut; None where new.
        new: Seconds in the new cut; None where lost.
        name: The hit's name.
    """

    state: State
    old: float | None
    new: float | None
    name: str = ""


@dataclass(frozen=True)
class SectionReport:
    """A stretch of music and its state.

    Arguments:
        state: State as in ``State``.
        old: Start and end in seconds of the old cut; None where new.
        new: Start and end in seconds of the new cut; None where lost.
        same_notes: Whether the notes are the old ones.
    """

    state: State
    old: tuple[float, float] | None
    new: tuple[float, float] | None
    same_notes: bool = False


@dataclass(frozen=True)
class ConformReport:
    """The result of a conform in figures.

    Arguments:
        hits: Hits in order of the new cut, lost ones at the end.
        sections: The whole new cut in order, then stretches of the old cut whose picture is gone.
        kept: Stretches whose music is the old one's, with where they were.
        refitted: Stretches whose notes are the old ones at another tempo.
        composed: Stretches in seconds of the new cut with new music.
        notes_kept: Notes that are identical, apart from a shift in time.
        notes_refitted: Notes that are identical, apart from their tempo.
        notes: Notes of the new music.
    """

    hits: tuple[HitReport, ...]
    sections: tuple[SectionReport, ...]
    kept: tuple[Segment, ...]
    refitted: tuple[Segment, ...]
    composed: tuple[tuple[float, float], ...]
    notes_kept: int
    notes_refitted: int
    notes: int

    @property
    def seconds_kept(self) -> float:
        """Seconds of music that are identical."""
        return sum((stretch.duration for stretch in self.kept), 0.0)

    @property
    def seconds_refitted(self) -> float:
        """Seconds of the new cut whose notes are the old ones at another tempo."""
        return sum((stretch.new_end - stretch.new_start for stretch in self.refitted), 0.0)

    def count(self, state: State) -> int:
        """Return how many hits are in a state."""
        return sum(hit.state == state for hit in self.hits)


def report_on(
    old: Spotting, new: Spotting, segments: Sequence[Segment], runs: Sequence[KeptBars], carried: Take, take: Take
) -> ConformReport:
    """Return the report on a conform.

    Arguments:
        old: The old cut.
        new: The new cut.
        segments: Stretches that the new cut repeats, unchanged or retimed.
        runs: Bars that were kept, at their new ticks.
        carried: The kept bars alone.
        take: The whole new music.
    """
    kept = tuple(run.segment for run in runs if not run.refitted)
    refitted = tuple(run.segment for run in runs if run.refitted)
    hits: list[HitReport] = []
    found_old: set[int] = set()
    counterparts = _counterparts(old, new, segments)
    for hit in new.answered_hits():
        before = counterparts.get(hit.time)
        if before is None:
            hits.append(HitReport("new", None, hit.time, hit.name))
            continue
        found_old.add(before)
        at = old.hits[before].time
        sounds_as_before = any(s.new_start - TOLERANCE <= hit.time < s.new_end - TOLERANCE for s in kept)
        state: State = "re-fitted" if not sounds_as_before else "kept" if abs(hit.time - at) <= TOLERANCE else "moved"
        hits.append(HitReport(state, at, hit.time, hit.name))
    lost = [
        HitReport("lost", hit.time, None, hit.name)
        for index, hit in enumerate(old.hits)
        if hit.answered and hit.kind not in ("start", "end") and index not in found_old
    ]
    identical = set(carried.notes) & set(take.notes)
    ranges = [(run.start, run.start + run.ticks) for run in runs if run.refitted]
    slower = sum(any(first <= note.start < last for first, last in ranges) for note in identical)
    return ConformReport(
        (*hits, *lost),
        _sections(old, new, segments, (kept, refitted)),
        kept,
        refitted,
        tuple(gaps([(run.new_start, run.new_end) for run in runs], new.duration)),
        len(identical) - slower,
        slower,
        len(take.notes),
    )


def _sections(
    old: Spotting, new: Spotting, segments: Sequence[Segment], same: tuple[Sequence[Segment], Sequence[Segment]]
) -> tuple[SectionReport, ...]:
    """Return the new cut stretch by stretch, and the stretches of the old cut that are gone.

    Arguments:
        old: The old cut.
        new: The new cut.
        segments: Stretches that the new cut repeats.
        same: Stretches with the old notes at the old tempo, and those at another.
    """
    kept, refitted = same
    found = [SectionReport("kept" if abs(s.shift) <= TOLERANCE else "moved", *_edges(s), same_notes=True) for s in kept]
    found += [SectionReport("re-fitted", *_edges(s), same_notes=True) for s in refitted]
    covered = sorted((s.new_start, s.new_end) for s in (*kept, *refitted))
    for start, end in gaps(covered, new.duration):
        edges = {start, end}
        for segment in segments:
            edges |= {edge for edge in (segment.new_start, segment.new_end) if start < edge < end}
        for low, high in pairwise(sorted(edges)):
            if high - low <= TOLERANCE:
                continue
            middle = (low + high) / 2
            shown = next((segment for segment in segments if segment.new_start <= middle < segment.new_end), None)
            if shown is None:
                found.append(SectionReport("new", None, (low, high)))
            else:
                found.append(SectionReport("re-fitted", (shown.to_old(low), shown.to_old(high)), (low, high)))
    found.sort(key=lambda section: section.new or (0.0, 0.0))
    repeated = sorted((segment.old_start, segment.old_end) for segment in segments)
    gone = [SectionReport("lost", stretch, None) for stretch in gaps(repeated, old.duration)]
    return (*found, *gone)


def _edges(segment: Segment) -> tuple[tuple[float, float], tuple[float, float]]:
    return (segment.old_start, segment.old_end), (segment.new_start, segment.new_end)


def gaps(kept: Sequence[tuple[float, float]], duration: float) -> list[tuple[float, float]]:
    """Return the gaps between stretches of a timeline, in order.

    Arguments:
        kept: Stretches in seconds, in order, apart from each other.
        duration: Seconds of the timeline.
    """
    found, at = [], 0.0
    for start, end in kept:
        if start - at > TOLERANCE:
            found.append((at, start))
        at = max(at, end)
    if duration - at > LAST_TICK:
        found.append((at, duration))
    return found


def _counterparts(old: Spotting, new: Spotting, segments: Sequence[Segment]) -> dict[float, int]:
    """Return the index of the old cut's hit for the time of every hit of the new cut that repeats one."""
    before = [(hit.time, index) for index, hit in enumerate(old.hits) if hit.answered]
    times = [time for time, _ in before]
    found: dict[float, int] = {}
    after = [hit.time for hit in new.answered_hits()]
    for segment in segments:
        low = bisect_left(after, segment.new_start - TOLERANCE)
        for time in after[low : bisect_right(after, segment.new_end + TOLERANCE)]:
            before_it = segment.to_old(time)
            near = bisect_left(times, before_it - TOLERANCE)
            is_hit = near < len(times) and times[near] <= before_it + TOLERANCE
            if is_hit and (time < segment.new_end - TOLERANCE or time not in found):
                found[time] = before[near][1]  # a cut belongs to the shot that it brings into view
    return found
