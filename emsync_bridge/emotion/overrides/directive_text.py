"""Directives as people write them: a mood, values, a change such as ``darker``, a ramp, silence."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from emsync_bridge.cue import Ekman
from emsync_bridge.emotion.overrides.mood_names import COMPARATIVES, DEGREES, STEP, SYNONYMS
from emsync_bridge.emotion.overrides.moods import MOODS, emotion_in, mood, mood_name
from emsync_bridge.emotion.words.vocabulary import mood_of_text
from emsync_bridge.errors import EmotionError, did_you_mean
from emsync_bridge.options import PaletteName
from emsync_bridge.orders.music import music_order

Verb = Literal["set", "silence", "auto", "music"]

_AXES = {"v": "valence", "valence": "valence", "a": "arousal", "arousal": "arousal"}
_SETTING = re.compile(r"([a-z]+)\s*([-+]?)([=:])\s*([-+]?(?:\d+\.?\d*|\.\d+))", re.IGNORECASE)
_MORE = ("more", "mehr", "plus", "más", "mas", "più", "piu", "mais")
_LESS = ("less", "weniger", "moins", "menos", "meno")
_SIGNED = re.compile(r"([-+])\s*([^\W\d_]+(?: [^\W\d_]+)*)")
_COMPARED = re.compile(rf"({'|'.join((*_MORE, *_LESS))})\s+([^\W\d_]+(?: [^\W\d_]+)*)")
_JOINT = re.compile(r"\s*(?:[,;&]|\band\b|\bbut\b)\s*")
_SILENT = frozenset(
    (
        *("silence", "silent", "mute", "none", "no music", "tacet", "stille", "keine musik", "pas de musique"),
        *("sans musique", "silencio", "sin música", "silenzio", "senza musica", "silêncio", "sem música"),
        *("無音", "音楽なし"),
    )
)
_RELEASED = frozenset(("auto", "felt", "off", "end"))

MOST_WORDS = 8
"""Words of an order that may be a note in the words of the film vocabulary, such as ``tense stakeout``."""

NEAR, NEAR_SHORT = 0.7, 0.6
"""Likeness from which a word is offered for one that is not understood; a letter counts more in a short one."""

SHORT = 5
"""Letters of a short word."""

WAYS = (
    "Or write valence=-0.4 arousal=0.7, v-=0.3, darker, more tense, +tension, silence, auto, joy -> fear, "
    "palette=strings or theme=NAME"
)

Values = tuple[float | None, float | None]


@dataclass(frozen=True)
class ParsedDirective:
    """A directive, understood.

    Arguments:
        verb: ``set`` the affect, ask for ``silence``, hand back to the picture (``auto``), or something for the music.
        valence: Valence from -1 to 1; None leaves what is felt.
        arousal: Arousal from -1 to 1; None leaves what is felt.
        goal: Valence and arousal at which a ramp arrives at its end.
        words: The order as written.
        shift: Amounts that are added to valence and arousal where they are not set.
        emotion: The emotion that it names, where it is one of the six or a kind of one.
    """

    verb: Verb
    valence: float | None = None
    arousal: float | None = None
    goal: ParsedDirective | None = None
    words: str = ""
    shift: tuple[float, float] = (0.0, 0.0)
    emotion: Ekman | None = None


def parse_directive(text: str) -> ParsedDirective:
    """Return what a directive orders.

    Arguments:
        text: A mood (``joy``), values (``valence=-0.4 arousal=0.7``, ``v=-0.4``), changes of values (``v-=0.3``), a
            relative word (``darker``, ``much calmer``, ``more tense``, ``+tension``), several joined by commas, ``and``
            or ``but``, a note in words that editors write (``tense stakeout``), ``silence``, ``auto`` to follow
            the picture again, a ramp of moods or values (``joy -> fear``), or an order for the music
            (``palette=strings``).

    Raises:
        EmotionError: It is none of these, or names a palette that does not exist; the message lists what there is.
    """
    words = " ".join(text.strip().strip("\"'.").split())
    if (music := music_order(words)) is not None:
        if music[0] == "palette" and music[1] not in get_args(PaletteName):
            raise EmotionError(f"{music[1]!r} is not a palette", hint=f"Choose from {', '.join(get_args(PaletteName))}")
        return ParsedDirective("music", words=words)
    lower = words.lower()
    if lower in _SILENT:
        return ParsedDirective("silence", words=words)
    if lower in _RELEASED:
        return ParsedDirective("auto", words=words)
    start, arrow, end = re.sub(r"^ramp\s+", "", lower).partition("->")
    if arrow:
        goal = ParsedDirective("set", *_absolute(end.strip(), words), words=words)
        return ParsedDirective("set", *_absolute(start.strip(), words), goal=goal, words=words)
    return _set(lower, words)


def _set(lower: str, words: str) -> ParsedDirective:
    if shift := _relative(lower):
        return ParsedDirective("set", words=words, shift=shift)
    if _SETTING.search(lower):
        (valence, arousal), shift = _settings(lower, words)
        return ParsedDirective("set", valence, arousal, words=words, shift=shift)
    pieces = [piece for piece in _JOINT.split(lower) if piece]
    if len(pieces) > 1:
        return _together([_set(piece, words) for piece in pieces], words)
    valence, arousal = _named(lower, words)
    return ParsedDirective("set", valence, arousal, words=words, emotion=emotion_in(lower))


def _together(orders: Sequence[ParsedDirective], words: str) -> ParsedDirective:
    """Return orders as one: the mean of moods, moved by the sum of all changes."""
    values, shifts = [], []
    for axis in (0, 1):
        known = [value for order in orders if (value := (order.valence, order.arousal)[axis]) is not None]
        shift = sum(order.shift[axis] for order in orders)
        values.append(max(-1.0, min(1.0, sum(known) / len(known) + shift)) if known else None)
        shifts.append(0.0 if known else shift)
    return ParsedDirective("set", values[0], values[1], words=words, shift=(shifts[0], shifts[1]))


def _relative(text: str) -> tuple[float, float] | None:
    """Return what a relative word adds to valence and arousal; None where it is none."""
    factor = STEP
    for degree, times in DEGREES.items():
        if text.startswith(f"{degree} "):
            text, factor = text.removeprefix(degree).strip(), STEP * times
            break
    direction = COMPARATIVES.get(text)
    if direction is None:
        match = _SIGNED.fullmatch(text) or _COMPARED.fullmatch(text)
        if match is None:
            return None
        sign = 1 if match[1] in ("+", *_MORE) else -1
        word = match[2].strip()
        if word in _AXES:
            direction = (sign * 1.0, 0.0) if _AXES[word] == "valence" else (0.0, sign * 1.0)
        elif mood_name(word) is not None:
            goal = mood(word)
            direction = (sign * goal.valence, sign * goal.arousal)
        else:
            return None
    length = math.hypot(*direction)
    return (factor * direction[0] / length, factor * direction[1] / length) if length else None


def _absolute(text: str, words: str) -> Values:
    """Return the valence and arousal of an end of a ramp."""
    if not _SETTING.search(text):
        return _named(text, words)
    values, shift = _settings(text, words)
    if shift != (0.0, 0.0):
        raise EmotionError(
            f"The directive {words!r} is not understood",
            hint="A ramp goes between moods or values, as in joy -> v=-0.5",
        )
    return values


def _named(text: str, words: str) -> Values:
    try:
        affect = mood(text if mood_name(text) else re.sub(r"[ -]", "", text))
    except EmotionError:
        note = mood_of_text(text, sentiment=False)
        if note.found and len(text.split()) <= MOST_WORDS:
            return note.valence, note.arousal
        near = NEAR_SHORT if len(text) <= SHORT else NEAR
        known = (*MOODS, *SYNONYMS, *_SILENT, *_RELEASED, *COMPARATIVES)
        moods = did_you_mean(text, known, near) or f"Moods are {', '.join(sorted(MOODS))}. "
        raise EmotionError(f"The directive {words!r} is not understood", hint=f"{moods}{WAYS}") from None
    return affect.valence, affect.arousal


def _settings(text: str, words: str) -> tuple[Values, tuple[float, float]]:
    values: dict[str, float] = {}
    shifts: dict[str, float] = {}
    for name, change, equals, number in _SETTING.findall(text):
        axis = _AXES.get(name)
        wrong = axis is None or axis in values or axis in shifts or (change and equals == ":")
        if axis is None or wrong or not -1 <= float(number) <= 1:
            raise EmotionError(
                f"The directive {words!r} is not understood",
                hint="Write valence and arousal once each, from -1 to 1, as in valence=-0.4 arousal=0.7 or v-=0.3",
            )
        if change:
            shifts[axis] = float(number) if change == "+" else -float(number)
        else:
            values[axis] = float(number)
    if left := re.sub(r"[\s,;]+", "", _SETTING.sub("", text)):
        raise EmotionError(
            f"The directive {words!r} is not understood: {left!r} is left over",
            hint=f"Write only valence=-0.4 arousal=0.7, or only a mood: {', '.join(sorted(MOODS))}",
        )
    shift = (shifts.get("valence", 0.0), shifts.get("arousal", 0.0))
    return (values.get("valence"), values.get("arousal")), shift
