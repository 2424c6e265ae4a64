"""Options of the commands, made from the fields of ``options``."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from emsync_bridge.cli.shared.destinations import NamedFolder
from emsync_bridge.cli.shared.numbers import Number
from emsync_bridge.cli.shared.texts import MoodName, PatternText, PlacedOrders, Texts
from emsync_bridge.cue import INSTRUMENTS, Instrument, Meter
from emsync_bridge.options import EmotionOptions, MusicOptions, PlacedOrder, TakeOptions
from emsync_bridge.options.fields import Option, groups_of, options_of

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Command = TypeVar("Command", bound=Callable[..., Any])
Decorator = Callable[[Command], Command]
Value = TypeVar("Value")

ANYTHING = click.Path(exists=True, path_type=Path)
A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
A_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
NEW_FOLDER = NamedFolder(path_type=Path)


class Rate(click.ParamType):  # type: ignore[type-arg]  # generic only in click 8.5
    """A frame rate such as 24, 23.976, 29.97 or 24000/1001."""

    name = "rate"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        """Return the exact rate that is meant."""
        from emsync_bridge.timecode import exact_rate

        try:
            rate = exact_rate(str(value))
        except (ValueError, ZeroDivisionError):
            self.fail(f"{value!r} is not a frame rate; give one such as 24, 23.976 or 30000/1001.", param, ctx)
        if not 1 <= rate <= 1000:
            self.fail(f"{value!r} frames per second is outside 1 to 1000.", param, ctx)
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
            self.fail(f"{value!r} is not a list of seconds; write them as 4.5,10,21.25.", param, ctx)


class MeterText(click.ParamType):  # type: ignore[type-arg]
    """A time signature such as 3/4."""

    name = "N/D"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the meter."""
        if isinstance(value, Meter):
            return value
        above, _, below = str(value).partition("/")
        if not (above.isdigit() and below in ("2", "4", "8", "16") and 1 <= int(above) <= 16):
            self.fail(f"{value!r} is not a meter; give one such as 3/4 or 6/8.", param, ctx)
        return Meter(0, int(above), int(below))


class KeyText(click.ParamType):  # type: ignore[type-arg]
    """A key such as D minor."""

    name = "key"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it as it was given."""
        from emsync_bridge.music.analysis.keys import key_advice, parse_key

        try:
            parse_key(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a key. {key_advice(str(value))}.", param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        """Return the keys that begin with what is written so far, in their short form."""
        major = ("C", "C#", "Db", "D", "Eb", "E", "F", "F#", "Gb", "G", "Ab", "A", "Bb", "B", "Cb")
        minor = ("C", "C#", "D", "D#", "Eb", "E", "F", "F#", "G", "G#", "Ab", "A", "A#", "Bb", "B")
        return _completions([*major, *(f"{tonic}m" for tonic in minor)], incomplete)


class Range(click.ParamType):  # type: ignore[type-arg]
    """Two times of a timeline, as seconds from its start or as timecode."""

    name = "TC-TC"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Return both as text: what a timecode means depends on the timeline."""
        if isinstance(value, tuple):
            return value
        first, dash, last = str(value).partition("-")
        if not (dash and first.strip() and last.strip()) or "-" in last:
            self.fail(f"{value!r} is not a range; write it as 32.0-58.5 or 01:00:32:00-01:00:58:12.", param, ctx)
        return first.strip(), last.strip()


class InstrumentNames(click.ParamType):  # type: ignore[type-arg]
    """A comma-separated list of instrument groups."""

    name = "NAME,..."

    def __init__(self, *, none: bool = False) -> None:
        self.none = none

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Instrument, ...]:
        """Return the groups in the order of the vocabulary."""
        names = value if isinstance(value, tuple) else [part.strip().lower() for part in value.split(",")]
        names = [name for name in names if name]
        unknown = [name for name in names if name not in INSTRUMENTS]
        if unknown or not (names or self.none):
            self.fail(f"{', '.join(unknown) or 'none'} is not among {', '.join(INSTRUMENTS)}.", param, ctx)
        return tuple(name for name in INSTRUMENTS if name in names)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        """Return the lists with one more of the groups that are not in it yet."""
        before, comma, last = incomplete.rpartition(",")
        left = (name for name in INSTRUMENTS if name not in before.split(","))
        return _completions((f"{before}{comma}{name}" for name in left if name.startswith(last)), incomplete)


class Percent(Number):
    """A share, written in per cent."""

    name = "PERCENT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the share; a number is one already."""
        return value if isinstance(value, float) else float(super().convert(value, param, ctx)) / 100


class MoodOption(click.Option):
    """An option whose help names all moods, which are looked up only then."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option's line in the help."""
        from emsync_bridge.emotion.overrides.moods import MOODS

        names = ", ".join(sorted(MOODS))
        self.help = f"A named mood for the whole cut, in English or six other languages: {names}."
        return super().get_help_record(ctx)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        """Return the moods that begin with what is written so far."""
        from emsync_bridge.emotion.overrides.moods import MOODS

        return _completions(sorted(MOODS), incomplete)


def _completions(words: Iterable[str], incomplete: str) -> list[CompletionItem]:
    """Return those words that begin with what is written so far, in whatever case."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(word) for word in words if word.lower().startswith(incomplete.lower())]


SPECIAL: Mapping[str, Mapping[str, Any]] = {
    "between": {"type": Range()},
    "bpm": {"flag": "--tempo", "metavar": "BPM"},
    "edited": {"flag": "--edit", "metavar": "CSV"},
    "editor": {"flag": "--for"},
    "cue_number": {"metavar": "REELmCUE"},
    "curve": {"metavar": "CSV"},
    "dask": {"metavar": "HOST:PORT"},
    "duck": {"metavar": "FROM-TO"},
    "sfz": {"metavar": "PLAYER=FILE"},
    "ensemble": {"flag": "--instruments", "type": InstrumentNames(), "multiple": False, "default": "piano,strings"},
    "head": {"metavar": "DIR"},
    "key": {"type": KeyText(), "metavar": "KEY"},
    "marker_colors": {"flag": "--markers", "type": Texts(some=True), "multiple": False, "metavar": "COLOR,..."},
    "max_bend": {"percent": True, "default": "6", "metavar": "PERCENT"},
    "media_roots": {"flag": "--media-root"},
    "min_gap": {"metavar": "S"},
    "mood": {"cls": MoodOption, "type": MoodName(), "metavar": "NAME"},
    "orders": {"flag": "--set"},
    "picture": {"metavar": "MOVIE"},
    "sequence": {"metavar": "NAME"},
    "soundfont": {"metavar": "SF2"},
    "takes": {"metavar": "N"},
    "theme": {"metavar": "MIDI"},
    "theme_book": {"flag": "--themes", "type": NEW_FILE, "metavar": "JSON"},
    "lead": {"metavar": "PLAYER"},
    "loudness": {"metavar": "TARGET|LUFS"},
    "lock": {"type": Texts(), "multiple": False, "metavar": "PART,...", "default": ""},
    "only": {"type": Texts(), "multiple": False, "metavar": "PART,...", "default": ""},
    "without": {"type": Texts(), "multiple": False, "metavar": "NAME,...", "default": ""},
}
"""Options that differ from their fields: ``flag`` is the name, ``percent`` a share in per cent, and the others are
arguments of ``click.option``."""

LEFT_OUT: Collection[str] = ("guard",)
"""Options that no command has: the repetition guard is for experiments over HTTP and from Python."""

_TYPES: Mapping[type[Any], click.ParamType[Any]] = {Fraction: Rate(), Meter: MeterText(), PlacedOrder: PlacedOrders()}


def option_name(setting: str) -> str:
    """Return the option that sets a setting, such as ``--media-root`` for ``media_roots``."""
    special = SPECIAL.get(setting, {})
    return str(special["flag"]) if "flag" in special else f"--{setting.replace('_', '-')}"


def together(*options: Decorator[Command]) -> Decorator[Command]:
    """Return one decorator that adds several options in order."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def options_from(
    kind: type[Any],
    *,
    only: Collection[str] | None = None,
    leave: Collection[str] = (),
    flags: Mapping[str, str] | None = None,
) -> Decorator[Any]:
    """Return a decorator that adds the options of a class; a command receives each under the field's name.

    Arguments:
        kind: Class of ``options``.
        only: Names of the fields to add; all when None.
        leave: Names of fields to leave out.
        flags: What this command calls a field, where that differs from other commands.
    """
    flags = flags or {}
    return together(
        *(
            _click_option(option, flags.get(option.name, ""))
            for option in options_of(kind)
            if option.name not in LEFT_OUT and option.name not in leave and (only is None or option.name in only)
        )
    )


def _click_option(option: Option, flag: str) -> Decorator[Any]:
    more = dict(SPECIAL.get(option.name, {}))
    flag = flag or option_name(option.name)
    more.pop("flag", None)
    percent = more.pop("percent", False)
    words = re.sub(r"``(\w+)``", lambda named: option_name(named[1]), option.help)
    if option.type is bool:
        if option.default:  # the flag takes it away
            text = f"Do not {words[0].lower()}{words[1:]}"
            negated = flag.replace("--", "--no-")
            return click.option(negated, option.name, is_flag=True, help=text, callback=lambda _c, _p, given: not given)
        return click.option(flag, option.name, is_flag=True, help=words)
    given = {"type": _type_of(option, 100 if percent else 1), "help": words, "multiple": option.many, **more}
    if not given["multiple"]:
        given = {"default": option.default, **given}
        given["show_default"] = given["default"] is not None
    return click.option(flag, option.name, **given)


def _type_of(option: Option, scale: int = 1) -> Any:
    if option.choices:
        return click.Choice(option.choices)
    if option.type is Path:
        return A_FOLDER if option.folder else A_FILE
    if option.type in (int, float):
        kind: Any = Percent if scale != 1 else click.IntRange if option.type is int else Number
        low, high = (None if bound is None else bound * scale for bound in (option.low, option.high))
        return kind(low, high, min_open=option.above, max_open=option.below)
    if option.pattern:
        return PatternText(option.pattern, option.expected)
    return _TYPES.get(option.type, str)


def given_in(context: click.Context) -> frozenset[str]:
    """Return the names of the parameters that a command was given, not left at their defaults."""
    return frozenset(
        name for name in context.params if context.get_parameter_source(name) is not ParameterSource.DEFAULT
    )


def values_of(kind: type[Value], options: dict[str, Any]) -> Value:
    """Return and remove the options of a class from those of a command; what the command lacks is at its default."""
    given: dict[str, Any] = {}
    for option in options_of(kind):
        if option.name in options:
            place = given.setdefault(option.group, {}) if option.group else given
            place[option.name] = options.pop(option.name)
    for name, group in groups_of(kind).items():
        if name in given:
            given[name] = group(**given[name])
    return kind(**given)


def music_options(command: Command) -> Command:
    """Add the options of the music, the seed and the generator to a command."""
    decorate: Decorator[Command] = together(
        options_from(TakeOptions, only=("seed",)),
        options_from(MusicOptions),
        click.option("--model", type=A_FOLDER, help="Checkpoint folder; the one that comes with emsync otherwise."),
    )
    return decorate(command)


def mood_options(command: Command) -> Command:
    """Add the options of a mood for the whole cut to a command."""
    decorate: Decorator[Command] = options_from(EmotionOptions, only=("valence", "arousal", "mood"))
    return decorate(command)
