"""Spotting of a picture: shots, hit points, timed texts and directives."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from emsync_bridge.timecode import to_timecode

HitKind = Literal["cut", "transition", "marker", "start", "end"]


@dataclass(frozen=True)
class HitPoint:
    """A moment that the music should land on.

    Arguments:
        time: Seconds from the timeline's start.
        frame: The frame that begins there, counted from 0 at the timeline's start.
        kind: Kind of hit.
        weight: Importance from 0 to 1.
        name: The marker's name, or what comes into view.
        answered: Whether the composer is asked to land on it (False when thinned by a minimum gap).
        span: Start and end in seconds of a transition.
        merged: Frames of other changes of the picture so close to it that they count as one with it.
    """

    time: float
    frame: int
    kind: HitKind
    weight: float = 1.0
    name: str = ""
    answered: bool = True
    span: tuple[float, float] | None = None
    merged: tuple[int, ...] = ()


@dataclass(frozen=True)
class Shot:
    """A stretch of picture between two changes, with the media that shows there.

    Arguments:
        start: Seconds from the timeline's start.
        end: Seconds from the timeline's start.
        media: Path or URL as the timeline gives it; None for black, titles and generators.
        source_start: Seconds from the media's first frame at ``start``; None when unknown.
        source_end: Seconds from the media's first frame at ``end``; None when unknown.
        name: The clip's name.
    """

    start: float
    end: float
    media: str | None = None
    source_start: float | None = None
    source_end: float | None = None
    name: str = ""

    @property
    def duration(self) -> float:
        """Seconds of the timeline that it fills."""
        return self.end - self.start


@dataclass(frozen=True)
class DetectedShots:
    """Shots of a movie as detected in its picture; times are seconds from its first frame.

    Arguments:
        rate: Frames per second, exact; a variable rate is conformed to it.
        duration: Seconds, a whole number of frames, as far as the picture could be decoded.
        cuts: The first frame of each new shot after a hard cut.
        transitions: Start and end of each fade or dissolve.
        start_timecode: Timecode of the first frame, where the file carries one.
        warnings: Oddities of the file, in full sentences.
    """

    rate: Fraction
    duration: Fraction
    cuts: tuple[Fraction, ...] = ()
    transitions: tuple[tuple[Fraction, Fraction], ...] = ()
    start_timecode: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Directive:
    """Order of the editor's, given by a marker named ``emsync: ...``.

    Arguments:
        start: Seconds from the timeline's start.
        text: The order as written, without the prefix, such as ``joy`` or ``valence=-0.4 arousal=0.7``.
        end: Seconds where a marker with a length ends; None means until the next directive.
    """

    start: float
    text: str
    end: float | None = None


TextSource = Literal["marker", "clip", "title", "caption", "script"]


@dataclass(frozen=True)
class TimedText:
    """Words that belong to a moment or a stretch of a timeline.

    Arguments:
        start: Seconds from the timeline's start.
        text: The words.
        source: Place in the timeline that they come from.
        end: Seconds where they cease to hold; None for a moment.
    """

    start: float
    text: str
    source: TextSource = "marker"
    end: float | None = None


@dataclass(frozen=True)
class Spotting:
    """Spotting of a cut: its length, hits, shots and orders, as the composer needs them.

    Arguments:
        name: The timeline's name, or its file's stem.
        duration: Seconds, a whole number of frames.
        rate: Frames per second, exact.
        drop_frame: Whether timecode is counted in drop frame.
        start_frame: Frame number that the start timecode names, counted from 00:00:00:00.
        hits: Hit points in order of time.
        shots: Shots in order of time, without gaps from 0 to ``duration``.
        directives: Orders in markers, in order of time.
        texts: Words in markers, names, titles and captions, in order of time.
        warnings: Notes that a careful assistant would make, in full sentences.
    """

    name: str
    duration: float
    rate: Fraction
    drop_frame: bool = False
    start_frame: int = 0
    hits: tuple[HitPoint, ...] = ()
    shots: tuple[Shot, ...] = ()
    directives: tuple[Directive, ...] = ()
    warnings: tuple[str, ...] = ()
    texts: tuple[TimedText, ...] = ()

    @property
    def frames(self) -> int:
        """Whole frames from start to end."""
        return round(self.duration * self.rate)

    def timecode_at(self, seconds: float) -> str:
        """Return the timecode of the frame that is nearest to a time."""
        return to_timecode(self.start_frame + round(seconds * self.rate), self.rate, self.drop_frame)

    def answered_hits(self) -> tuple[HitPoint, ...]:
        """Return the hit points that the music must land on, without start and end."""
        return tuple(h for h in self.hits if h.answered and h.kind not in ("start", "end"))
