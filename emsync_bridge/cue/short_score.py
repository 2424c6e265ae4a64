"""Short score of a piece: its themes and their statements, chords, sections and gestures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


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
        name: Name, such as ``A``, or the name of a person or place that it belongs to.
        notes: Notes in order of start.
        length: Ticks until it is over, whole bars.
        minor: Whether its steps are those of the minor scale.
        source: Origin of its motif: ``network``, ``bank`` or ``file``.
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
        kind: Kind, such as ``whole``, ``head``, ``sequence``, ``inverted``, ``augmented``, ``diminished``, ``answer``.
        start: Tick.
        end: Tick.
        player: Player that leads.
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
        quality: Quality, such as ``M``, ``m``, ``7``, ``m7``.
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
        label: Name in the form, such as ``A``, ``A2``, ``B``, or ``intro``, ``bridge``, ``bridge 2``, ``coda``.
        seed: Seed of all that is drawn in it.
        character: Character, such as ``calm`` or ``action``.
        intensity: Intensity from 0 to 1.
        palette: Set of players that it was scored for.
        key: Key, such as ``C major`` or ``F# minor``; empty where it is unknown.
    """

    start: int
    end: int
    label: str
    seed: int = 0
    character: str = ""
    intensity: float = 0.5
    palette: str = ""
    key: str = ""


@dataclass(frozen=True)
class Gesture:
    """Gesture that prepares and marks a hit.

    Arguments:
        start: Tick where the swell begins; the hit's own where there is none.
        hit: Tick of the accent.
        rank: Weight of the accent.
        kind: Kind, such as ``swell``, ``roll``, ``run``, ``breath``, ``thinning``.
    """

    start: int
    hit: int
    rank: Literal["turn", "strong", "soft", "bell"]
    kind: str = ""


@dataclass(frozen=True)
class ShortScore:
    """Short score that an arranged take was written from.

    Arguments:
        themes: Themes in order of first appearance.
        statements: Statements in order of start.
        chords: Chords in order of start, without overlaps.
        sections: Sections in order of start, without gaps.
        gestures: One for each accented hit, in order.
    """

    themes: tuple[Theme, ...] = ()
    statements: tuple[Statement, ...] = ()
    chords: tuple[ChordSpan, ...] = ()
    sections: tuple[ScoreSection, ...] = ()
    gestures: tuple[Gesture, ...] = ()
