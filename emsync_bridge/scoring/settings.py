"""Options that were given for a cue, as its document keeps them for people and for starting again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emsync_bridge.emotion.overrides.placed_orders import orders_for_all
from emsync_bridge.options import GROUPS, EmotionOptions, ScoreOptions
from emsync_bridge.options.fields import options_of

_PRIVATE = ("certificate", "certificate_key")
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
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
