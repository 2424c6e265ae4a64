"""Options of the music."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from annotated_types import Ge, Gt, Le, MaxLen, MinLen

from emsync_bridge.cue import Instrument, Meter, Theme
from emsync_bridge.options.bounds import CHECKED, File, Internal, PaletteName, Style, TextPattern


@dataclass(frozen=True)
class Sampling:
    """Options of drawing tokens from the network's scores.

    Arguments:
        temperature: Sampling temperature: higher is more varied, lower more predictable.
        top_p: Share of probability that tokens are drawn from; the token that crosses it is left out, the best one
            always stays (EMSYNC).
        guard: Strength of the repetition guard, see ``Sampler``; 0.4 is EMSYNC's, 0 none.

    With these defaults the measures of ``metrics`` are nearest to those of written music: 0.29 standard deviations
    apart in the mean, 0.33 with a nucleus of 0.95, 0.45 with 0.9 and a temperature of 0.95.
    """

    __pydantic_config__: ClassVar = CHECKED

    temperature: Annotated[float, Ge(0.1), Le(3)] = 1.0
    top_p: Annotated[float, Gt(0), Le(1)] = 0.93
    guard: Annotated[float, Ge(0), Le(4)] = 0.4


@dataclass(frozen=True)
class MusicOptions:
    """Options of the music beside the cut and the mood.

    Arguments:
        ensemble: Instruments that may play: drums, bass, guitar, piano, strings. Players keep to them where others than
            piano,strings are named; the palette decides otherwise.
        bpm: Base tempo in quarter notes per minute; from the mood otherwise.
        meter: Meter, such as 3/4; 4/4 otherwise.
        max_bend: Greatest bend of the tempo to meet a hit.
        smooth_tempo: Let the tempo change gradually between hits, not at them.
        transpose: Semitones from C major or A minor; drawn from the seed otherwise.
        key: Hold the music to a key, such as 'D minor' or Bb.
        guidance: Guidance scale (classifier-free): above 1 follows the mood more closely, at half the speed.
        sampling: Drawing of the tokens.
        style: Arrange motifs of the generator for players (orchestra), or let the network write every note. auto is
            network for an imported generator, else orchestra.
        palette: Set of players; chosen by the mood otherwise. For players, not for ``style`` network.
        palettes: Seconds from and to, and palette, of places that have their own.
        lead: Player that carries the melody wherever its range allows, such as oboe.
        without: Players, families or instruments that do not play, such as brass,timpani.
        theme: Melody as a MIDI file: the main theme, or that of the marker `emsync: theme=NAME` with the file's name;
            may be repeated.
        theme_book: Themes of a programme as JSON: those in the file are used, and those of this cue are added to it.
        themes: Themes that are given; the one named A is the main theme.
        under_dialogue: Write the music without melody, thinner, lower and softer while people speak.
        spoken: Seconds from and to of stretches in which people speak.

    With guidance g the scores are those without a mood plus g times the difference to those with it (Ho and Salimans
    2022).
    """

    __pydantic_config__: ClassVar = CHECKED

    ensemble: Annotated[tuple[Instrument, ...], MinLen(1), MaxLen(5)] = ("piano", "strings")
    bpm: Annotated[float, Ge(40), Le(220)] | None = None
    meter: Meter | None = None
    max_bend: Annotated[float, Ge(0.005), Le(0.25)] = 0.06
    smooth_tempo: bool = False
    transpose: Annotated[int, Ge(-12), Le(12)] | None = None
    key: Annotated[str, TextPattern("[A-Ga-g][#b\u266f\u266d]?( ?[A-Za-z]{1,8})?")] | None = None
    guidance: Annotated[float, Ge(0), Le(5)] = 1.0
    sampling: Sampling = field(default_factory=Sampling)
    style: Style = "auto"
    palette: PaletteName | None = None
    palettes: Annotated[tuple[tuple[float, float, str], ...], Internal()] = ()
    lead: Annotated[str, MaxLen(40)] | None = None
    without: Annotated[tuple[Annotated[str, MaxLen(40)], ...], MaxLen(64)] = ()
    theme: Annotated[tuple[File, ...], MaxLen(64)] = ()
    theme_book: File | None = None
    themes: Annotated[tuple[Theme, ...], Internal()] = ()
    under_dialogue: bool = False
    spoken: Annotated[tuple[tuple[float, float], ...], Internal()] = ()
