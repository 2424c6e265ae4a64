"""The cut model, which every reader fills and spotting reads, in exact fractions of a second."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

from emsync_bridge.cue import TimedText

LeafKind = Literal["picture", "overlay", "generator", "title", "adjustment", "missing"]
MarkerScope = Literal["timeline", "track", "clip"]


class CoverageSpan(NamedTuple):
    """A stretch of an item during which it covers about one share of the frame.

    Arguments:
        start: Seconds from the timeline's first frame.
        end: Seconds from the timeline's first frame.
        share: Area times opacity, from 0 (unseen) to 1 (hides everything below it).
    """

    start: Fraction
    end: Fraction
    share: Fraction


@dataclass(frozen=True)
class TimelineClip:
    """A stretch of one source on one layer of picture.

    Arguments:
        start: Seconds from the timeline's first frame.
        end: Seconds from the timeline's first frame.
        layer: Position in the stack of tracks, compared lexicographically; the highest one hides the others.
        kind: Kind of content; ``overlay`` for media with alpha or in a blend mode, ``missing`` for a clip without
            media.
        media: Path or URL as the document gives it.
        source: Seconds of source at ``start``, in the media's own timecode; None when unknown.
        media_start: Seconds in the same timecode at which the media file begins; None when unknown.
        speed: Seconds of source per second of timeline; None when it varies.
        name: The clip's name.
        angle: The multicam angle, where there are several.
        file_id: Identifier of the file among several under one path; empty when a path means one file.
        source_error: Seconds by which ``source`` may be off, because the document rounds it.
        coverage: Share of the frame that it covers over its time, without gaps; empty when it covers all of it.
    """

    start: Fraction
    end: Fraction
    layer: tuple[int, ...]
    kind: LeafKind
    media: str | None = None
    source: Fraction | None = None
    media_start: Fraction | None = None
    speed: Fraction | None = Fraction(1)
    name: str = ""
    angle: str = ""
    file_id: str = ""
    source_error: Fraction = Fraction(0)
    coverage: tuple[CoverageSpan, ...] = ()

    def source_at(self, time: Fraction) -> Fraction | None:
        """Return the seconds of source that show at a time; None when that cannot be known."""
        if self.source is None or self.speed is None:
            return None
        return self.source + (time - self.start) * self.speed


@dataclass(frozen=True)
class DialogueClip:
    """A stretch of sound that is dialogue by its role or by the name of its track.

    Arguments:
        clip: Its place and its media.
        certain: Whether a person has sorted it so, and no editor's default for everything with picture and sound.
    """

    clip: TimelineClip
    certain: bool = True


@dataclass(frozen=True)
class TimelineTransition:
    """A dissolve or wipe: where it starts and ends, and the edit point that it covers."""

    start: Fraction
    end: Fraction
    edit: Fraction
    layer: tuple[int, ...]
    name: str = ""


@dataclass(frozen=True)
class TimelineMarker:
    """A marker, placed in the timeline's time whatever it was attached to.

    Arguments:
        time: Seconds from the timeline's first frame.
        duration: Seconds; 0 for a point.
        name: Its name.
        comment: Its note.
        color: Colour name in capitals as OpenTimelineIO has them; empty when none is given.
        scope: Kind of object that it was attached to.
        ours: Whether an earlier run of emsync wrote it.
    """

    time: Fraction
    duration: Fraction = Fraction(0)
    name: str = ""
    comment: str = ""
    color: str = ""
    scope: MarkerScope = "timeline"
    ours: bool = False


@dataclass(frozen=True)
class CutModel:
    """A timeline reduced to what the viewer sees.

    Arguments:
        name: The sequence's name.
        rate: Frames per second, exact.
        duration: Seconds to the end of the last item, sound included.
        leaves: All picture items, hidden ones included, disabled ones left out.
        transitions: All transitions between picture items.
        markers: All markers, with emsync's own among them.
        drop_frame: Whether timecode is counted in drop frame.
        start_frame: Frame number of the start timecode, counted from 00:00:00:00.
        warnings: Oddities of the document, in full sentences.
        captions: Lines of caption tracks and of subtitles beside the document.
        dialogue: Dialogue among the sound, in order of time.
    """

    name: str
    rate: Fraction
    duration: Fraction
    leaves: tuple[TimelineClip, ...] = ()
    transitions: tuple[TimelineTransition, ...] = ()
    markers: tuple[TimelineMarker, ...] = ()
    drop_frame: bool = False
    start_frame: int = 0
    warnings: tuple[str, ...] = ()
    captions: tuple[TimedText, ...] = ()
    dialogue: tuple[DialogueClip, ...] = ()

    @property
    def frame(self) -> Fraction:
        """Seconds of one frame."""
        return 1 / self.rate
