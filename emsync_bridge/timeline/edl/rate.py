"""Frame rate of an edit decision list, worked out from its frame numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from emsync_bridge.errors import TimelineError
from emsync_bridge.timecode import can_drop, exact_rate, from_timecode
from emsync_bridge.timeline.edl.events import EditList, EdlEdit
from emsync_bridge.timeline.edl.lines import Label

# frames per second of timecode; the first above the highest frame number is meant
_BASES = (24, 25, 30, 50, 60, 100, 120)
# a base is ruled out when a list of this many timecodes would miss its high numbers by chance less often than this
_CHANCE = 0.01


@dataclass(frozen=True)
class TimecodeCounting:
    """Frame count of a list's timecodes.

    Arguments:
        rate: Frames per second, exact.
        drop: Whether the programme counts in drop frame.
        labelled: Whether some separator says drop frame, so that every timecode speaks for itself.
        warnings: Explanation of the rate and what contradicts it, in full sentences.
        past_midnight: Whether record timecodes of the first half of the day belong to the next one.
    """

    rate: Fraction
    drop: bool
    labelled: bool
    warnings: tuple[str, ...] = ()
    past_midnight: bool = False

    @property
    def base(self) -> int:
        """Frames per second of the timecode."""
        return math.ceil(self.rate)

    @property
    def day(self) -> int:
        """Frames from midnight to midnight."""
        return self.clock("24")

    def clock(self, hour: str) -> int:
        """Return the frame at which an hour begins, given its two digits."""
        return from_timecode(f"{hour}:00:00:00", self.rate, self.drop)

    def record(self, label: Label) -> int:
        """Return the frame that a record timecode names, counted from the first midnight."""
        frame = from_timecode(label.text, self.rate, label.drop if self.labelled else self.drop)
        return frame + self.day if self.past_midnight and frame < self.day // 2 else frame

    def source(self, edit: EdlEdit, label: Label) -> int | None:
        """Return the frame that a source timecode names; None when the source counts at another rate."""
        if label.frames >= self.base:
            return None
        flag = self.drop if edit.source_drop is None else edit.source_drop
        return from_timecode(label.text, self.rate, label.drop if self.labelled else flag)


def timecode_counting(edl: EditList, rate: Fraction | None, path: Path) -> TimecodeCounting:
    """Return how to count a list's timecodes.

    Arguments:
        edl: A list with at least one edit.
        rate: Frames per second that the user gave; None to work it out.
        path: The file, for messages.

    Raises:
        TimelineError: The list has frame numbers that the rate, or any rate, does not have.
    """
    record = {label for labels in edl.labels() for label in labels[2:]}
    source = {label for labels in edl.labels() for label in labels[:2]}
    flags = _flags(edl, record, source)
    if rate is not None:
        return _given(exact_rate(rate), max(label.frames for label in record), flags, path)
    base, highest, notes = _base(record, source, path)
    wanted = next((multiple for multiple in (30, 60, 120) if multiple >= base), base)
    if flags.anywhere and (base / wanted) ** len(record) < _CHANCE:
        notes.append(f"The list says drop frame, but no frame number reaches {base}; it is read without drop frame")
        flags = _Flags(programme=False, labelled=False, anywhere=False)
    rate = Fraction(wanted * 1000, 1001) if flags.anywhere else Fraction(base)
    how = f"{float(rate):.6g} frames per second was worked out from the highest frame number, {highest}"
    how += ", and the drop-frame timecode" if flags.anywhere else ""
    advice = "" if flags.anywhere else f"; {_sibling(base)}give the rate if the project runs at another"
    notes.insert(0, f"The list does not say its frame rate: {how}{advice}")
    return TimecodeCounting(rate, flags.programme, flags.labelled, tuple(notes))


class _Flags(NamedTuple):
    """Signs of drop frame in a list: for its programme, by separators, at all (a source too needs such a rate)."""

    programme: bool
    labelled: bool
    anywhere: bool


def _flags(edl: EditList, record: set[Label], source: set[Label]) -> _Flags:
    labelled = any(label.drop for label in record | source)
    programme = any(label.drop for label in record) if labelled else bool(edl.record_drop)
    return _Flags(programme, labelled, programme or labelled or any(edit.source_drop for edit in edl.edits))


def _sibling(base: int) -> str:
    return f"a list at {base * 1000 / 1001:.5g} looks the same, so " if base % 24 == 0 or base % 30 == 0 else ""


def _given(rate: Fraction, highest: int, flags: _Flags, path: Path) -> TimecodeCounting:
    base = math.ceil(rate)
    if highest >= base:
        raise TimelineError(
            f"The list has frame number {highest}, which {float(rate):.6g} frames per second does not have",
            where=path,
            hint="Give the frame rate of the project, or none to have it worked out",
        )
    if not flags.anywhere or can_drop(rate):
        return TimecodeCounting(rate, flags.programme, flags.labelled)
    exact = Fraction(base * 1000, 1001)
    if can_drop(exact) and rate == base:
        note = f"The list counts in drop frame, which belongs to {float(exact):.5g}, so that rate is used, not {base}"
        return TimecodeCounting(exact, flags.programme, flags.labelled, (note,))
    note = f"The list says drop frame, which {float(rate):.6g} frames per second does not have; it is read without"
    return TimecodeCounting(rate, drop=False, labelled=False, warnings=(note,))


def _base(record: set[Label], source: set[Label], path: Path) -> tuple[int, int, list[str]]:
    """Return the timecode base, the highest frame number that points to it, and what is odd.

    The record side decides alone once it has enough timecodes to show its highest numbers: sources of another rate
    are common.
    """
    own_highest = max(label.frames for label in record)
    highest = max(label.frames for label in record | source)
    own, both = _first_above(own_highest), _first_above(highest)
    if own is None:
        raise TimelineError("The list has frame numbers above 119", where=path, hint="Give the frame rate")
    if both is None or (own < both and (own / both) ** len(record) < _CHANCE):
        note = (
            f"Some sources have frame numbers up to {highest}, so they run at another rate; their timecode is not used"
        )
        return own, own_highest, [note]
    return both, highest, []


def _first_above(frame: int) -> int | None:
    return next((base for base in _BASES if base > frame), None)
