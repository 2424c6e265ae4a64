"""Grouping of the lines of an edit decision list into events, before anything is counted in frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from emsync_bridge.files.text import split_lines
from emsync_bridge.timeline.edl.lines import (
    ClipName,
    EffectName,
    EventLine,
    FrameCode,
    IgnoredLine,
    Label,
    Locator,
    ResolveMarker,
    SourceFile,
    Speed,
    Statement,
    Title,
    UnreadableLine,
    parse_line,
)


@dataclass
class EdlEdit:
    """One line of an event with what later lines say about it.

    Arguments:
        line: The line.
        source_drop: Drop frame, as the last ``FCM`` before it says; None before the first.
        name: Its clip's name.
        file: Its media file or tape.
        effect: Name of its transition in the editor.
        fps: Source frames per second of an ``M2`` line.
        marker: The Resolve marker that it stands for.
    """

    line: EventLine
    source_drop: bool | None = None
    name: str = ""
    file: str = ""
    effect: str = ""
    fps: Fraction | None = None
    marker: ResolveMarker | None = None


@dataclass
class EditList:
    """A list, line by line.

    Arguments:
        title: Its first title.
        record_drop: Drop frame, as the first ``FCM`` says, which stands for the programme; None when there is none.
        edits: All edits in list order.
        locators: All ``LOC`` markers.
        junk: The first lines that no dialect has.
        junk_lines: Number of them.
        split_edits: Whether sound and picture of some event begin apart by a ``SPLIT`` line.
    """

    title: str = ""
    record_drop: bool | None = None
    edits: list[EdlEdit] = field(default_factory=list)
    locators: list[Locator] = field(default_factory=list)
    junk: list[str] = field(default_factory=list)
    junk_lines: int = 0
    split_edits: bool = False

    def labels(self) -> Iterable[tuple[Label, Label, Label, Label]]:
        """Yield source in, source out, record in and record out of every edit."""
        for edit in self.edits:
            yield edit.line.source_in, edit.line.source_out, edit.line.record_in, edit.line.record_out


def parse_edl(text: str) -> EditList:
    """Return what a list says.

    Arguments:
        text: The whole list in CMX 3600 or one of its dialects, with any line ends.
    """
    grouping = _Grouping()
    for line in split_lines(text):
        statement = parse_line(line)
        if isinstance(statement, IgnoredLine):
            grouping.found.split_edits |= line.lstrip().upper().startswith("SPLIT:")
        else:
            grouping.take(statement)
    grouping.close()
    return grouping.found


class _Grouping:
    """Collects edits and the lines about them, event by event."""

    def __init__(self) -> None:
        self.found = EditList()
        self._event: list[EdlEdit] = []
        self._names: dict[str, list[str]] = {"from": [], "to": [], "key": []}
        self._files: list[str] = []
        self._annotated = False
        self._drop: bool | None = None

    def take(self, statement: Statement) -> None:
        """Take the next statement in list order."""
        if isinstance(statement, EventLine):
            if self._event and not self._continues(statement):
                self.close()
            self._event.append(EdlEdit(statement, self._drop))
        elif isinstance(statement, Title):
            self.found.title = self.found.title or statement.text
        elif isinstance(statement, FrameCode):
            self._drop = statement.drop
            if self.found.record_drop is None:
                self.found.record_drop = statement.drop
        elif isinstance(statement, Locator):
            self.found.locators.append(statement)
        elif isinstance(statement, UnreadableLine):
            self.found.junk_lines += 1
            if len(self.found.junk) < 3:
                self.found.junk.append(statement.text)
        elif self._event:
            self._annotate(statement)

    def _continues(self, line: EventLine) -> bool:
        """Tell whether a line is another side of the event before it: same number, and no notes end that event."""
        same = line.number == self._event[-1].line.number
        return same and (not self._annotated or line.kind != "cut")

    def _annotate(self, statement: Statement) -> None:
        self._annotated = True
        if isinstance(statement, ClipName):
            self._names[statement.side].append(statement.text)
        elif isinstance(statement, SourceFile):
            self._files.append(statement.text)
        elif isinstance(statement, EffectName):
            for edit in self._event:
                edit.effect = edit.effect or statement.text
        elif isinstance(statement, Speed):
            self._speed_of(statement).fps = statement.fps
        elif isinstance(statement, ResolveMarker):
            self._event[-1].marker = statement

    def _speed_of(self, speed: Speed) -> EdlEdit:
        """Return the side of the event that an ``M2`` line is about: the one with its reel and its source timecode."""
        waiting = [edit for edit in self._event if edit.fps is None] or self._event
        fits = [edit for edit in waiting if _same_reel(edit.line.reel, speed.reel)] or waiting
        exact = [edit for edit in fits if speed.source and edit.line.source_in.text == speed.source.text]
        return (exact or fits)[-1]

    def close(self) -> None:
        """End the event: give its names and files to its sides."""
        if self._event:
            self._name_sides()
            self.found.edits.extend(self._event)
        self._event, self._files, self._annotated = [], [], False
        self._names = {"from": [], "to": [], "key": []}

    def _name_sides(self) -> None:
        names = self._names
        outgoing = names["from"][0] if names["from"] else ""
        first, last = self._event[0], self._event[-1]
        for edit in self._event:
            edit.name = outgoing
        if len(self._event) > 1 and last.line.kind in ("key in", "key out"):
            last.name = names["key"][0] if names["key"] else ""
        elif last.line.kind in ("dissolve", "wipe"):
            last.name = names["to"][0] if names["to"] else self._incoming(outgoing)
        elif last.line.kind == "cut" and not outgoing and names["to"]:
            last.name = names["to"][0]
        if self._files:
            first.file = self._files[0]
            # one file for both sides of a transition is the outgoing one's
            last.file = self._files[-1] if len(self._files) > 1 or len(self._event) == 1 else last.file

    def _incoming(self, outgoing: str) -> str:
        """Return the incoming clip's name where the list gives one name only.

        It belongs to the outgoing side when the clip before has it too, as it must; otherwise to the incoming one.
        """
        earlier = next((edit.name for edit in reversed(self.found.edits) if edit.line.video), "")
        return "" if earlier == outgoing else outgoing


def _same_reel(reel: str, other: str) -> bool:
    """Tell whether two reel fields mean one tape; ``M2`` lines may be cut shorter than events."""
    shorter = min(len(reel), len(other))
    return shorter > 0 and reel[:shorter].casefold() == other[:shorter].casefold()
