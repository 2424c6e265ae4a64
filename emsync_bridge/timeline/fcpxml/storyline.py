"""Storylines of FCPXML: their items, and what is connected to them or nested in them, onto the timeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from emsync_bridge.timeline.cut.builder import MAX_SECONDS, ClipContent, CutBuilder
from emsync_bridge.timeline.cut.coverage import combine
from emsync_bridge.timeline.cut.model import CoverageSpan, LeafKind, TimelineMarker
from emsync_bridge.timeline.cut.retiming import Retiming, TimeTransform
from emsync_bridge.timeline.fcpxml.appearance import appearance_of
from emsync_bridge.timeline.fcpxml.conform import ConformRates
from emsync_bridge.timeline.fcpxml.document import OUR_PREFIX, STORY, Fcpxml, sequence_rate, time_of
from emsync_bridge.timeline.fcpxml.items import (
    begin_of,
    color_of,
    connected_elements,
    contained_elements,
    duration_of,
    gives_picture,
    inner_shift,
    is_enabled,
    is_spoken,
    is_still,
    kind_of,
    lane_of,
    media_of,
    picked_item,
    shown_angle,
    start_of,
    text_of,
    time_map,
)
from emsync_bridge.timeline.xml.tree import Node

MAX_NESTING = 64
_GENERATOR_START = Fraction(3600)  # where the own clock of titles, gaps and transitions begins


@dataclass(frozen=True)
class StoryLevel:
    """Surroundings of an element: rate, clock, layer and resources.

    Arguments:
        rate: Frames per second of the sequence that it is in.
        clock: Transform from the timeline's clock to the clock that its ``offset`` counts in, as long as that is shown.
        layer: Layer on the timeline of what is on its lane.
        inside: Resources around it.
        angle: The multicam angle that it belongs to.
        name: Name of the clip that contains it.
        marks: Whether its markers are seen on the timeline.
        depth: Number of elements around it.
        sequence: The sequence or multicam that it is in.
        coverage: Coverage of the items that contain it.
    """

    rate: Fraction
    clock: TimeTransform
    layer: tuple[int, ...]
    inside: tuple[str, ...] = ()
    angle: str = ""
    name: str = ""
    marks: bool = True
    depth: int = 0
    sequence: Node | None = None
    coverage: tuple[CoverageSpan, ...] = ()


@dataclass
class StorylineWalk:
    """Goes down from the primary storyline into everything that is connected to it or nested in it."""

    fcpxml: Fcpxml
    builder: CutBuilder
    conform: ConformRates
    lost: int = 0
    markers_inside: int = 0

    def storyline(self, spines: Iterable[Node], level: StoryLevel, begin: Fraction = Fraction(0)) -> None:
        """Put the items of storylines or of a multicam angle onto the timeline, with the transitions between them.

        Arguments:
            spines: Storylines or angles.
            level: Surroundings of the storylines.
            begin: Beginning of the first item where the item does not say.
        """
        for spine in spines:
            end = begin
            places: list[tuple[Node, Fraction, Fraction]] = []
            for item in spine.children:
                if item.tag not in (*STORY, "transition"):
                    continue
                offset = time_of(item, "offset")
                duration = duration_of(self.fcpxml, picked_item(item))
                if duration is None:
                    self.lost += 1
                elif item.tag == "transition":
                    start = end - duration / 2 if offset is None else offset
                    places.append((item, start, start + duration))
                else:
                    start = end if offset is None else offset
                    end = start + duration
                    places.append((item, start, end))
            for index, (item, start, last) in enumerate(places):
                if item.tag == "transition":
                    edit = places[index + 1][1] if index + 1 < len(places) else places[index - 1][2] if index else start
                    self._transition(item, start, last, edit=edit, level=level)
                else:
                    self.item(item, start, level)

    def item(self, item: Node, offset: Fraction, level: StoryLevel) -> None:
        """Put a story element onto the timeline, with what it contains and what is connected to it.

        Arguments:
            item: The element.
            offset: Beginning of the element on the clock around it.
            level: Surroundings of the element.
        """
        self.builder.step()
        item = picked_item(item)
        duration = duration_of(self.fcpxml, item)
        if duration is None or level.depth > MAX_NESTING:
            self.lost += 1
            return
        speed = self.conform.speed(item, level.rate)
        start = start_of(item)
        # The item's own clock, which its markers and connections count in, runs on beyond its ends.
        own = level.clock.then(
            TimeTransform(offset - MAX_SECONDS, offset + MAX_SECONDS, start - MAX_SECONDS * speed, speed)
        )
        if own is None:
            return
        end = start + duration * speed
        shown = own.part(start, end)
        ours = item.attributes.get("ref", "").startswith(OUR_PREFIX)
        if shown is not None:
            self.builder.reach(own, end, ours=ours)
        if is_enabled(item) and shown is not None:
            if gives_picture(item):
                own_coverage = self.builder.coverage(shown, appearance_of(self.fcpxml, item, level.sequence))
                self._content(item, shown, replace(level, coverage=combine(own_coverage, level.coverage)))
            if is_spoken(item) and not ours:
                self._speech(item, shown, level)
            self._markers(item, shown, level, ours=ours)
            self._words(item, own, shown)
        self._connected(item, own, level)

    def _content(self, item: Node, shown: TimeTransform, level: StoryLevel) -> None:
        """Put what an item itself shows onto the timeline."""
        inner = replace(level, layer=(*level.layer, 0), depth=level.depth + 1)
        kind = kind_of(self.fcpxml, item)
        retiming = time_map(self.fcpxml, item)
        if kind is not None:
            self._leaf(item, shown, retiming, kind, inner)
            return
        parts = retiming.transforms(*self._range(shown)) if retiming else []
        for clock in (shown.then(part) for part in parts) if parts else (shown,):
            if clock is not None:
                self._inside(item, replace(inner, clock=clock))

    def _leaf(
        self,
        item: Node,
        shown: TimeTransform,
        retiming: Retiming | None,
        kind: tuple[LeafKind, Node | None],
        level: StoryLevel,
    ) -> None:
        what, asset = kind
        content = replace(self._heard(item, shown, retiming, asset, level), kind=what)
        self.builder.leaf(shown, *self._range(shown), layer=level.layer, content=content)

    def _speech(self, item: Node, shown: TimeTransform, level: StoryLevel) -> None:
        """Add an item's dialogue; the role of a clip with picture may be what Final Cut Pro gives to all of them."""
        found = self.fcpxml.resource(item)
        asset = found if found is not None and found.tag == "asset" else None
        silent = asset is not None and asset.attributes.get("hasAudio", "1") != "1"
        if not silent:
            certain = asset is not None and asset.attributes.get("hasVideo") != "1"
            content = self._heard(item, shown, time_map(self.fcpxml, item), asset, level)
            self.builder.speech(shown, *self._range(shown), content=content, certain=certain)

    def _heard(
        self, item: Node, shown: TimeTransform, retiming: Retiming | None, asset: Node | None, level: StoryLevel
    ) -> ClipContent:
        """Return the stretch of an asset that an item plays."""
        start = (time_of(asset, "start") or Fraction(0)) if asset else None
        source: Retiming | None = None
        if asset is not None and start is not None:
            still = Retiming.steady(shown.local, start, Fraction(0)) if is_still(asset) else None
            shift = inner_shift(self.fcpxml, item)
            source = still or retiming or Retiming.steady(shown.local, shown.local + shift)
        return ClipContent(
            kind="picture",
            media=media_of(asset) if asset else None,
            source=source,
            media_start=start,
            name=item.attributes.get("name") or level.name,
            angle=level.angle,
            nest_coverage=level.coverage,
        )

    def _range(self, shown: TimeTransform) -> tuple[Fraction, Fraction]:
        """Return from when to when the inner clock of a transform runs, a frame at least."""
        low, high = sorted((shown.local, shown.local_at(shown.end)))
        return low, max(high, low + self.builder.frame)

    def _inside(self, item: Node, level: StoryLevel) -> None:
        """Put what is in a clip, compound clip or multicam clip onto the timeline, on the clock of its inside."""
        if item.tag in ("clip", "sync-clip"):
            name = item.attributes.get("name", "")
            within = replace(level, name=name, marks=level.marks and item.tag == "clip")
            for child in contained_elements(item):
                self._placed(child, within)
            return
        reference = item.attributes.get("ref", "")
        media = self.fcpxml.resource(item)
        if item.tag not in ("ref-clip", "mc-clip") or media is None:
            return
        if reference in level.inside:
            self.builder.warn(f"'{item.attributes.get('name', '')}' contains itself; the inner one was left out")
            return
        # The inside counts in its own timecode.
        clock = replace(level.clock, local=level.clock.local + inner_shift(self.fcpxml, item))
        within = replace(level, clock=clock, inside=(*level.inside, reference), marks=False)
        sequence, multicam = media.child("sequence"), media.child("multicam")
        if item.tag == "ref-clip" and sequence is not None:
            rate = sequence_rate(self.fcpxml, sequence, level.rate)
            self.storyline(sequence.all("spine"), replace(within, rate=rate, sequence=sequence), begin_of(sequence))
        elif item.tag == "mc-clip" and multicam is not None:
            angle = shown_angle(item, multicam)
            if angle is not None:
                name = angle.attributes.get("name") or angle.attributes.get("angleID", "")
                rate = sequence_rate(self.fcpxml, multicam, level.rate)
                inner = replace(within, rate=rate, angle=name, sequence=multicam)
                self.storyline([angle], inner, begin_of(multicam))

    def _connected(self, item: Node, own: TimeTransform, level: StoryLevel) -> None:
        """Put what is connected to an item onto the timeline: it begins on the item's clock and runs at its own."""
        for child in connected_elements(item):
            offset = time_of(child, "offset")
            if offset is None:
                offset = start_of(item)
            if own.speed == 0:
                continue
            at = own.start + (offset - own.local) / own.speed
            begin, around = own.start, level.clock.speed
            clock = TimeTransform(begin, own.end, offset + (begin - at) * around, around)
            layer = (*level.layer, lane_of(child))
            self._placed(child, replace(level, clock=clock, layer=layer, depth=level.depth + 1))

    def _placed(self, child: Node, level: StoryLevel) -> None:
        offset = time_of(child, "offset") or Fraction(0)
        if child.tag != "spine":
            self.item(child, offset, level)
            return
        # The items of a storyline count from its own beginning.
        clock = replace(level.clock, local=level.clock.local - offset)
        self.storyline([child], replace(level, clock=clock))

    def _transition(
        self, item: Node, start: Fraction, end: Fraction, *, edit: Fraction | None, level: StoryLevel
    ) -> None:
        edit = start if edit is None else min(max(edit, start), end)
        # On the layer of the items that it joins, not of those connected to them
        self.builder.transition(
            level.clock,
            start,
            end,
            edit=edit,
            layer=(*level.layer, 0),
            name=item.attributes.get("name", ""),
        )
        for marker in item.children:
            time = time_of(marker, "start")
            if marker.tag not in ("marker", "chapter-marker") or time is None:
                continue
            inside = time - _GENERATOR_START
            at = start + inside if 0 <= inside < end - start else min(max(time, start), end)
            self._marker(marker, level.clock, at, level, ours=False)

    def _words(self, item: Node, own: TimeTransform, shown: TimeTransform) -> None:
        """Add the words of a title, and of the captions that are connected to an item."""
        if item.tag == "title":
            lasting = duration_of(self.fcpxml, item) or Fraction(0)
            self.builder.words(shown, start_of(item), lasting, text_of(item), "title")
        for child in item.children:
            offset, length = time_of(child, "offset"), time_of(child, "duration")
            if child.tag == "caption" and is_enabled(child) and length is not None:
                at = start_of(item) if offset is None else offset
                self.builder.words(own, at, length, text_of(child))

    def _markers(self, item: Node, shown: TimeTransform, level: StoryLevel, *, ours: bool) -> None:
        for marker in item.children:
            time = time_of(marker, "start")
            if marker.tag in ("marker", "chapter-marker") and time is not None:
                self._marker(marker, shown, time, level, ours=ours)

    def _marker(self, marker: Node, clock: TimeTransform, time: Fraction, level: StoryLevel, *, ours: bool) -> None:
        if not level.marks:
            self.markers_inside += 1
            return
        length = time_of(marker, "duration") or Fraction(0)
        self.builder.marker(
            clock,
            TimelineMarker(
                time,
                duration=length if length * self.builder.rate > Fraction(3, 2) else Fraction(0),
                name=marker.attributes.get("value", ""),
                comment=marker.attributes.get("note", ""),
                color=color_of(marker),
                scope="timeline" if ours else "clip",
                ours=ours,
            ),
        )
