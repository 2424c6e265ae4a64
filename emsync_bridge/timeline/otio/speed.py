"""Speed effects of OpenTimelineIO items, and how long an item is in its track.

By OpenTimelineIO's convention, which Resolve follows, a speed effect leaves the length in the track alone: it is the
length of the source range. Files in Premiere's dialect give the length of source that plays there, so that twice the
speed fills half of it (WyattBlue/auto-editor#1163). Which of the two a file means is decided for the whole file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.otio.editor_dialect import EditorDialect
from emsync_bridge.timeline.otio.rate import seconds

_ONE = Fraction(1)
_NONE = Fraction(0)
_MAX_SPEED = 10_000


@dataclass
class ItemLengths:
    """Lengths of items in their tracks.

    Arguments:
        scaled: Whether a speed effect changes the length.
        warnings: Doubts about that, and clips without any length as they are found.
    """

    scaled: bool = False
    warnings: dict[str, None] = field(default_factory=dict)
    _inside: dict[int, tuple[Any, list[Fraction]]] = field(default_factory=dict, repr=False)

    def of(self, item: Any) -> Fraction:
        """Return the seconds that an item fills in the clock around it.

        Raises:
            TimelineError: They are negative.
        """
        if isinstance(item, otio.schema.Transition):
            return _NONE
        length = self._own(item)
        if self.scaled:
            length *= self.stretch(item)
        if length.numerator < 0:
            raise TimelineError(f"'{item.name or type(item).__name__}' has a negative length", hint="Export it again")
        return length

    def inside(self, item: otio.core.Composition) -> list[Fraction]:
        """Return the lengths of the children of a stack or track, transitions counting nothing."""
        # Remembered, because a nest is asked for its length on every level above it.
        known = self._inside.get(id(item))
        if known is None:
            known = self._inside[id(item)] = (item, [self.of(child) for child in item])
        return known[1]

    def stretch(self, item: Any) -> Fraction:
        """Return by what its source range is multiplied to give an item's length in the track."""
        if not self.scaled or not item.effects:
            return _ONE
        speed = speed_of(item)
        return 1 / abs(speed) if speed else _ONE

    def _own(self, item: Any) -> Fraction:
        trimmed = getattr(item, "source_range", None)
        if trimmed is not None:
            return seconds(trimmed.duration)
        if isinstance(item, otio.core.Composition):
            lengths = self.inside(item)
            return sum(lengths, _NONE) if isinstance(item, otio.schema.Track) else max(lengths, default=_NONE)
        if isinstance(item, otio.schema.Clip) and item.media_reference is not None:
            available = item.media_reference.available_range
            if available is not None:
                return seconds(available.duration)
        self.warnings["Some clips have no length in the document and are left out"] = None
        return _NONE


def speed_of(item: Any) -> Fraction | None:
    """Return seconds of source per second of an item; 0 for a freeze, negative for reverse, None when it varies."""
    speed = _ONE
    for effect in getattr(item, "effects", ()):
        if not getattr(effect, "enabled", True) or not isinstance(effect, otio.schema.TimeEffect):
            continue
        if isinstance(effect, otio.schema.FreezeFrame):
            speed = Fraction(0)
        elif isinstance(effect, otio.schema.LinearTimeWarp):
            scalar = effect.time_scalar
            if not abs(scalar) <= _MAX_SPEED:
                raise TimelineError(
                    f"The speed {scalar:g} of '{item.name}' is outside ±{_MAX_SPEED}", hint="Export the timeline again"
                )
            speed *= Fraction(scalar).limit_denominator(1_000_000)
        else:
            return None
    return speed


def lengths_of(timeline: otio.schema.Timeline, dialect: EditorDialect) -> ItemLengths:
    """Return how long items are in their tracks, by the convention that a timeline was written with.

    Arguments:
        timeline: The timeline.
        dialect: Editor that wrote it.
    """
    if dialect is not EditorDialect.PREMIERE or not any(_retimed(track) for track in timeline.tracks):
        return ItemLengths()
    plain, scaled = ItemLengths(), ItemLengths(scaled=True)
    for better in (_apart, _out_of_range, _marker_overrun):
        wrong_plain, wrong_scaled = better(timeline, plain), better(timeline, scaled)
        if wrong_plain != wrong_scaled:
            return plain if wrong_plain < wrong_scaled else scaled
    sentence = "Clips with changed speed are taken to be as long as Premiere shows them; check the cuts after them"
    return ItemLengths(scaled=True, warnings={sentence: None})


def _retimed(item: Any) -> bool:
    if getattr(item, "effects", None) and speed_of(item) not in (None, _ONE):
        return True
    return isinstance(item, otio.core.Composition) and any(_retimed(child) for child in item)


def _apart(timeline: otio.schema.Timeline, lengths: ItemLengths) -> int:
    """Count the moments at which tracks end: a timeline's tracks tend to end together."""
    return len({round(length * 20) for length in map(lengths.of, timeline.tracks) if length})


def _out_of_range(timeline: otio.schema.Timeline, lengths: ItemLengths) -> int:
    """Count the clips that would play more source than their media has."""
    found = 0
    for clip in timeline.find_clips():
        reference, trimmed = clip.media_reference, clip.source_range
        if reference is None or reference.available_range is None or trimmed is None or not clip.effects:
            continue
        played = lengths.of(clip) * abs(speed_of(clip) or _ONE)
        found += played > seconds(reference.available_range.duration) + Fraction(1, 10)
    return found


def _marker_overrun(timeline: otio.schema.Timeline, lengths: ItemLengths) -> int:
    """Count the markers that would lie after the end."""
    end = max((lengths.of(track) for track in timeline.tracks), default=Fraction(0))
    return sum(seconds(marker.marked_range.start_time) > end for marker in timeline.tracks.markers)
