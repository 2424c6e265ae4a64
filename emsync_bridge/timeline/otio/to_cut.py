"""Conversion of an OpenTimelineIO timeline to a cut model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.cut.builder import ClipContent, CutBuilder
from emsync_bridge.timeline.cut.coverage import combine
from emsync_bridge.timeline.cut.dialogue import is_dialogue_track
from emsync_bridge.timeline.cut.model import CoverageSpan, CutModel, MarkerScope, TimelineMarker
from emsync_bridge.timeline.cut.retiming import Retiming, TimeTransform
from emsync_bridge.timeline.otio.appearance import appearance_of
from emsync_bridge.timeline.otio.editor_dialect import EditorDialect, editor_dialect
from emsync_bridge.timeline.otio.media import ClipMedia, media_of_clip
from emsync_bridge.timeline.otio.rate import clock_of, seconds
from emsync_bridge.timeline.otio.speed import ItemLengths, lengths_of, speed_of

OWN_KEY = "emsync_bridge"
"""Metadata key by which tracks and markers that emsync wrote are known."""

_ZERO = Fraction(0)


def cut_model(
    timeline: otio.schema.Timeline,
    path: Path,
    *,
    rate: Fraction | None = None,
    bundle: Path | None = None,
    notes: Iterable[str] = (),
) -> CutModel:
    """Return the cut model of an OpenTimelineIO timeline.

    Arguments:
        timeline: The timeline.
        path: Its file, for messages and for the name of a timeline without one.
        rate: Frames per second that the user gave; None to work it out.
        bundle: Folder that relative media counts from, where the document lies in one.
        notes: Oddities found so far, in full sentences.

    Raises:
        TimelineError: It is empty, or some of its times are out of range.
    """
    try:
        clock = clock_of(timeline, path, rate)
        builder = CutBuilder(path, clock.rate)
        for note in (*notes, *clock.warnings):
            builder.warn(note)
        walk = _Walk(builder, timeline, clock.start_frame / clock.rate, bundle)
        walk.timeline(timeline)
        return builder.build(timeline.name or path.stem, drop_frame=clock.drop_frame, start_frame=clock.start_frame)
    except TimelineError as problem:
        if problem.where:
            raise
        raise TimelineError(problem.what, where=path, hint=problem.hint, setting=problem.setting) from None


class _Walk:
    """Visits every item of a timeline and hands to the builder what it shows and when."""

    def __init__(
        self, builder: CutBuilder, timeline: otio.schema.Timeline, start: Fraction, bundle: Path | None
    ) -> None:
        self._builder = builder
        self._start = start
        self._bundle = bundle
        self._dialect = editor_dialect(timeline)
        self._lengths: ItemLengths = lengths_of(timeline, self._dialect)

    def timeline(self, timeline: otio.schema.Timeline) -> None:
        stack = timeline.tracks
        # A timeline of nothing but emsync's music is as long as that.
        tracks = [track for track in stack if not _is_emsync_track(track)]
        lengths = [self._length_of_others(track) for track in tracks] or [self._lengths.of(track) for track in stack]
        length = max(lengths, default=_ZERO)
        if stack.source_range is not None:
            length = self._lengths.of(stack)
        whole = self._builder.whole()
        self._builder.reach(whole, length)
        if stack.enabled:
            inside = self._inside(whole, stack, _ZERO, length)
            for number, track in enumerate(stack):
                if inside is not None and not _is_emsync_track(track):
                    self._item(track, inside, _ZERO, self._lengths.of(track), (number,))
        self._timeline_markers(timeline, whole, length)
        for sentence in self._lengths.warnings:
            self._builder.warn(sentence)

    def _length_of_others(self, track: Any) -> Fraction:
        """Return the length of a track without emsync's clips at its end."""
        if not _is_emsync_item(track):
            return self._lengths.of(track)
        last = max(number for number, child in enumerate(track) if _is_foreign(child))
        return sum((self._lengths.of(child) for child in track[: last + 1]), _ZERO)

    def _item(
        self,
        item: Any,
        transform: TimeTransform,
        at: Fraction,
        length: Fraction,
        layer: tuple[int, ...],
        *,
        seen: bool = True,
        covered: tuple[CoverageSpan, ...] = (),
    ) -> None:
        """Visit an item that begins at a moment of the clock around it; sound is visited for its markers only."""
        if not getattr(item, "enabled", True):
            return
        if isinstance(item, otio.schema.Clip):
            if seen and length:
                self._clip(item, transform, at, length, layer, covered)
        elif isinstance(item, otio.schema.Stack):
            inside = self._inside(transform, item, at, length)
            if inside is not None:
                covered = self._covered(item, transform, at, length, covered)
                for number, (child, own) in enumerate(zip(item, self._lengths.inside(item), strict=True)):
                    self._item(child, inside, _ZERO, own, (*layer, number), seen=seen, covered=covered)
        elif isinstance(item, otio.schema.Track):
            inside = self._inside(transform, item, at, length)
            if inside is not None:
                covered = self._covered(item, transform, at, length, covered)
                self._track(item, inside, layer, seen=seen and _is_picture(item), covered=covered)
        self._markers(item, transform, at, length)

    def _covered(
        self, item: Any, transform: TimeTransform, at: Fraction, length: Fraction, outer: tuple[CoverageSpan, ...]
    ) -> tuple[CoverageSpan, ...]:
        """Return the coverage of a nest, given that of the nests around it."""
        if not item.effects:
            return outer
        return combine(self._builder.coverage(transform.part(at, at + length), appearance_of(item, at, length)), outer)

    def _track(
        self,
        track: otio.schema.Track,
        transform: TimeTransform,
        layer: tuple[int, ...],
        *,
        seen: bool,
        covered: tuple[CoverageSpan, ...],
    ) -> None:
        time = _ZERO
        names = [child.name or "" for child in track if isinstance(child, otio.schema.Clip)]
        spoken = not _is_picture(track) and is_dialogue_track(track.name or "", names)
        for child, length in zip(track, self._lengths.inside(track), strict=True):
            if isinstance(child, otio.schema.Transition):
                if seen:
                    before, after = max(_ZERO, seconds(child.in_offset)), max(_ZERO, seconds(child.out_offset))
                    name = child.name or ""
                    self._builder.transition(transform, time - before, time + after, time, layer=layer, name=name)
            else:
                self._item(child, transform, time, length, layer, seen=seen, covered=covered)
                if spoken and length and isinstance(child, otio.schema.Clip) and child.enabled:
                    content, _ = self._content(child, time, length)
                    self._builder.speech(transform, time, time + length, content=content)
                time += length

    def _inside(self, transform: TimeTransform, item: Any, at: Fraction, length: Fraction) -> TimeTransform | None:
        """Return the transform to the clock inside a stack or track; None when nothing of it shows."""
        start = seconds(item.source_range.start_time) if item.source_range is not None else _ZERO
        if start < 0 and isinstance(item, otio.schema.Track):
            start = _ZERO  # an EDL's start timecode in disguise, see otio_clock
        speed = speed_of(item)
        if speed is None:
            self._builder.warn("A nest with a varying speed is read as if it ran at normal speed")
            speed = Fraction(1)
        if speed < 0:
            start += length * -speed
        # The contents of a nest in a track begin where the nest does; those of the outermost one at zero.
        return transform.then(TimeTransform(at, at + length, start, speed)) if length else None

    def _clip(
        self,
        clip: otio.schema.Clip,
        transform: TimeTransform,
        at: Fraction,
        length: Fraction,
        layer: tuple[int, ...],
        covered: tuple[CoverageSpan, ...],
    ) -> None:
        content, speed = self._content(clip, at, length)
        count = len(self._builder.leaves)
        content = replace(
            content,
            appearance=appearance_of(clip, at, length) if clip.effects else None,
            nest_coverage=covered,
        )
        self._builder.leaf(transform, at, at + length, layer=layer, content=content)
        if speed is None and len(self._builder.leaves) > count:
            # The course of a ramp is not in the document; where it begins is.
            self._builder.leaves[-1] = replace(self._builder.leaves[-1], speed=None)

    def _content(self, clip: otio.schema.Clip, at: Fraction, length: Fraction) -> tuple[ClipContent, Fraction | None]:
        """Return what a clip plays, and its speed; None where that varies."""
        shown = media_of_clip(clip, self._dialect, self._bundle)
        speed = speed_of(clip)
        start = seconds(clip.source_range.start_time) if clip.source_range is not None else shown.begin or _ZERO
        if speed is not None and speed < 0:
            start = _reversed_start(start, -speed * length, shown)
        content = ClipContent(
            kind=shown.kind,
            media=shown.media,
            source=Retiming.steady(at, start, Fraction(1) if speed is None else speed),
            media_start=shown.begin,
            name=clip.name or "",
        )
        return content, speed

    def _markers(self, item: Any, transform: TimeTransform, at: Fraction, length: Fraction) -> None:
        """Place the markers of an item, which count in its own source time."""
        markers = getattr(item, "markers", ())
        if not markers or not length:
            return
        trimmed = item.source_range
        start = seconds(trimmed.start_time) if trimmed is not None else _ZERO
        if trimmed is None and isinstance(item, otio.schema.Clip) and item.media_reference is not None:
            available = item.media_reference.available_range
            start = seconds(available.start_time) if available is not None else _ZERO
        if start < 0 and isinstance(item, otio.schema.Track):
            start = _ZERO
        stretch = self._lengths.stretch(item)
        inside = transform.then(TimeTransform(at, at + length, start, 1 / stretch))
        scope: MarkerScope = "track" if isinstance(item, otio.schema.Track) else "clip"
        for marker in markers:
            time = seconds(marker.marked_range.start_time)
            if inside is not None:
                self._marker(marker, inside, time, scope)

    def _timeline_markers(self, timeline: otio.schema.Timeline, whole: TimeTransform, length: Fraction) -> None:
        """Place the markers of the whole timeline.

        They count from its start, in files of some programs from timecode zero.
        """
        markers = [(marker, seconds(marker.marked_range.start_time)) for marker in timeline.tracks.markers]
        trimmed = timeline.tracks.source_range
        head = max(_ZERO, seconds(trimmed.start_time)) if trimmed is not None else _ZERO
        markers = [(marker, time - head) for marker, time in markers]
        times = [time for marker, time in markers if not _is_emsync_item(marker)]
        absolute = (
            bool(times) and self._start > 0 and all(self._start <= time <= self._start + length for time in times)
        )
        if self._dialect is EditorDialect.RESOLVE and any(time <= length for time in times):
            absolute = False
        for marker, time in markers:
            shift = self._start if absolute and not _is_emsync_item(marker) else _ZERO
            if time >= shift:
                self._marker(marker, whole, time - shift, "timeline")

    def _marker(self, marker: otio.schema.Marker, transform: TimeTransform, time: Fraction, scope: MarkerScope) -> None:
        comment = marker.comment or ""
        resolve = marker.metadata.get(EditorDialect.RESOLVE.value)
        note = resolve.get("Note") if isinstance(resolve, Mapping) else None
        length = seconds(marker.marked_range.duration)
        if length < 0:
            raise TimelineError(f"The marker '{marker.name}' has a negative length", where=self._builder.path)
        self._builder.marker(
            transform,
            TimelineMarker(
                time,
                duration=length,
                name=marker.name or "",
                comment=comment or (note if isinstance(note, str) else ""),
                color=str(marker.color or "").upper(),
                scope=scope,
                ours=_is_emsync_item(marker),
            ),
        )


def _is_emsync_item(thing: Any) -> bool:
    return bool(OWN_KEY in thing.metadata)


def _is_emsync_track(track: Any) -> bool:
    """Tell whether emsync wrote a track and nobody else has put anything beside its clips."""
    if not isinstance(track, otio.schema.Track):
        return _is_emsync_item(track)
    shared = any(map(_is_emsync_item, track)) and any(map(_is_foreign, track))
    return _is_emsync_item(track) and not shared


def _is_foreign(child: Any) -> bool:
    return not isinstance(child, otio.schema.Gap) and not _is_emsync_item(child)


def _is_picture(track: otio.schema.Track) -> bool:
    return str(track.kind or "video").casefold() == "video"


def _reversed_start(start: Fraction, used: Fraction, shown: ClipMedia) -> Fraction:
    """Return the source time that a clip played backwards begins at.

    By OpenTimelineIO's arithmetic it is the start of its range, from where it runs down. Some editors keep the range
    of the forward clip instead; then the range below the start does not exist.

    Arguments:
        start: Start of the clip's source range in seconds.
        used: Seconds of source that it plays.
        shown: The media.
    """
    first = shown.begin if shown.begin is not None else _ZERO
    return start if start - used >= first else start + used
