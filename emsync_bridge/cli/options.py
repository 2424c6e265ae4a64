"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

ANYTHING = click.Path(exists=True, path_type=Path)
A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
A_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
NEW_FOLDER = click.Path(path_type=Path)


OPTION_NAMES = {
    "bpm": "--tempo",
    "curve": "--curve",
    "edited": "--edit",
    "ensemble": "--instruments",
    "marker_colors": "--markers",
    "media_roots": "--media-root",
    "orders": "--set",
}
"""Options of the command that are not called as the settings that they set."""


def option_name(setting: str) -> str:
    """Return the option that sets a setting, such as ``--media-root`` for ``media_roots``."""
    return OPTION_NAMES.get(setting) or f"--{setting.replace('_', '-')}"


class Rate(click.ParamType):  # type: ignore[type-arg]  # generic only in click 8.5
    """A frame rate such as 24, 23.976, 29.97 or 24000/1001."""

    name = "rate"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        """Return the exact rate that is meant."""
        from emsync_bridge.timecode import exact_rate

        try:
            rate = exact_rate(str(value))
        except (ValueError, ZeroDivisionError):
            self.fail(f"{value!r} is no frame rate; give one such as 24, 23.976 or 30000/1001", param, ctx)
        if not 1 <= rate <= 1000:
            self.fail(f"{value!r} frames per second is outside 1 to 1000", param, ctx)
        return rate


class Seconds(click.ParamType):  # type: ignore[type-arg]
    """A comma-separated list of seconds."""

    name = "T,T,..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """Return the numbers in order."""
        if isinstance(value, tuple):
            return value
        try:
            return tuple(sorted(float(part) for part in str(value).split(",") if part.strip()))
        except ValueError:
            self.fail(f"{value!r} is no list of seconds; write them as 4.5,10,21.25", param, ctx)


class PlacedOrders(click.ParamType):  # type: ignore[type-arg]
    """An order for a place in the cut, such as shot3=joy."""

    name = "PLACE=ORDER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the order."""
        from emsync_bridge.emotion.overrides.placed_orders import PlacedOrder, parse_order
        from emsync_bridge.errors import EmotionError

        if isinstance(value, PlacedOrder):
            return value
        try:
            return parse_order(str(value))
        except EmotionError as problem:
            self.fail(str(problem), param, ctx)


class MeterText(click.ParamType):  # type: ignore[type-arg]
    """A time signature such as 3/4."""

    name = "N/D"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the meter."""
        from emsync_bridge.cue import Meter

        if isinstance(value, Meter):
            return value
        above, _, below = str(value).partition("/")
        if not (above.isdigit() and below in ("2", "4", "8", "16") and 1 <= int(above) <= 16):
            self.fail(f"{value!r} is no meter; give one such as 3/4 or 6/8", param, ctx)
        return Meter(0, int(above), int(below))


class KeyText(click.ParamType):  # type: ignore[type-arg]
    """A key such as D minor."""

    name = "key"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it as it was given."""
        from emsync_bridge.music.analysis.keys import parse_key

        try:
            parse_key(str(value))
        except ValueError:
            self.fail(f"{value!r} is no key; give one such as 'D major', 'F# minor' or Bbm", param, ctx)
        return str(value)


class Stretch(click.ParamType):  # type: ignore[type-arg]
    """Two moments of a timeline, as seconds from its start or as timecode."""

    name = "TC-TC"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Return both as text: what a timecode means depends on the timeline."""
        if isinstance(value, tuple):
            return value
        first, dash, last = str(value).partition("-")
        if not (dash and first.strip() and last.strip()) or "-" in last:
            self.fail(f"{value!r} is no stretch; write it as 32.0-58.5 or 01:00:32:00-01:00:58:12", param, ctx)
        return first.strip(), last.strip()


def together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return one decorator that adds several options in order."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


looking_options = together(
    click.option("--sequence", metavar="NAME", help="Which sequence, where a file holds several."),
    click.option("--rate", type=Rate(), help="Frame rate, for lists that do not say theirs."),
    click.option(
        "--min-gap",
        type=click.FloatRange(0),
        default=4.0,
        show_default=True,
        metavar="S",
        help="Seconds between hit points that the music answers.",
    ),
    click.option("--markers", metavar="COLOR,...", help="Only markers of these colours are hit points."),
    click.option("--only-markers", is_flag=True, help="Leave cuts and transitions out."),
    click.option(
        "--shots",
        type=click.Choice(["adaptive", "transnet"]),
        default="adaptive",
        show_default=True,
        help="How the shots of a plain video are found.",
    ),
)

media_options = together(
    click.option("--media-root", type=A_FOLDER, multiple=True, help="Folder to look for media in; may be repeated."),
    click.option("--picture", type=A_FILE, metavar="MOVIE", help="A rendering of the whole cut to look at."),
    click.option("--contrast", is_flag=True, help="Stretch what is felt to a wider range, keeping its mean."),
    click.option(
        "--tier",
        type=click.Choice(["embedded", "pretrained"]),
        default="embedded",
        show_default=True,
        help="Feel with what comes with emsync, or with pretrained models too (emsync models list).",
    ),
    click.option("--models-dir", type=A_FOLDER, help="Folder of pretrained models, looked at first."),
    click.option("--no-cache", is_flag=True, help="Do not keep measurements of media between runs."),
    click.option("--keyframes", is_flag=True, help="Look at key frames only: much faster, blind to movement."),
    click.option(
        "--head",
        type=A_FOLDER,
        metavar="DIR",
        help="A head that `emsync train-emotion` wrote; it gives its opinion too.",
    ),
    click.option(
        "--set",
        "orders",
        type=PlacedOrders(),
        multiple=True,
        help="A mood, values, a ramp, silence or auto for one place, over everything else; may be repeated: "
        "shot3=joy, shots3-5=calm, 00:10-00:24=tense, 12.5-20=v=-0.4, 01:00:08:00-=silence, all='calm -> fear'.",
    ),
    click.option(
        "--classes",
        type=click.Choice(["mean", "draw", "mean-raw", "draw-raw"]),
        default="mean",
        show_default=True,
        help="Where models tell emotions apart: take the mean of their places on the plane, or draw one for each shot. "
        "raw leaves the places as they were rated.",
    ),
)


class MoodOption(click.Option):
    """An option whose help names all moods, which are looked up only then."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option's line in the help."""
        from emsync_bridge.emotion.overrides.moods import MOODS

        self.help = f"A named mood for the whole cut: {', '.join(sorted(MOODS))}."
        return super().get_help_record(ctx)


_AXIS = click.FloatRange(-1, 1)
mood_options = together(
    click.option("--valence", type=_AXIS, help="Pleasantness for the whole cut, -1 to 1; overrides what is felt."),
    click.option("--arousal", type=_AXIS, help="Excitement for the whole cut, -1 to 1; overrides what is felt."),
    click.option("--mood", cls=MoodOption, metavar="NAME"),
)

INSTRUMENT_NAMES = "drums, bass, guitar, piano, strings"
music_options = together(
    click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same music."),
    click.option("--tempo", type=click.FloatRange(40, 220), metavar="BPM", help="Base tempo; from the mood otherwise."),
    click.option(
        "--max-bend",
        type=click.FloatRange(0.5, 25),
        default=6.0,
        show_default=True,
        metavar="PERCENT",
        help="How far the tempo may bend to meet a hit.",
    ),
    click.option("--smooth-tempo", is_flag=True, help="Let the tempo change gradually between hits, not at them."),
    click.option("--meter", type=MeterText(), help="Meter, such as 3/4; 4/4 otherwise."),
    click.option("--key", type=KeyText(), metavar="KEY", help="Hold the music to a key, such as 'D minor' or Bb."),
    click.option(
        "--instruments",
        metavar="NAME,...",
        default="piano,strings",
        show_default=True,
        help=f"Who plays: {INSTRUMENT_NAMES}.",
    ),
    click.option("--without", metavar="NAME,...", default="", help="Who does not play, of those that would."),
    click.option(
        "--guidance",
        type=click.FloatRange(0, 5),
        default=1.0,
        show_default=True,
        help="Above 1 follow the mood more strongly, in twice the time.",
    ),
    click.option(
        "--temperature",
        type=click.FloatRange(0.1, 3),
        default=1.0,
        show_default=True,
        help="Above 1 bolder, below 1 plainer.",
    ),
    click.option("--model", type=A_FOLDER, help="Checkpoint folder; the one that comes with emsync otherwise."),
)

sound_options = together(
    click.option("--soundfont", type=A_FILE, metavar="SF2", help="Instruments to play with."),
    click.option(
        "--engine",
        type=click.Choice(["auto", "midirenderer", "fluidsynth"]),
        default="auto",
        show_default=True,
        help="Synthesizer; auto takes FluidSynth where it is installed.",
    ),
    click.option("--stems", is_flag=True, help="Write each instrument group alone too."),
    click.option("--bwf", is_flag=True, help="Write a copy that DAWs spot to timecode."),
)


def looking_of(options: dict[str, Any]) -> Any:
    """Return and remove how a cut is looked at from a command's options."""
    from emsync_bridge.scoring.job import ReadOptions

    colors = options.pop("markers", None)
    return ReadOptions(
        sequence=options.pop("sequence"),
        rate=options.pop("rate"),
        min_gap=options.pop("min_gap"),
        marker_colors=tuple(part.strip() for part in colors.split(",") if part.strip()) if colors else None,
        only_markers=options.pop("only_markers"),
        shots=options.pop("shots"),
        edited=options.pop("edit", None),
    )


def feeling_of(options: dict[str, Any]) -> Any:
    """Return and remove how the mood is found from a command's options."""
    from emsync_bridge.scoring.job import EmotionOptions

    return EmotionOptions(
        valence=options.pop("valence"),
        arousal=options.pop("arousal"),
        mood=options.pop("mood"),
        media_roots=tuple(options.pop("media_root")),
        picture=options.pop("picture"),
        keyframes=options.pop("keyframes"),
        contrast=options.pop("contrast"),
        classes=options.pop("classes"),
        tier=options.pop("tier"),
        models_dir=options.pop("models_dir"),
        head=options.pop("head"),
        orders=tuple(options.pop("orders")),
        curve=options.pop("curve", None),
        cache=not options.pop("no_cache"),
    )


def wishes_of(options: dict[str, Any]) -> Any:
    """Return and remove what is asked of the music from a command's options."""
    from emsync_bridge.cue import INSTRUMENTS
    from emsync_bridge.music.generation.compose import MusicOptions
    from emsync_bridge.music.generation.sampling import Sampling

    names = tuple(dict.fromkeys(part.strip().lower() for part in options.pop("instruments").split(",") if part.strip()))
    unknown = [name for name in names if name not in INSTRUMENTS]
    if unknown or not names:
        raise click.BadParameter(
            f"{', '.join(unknown) or 'none'} is not among {INSTRUMENT_NAMES}.", param_hint="--instruments"
        )
    silent = {part.strip().lower() for part in options.pop("without").split(",") if part.strip()}
    if silent - set(INSTRUMENTS):
        raise click.BadParameter(
            f"{', '.join(sorted(silent - set(INSTRUMENTS)))} is not among {INSTRUMENT_NAMES}.", param_hint="--without"
        )
    return MusicOptions(
        ensemble=tuple(name for name in INSTRUMENTS if name in names and name not in silent),
        bpm=options.pop("tempo"),
        max_bend=options.pop("max_bend") / 100,
        smooth_tempo=options.pop("smooth_tempo"),
        meter=options.pop("meter"),
        key=options.pop("key"),
        guidance=options.pop("guidance"),
        sampling=Sampling(temperature=options.pop("temperature")),
    )


def sounding_of(options: dict[str, Any]) -> Any:
    """Return and remove how the music is played from a command's options."""
    from emsync_bridge.scoring.job import RenderOptions

    return RenderOptions(**{name: options.pop(name) for name in ("soundfont", "engine", "stems", "bwf")})
