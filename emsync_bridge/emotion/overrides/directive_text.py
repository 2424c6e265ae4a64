"""What an editor orders in a marker, read from its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from emsync_bridge.emotion.overrides.moods import MOODS, mood
from emsync_bridge.errors import EmotionError
from emsync_bridge.music_orders import music_order

Verb = Literal["set", "silence", "auto", "music"]

_AXES = {"v": "valence", "valence": "valence", "a": "arousal", "arousal": "arousal"}
_SETTING = re.compile(r"([a-z]+)\s*[=:]\s*([-+]?(?:\d+\.?\d*|\.\d+))", re.IGNORECASE)
_SILENT = frozenset(("silence", "silent", "mute", "none", "no music", "tacet"))
_RELEASED = frozenset(("auto", "felt", "off", "end"))


@dataclass(frozen=True)
class Order:
    """A directive, understood.

    Arguments:
        verb: ``set`` the affect, ask for ``silence``, hand back to the picture (``auto``), or something for the music.
        valence: From -1 to 1; None leaves what is felt.
        arousal: From -1 to 1; None leaves what is felt.
        goal: Where a ramp arrives at its end.
        words: The order as written.
    """

    verb: Verb
    valence: float | None = None
    arousal: float | None = None
    goal: Order | None = None
    words: str = ""


def parse_directive(text: str) -> Order:
    """Return what a directive orders.

    Arguments:
        text: A mood (``joy``), values (``valence=-0.4 arousal=0.7``, ``v=-0.4``), ``silence``, ``auto`` to follow the
            picture again, a ramp of moods or values (``joy -> fear``), or an order for the music (``palette=strings``).

    Raises:
        EmotionError: It is none of these; the message says what is, and the nearest mood.
    """
    words = " ".join(text.strip().strip("\"'.").split())
    if music_order(words) is not None:
        return Order("music", words=words)
    lower = words.lower()
    if lower in _SILENT:
        return Order("silence", words=words)
    if lower in _RELEASED:
        return Order("auto", words=words)
    start, arrow, end = re.sub(r"^ramp\s+", "", lower).partition("->")
    if arrow:
        goal = Order("set", *_values(end.strip(), words), words=words)
        return Order("set", *_values(start.strip(), words), goal=goal, words=words)
    return Order("set", *_values(lower, words), words=words)


def _values(text: str, words: str) -> tuple[float | None, float | None]:
    settings = _SETTING.findall(text)
    if not settings:
        try:
            affect = mood(text)
        except EmotionError as problem:
            nearest = get_close_matches(text, [*_SILENT, *_RELEASED], n=1)
            guess = f"Did you mean {nearest[0]}? " if nearest else ""
            raise EmotionError(
                f"The directive {words!r} is not understood",
                hint=f"{guess}{problem.hint}. Or write valence=-0.4 arousal=0.7, silence, auto, joy -> fear, "
                "palette=strings or theme=NAME",
            ) from None
        return affect.valence, affect.arousal
    values: dict[str, float] = {}
    for name, number in settings:
        axis = _AXES.get(name)
        if axis is None or not -1 <= float(number) <= 1 or axis in values:
            raise EmotionError(
                f"The directive {words!r} is not understood",
                hint="Write valence and arousal once each, from -1 to 1, as in valence=-0.4 arousal=0.7",
            )
        values[axis] = float(number)
    if left := re.sub(r"[\s,;]+", "", _SETTING.sub("", text)):
        raise EmotionError(
            f"The directive {words!r} is not understood: {left!r} is left over",
            hint=f"Write only valence=-0.4 arousal=0.7, or only a mood: {', '.join(sorted(MOODS))}",
        )
    return values.get("valence"), values.get("arousal")
