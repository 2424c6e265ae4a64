"""Reader for an edited table of hit points, back into the spotting that it came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, cast, get_args

from emsync_bridge.cue import HitKind, HitPoint, Spotting
from emsync_bridge.errors import EmsyncError, TimelineError
from emsync_bridge.files.tables import CellError, columns_of, number, plain_text, rows_of, whole_number, yes_or_no
from emsync_bridge.files.text import read_text
from emsync_bridge.timecode import frame_at, from_timecode
from emsync_bridge.timeline.spotting.spot import WEIGHTS

_COLUMNS = {
    "timecode": "timecode",
    "tc": "timecode",
    "frame": "frame",
    "seconds": "seconds",
    "second": "seconds",
    "time": "seconds",
    "kind": "kind",
    "type": "kind",
    "weight": "weight",
    "name": "name",
    "answered": "answered",
}
_PLACES = ("timecode", "frame", "seconds")
_EDGES = ("start", "end")

Value = TypeVar("Value")


def read_spotting_csv(path: Path, spotting: Spotting) -> Spotting:
    """Return a spotting with the hit points of an edited table.

    A row keeps the hit that it was written from, with what was edited in it; a row whose time was changed moves it. A
    row without a kind is a new marker. Hits without a row disappear, except start and end, which the picture decides.
    Of timecode, frame and seconds the one that was edited counts, and one is enough.

    Arguments:
        path: Table as ``export_spotting`` writes it, or as a spreadsheet saves that: separated by commas, semicolons or
            tabs, in any usual encoding, with columns in any order.
        spotting: The spotting that it was written from.

    Raises:
        TimelineError: It cannot be read, or a cell is invalid; the message names row and column.
    """
    try:
        rows = rows_of(read_text(path))
    except CellError as problem:
        raise TimelineError(str(problem), where=path, hint="Save it again as CSV") from None
    top = next((index for index, row in enumerate(rows) if any(cell.strip() for cell in row)), None)
    columns = columns_of(rows[top], _COLUMNS) if top is not None else {}
    if top is None or not any(place in columns for place in _PLACES):
        raise TimelineError(
            "This table has no column named timecode, frame or seconds",
            where=path,
            hint="Export the spotting as CSV, edit that file and keep its first row",
            setting="export",
        )
    reader = _Rows(spotting, columns, path)
    for index, row in enumerate(rows[top + 1 :], top + 2):
        if any(cell.strip() for cell in row):
            reader.take(index, row)
    return reader.edited()


class _Rows:
    """Turns rows into hit points."""

    def __init__(self, spotting: Spotting, columns: Mapping[str, int], path: Path) -> None:
        self._spotting = spotting
        self._columns = columns
        self._path = path
        self._originals: dict[int, list[HitPoint]] = {}
        for hit in spotting.hits:
            self._originals.setdefault(hit.frame, []).append(hit)
        self._hits: dict[int, tuple[int, HitPoint]] = {}
        self._edges = {hit.kind: hit for hit in spotting.hits if hit.kind in _EDGES}
        self._warnings: list[str] = []

    def take(self, row: int, cells: Sequence[str]) -> None:
        """Take a row, counted from 1 as spreadsheets do."""
        kind = self._cell(row, cells, "kind", self._kind)
        frame, original = self._place(row, cells, kind)
        edge = original if original is not None and original.kind in _EDGES else self._edges.get(kind or "cut")
        if edge is not None:
            self._edge(row, cells, edge, frame)
            return
        if not 0 < frame < self._spotting.frames:
            raise self._problem(row, self._filled(cells), "The time is not inside the timeline")
        time = float(frame / self._spotting.rate)
        hit = original or HitPoint(time, frame, kind or "marker", WEIGHTS[kind or "marker"])
        span = hit.span if hit.span and hit.span[0] <= time <= hit.span[1] else None
        hit = self._with_values(row, cells, replace(hit, time=time, frame=frame, kind=kind or hit.kind, span=span))
        if original is None and not self._text(cells, "answered"):
            hit = replace(hit, answered=True)
        if frame in self._hits:
            self._warnings.append(
                f"Rows {self._hits[frame][0]} and {row} of the table name one frame; row {row} is used"
            )
        self._hits[frame] = row, hit

    def edited(self) -> Spotting:
        """Return the spotting with the hits of all rows."""
        inner = [self._hits[frame][1] for frame in sorted(self._hits)]
        hits = [edge for kind in _EDGES if (edge := self._edges.get(cast("HitKind", kind)))]
        first = [hit for hit in hits if hit.kind == "start"]
        last = [hit for hit in hits if hit.kind == "end"]
        warnings = (*self._spotting.warnings, *self._warnings)
        return replace(self._spotting, hits=(*first, *inner, *last), warnings=warnings)

    def _with_values(self, row: int, cells: Sequence[str], hit: HitPoint) -> HitPoint:
        weight = self._cell(row, cells, "weight", number)
        if weight is not None and not 0 <= weight <= 1:
            raise self._problem(row, ["weight"], f"{float(weight):g} is not between 0 and 1")
        answered = self._cell(row, cells, "answered", yes_or_no)
        return replace(
            hit,
            weight=hit.weight if weight is None else float(weight),
            answered=hit.answered if answered is None else answered,
            name=plain_text(self._text(cells, "name")) if "name" in self._columns else hit.name,
        )

    def _edge(self, row: int, cells: Sequence[str], original: HitPoint, frame: int) -> None:
        if frame != original.frame:
            raise self._problem(row, self._filled(cells), f"The {original.kind} of the timeline cannot be moved")
        self._edges[original.kind] = self._with_values(row, cells, original)

    def _place(self, row: int, cells: Sequence[str], kind: HitKind | None) -> tuple[int, HitPoint | None]:
        """Return the frame that a row names, and the hit that it was written from.

        Where the columns disagree, those that still name the frame of a hit were left as they were.
        """
        rate, drop = self._spotting.rate, self._spotting.drop_frame
        readings: dict[str, Callable[[str], int]] = {
            "timecode": lambda text: from_timecode(text, rate, drop) - self._spotting.start_frame,
            "frame": whole_number,
            "seconds": lambda text: frame_at(number(text), rate),
        }
        named = {place: self._cell(row, cells, place, readings[place]) for place in _PLACES}
        frames = Counter(frame for frame in named.values() if frame is not None)
        if not frames:
            raise self._problem(row, self._filled(cells), "The row names no time")
        if len(frames) == 1:
            frame = next(iter(frames))
            return frame, self._original(frame, kind)
        old = [frame for frame in frames if self._original(frame, kind)]
        new = [frame for frame in frames if frame not in old]
        if not new:  # moved onto the frame of another hit: editing one cell leaves the other two
            ranked = frames.most_common()
            if len(ranked) == 2 and ranked[0][1] > ranked[1][1]:
                return ranked[1][0], self._original(ranked[0][0], kind)
        if len(new) == 1:
            return new[0], self._original(old[0], kind) if len(old) == 1 else None
        places = ", ".join(f"{place} means frame {frame}" for place, frame in named.items() if frame is not None)
        raise self._problem(row, self._filled(cells), f"The columns disagree: {places}")

    def _original(self, frame: int, kind: HitKind | None) -> HitPoint | None:
        """Return the hit on a frame, one of the row's kind if there are several; a start and an end only by kind."""
        here = self._originals.get(frame, [])
        same = [hit for hit in here if hit.kind == kind]
        others = [hit for hit in here if hit.kind not in _EDGES and kind not in _EDGES]
        return next(iter(same or others), None)

    def _kind(self, text: str) -> HitKind:
        word = text.strip().casefold()
        if word not in get_args(HitKind):
            raise CellError(f"'{text.strip()[:40]}' is none of {', '.join(get_args(HitKind))}")
        return cast("HitKind", word)

    def _cell(self, row: int, cells: Sequence[str], column: str, read: Callable[[str], Value]) -> Value | None:
        """Return what a cell says; None when it is empty or its column is missing."""
        text = self._text(cells, column)
        if not text.strip():
            return None
        try:
            return read(text)
        except CellError as problem:
            raise self._problem(row, [column], str(problem)) from None
        except EmsyncError as problem:
            raise self._problem(row, [column], problem.what) from None

    def _text(self, cells: Sequence[str], column: str) -> str:
        index = self._columns.get(column)
        return cells[index] if index is not None and index < len(cells) else ""

    def _filled(self, cells: Sequence[str]) -> list[str]:
        """Return the columns of a row that name its time; all that could where none does."""
        filled = [place for place in _PLACES if self._text(cells, place).strip()]
        return filled or [place for place in _PLACES if place in self._columns]

    def _problem(self, row: int, columns: Sequence[str], what: str) -> TimelineError:
        *others, last = columns
        named = f"columns {', '.join(others)} and {last}" if others else f"column {last}"
        return TimelineError(f"Row {row}, {named}: {what}", where=self._path, hint="Correct the cell and save")
