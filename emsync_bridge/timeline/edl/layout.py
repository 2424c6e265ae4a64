"""Layout of the events of an edit decision list in the programme; of overlapping ones the later wins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from emsync_bridge.timecode import to_timecode
from emsync_bridge.timeline.cut.model import TimelineMarker
from emsync_bridge.timeline.edl.events import EditList, EdlEdit
from emsync_bridge.timeline.edl.rate import TimecodeCounting


@dataclass(frozen=True)
class FrameEvent:
    """An event counted in frames.

    Arguments:
        start: Record frame counted from 00:00:00:00.
        end: Record frame after the last.
        layer: Its layer of picture; None for sound alone.
        edit: The event.
    """

    start: int
    end: int
    layer: tuple[int, ...] | None
    edit: EdlEdit

    @property
    def is_marker(self) -> bool:
        """True for an event that only carries a Resolve marker: its source and record timecode are the same."""
        line = self.edit.line
        same = (line.source_in.text, line.source_out.text) == (line.record_in.text, line.record_out.text)
        return self.edit.marker is not None and same


def lay_out(edl: EditList, count: TimecodeCounting) -> tuple[list[FrameEvent], TimecodeCounting, int]:
    """Return all events in order of record in, the counting that they need, and how many run backwards.

    Arguments:
        edl: A list.
        count: Counting of its timecodes within a day; the returned one goes on through midnight if the programme does.
    """
    spans = [(count.record(edit.line.record_in), count.record(edit.line.record_out)) for edit in edl.edits]
    if any(start - end > count.day // 2 for start, end in spans):
        count = replace(count, past_midnight=True)
        spans = [(count.record(edit.line.record_in), count.record(edit.line.record_out)) for edit in edl.edits]
    takes = [
        FrameEvent(*span, _layer(edit), edit) for edit, span in zip(edl.edits, spans, strict=True) if span[0] <= span[1]
    ]
    takes.sort(key=lambda take: take.start)
    return takes, count, len(spans) - len(takes)


def _layer(edit: EdlEdit) -> tuple[int, ...] | None:
    """Return the track, and a layer of its own above it for what is keyed over the picture."""
    if not edit.line.video:
        return None
    track = edit.line.video - 1
    return (track, 0) if edit.line.kind in ("key in", "key out") else (track,)


def recorded_events(takes: Sequence[FrameEvent]) -> Iterator[tuple[FrameEvent, int, int]]:
    """Yield what is left on the tape when all events are recorded: of two that overlap, the later record in wins.

    Arguments:
        takes: Events of one layer in order of record in, none without length.

    Yields:
        An event with the first frame of what is left of it and the frame after the last.
    """
    running: list[FrameEvent] = []
    cursor = 0
    for upcoming in [*takes, None]:
        until = upcoming.start if upcoming else None
        while running and (until is None or cursor < until):
            top = running[-1]
            stop = top.end if until is None else min(top.end, until)
            if stop > cursor:
                yield top, cursor, stop
                cursor = stop
            if top.end > cursor:
                break
            running.pop()
        if upcoming:
            cursor = upcoming.start
            running.append(upcoming)


def overlaps(takes: Iterable[FrameEvent]) -> int:
    """Return how many picture events begin before an earlier one of their layer has ended."""
    found = 0
    ends: dict[tuple[int, ...], int] = {}
    for take in takes:
        if take.layer is not None:
            found += take.start < ends.get(take.layer, take.start)
            ends[take.layer] = max(take.end, ends.get(take.layer, take.end))
    return found


def programme(takes: Sequence[FrameEvent], pins: Sequence[FrameEvent], count: TimecodeCounting) -> tuple[int, int, str]:
    """Return the programme's first frame, the frame after its last, and what to say about them.

    Arguments:
        takes: Events with a length.
        pins: Events that carry markers; at least one of either.
        count: Frame count of their timecodes.
    """
    if takes:
        return min(take.start for take in takes), max(take.end for take in takes), ""
    # a list of markers alone does not state where the programme starts; reels start on the hour
    first = count.clock(to_timecode(min(pin.start for pin in pins), count.rate, count.drop)[:2])
    start = to_timecode(first, count.rate, count.drop)
    note = f"The list holds markers and no picture; the programme is taken to start at {start}"
    return first, max(pin.start for pin in pins) + 1, note


def markers(
    edl: EditList, pins: Sequence[FrameEvent], count: TimecodeCounting, start: int, end: int
) -> tuple[tuple[TimelineMarker, ...], int]:
    """Return the markers inside the programme in order of time, and how many lie outside.

    Arguments:
        edl: A list.
        pins: Its events that carry Resolve markers.
        count: Frame count of its timecodes.
        start: First record frame of the programme.
        end: Record frame after the last.
    """
    found: list[tuple[int, TimelineMarker]] = []
    for pin in pins:
        if mark := pin.edit.marker:
            length = Fraction(mark.frames if mark.frames > 1 else 0) / count.rate
            at = (pin.start - start) / count.rate
            found.append((pin.start, TimelineMarker(at, length, mark.name, mark.note, mark.color)))
    for locator in edl.locators:
        if locator.time.frames < count.base:
            frame = count.record(locator.time)
            at = (frame - start) / count.rate
            found.append((frame, TimelineMarker(at, name=locator.name, color=locator.color)))
    inside = [marker for frame, marker in found if start <= frame <= end]
    return tuple(sorted(inside, key=lambda marker: marker.time)), len(pins) + len(edl.locators) - len(inside)
