"""Builder of a cut model: places items, given in the time of what they are nested in, on the timeline's frames."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from emsync_bridge.cue import TextSource, TimedText
from emsync_bridge.errors import TimelineError
from emsync_bridge.timecode import frame_at
from emsync_bridge.timeline.cut.coverage import UNSEEN_SHARE, Appearance, combine, coverage, within
from emsync_bridge.timeline.cut.model import (
    CoverageSpan,
    CutModel,
    DialogueClip,
    LeafKind,
    TimelineClip,
    TimelineMarker,
    TimelineTransition,
)
from emsync_bridge.timeline.cut.retiming import Retiming, TimeTransform

MAX_STEPS = 200_000  # nests can multiply a small document into an endless one
MAX_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True)
class ClipContent:
    """Content of a clip: its media and the part of it that is shown.

    Arguments:
        kind: Kind as in the cut model.
        media: Path or URL as the document gives it.
        source: Transform from the clock of the clip's start to source timecode; None when unknown.
        media_start: Source timecode at which the media file begins.
        name: The clip's name.
        angle: The multicam angle.
        file_id: Identifier of the file among several under one path.
        appearance: Position in the frame and opacity, on the clock of the clip's start; None when the document does not
            say.
        nest_coverage: Coverage of the nests around it, in time of the timeline.
    """

    kind: LeafKind
    media: str | None = None
    source: Retiming | None = None
    media_start: Fraction | None = None
    name: str = ""
    angle: str = ""
    file_id: str = ""
    appearance: Appearance | None = None
    nest_coverage: tuple[CoverageSpan, ...] = ()


@dataclass
class CutBuilder:
    """Collects leaves, transitions and markers of one timeline.

    Every method takes the transform from the timeline's clock to the clock that the item's times are in. Edges between
    two frames move to the nearer one, as editors show them.

    Arguments:
        path: The file, for messages.
        rate: Frames per second of the timeline.
    """

    path: Path
    rate: Fraction
    leaves: list[TimelineClip] = field(default_factory=list)
    transitions: list[TimelineTransition] = field(default_factory=list)
    markers: dict[TimelineMarker, None] = field(default_factory=dict)
    captions: list[TimedText] = field(default_factory=list)
    dialogue: dict[DialogueClip, None] = field(default_factory=dict)
    warnings: dict[str, None] = field(default_factory=dict)
    end: Fraction = Fraction(0)
    own_end: Fraction = Fraction(0)
    steps: int = 0
    hidden_markers: int = 0

    @property
    def frame(self) -> Fraction:
        """Seconds of one frame."""
        return 1 / self.rate

    def whole(self) -> TimeTransform:
        """Return the transform from the timeline's clock to itself."""
        return TimeTransform(Fraction(0), Fraction(MAX_SECONDS), Fraction(0))

    def warn(self, sentence: str) -> None:
        """Add a warning, once."""
        self.warnings[sentence] = None

    def step(self) -> None:
        """Count one item, shown or not.

        Raises:
            TimelineError: There are more than any timeline has.
        """
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise TimelineError(
                f"The timeline has more than {MAX_STEPS} items", where=self.path, hint="Look for nests within nests"
            )

    def reach(self, transform: TimeTransform, end: Fraction, *, ours: bool = False) -> None:
        """Note that picture or sound goes on until an inner time.

        Arguments:
            transform: Transform from the timeline's clock to the clock of ``end``.
            end: End.
            ours: Whether emsync put it there; then it counts only in a timeline that holds nothing else.
        """
        self.step()
        if not transform.speed:
            return
        last = transform.start + (end - transform.local) / transform.speed
        last = self._snap(min(max(last, transform.start), transform.end))
        if ours:
            self.own_end = max(self.own_end, last)
        else:
            self.end = max(self.end, last)

    def leaf(
        self, transform: TimeTransform, start: Fraction, end: Fraction, *, layer: tuple[int, ...], content: ClipContent
    ) -> None:
        """Add a stretch of one source.

        Arguments:
            transform: Transform from the timeline's clock to the clock of ``start`` and ``end``.
            start: Start.
            end: End.
            layer: Position in the stack of tracks.
            content: Media of the clip, and the part of it that shows.
        """
        self.step()
        shown = transform.part(start, end)
        clip = self._clip(shown, layer, content)
        if shown is None or clip is None:
            return
        covered = combine(self.coverage(shown, content.appearance), content.nest_coverage)
        if covered and all(span.share < UNSEEN_SHARE for span in covered):
            return
        self.leaves.append(replace(clip, coverage=within(covered, clip.start, clip.end)))
        self.end = max(self.end, clip.end)

    def speech(
        self, transform: TimeTransform, start: Fraction, end: Fraction, *, content: ClipContent, certain: bool = True
    ) -> None:
        """Add a stretch of dialogue; the channels of one recording count once.

        Arguments:
            transform: Transform from the timeline's clock to the clock of ``start`` and ``end``.
            start: Start.
            end: End.
            content: Media of the clip, and the part of it that sounds.
            certain: Certainty as in ``DialogueClip``.
        """
        self.step()
        clip = self._clip(transform.part(start, end), (), content)
        if clip is not None:
            self.dialogue[DialogueClip(clip, certain)] = None

    def _clip(self, shown: TimeTransform | None, layer: tuple[int, ...], content: ClipContent) -> TimelineClip | None:
        """Return a clip on whole frames; None when nothing of it shows."""
        if shown is None:
            return None
        first, last = self._snap(shown.start), self._snap(shown.end)
        if first >= last:
            return None
        at: Fraction | None = None
        speed: Fraction | None = None
        source = content.source
        if source is not None:
            at, speed = source.at(shown.local), self._speed(source, shown)
            if speed is not None:
                at += (first - shown.start) * speed
        return TimelineClip(
            start=first,
            end=last,
            layer=layer,
            kind=content.kind,
            media=content.media,
            source=at,
            media_start=content.media_start,
            speed=speed,
            name=content.name,
            angle=content.angle,
            file_id=content.file_id,
        )

    def coverage(self, shown: TimeTransform | None, appearance: Appearance | None) -> tuple[CoverageSpan, ...]:
        """Return the coverage of an item over its time on the timeline; nothing when it fills the frame.

        Arguments:
            shown: Transform from the timeline's clock to the item's, for as long as the item shows.
            appearance: Position in the frame and opacity; None when the document does not say.
        """
        return () if appearance is None or shown is None else coverage(appearance, shown, self.frame)

    def transition(
        self,
        transform: TimeTransform,
        start: Fraction,
        end: Fraction,
        edit: Fraction,
        *,
        layer: tuple[int, ...],
        name: str = "",
    ) -> None:
        """Add a dissolve or wipe, given the times of its start, its end and the edit that it covers."""
        self.step()
        if transform.speed == 0:
            return
        edges = sorted(transform.start + (time - transform.local) / transform.speed for time in (start, end))
        at = transform.start + (edit - transform.local) / transform.speed
        first, last = max(edges[0], transform.start), min(edges[1], transform.end)
        if first < last and transform.start <= at <= transform.end:
            self.transitions.append(
                TimelineTransition(self._snap(first), self._snap(last), self._snap(at), layer, name)
            )

    def marker(self, transform: TimeTransform, marker: TimelineMarker) -> None:
        """Add a marker if the moment that it stands on is shown at all.

        Arguments:
            transform: Transform from the timeline's clock to the clock of the marker's time and duration.
            marker: The marker on that clock.
        """
        self.step()
        at = transform.time_of(marker.time)
        if at is None:
            self.hidden_markers += 1
            return
        speed = abs(transform.speed)
        length = min(marker.duration / speed, transform.end - at) if speed else Fraction(0)
        self.markers[replace(marker, time=self._snap(at), duration=self._snap(length))] = None

    def words(
        self, transform: TimeTransform, time: Fraction, duration: Fraction, text: str, source: TextSource = "caption"
    ) -> None:
        """Add the words of a caption or a title if they are shown at all.

        Arguments:
            transform: The clock that the time counts on.
            time: Start.
            duration: Length of time that they hold, on the same clock.
            text: The words.
            source: Kind of text.
        """
        self.step()
        at = transform.time_of(time)
        if at is not None and text.strip() and transform.speed:
            end = min(at + duration / abs(transform.speed), transform.end)
            self.captions.append(TimedText(float(at), " ".join(text.split()), source, float(end)))

    def build(self, name: str, *, drop_frame: bool, start_frame: int) -> CutModel:
        """Return the cut model.

        Arguments:
            name: The sequence's name.
            drop_frame: Whether timecode is counted in drop frame.
            start_frame: Frame number of the start timecode.

        Raises:
            TimelineError: Nothing was added, or something lies days away.
        """
        self.end = self.end or self.own_end
        if self.end <= 0:
            raise TimelineError(
                f"The sequence '{name}' is empty", where=self.path, hint="Export the sequence that holds the cut"
            )
        if self.end >= MAX_SECONDS - 1:
            raise TimelineError(
                f"The sequence '{name}' is longer than a week", where=self.path, hint="Look for a clip far off the end"
            )
        if self.hidden_markers and not self.markers:
            self.warn(f"None of {self.hidden_markers} markers is in the part that its clip shows")
        if all(leaf.kind == "adjustment" for leaf in self.leaves):
            self.warn(f"The sequence '{name}' holds sound but no picture")
        return CutModel(
            name=name,
            rate=self.rate,
            duration=self.end,
            leaves=tuple(sorted(self.leaves, key=lambda leaf: (leaf.start, leaf.layer))),
            transitions=tuple(sorted(self.transitions, key=lambda span: (span.edit, span.layer))),
            markers=tuple(sorted(self.markers, key=lambda marker: marker.time)),
            drop_frame=drop_frame,
            start_frame=start_frame,
            warnings=tuple(self.warnings),
            captions=tuple(sorted(self.captions, key=lambda caption: caption.start)),
            dialogue=tuple(sorted(self.dialogue, key=lambda each: each.clip.start)),
        )

    def _snap(self, time: Fraction) -> Fraction:
        return frame_at(time, self.rate) / self.rate

    @staticmethod
    def _speed(source: Retiming, shown: TimeTransform) -> Fraction | None:
        if shown.speed == 0:
            return Fraction(0)
        low, high = sorted((shown.local, shown.local_at(shown.end)))
        speed = source.speed(low, high)
        return None if speed is None else speed * shown.speed
