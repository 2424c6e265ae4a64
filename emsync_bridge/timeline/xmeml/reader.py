"""Final Cut Pro 7 XML reader: a sequence to the cut model."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

from emsync_bridge.timeline.cut.builder import ClipContent, CutBuilder
from emsync_bridge.timeline.cut.coverage import combine
from emsync_bridge.timeline.cut.dialogue import is_dialogue_track
from emsync_bridge.timeline.cut.model import CoverageSpan, CutModel, MarkerScope, TimelineMarker
from emsync_bridge.timeline.cut.retiming import TimeTransform
from emsync_bridge.timeline.markers import color as marker_color
from emsync_bridge.timeline.source import Source
from emsync_bridge.timeline.xmeml.appearance import appearance_of
from emsync_bridge.timeline.xmeml.clips import (
    PlacedClip,
    TrackTransition,
    active_angle,
    clip_rate,
    file_of,
    joins,
    kind_of,
    media_start_of,
    place,
    source_of,
    title_text,
)
from emsync_bridge.timeline.xmeml.document import (
    OUR_NOTE,
    OUR_PREFIX,
    Xmeml,
    is_true,
    number,
    open_xmeml,
    sequence_rate,
    timecode_of,
    tracks,
)
from emsync_bridge.timeline.xml.tree import Node

MAX_NESTING = 32


def read(source: Source) -> CutModel:
    """Return the cut model of a sequence.

    Arguments:
        source: An xmeml file of version 4 or 5.

    Raises:
        TimelineError: The document is damaged, holds no such sequence, or several and the source names none.
    """
    return read_xmeml(open_xmeml(source.path, source.document), sequence=source.sequence, rate=source.rate)


def read_xmeml(xmeml: Xmeml, *, sequence: str | None = None, rate: Fraction | None = None) -> CutModel:
    """Return the cut model of a sequence in a document that is open.

    Arguments:
        xmeml: The document.
        sequence: Name of the sequence; None for the one that contains the others.
        rate: Frames per second for a sequence that states none.

    Raises:
        TimelineError: It holds no such sequence, or several and ``sequence`` is None.
    """
    node, notes = xmeml.choose(sequence)
    own = sequence_rate(xmeml, node, rate)
    builder = CutBuilder(xmeml.path, own)
    for note in notes:
        builder.warn(note)
    if rate is not None and rate != own:
        builder.warn(f"The sequence itself says {float(own):.6g} frames per second; the rate given was not used")
    walk = _Walk(xmeml, builder, premiere=xmeml.from_premiere())
    walk.sequence(node, _Level(own, builder.whole(), (), (node.start,)))
    timecode = timecode_of(node, own)
    start_frame = round(timecode[0] * own / timecode[1]) if timecode else 0
    _sequence_markers(builder, node, own, start_frame, premiere=walk.premiere)
    _notes(builder, node, walk, own)
    return builder.build(
        node.value("name") or xmeml.path.stem,
        drop_frame=bool(timecode and timecode[2] and own == timecode[1]),
        start_frame=start_frame,
    )


@dataclass(frozen=True)
class _Level:
    """Surroundings of a sequence among the nests.

    Arguments:
        rate: Its frames per second.
        transform: Transform from the timeline's clock to its own.
        layer: Layer of the nest on the timeline.
        inside: Positions in the document of the sequences around it and of itself.
        coverage: Coverage of the nest.
    """

    rate: Fraction
    transform: TimeTransform
    layer: tuple[int, ...] = ()
    inside: tuple[int, ...] = ()
    coverage: tuple[CoverageSpan, ...] = ()


@dataclass(frozen=True)
class _Clip:
    """Clip worked out once however often its sequence is nested; times in seconds of that sequence."""

    placed: PlacedClip
    start: Fraction
    end: Fraction
    nest: Node | None
    content: ClipContent


@dataclass(frozen=True)
class _Track:
    """A video track: whether it is switched on, its clips and its transitions."""

    enabled: bool
    clips: tuple[_Clip, ...]
    joins: tuple[TrackTransition, ...]


@dataclass
class _Walk:
    """Goes down from a sequence into its nests."""

    xmeml: Xmeml
    builder: CutBuilder
    premiere: bool
    laid_out: dict[tuple[int, Fraction], list[_Track]] = field(default_factory=dict)
    lost: int = 0
    markers_inside: int = 0

    def sequence(self, node: Node, level: _Level) -> None:
        """Put a sequence's picture onto the timeline, and on the first level what its sound adds."""
        rate, transform = level.rate, level.transform
        for index, track in enumerate(self._laid_out(node, rate)):
            on_track = replace(level, layer=(*level.layer, index))
            for clip in track.clips:
                # What is switched off still makes the sequence as long as it is.
                self.builder.reach(transform, clip.end)
                if track.enabled and is_true(clip.placed.node, "enabled", default=True):
                    self._clip(clip, on_track)
            for join in track.joins if track.enabled else ():
                self.builder.transition(
                    transform,
                    join.start / rate,
                    join.end / rate,
                    edit=join.edit / rate,
                    layer=on_track.layer,
                    name=join.name,
                )
        if len(level.inside) > 1:
            self.markers_inside += len(node.all("marker"))
            return
        for track_node in tracks(node, "audio"):
            heard = is_true(track_node, "enabled", default=True)
            clips = place(track_node, joins(track_node, rate), rate)[0]
            # Premiere writes the names of tracks as attributes, other programs as elements; the audio types of
            # Premiere's Essential Sound panel are not in its XML
            name = track_node.value("name") or track_node.attributes.get("MZ.TrackName", "")
            spoken = is_dialogue_track(name, [placed.node.value("name") for placed in clips])
            for placed in clips:
                ours = is_emsync_clip(placed.node)
                self.builder.reach(transform, placed.end / rate, ours=ours)
                if heard and not ours and is_true(placed.node, "enabled", default=True):
                    self._clip_markers(placed, level)
                    if spoken:
                        clip = self._worked_out(placed, node, rate)
                        self.builder.speech(transform, clip.start, clip.end, content=clip.content)

    def _laid_out(self, node: Node, rate: Fraction) -> list[_Track]:
        key = (node.start, rate)
        if key not in self.laid_out:
            self.laid_out[key] = []
            for track in tracks(node, "video"):
                enabled = is_true(track, "enabled", default=True)
                found = joins(track, rate)
                placed, lost = place(track, found, rate)
                self.lost += lost if enabled else 0
                clips = tuple(self._worked_out(clip, node, rate) for clip in placed)
                self.laid_out[key].append(_Track(enabled, clips, tuple(found.values())))
        return self.laid_out[key]

    def _worked_out(self, placed: PlacedClip, sequence: Node, rate: Fraction) -> _Clip:
        item = placed.node
        nest = item.child("sequence")
        if nest is not None and nest.child("media") is None:
            nest = self.xmeml.by_id.get(nest.attributes.get("id", ""))
        kind, media = kind_of(self.xmeml, item)
        file = file_of(self.xmeml, item)
        source = (
            source_of(item, placed, rate, file) if nest or media or kind in ("picture", "overlay", "missing") else None
        )
        media_start = media_start_of(file)
        angle = active_angle(self.xmeml, item)
        return _Clip(
            placed=placed,
            start=placed.start / rate,
            end=placed.end / rate,
            nest=nest,
            content=ClipContent(
                kind=kind,
                media=media,
                source=source.later(media_start) if source else None,
                media_start=media_start if source else None,
                name=item.value("name"),
                angle=angle.value("clip", "name") if angle else "",
                file_id=str(media_start) if media in self.xmeml.namesakes else "",
                appearance=appearance_of(self.xmeml, item, placed, (sequence, rate)),
            ),
        )

    def _clip(self, clip: _Clip, level: _Level) -> None:
        if len(level.inside) == 1:
            self._clip_markers(clip.placed, level)
        if clip.nest is not None:
            self._nested(clip, clip.nest, level)
            return
        if clip.placed.node.tag == "generatoritem":
            text = title_text(clip.placed.node)
            self.builder.words(level.transform, clip.start, clip.end - clip.start, text, "title")
        self.builder.leaf(
            level.transform,
            clip.start,
            clip.end,
            layer=level.layer,
            content=replace(clip.content, nest_coverage=level.coverage),
        )

    def _nested(self, clip: _Clip, nest: Node, level: _Level) -> None:
        if nest.start in level.inside or len(level.inside) > MAX_NESTING:
            self.builder.warn(f"The sequence '{nest.value('name')}' is nested in itself; the inner one was left out")
            return
        if clip.content.source is None:
            self.builder.warn(f"The nested sequence '{nest.value('name')}' has an unknown speed and was left out")
            return
        own = sequence_rate(self.xmeml, nest, level.rate)
        covered = self.builder.coverage(level.transform.part(clip.start, clip.end), clip.content.appearance)
        outer = combine(covered, level.coverage)
        for part in clip.content.source.transforms(clip.start, clip.end):
            shown = level.transform.then(part)
            if shown is not None:
                self.sequence(nest, _Level(own, shown, level.layer, (*level.inside, nest.start), outer))

    def _clip_markers(self, clip: PlacedClip, level: _Level) -> None:
        """Put the markers of a clip onto the timeline: they count in source time."""
        found = clip.node.all("marker")
        source = source_of(clip.node, clip, level.rate, file_of(self.xmeml, clip.node)) if found else None
        if source is None:
            return
        counted = clip_rate(clip.node, clip, level.rate)
        for marker in found:
            frame = number(marker.value("in"))
            time = source.time_of(frame / counted) if frame is not None else None
            if time is not None and clip.start / level.rate <= time < clip.end / level.rate:
                _mark(self.builder, level.transform, marker, _Moment(time, counted, "clip"), premiere=self.premiere)


@dataclass(frozen=True)
class _Moment:
    """Position of a marker: seconds, the rate that its own frames count in, and the object that it is attached to."""

    time: Fraction
    rate: Fraction
    scope: MarkerScope


def is_emsync_track(track: Node) -> bool:
    """Tell whether emsync wrote a track: all its clips carry ids that emsync gave."""
    clips = track.all("clipitem")
    return bool(clips) and all(map(is_emsync_clip, clips))


def is_emsync_clip(clip: Node) -> bool:
    """Tell whether emsync wrote a clip: its id is one that emsync gave."""
    return clip.attributes.get("id", "").startswith(OUR_PREFIX)


def is_emsync_marker(marker: Node) -> bool:
    """Tell whether emsync wrote a marker: its comment says so."""
    return marker.value("comment").endswith(OUR_NOTE)


def _sequence_markers(builder: CutBuilder, node: Node, rate: Fraction, start_frame: int, *, premiere: bool) -> None:
    """Put the sequence's own markers onto the timeline: they count frames from its start."""
    frames = [(marker, number(marker.value("in"))) for marker in node.all("marker")]
    last = builder.end * rate
    for marker, frame in frames:
        if frame is None or frame < 0:
            builder.warn("A marker of the sequence has no frame and was left out")
            continue
        # Some writers count from 00:00:00:00.
        at = frame - start_frame if 0 < start_frame <= frame and frame > last else frame
        _mark(builder, builder.whole(), marker, _Moment(at / rate, rate, "timeline"), premiere=premiere)


def _mark(builder: CutBuilder, transform: TimeTransform, marker: Node, at: _Moment, *, premiere: bool) -> None:
    first, last = number(marker.value("in")), number(marker.value("out"))
    length = last - first if first is not None and last is not None and last > first + 1 else Fraction(0)
    ours = is_emsync_marker(marker)
    comment = marker.value("comment")
    builder.marker(
        transform,
        TimelineMarker(
            at.time,
            duration=length / at.rate,
            name=marker.value("name"),
            comment=comment[: -len(OUR_NOTE)].rstrip() if ours else comment,
            color=_color(marker, premiere=premiere),
            scope=at.scope,
            ours=ours,
        ),
    )


def _color(marker: Node, *, premiere: bool) -> str:
    ticks = marker.value("pproColor")
    if ticks.isascii() and ticks.isdigit() and len(ticks) <= 10:
        return marker_color.from_premiere(int(ticks))
    color = marker.child("color")
    parts = [number(color.value(tag)) for tag in ("red", "green", "blue")] if color else []
    known = [part for part in parts if part is not None and 0 <= part <= 65535]
    if len(known) == 3:
        scale = 257 if max(known) > 255 else 1
        return marker_color.from_rgb(*(int(part / scale) for part in known))
    return marker_color.PREMIERE_DEFAULT if premiere else ""


def _notes(builder: CutBuilder, node: Node, walk: _Walk, rate: Fraction) -> None:
    stated = number(node.value("duration"))
    if stated is not None and stated / rate < builder.end:
        builder.warn(
            f"The sequence says that it has {stated} frames, but its last item ends at {builder.end * rate}; "
            "the item was believed"
        )
    if walk.lost:
        builder.warn(f"{walk.lost} clips without a place or a length on their track were left out")
    if walk.markers_inside:
        builder.warn(f"{walk.markers_inside} markers inside nested sequences are not used")
