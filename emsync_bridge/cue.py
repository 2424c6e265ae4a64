"""The shared vocabulary: what one wing hands to another, as frozen values; ``documents`` saves them to JSON.

Times are seconds (float) from the timeline's first frame unless a name says otherwise. Rates are exact
fractions of frames per second. Ticks are 1/24 of a quarter note.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Literal

TICKS_PER_QUARTER = 24

HitKind = Literal["cut", "transition", "marker", "start", "end"]
Ekman = Literal["anger", "disgust", "fear", "joy", "sadness", "surprise"]
Instrument = Literal["drums", "bass", "guitar", "piano", "strings"]
INSTRUMENTS: tuple[Instrument, ...] = ("drums", "bass", "guitar", "piano", "strings")
Role = Literal["melody", "counter", "inner", "figure", "bass", "pulse", "accent"]
ROLES: tuple[Role, ...] = ("melody", "counter", "inner", "figure", "bass", "pulse", "accent")
OFFSETS_PER_TICK = 20
"""Parts of a tick that a player may be early or late by: 480 in a quarter note, as in a MIDI file."""


@dataclass(frozen=True)
class Affect:
    """A point on the valence-arousal plane.

    Arguments:
        valence: From -1 (unpleasant) to 1 (pleasant).
        arousal: From -1 (calm) to 1 (excited).
    """

    valence: float
    arousal: float

    def clipped(self) -> Affect:
        """Return the nearest point inside [-1, 1] on both axes."""
        return Affect(max(-1.0, min(1.0, self.valence)), max(-1.0, min(1.0, self.arousal)))


@dataclass(frozen=True)
class HitPoint:
    """A moment that the music should land on.

    Arguments:
        time: Seconds from the timeline's start.
        frame: The frame that begins there, counted from 0 at the timeline's start.
        kind: What happens there.
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
        warnings: What was odd about the file, in full sentences.
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
        source: Where they come from.
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
        warnings: What a careful assistant would mention, in full sentences.
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

    def answered_hits(self) -> tuple[HitPoint, ...]:
        """Return the hit points that the music must land on, without start and end."""
        return tuple(h for h in self.hits if h.answered and h.kind not in ("start", "end"))


@dataclass(frozen=True)
class EmotionSpan:
    """The affect that holds from one moment to another.

    Arguments:
        start: Seconds from the timeline's start.
        end: Seconds from the timeline's start.
        affect: The estimate or the order.
        sigma: One standard deviation of the error in valence and in arousal.
        confidence: From 0 (a guess) to 1 (an order): of an estimate, 2 P - 1 of the surer axis, where P is the
            probability that its sign is right.
        ekman: Probabilities of the six emotions, where known.
        reason: Why, in a few words for people.
        silence: Whether no music is wanted here.
        ordered: Whether the user set valence and arousal.
        contributions: For each cue its name, and by how much it moves valence and arousal.
    """

    start: float
    end: float
    affect: Affect
    sigma: tuple[float, float] = (0.6, 0.6)
    confidence: float = 0.0
    ekman: Mapping[str, float] | None = None
    reason: str = ""
    silence: bool = False
    ordered: tuple[bool, bool] = (False, False)
    contributions: tuple[tuple[str, float, float], ...] = ()


@dataclass(frozen=True)
class EmotionCurve:
    """Affect over time, held constant within a span.

    Arguments:
        spans: In order of time, without gaps or overlaps.
    """

    spans: tuple[EmotionSpan, ...]

    def at(self, time: float) -> EmotionSpan:
        """Return the span that holds at a time in seconds; the nearest one outside the curve."""
        starts = [span.start for span in self.spans]
        return self.spans[max(0, bisect_right(starts, time) - 1)]

    def mean(self, start: float | None = None, end: float | None = None) -> Affect:
        """Return the affect averaged over time.

        Arguments:
            start: Seconds; with ``end`` the average is of what lies between, silences and all.
            end: Seconds; without them it is of the whole, silences left out.
        """
        if start is not None and end is not None:
            parts = [(span, min(span.end, end) - max(span.start, start)) for span in self.spans]
            parts = [(span, length) for span, length in parts if length > 0] or [(self.at(start), 1.0)]
            whole = sum(length for _, length in parts)
            return Affect(
                sum(span.affect.valence * length for span, length in parts) / whole,
                sum(span.affect.arousal * length for span, length in parts) / whole,
            )
        voiced = [s for s in self.spans if not s.silence] or list(self.spans)
        total = sum(s.end - s.start for s in voiced) or 1.0
        return Affect(
            sum(s.affect.valence * (s.end - s.start) for s in voiced) / total,
            sum(s.affect.arousal * (s.end - s.start) for s in voiced) / total,
        )


@dataclass(frozen=True)
class Tempo:
    """A tempo that holds from a tick on, in the unit of Standard MIDI Files."""

    tick: int
    microseconds_per_quarter: int


@dataclass(frozen=True)
class Meter:
    """A time signature that holds from a tick on; the tick is a bar line."""

    tick: int
    numerator: int
    denominator: int = 4

    @property
    def bar_ticks(self) -> int:
        """Ticks from one bar line to the next."""
        return self.numerator * TICKS_PER_QUARTER * 4 // self.denominator


@dataclass(frozen=True)
class TempoMap:
    """Tempo and meter over time: ties ticks to seconds.

    Arguments:
        tempos: In order of tick, the first at tick 0.
        meters: In order of tick, the first at tick 0.
    """

    tempos: tuple[Tempo, ...] = (Tempo(0, 500_000),)
    meters: tuple[Meter, ...] = (Meter(0, 4),)

    @cached_property
    def _anchors(self) -> tuple[list[int], list[float]]:
        ticks, seconds = [0], [0.0]
        for before, after in pairwise(self.tempos):
            span = (after.tick - before.tick) * before.microseconds_per_quarter
            ticks.append(after.tick)
            seconds.append(seconds[-1] + span / (TICKS_PER_QUARTER * 1e6))
        return ticks, seconds

    def seconds(self, tick: float) -> float:
        """Return the time in seconds of a tick."""
        ticks, seconds = self._anchors
        i = max(0, bisect_right(ticks, tick) - 1)
        return seconds[i] + (tick - ticks[i]) * self._seconds_per_tick(i)

    def tick(self, time: float) -> float:
        """Return the (fractional) tick at a time in seconds."""
        ticks, seconds = self._anchors
        i = max(0, bisect_right(seconds, time) - 1)
        return ticks[i] + (time - seconds[i]) / self._seconds_per_tick(i)

    def bpm(self, tick: float) -> float:
        """Return quarter notes per minute at a tick."""
        i = max(0, bisect_right(self._anchors[0], tick) - 1)
        return 60e6 / self.tempos[i].microseconds_per_quarter

    def bar_lines(self, end: int) -> list[int]:
        """Return the ticks of all bar lines from 0 up to, not including, ``end``."""
        lines: list[int] = []
        for meter, following in zip(self.meters, [*(m.tick for m in self.meters[1:]), end], strict=True):
            lines.extend(range(meter.tick, min(following, end), meter.bar_ticks))
        return lines

    def _seconds_per_tick(self, index: int) -> float:
        return self.tempos[index].microseconds_per_quarter / (TICKS_PER_QUARTER * 1e6)


@dataclass(frozen=True, order=True)
class Note:
    """One note.

    Arguments:
        start: Tick of its onset.
        end: Tick of its release, later than ``start``.
        instrument: Instrument group.
        pitch: MIDI note number; for drums a General MIDI percussion key.
        velocity: 1 to 127.
        player: Name of the player in the table of players; empty where the group alone plays it.
        role: What it does in the short score; empty where the music has no roles.
        offset: Parts of a tick by which it is played later, or earlier where negative; 20 make a tick.
    """

    start: int
    end: int
    instrument: Instrument
    pitch: int
    velocity: int
    player: str = ""
    role: Role | Literal[""] = ""
    offset: int = 0


@dataclass(frozen=True, order=True)
class Control:
    """One value of a MIDI controller of a player.

    Arguments:
        tick: When it holds from.
        player: Name of the player in the table of players.
        cc: Controller number: 1 modulation, 11 expression, 64 sustain pedal.
        value: 0 to 127.
    """

    tick: int
    player: str
    cc: int
    value: int


@dataclass(frozen=True)
class ThemeNote:
    """One note of a theme.

    Arguments:
        start: Ticks from the theme's first bar line; negative in an upbeat.
        length: Ticks.
        degree: Steps of the scale above the tonic: 0 is the tonic, 7 its octave.
        alter: Semitones above that step of the scale.
    """

    start: int
    length: int
    degree: int
    alter: int = 0


@dataclass(frozen=True)
class Theme:
    """A melody that can be stated, varied and recognised.

    Arguments:
        name: Such as ``A``, or the name of a person or place that it belongs to.
        notes: In order of start.
        length: Ticks until it is over, whole bars.
        minor: Whether its steps are those of the minor scale.
        source: Where its motif is from: ``network``, ``bank`` or ``file``.
    """

    name: str
    notes: tuple[ThemeNote, ...]
    length: int
    minor: bool = False
    source: str = ""


@dataclass(frozen=True)
class Statement:
    """One appearance of a theme.

    Arguments:
        theme: Name of the theme.
        kind: Such as ``whole``, ``head``, ``sequence``, ``inverted``, ``augmented``, ``diminished``, ``answer``.
        start: Tick.
        end: Tick.
        player: Who leads.
    """

    theme: str
    kind: str
    start: int
    end: int
    player: str = ""


@dataclass(frozen=True)
class ChordSpan:
    """A chord that holds from one tick to another.

    Arguments:
        start: Tick.
        end: Tick.
        root: Pitch class, 0 is C.
        quality: Such as ``M``, ``m``, ``7``, ``m7``.
        bass: Pitch class of the lowest note; None is the root.
    """

    start: int
    end: int
    root: int
    quality: str
    bass: int | None = None


@dataclass(frozen=True)
class ScoreSection:
    """A stretch of the form with what it was drawn with.

    Arguments:
        start: Tick.
        end: Tick.
        label: Letter of the form, such as ``A``, ``A'``, ``B``, or ``intro``, ``bridge``, ``coda``.
        seed: Of all that is drawn in it.
        character: Such as ``calm`` or ``action``.
        intensity: From 0 to 1.
        palette: Which players stand at hand.
    """

    start: int
    end: int
    label: str
    seed: int = 0
    character: str = ""
    intensity: float = 0.5
    palette: str = ""


@dataclass(frozen=True)
class Gesture:
    """Gesture that prepares and marks a hit.

    Arguments:
        start: Tick where the swell begins; the hit's own where there is none.
        hit: Tick of the accent.
        rank: Weight of the accent.
        kind: Such as ``swell``, ``roll``, ``run``, ``breath``, ``thinning``.
    """

    start: int
    hit: int
    rank: Literal["turn", "strong", "soft", "bell"]
    kind: str = ""


@dataclass(frozen=True)
class ShortScore:
    """Short score that an arranged take was written from.

    Arguments:
        themes: In order of first appearance.
        statements: In order of start.
        chords: In order of start, without overlaps.
        sections: In order of start, without gaps.
        gestures: One for each accented hit, in order.
    """

    themes: tuple[Theme, ...] = ()
    statements: tuple[Statement, ...] = ()
    chords: tuple[ChordSpan, ...] = ()
    sections: tuple[ScoreSection, ...] = ()
    gestures: tuple[Gesture, ...] = ()


@dataclass(frozen=True)
class HitAnswer:
    """The onset that answers a hit point.

    Arguments:
        hit: Index into ``Spotting.hits``.
        onset: Seconds of the nearest chord onset; None when the music is silent there.
        error_ms: Onset minus hit in milliseconds; None when nothing answers it.
        metrical: Where it falls: ``bar``, ``beat`` or ``tick``.
        bend: Tempo in the approach relative to the base tempo, minus 1.
    """

    hit: int
    onset: float | None
    error_ms: float | None
    metrical: Literal["bar", "beat", "tick"]
    bend: float = 0.0


@dataclass(frozen=True)
class Take:
    """One generated piece, reproducible from its seed.

    Arguments:
        seed: Random seed.
        notes: In order of start.
        tempo_map: Ties the notes' ticks to seconds.
        key: Tonic of the transposition, such as ``C major`` or ``F# minor``.
        answers: One per hit point that the music was asked to land on.
        model: Name and hash of the checkpoint that wrote it.
        controls: Of the players, in order of tick.
        score: What it was written from; None where the network wrote it alone.
    """

    seed: int
    notes: tuple[Note, ...]
    tempo_map: TempoMap
    key: str = ""
    answers: tuple[HitAnswer, ...] = ()
    model: str = ""
    controls: tuple[Control, ...] = ()
    score: ShortScore | None = None


@dataclass(frozen=True)
class Cue:
    """The whole of it: any step can start again from here.

    Arguments:
        spotting: The cut.
        curve: The mood.
        takes: All pieces that were composed.
        chosen: Index of the take that was rendered.
        settings: What the user asked for, as given.
        version: Version of this document's layout.
    """

    spotting: Spotting
    curve: EmotionCurve
    takes: tuple[Take, ...] = ()
    chosen: int = 0
    settings: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    version: int = 1

    @property
    def take(self) -> Take:
        """The take that was rendered."""
        return self.takes[self.chosen]
