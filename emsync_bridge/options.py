"""Options of scoring: every option, its default and its bounds, declared once.

Each option is a field of one of the classes here. Its annotation carries the bounds, its line under *Arguments* is the
help. From these are made

- the options of the commands (``cli/options.py``),
- the requests of the bridge and their schema (``server/jobs/wire.py``),
- the limits of the controls on the page (``GET /v1/options``).

To add an option:

1. Add a field with a default to the class it belongs to, as ``name: Annotated[float, Ge(0), Le(1)] = 0.5``; give
   numbers, texts and tuples a bound, and paths ``File`` or ``Folder``.
2. Describe it in one line under *Arguments*: this is the help of ``--name`` and of the request's field. Another field
   stands there in double backquotes; commands show the name of its option.
3. Use it. ``--name`` and the field of the request exist now. If the command should call it otherwise, or write its
   value in another form, add it to ``SPECIAL`` in ``cli/options.py``; if it should not be there, to ``LEFT_OUT``.
4. A control on the page is ``<input data-setting="name">`` in ``page/index.html``; it takes its bounds from here.

``tests/test_options.py`` finds and checks every field by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen

from emsync_bridge.cue import Instrument, Meter, Theme

CHECKED: Final[dict[str, Any]] = {"extra": "forbid", "allow_inf_nan": False}
"""Configuration of pydantic for a class of options: no unknown fields, no infinite numbers."""


@dataclass(frozen=True)
class Kind:
    """Kind of thing that a path must name: a folder or a file."""

    folder: bool


@dataclass(frozen=True)
class TextPattern:
    """A regular expression that the whole of a text matches."""

    text: str


@dataclass(frozen=True)
class Internal:
    """Marks a field that no front end offers: it is set by other steps, or from Python."""


DAY: Final = 24 * 3600.0
File = Annotated[Path, Kind(folder=False)]
Folder = Annotated[Path, Kind(folder=True)]
Style = Literal["auto", "orchestra", "network"]
PaletteName = Literal["orchestra", "chamber", "strings", "piano", "band", "synth", "hybrid", "minimal"]
Seconds = Annotated[float, Ge(0), Le(DAY)]
Axis = Annotated[float, Ge(-1), Le(1)]
Name = Annotated[str, MaxLen(1000)]
Color = Annotated[str, MaxLen(40)]
Seed = Annotated[int, Ge(0), Lt(2**32)]
Takes = Annotated[int, Ge(1), Le(64)]


@dataclass(frozen=True)
class PlacedOrder:
    """An order for a place in a cut.

    Arguments:
        place: ``all``, ``shot3`` or ``shots3-5`` counted from 1, or two moments with a hyphen between: seconds
            (``12.5``), minutes and seconds or hours too (``00:10``, ``1:00:10``), both from the cut's start, or the
            timeline's own timecode (``01:00:10:12``). A moment that is left out is the start or the end.
        words: Text of the order, as in a marker.
    """

    place: str
    words: str

    def __str__(self) -> str:
        return f"{self.place}={self.words}"


@dataclass(frozen=True)
class ReadOptions:
    """Options of reading a cut and finding its hit points.

    Arguments:
        sequence: Name of the sequence, where a file holds several.
        rate: Frame rate, for lists that do not state theirs.
        min_gap: Seconds between hit points that the music answers.
        marker_colors: Only markers of these colours are hit points.
        only_markers: Leave cuts and transitions out.
        shots: Method by which the shots of a plain video are found.
        edited: Hit points as edited in a table of `emsync spot --export`.
        between: Score only this range: two timecodes, or seconds from the start.
        all_changes: Keep changes of picture within 2.5 frames of another (flash frames) as hit points of their own.
    """

    __pydantic_config__: ClassVar = CHECKED

    sequence: Name | None = None
    rate: Annotated[Fraction, Ge(1), Le(1000)] | None = None
    min_gap: Annotated[float, Ge(0), Le(3600)] = 4.0
    marker_colors: Annotated[tuple[Color, ...], MaxLen(64)] | None = None
    only_markers: bool = False
    shots: Literal["adaptive", "transnet"] = "adaptive"
    edited: File | None = None
    between: tuple[Seconds, Seconds] | None = None
    all_changes: bool = False


@dataclass(frozen=True)
class EmotionOptions:
    """Options of the mood.

    Arguments:
        valence: Pleasantness for the whole cut, -1 to 1, instead of the estimate.
        arousal: Excitement for the whole cut, -1 to 1, instead of the estimate.
        mood: A named mood for the whole cut.
        media_roots: Folder to look for media in; may be repeated.
        picture: A rendering of the whole cut to look at instead of its media.
        keyframes: Look at key frames only: much faster, blind to movement.
        contrast: Stretch the estimate to a wider range, keeping its mean.
        gain: Multiply the estimate: 2 for a mood twice as strong, 0.5 for half.
        classes: Placing of emotions that models tell apart: the mean of their places on the plane, or one drawn for
            each shot. raw leaves the places as they were rated.
        orders: A mood, values, a ramp, silence or auto for one place, over everything else; may be repeated:
            shot3=joy, shots3-5=calm, 00:10-00:24=tense, 12.5-20=v=-0.4, 01:00:08:00-=silence, all='calm -> fear'.
        tier: Estimate with what comes with emsync, or with pretrained models too (emsync models list).
        models_dir: Folder of pretrained models, searched first.
        head: A head that `emsync train-emotion` wrote; its estimate is added.
        script: A script or subtitles of the cut, whose words count for the mood.
        curve: Mood as edited in a table of `emsync feel --export`.
        cache: Keep measurements of media between runs.
    """

    __pydantic_config__: ClassVar = CHECKED

    valence: Axis | None = None
    arousal: Axis | None = None
    mood: Annotated[str, MaxLen(40)] | None = None
    media_roots: Annotated[tuple[Folder, ...], MaxLen(64)] = ()
    picture: File | None = None
    keyframes: bool = False
    contrast: bool = False
    gain: Annotated[float, Ge(0), Le(4)] = 1.0
    classes: Literal["mean", "draw", "mean-raw", "draw-raw"] = "mean"
    orders: Annotated[tuple[PlacedOrder, ...], MaxLen(1000)] = ()
    tier: Literal["embedded", "pretrained"] = "embedded"
    models_dir: Folder | None = None
    head: Folder | None = None
    script: File | None = None
    curve: File | None = None
    cache: bool = True


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
        ensemble: Instruments that may play: drums, bass, guitar, piano, strings.
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
        palette: Set of players; chosen by the mood otherwise. This and what follows is for players.
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
    key: Annotated[str, TextPattern("[A-Ga-g][#b]?( ?[A-Za-z]{1,8})?")] | None = None
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


@dataclass(frozen=True)
class RenderOptions:
    """Options of the sound.

    Arguments:
        soundfont: SoundFont (.sf2, .sf3) to render with; the instruments of the package otherwise.
        engine: Synthesizer; auto is midirenderer, so that a piece sounds alike on every machine.
        stems: Write each family of instruments alone too.
        stem_sound: Stems in the room, or dry with the room as a stem of its own; both add up to the mix. Needs
            ``stems``.
        stem_names: Names of stems and alternates: after the music, or as dubbing stages write them, in a folder:
            Project_1m01_STRINGS_v01.wav. Needs ``stems`` or ``alternates``.
        cue_number: Reel and number of the cue, such as 1m01, for those names and for the file's own description.
        alternates: Write the mix without percussion, without melody, and without both (underscore) too.
        tail: Seconds that the audio rings on after the last frame, for handles.
        bwf: Write the audio a second time as .bwf.wav; the .wav carries timecode already.
        ltc: Write linear time code (LTC) beside the audio, as .ltc.wav, for machines that chase it.
        editor: Editor to write for: the one that the timeline is from, or Premiere too, as .premiere.otio.
        room: Room that the music is played in.
        loudness: Loudness of the mix: music (-20 LUFS), ebu (-23), atsc (-24), netflix (-27), podcast (-16), web (-14),
            or a number in LUFS.
        peak: Highest true peak in dBTP; that of the loudness target otherwise.
        sample_rate: Samples per second.
        bits: Bits of a sample; 32f for floating point.
        fade_in: Seconds of fade at the start; a quarter of the piece at most.
        fade_out: Seconds of fade at the end; a quarter of the piece at most.
        plain: Write the MIDI file as notated as well, without swells and with onsets on the beat.
        ducking: Keep the music low under speech that is heard in the picture's sound, marked or given; off keeps its
            level everywhere, even in the ranges of ``duck``.
        duck: Range with speech, such as 00:10-00:24, instead of listening for it; may be given several times.
        music_gain: Decibels of the music in the movie.
        dialogue_gain: Decibels of the picture's own sound in the movie.
        original_sound: The picture's own sound in the movie: mix it with the music, keep it on a second track, or drop
            it.
    """

    __pydantic_config__: ClassVar = CHECKED

    soundfont: File | None = None
    engine: Literal["auto", "midirenderer", "fluidsynth"] = "auto"
    stems: bool = False
    stem_sound: Literal["wet", "dry"] = "wet"
    stem_names: Literal["plain", "dub"] = "plain"
    cue_number: Annotated[str, TextPattern(r"[1-9][0-9]?m[0-9]{1,3}[A-Za-z]?"), MaxLen(7)] = "1m01"
    alternates: bool = False
    tail: Annotated[float, Ge(0), Le(60)] = 0.0
    bwf: bool = False
    ltc: bool = False
    editor: Literal["same", "premiere"] = "same"
    room: Literal["dry", "studio", "hall"] = "hall"
    loudness: Annotated[
        str, TextPattern(r"music|ebu|atsc|netflix|podcast|web|-[1-9][0-9]?(\.[0-9]{1,2})?"), MaxLen(10)
    ] = "music"
    peak: Annotated[float, Ge(-20), Le(0)] | None = None
    sample_rate: Literal["44100", "48000", "96000"] = "48000"
    bits: Literal["16", "24", "32f"] = "24"
    fade_in: Annotated[float, Ge(0), Le(60)] = 0.0
    fade_out: Annotated[float, Ge(0), Le(60)] = 3.0
    plain: bool = False
    ducking: Literal["auto", "off"] = "auto"
    duck: Annotated[tuple[Annotated[str, MaxLen(60)], ...], MaxLen(1000)] = ()
    music_gain: Annotated[float, Ge(-60), Le(24)] = 0.0
    dialogue_gain: Annotated[float, Ge(-60), Le(24)] = 0.0
    original_sound: Literal["mix", "keep", "drop"] = "mix"


@dataclass(frozen=True)
class TakeOptions:
    """Options of the takes.

    Arguments:
        seed: Random seed of the first take; the same seed gives the same music.
        takes: Number of pieces to compose; the best one is rendered.
    """

    __pydantic_config__: ClassVar = CHECKED

    seed: Seed = 1
    takes: Takes = 1


@dataclass(frozen=True)
class RedoOptions:
    """Options of composing a section again.

    Arguments:
        only: Compose only these roles, players or families again, such as melody or oboe; the rest stays.
        lock: Keep these roles, players or families as they are, such as bass.
    """

    __pydantic_config__: ClassVar = CHECKED

    only: Annotated[tuple[Annotated[str, MaxLen(40)], ...], MaxLen(64)] = ()
    lock: Annotated[tuple[Annotated[str, MaxLen(40)], ...], MaxLen(64)] = ()


@dataclass(frozen=True)
class ScoreOptions:
    """All options of scoring a cut.

    Arguments:
        read: Reading the cut.
        emotion: Finding the mood.
        music: Composing.
        render: Sound.
        takes: Seed and number of takes.
    """

    __pydantic_config__: ClassVar = CHECKED

    read: ReadOptions = field(default_factory=ReadOptions)
    emotion: EmotionOptions = field(default_factory=EmotionOptions)
    music: MusicOptions = field(default_factory=MusicOptions)
    render: RenderOptions = field(default_factory=RenderOptions)
    takes: TakeOptions = field(default_factory=TakeOptions)


GROUPS: Final[dict[str, type[Any]]] = {
    "read": ReadOptions,
    "emotion": EmotionOptions,
    "music": MusicOptions,
    "render": RenderOptions,
    "takes": TakeOptions,
}
"""The classes of options by their names in ``ScoreOptions`` and in requests."""
