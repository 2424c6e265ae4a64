"""Options that were given for a cue, as its document keeps them for people and for starting again."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from emsync_bridge.cue import Meter
from emsync_bridge.emotion.overrides.placed_orders import orders_for_all
from emsync_bridge.options import GROUPS, EmotionOptions, RenderOptions, ScoreOptions
from emsync_bridge.options.fields import Option, options_of

_PRIVATE = ("certificate", "certificate_key")
_OF_THE_CUT = ("duck",)  # ranges in the cut that they were given for
Setting = str | int | float | bool | None


def settings_of(options: ScoreOptions) -> dict[str, Setting]:
    """Return every option that is not at its default, by its name, as text, number or yes and no.

    Where somebody keeps a private key is left out: the document goes to others.
    """
    found: dict[str, Setting] = {}
    for group, kind in GROUPS.items():
        for option in options_of(kind):
            holder = getattr(options, group)
            value = getattr(getattr(holder, option.group) if option.group else holder, option.name)
            if value != option.default and option.name not in _PRIVATE:
                found[option.name] = _plain(value)
    return found


def sound_as_before(
    options: ScoreOptions, settings: Mapping[str, Setting], given: Collection[str] = ()
) -> ScoreOptions:
    """Return options with the sound that an earlier cue was rendered with, where they are at their defaults.

    Instruments of people's own that are not on this machine are left out, and so is what is not among the options.

    Arguments:
        options: Options of the job.
        settings: Settings of the earlier cue.
        given: Names of options that a person gave now, which count even at their defaults.
    """
    kept = {
        option.name: value
        for option in options_of(RenderOptions)
        if option.name not in (*_PRIVATE, *_OF_THE_CUT, *given)
        and getattr(options.render, option.name) == option.default
        and (value := _value_of(option, settings.get(option.name))) is not None
    }
    return replace(options, render=replace(options.render, **kept))


def with_sound(settings: Mapping[str, Setting], options: RenderOptions) -> dict[str, Setting]:
    """Return the settings of an earlier cue with the sound that it is rendered with now.

    Arguments:
        settings: Settings of the earlier cue.
        options: Options of the sound now.
    """
    names = {option.name for option in options_of(RenderOptions)} - {*_OF_THE_CUT}
    now = {name: value for name, value in settings_of(ScoreOptions(render=options)).items() if name in names}
    return {**{name: value for name, value in settings.items() if name not in names}, **now}


def _value_of(option: Option, kept: Setting) -> Any:
    """Return the value of an option that a cue keeps as text, number or yes and no; None for one that is not taken."""
    if option.many:
        parts = re.split(r", (?=[^,=]+=)", kept) if isinstance(kept, str) else []
        return tuple(parts) if all(Path(part.partition("=")[2]).is_file() for part in parts) and parts else None
    if option.type is Path:
        return Path(kept) if isinstance(kept, str) and Path(kept).is_file() else None
    if option.type is float and isinstance(kept, (int, float)) and not isinstance(kept, bool):
        low, high = (option.low, option.high)
        return float(kept) if (low is None or kept >= low) and (high is None or kept <= high) else None
    if not isinstance(kept, option.type):
        return None
    if option.choices and kept not in option.choices:
        return None
    return None if option.pattern and not re.fullmatch(option.pattern, str(kept)) else kept


def whole_mood_as_before(options: EmotionOptions, settings: Mapping[str, Setting]) -> EmotionOptions:
    """Return options with the mood that an earlier cue was given for the whole cut, where they give none themselves.

    Arguments:
        options: Options of the mood.
        settings: Settings of the earlier cue; a table of the mood among them had counted before all but the orders.
    """
    told = (options.valence, options.arousal, options.mood, options.curve)
    if any(each is not None for each in told):
        return options
    earlier = settings.get("orders")
    if isinstance(earlier, str):
        options = replace(options, orders=(*orders_for_all(earlier), *options.orders))
    if settings.get("curve") is not None:
        return options
    valence, arousal, mood = (settings.get(name) for name in ("valence", "arousal", "mood"))
    return replace(
        options,
        valence=None if isinstance(valence, (str, bool)) else valence,
        arousal=None if isinstance(arousal, (str, bool)) else arousal,
        mood=mood if isinstance(mood, str) else None,
    )


def _plain(value: Any) -> Setting:
    if isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, Meter):
        return f"{value.numerator}/{value.denominator}"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
