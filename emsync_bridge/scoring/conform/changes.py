"""The list of changes between two cuts: for people, as a table, and as a change EDL."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from emsync_bridge.cue import Shot, Spotting
from emsync_bridge.scoring.conform.matching import TOLERANCE, Match

ChangeKind = Literal["unchanged", "shifted", "moved", "retimed", "trimmed", "inserted", "removed"]


@dataclass(frozen=True)
class Change:
    """Change of one stretch of picture.

    Arguments:
        kind: ``shifted`` keeps its order, ``moved`` does not; ``trimmed`` is a part that one of the cuts lacks.
        old: Start and end in seconds of the old cut; None where it is new.
        new: Start and end in seconds of the new cut; None where it is gone.
        name: The clip's name, or ``black`` where nothing is shown.
    """

    kind: ChangeKind
    old: tuple[float, float] | None
    new: tuple[float, float] | None
    name: str = ""


def list_changes(old: Spotting, new: Spotting, matches: Sequence[Match]) -> tuple[Change, ...]:
    """Return the change of every shot of both cuts, in order of the new cut, removals where they would be.

    Arguments:
        old: The cut that the music was made for.
        new: The changed cut.
        matches: Matches of their shots, in order of the new cut.
    """
    changes = [
        Change(
            _kind(found),
            (found.old_start, found.old_start + found.old_duration),
            (found.new_start, found.new_start + found.new_duration),
            _name(new.shots[found.new]),
        )
        for found in matches
    ]
    matched_new = {found.new for found in matches}
    for start, end, shot, index in _uncovered(new.shots, [c.new for c in changes if c.new]):
        changes.append(Change("trimmed" if index in matched_new else "inserted", None, (start, end), _name(shot)))
    matched_old = {found.old for found in matches}
    places = sorted((c.old[0], c.new[0]) for c in changes if c.old and c.new)
    removed = []
    for start, end, shot, index in _uncovered(old.shots, [c.old for c in changes if c.old]):
        before = [place for at, place in places if at <= start + TOLERANCE]
        kind: ChangeKind = "trimmed" if index in matched_old else "removed"
        removed.append((max(before, default=-1.0), Change(kind, (start, end), None, _name(shot))))
    placed = [(c.new[0], c) for c in changes if c.new] + removed
    return tuple(change for _, change in sorted(placed, key=lambda pair: (pair[0], pair[1].new is None)))


def as_text(changes: Sequence[Change], old: Spotting, new: Spotting) -> str:
    """Return the list for people: timecode in the old cut, in the new one, the change, the clip; one a line."""
    rows = [("old", "new", "change", "clip")]
    rows += [
        (_range(change.old, old), _range(change.new, new), change.kind, change.name)
        for change in changes
        if change.kind != "unchanged"
    ]
    if len(rows) == 1:
        return "No changes."
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, (*widths, 0), strict=True)) for row in rows
    )


def as_csv(changes: Sequence[Change], old: Spotting, new: Spotting) -> str:
    """Return the list as CSV with a header row, timecodes and frames from the timelines' starts."""
    from emsync_bridge.files.tables import as_text as safe_cell

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["change", "clip", "old_in", "old_out", "new_in", "new_out", "old_frame", "new_frame", "frames"])
    for change in changes:
        span = change.new or change.old or (0.0, 0.0)
        cut = new if change.new else old
        writer.writerow(
            [
                change.kind,
                safe_cell(change.name),
                *_codes(change.old, old),
                *_codes(change.new, new),
                "" if change.old is None else round(change.old[0] * old.rate),
                "" if change.new is None else round(change.new[0] * new.rate),
                round((span[1] - span[0]) * cut.rate),
            ]
        )
    return text.getvalue()


def as_change_edl(changes: Sequence[Change], old: Spotting, new: Spotting) -> str:
    """Return a change EDL: events whose source is the old programme and whose record side is the new one.

    A re-conforming program moves each source range to its record range; ranges of the new cut that no
    event names are new picture.
    """
    lines = [f"TITLE: {new.name or 'NEW CUT'} CHANGES", f"FCM: {'DROP FRAME' if new.drop_frame else 'NON-DROP FRAME'}"]
    number = 0
    for change in changes:
        if change.old is None or change.new is None:
            continue
        number += 1
        lines.append(
            f"{number:06d}  OLDCUT   V     C        "
            f"{' '.join(_codes(change.old, old))} {' '.join(_codes(change.new, new))}"
        )
        lines.append(f"* FROM CLIP NAME: {' '.join(change.name.split()) or 'UNNAMED'}")
        lines.append(f"* COMMENT: {change.kind.upper()}")
    return "\n".join(lines) + "\n"


def _name(shot: Shot) -> str:
    return shot.name or ("black" if shot.media is None else "")


def _kind(found: Match) -> ChangeKind:
    if found.kind == "same":
        return "unchanged" if abs(found.shift) <= TOLERANCE else "shifted"
    return found.kind


def _uncovered(shots: Sequence[Shot], ranges: Sequence[tuple[float, float]]) -> list[tuple[float, float, Shot, int]]:
    """Return the parts of shots that no range covers, with the shot and its index."""
    edges = [(-1.0, 0.0), *sorted(ranges), (max((s.end for s in shots), default=0.0), float("inf"))]
    free = [(before[1], after[0]) for before, after in pairwise(edges) if after[0] - before[1] > TOLERANCE]
    found = []
    at = 0
    for index, shot in enumerate(shots):
        while at < len(free) and free[at][1] <= shot.start + TOLERANCE:
            at += 1
        for start, end in free[at:]:
            if start >= shot.end - TOLERANCE:
                break
            low, high = max(start, shot.start), min(end, shot.end)
            if high - low > TOLERANCE:
                found.append((low, high, shot, index))
    return found


def _range(span: tuple[float, float] | None, cut: Spotting) -> str:
    return "-" if span is None else "-".join(_codes(span, cut))


def _codes(span: tuple[float, float] | None, cut: Spotting) -> list[str]:
    """Return in and out as timecode; empty where there is no range."""
    if span is None:
        return ["", ""]
    return [cut.timecode_at(at) for at in span]
