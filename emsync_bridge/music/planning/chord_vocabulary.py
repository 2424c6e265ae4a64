"""Chords that a piece may use: the loops and colours of each character, and what the mood makes of them."""

from __future__ import annotations

import json
import random
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from emsync_bridge.music.planning.chords import Chord, parse_numeral
from emsync_bridge.music.planning.scenes import Character, Scene

_CHANCE, _MOOD, _UNHEARD = 1.15, 1.5, 0.8
"""Gains of a chord: by chance at most, by a mood at the edge of its mode, and where the piece did not have it yet."""

_MIDDLE = 0.4
"""Valence of a mood in the middle of the major mode, and without its sign of the minor mode."""

_MAJOR_SCALE = frozenset({0, 2, 4, 5, 7, 9, 11})
_RELATIVE_MAJOR = frozenset({(3, "M"), (8, "M"), (10, "M"), (10, "7")})


@dataclass(frozen=True)
class ChordVocabulary:
    """Loops and colours of a character in one mode."""

    loops: tuple[tuple[Chord, ...], ...]
    chords: tuple[Chord, ...]


@lru_cache(maxsize=32)
def vocabulary(character: Character, *, minor: bool) -> ChordVocabulary:
    """Return the chords of a character; in the other mode than its own, those of its nearest relative.

    Arguments:
        character: Character of the scene.
        minor: Mode of the key.
    """
    text = files("emsync_bridge.music.planning").joinpath("progressions.json").read_text(encoding="utf-8")
    data = json.loads(text)
    entry = data[_in_mode(character, minor=minor)]
    loops = tuple(tuple(parse_numeral(name, minor=minor) for name in loop.split()) for loop in entry["loops"])
    colours = [parse_numeral(name, minor=minor) for name in entry["colours"].split()]
    chords = dict.fromkeys([chord for loop in loops for chord in loop] + colours)
    return ChordVocabulary(loops, tuple(chords))


def _in_mode(character: Character, *, minor: bool) -> Character:
    """Return the character whose chords serve where a mode is asked for that is not its own."""
    to_minor: dict[Character, Character] = {
        "calm": "sad", "warm": "sad", "neutral": "drive", "joy": "drive", "triumph": "action",
    }  # fmt: skip
    to_major: dict[Character, Character] = {
        "sad": "calm", "tension": "neutral", "fear": "neutral", "action": "triumph", "drive": "joy",
    }  # fmt: skip
    return (to_minor if minor else to_major).get(character, character)


def chord_gains(
    words: ChordVocabulary, scene: Scene, rng: random.Random, heard: AbstractSet[Chord]
) -> dict[Chord, float]:
    """Return what each chord gains in a phrase: by chance, by the mood, and where the piece did not have it yet.

    Arguments:
        words: Chords to choose from.
        scene: Scene of the phrase.
        rng: Random numbers of the phrase.
        heard: Chords that the piece had so far.
    """
    bright = scene.affect.valence + (_MIDDLE if scene.minor else -_MIDDLE)
    return {
        chord: _CHANCE * rng.random()
        + _MOOD * bright * _brightness(chord, minor=scene.minor)
        + (_UNHEARD if chord not in heard else 0.0)
        for chord in words.chords
    }


def _brightness(chord: Chord, *, minor: bool) -> float:
    """Return how much a chord speaks for a major key, from -1 to 1."""
    if minor:
        return 1.0 if (chord.root, chord.quality[:1]) in _RELATIVE_MAJOR else -1.0 if chord.root in (0, 5) else 0.0
    inside = set(chord.tones) <= _MAJOR_SCALE
    return (1.0 if chord.root in (0, 5) else 0.5 if chord == Chord(7, "7") else 0.0) if inside else -1.0
