"""Keys: finding a piece's tonic and mode, and naming transpositions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from typing import Literal

import numpy as np

from emsync_bridge.cue import Note, Take

Mode = Literal["major", "minor"]

# Probe-tone ratings of Krumhansl & Kessler 1982, Psychological Review 89(4), from the tonic upwards.
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"": 0, "#": 1, "\u266f": 1, "b": -1, "\u266d": -1}
_TONIC = re.compile(r"([A-G])([#b\u266f\u266d]?)", re.IGNORECASE)

# of two spellings the one whose key signature has fewer accidentals
_MAJOR_TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")


def pitch_class_profile(notes: Iterable[Note]) -> np.ndarray:
    """Return how long each of the 12 pitch classes sounds, in ticks; drums do not count."""
    profile = np.zeros(12)
    for note in notes:
        if note.instrument != "drums":
            profile[note.pitch % 12] += note.end - note.start
    return profile


def key_correlations(profile: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the Pearson correlation of a profile with the 12 major and the 12 minor keys, by tonic."""
    if np.ptp(profile) == 0:
        return np.zeros(12), np.zeros(12)

    def correlate(mode: Mode) -> np.ndarray:
        return np.array([np.corrcoef(profile, ratings(mode, tonic))[0, 1] for tonic in range(12)])

    return correlate("major"), correlate("minor")


def ratings(mode: Mode, tonic: int) -> np.ndarray:
    """Return how well each of the 12 pitch classes fits a key, by listeners' ratings from 1 to 7."""
    return np.roll(_MAJOR if mode == "major" else _MINOR, tonic)


def shift_to_white_keys(notes: Iterable[Note]) -> int:
    """Return the semitones, -5 to 6, that move a piece to C major or A minor, whichever its key is."""
    major, minor = key_correlations(pitch_class_profile(notes))
    tonic = int(major.argmax()) if major.max() >= minor.max() else (int(minor.argmax()) + 3) % 12
    return (-tonic + 5) % 12 - 5


def transpose(notes: Iterable[Note], semitones: int) -> list[Note]:
    """Return notes moved by semitones; drums stay."""
    return [note if note.instrument == "drums" else replace(note, pitch=note.pitch + semitones) for note in notes]


def key_name(semitones: int, *, minor: bool) -> str:
    """Return the key that C major or A minor becomes after a transposition."""
    return name_of(semitones + (9 if minor else 0), minor=minor)


def name_of(tonic: int, *, minor: bool) -> str:
    """Return the name of the key of a pitch class."""
    return f"{_MINOR_TONICS[tonic % 12]} minor" if minor else f"{_MAJOR_TONICS[tonic % 12]} major"


def parse_key(text: str) -> tuple[int, Mode]:
    """Return the transposition, -5 to 6 semitones from C major or A minor, and the mode of a key.

    Arguments:
        text: Text, such as ``D major``, ``F# minor``, ``Bb`` or ``cm``.

    Raises:
        ValueError: There is no such key.
    """
    tonic, mode = _parsed(text)
    return (_pitch_class(tonic) - (9 if mode == "minor" else 0) + 5) % 12 - 5, mode


def key_advice(text: str) -> str:
    """Return how a key is written, after the one that a text without a key may mean.

    Arguments:
        text: Text that ``parse_key`` refuses. H, Dur and Moll are read as in German.
    """
    german = {"dur": "major", "moll": "minor"}
    words = [german.get(word, word) for word in text.lower().replace("h", "b").split()]
    guess = ""
    with suppress(ValueError):
        tonic, mode = _parsed(" ".join(words))
        guess = f"Did you mean {name_of(_pitch_class(tonic), minor=mode == 'minor')}? "
    if not guess:
        names = (*(f"{tonic} major" for tonic in _MAJOR_TONICS), *(f"{tonic} minor" for tonic in _MINOR_TONICS))
        nearest = get_close_matches(text.strip().capitalize(), names, n=1, cutoff=0.75)
        guess = f"Did you mean {nearest[0]}? " if nearest else ""
    return f"{guess}Write it as D major, F# minor or Bbm"


def tonic_of(key: str) -> int:
    """Return the pitch class of a key's tonic.

    Raises:
        ValueError: There is no such key.
    """
    return _pitch_class(_parsed(key)[0])


def spelled_like(take: Take, key: str) -> Take:
    """Return a take whose keys are spelled as one that was asked for, where they are the same: Cb instead of B major.

    Arguments:
        take: The take, in whose short score each section has a key too.
        key: The key; where there is none of this name, the take is returned as it is.
    """
    try:
        tonic, mode = _parsed(key)
    except ValueError:
        return take
    asked = f"{tonic} {mode}"
    other = name_of(_pitch_class(tonic), minor=mode == "minor")

    def spelled(name: str) -> str:
        return asked if name == other else name

    score = take.score and replace(
        take.score, sections=tuple(replace(each, key=spelled(each.key)) for each in take.score.sections)
    )
    return replace(take, key=spelled(take.key), score=score)


def _parsed(text: str) -> tuple[str, Mode]:
    """Return the name of a key's tonic, such as ``Cb``, and its mode."""
    words = text.strip().split()
    if len(words) == 1 and len(words[0]) > 1 and words[0][-1] == "m":
        words = [words[0][:-1], "minor"]
    found = _TONIC.fullmatch(words[0]) if words else None
    mode = words[1].lower() if len(words) == 2 else "major"
    if found is None or len(words) > 2 or mode not in ("major", "minor"):
        raise ValueError(f"no key: {text}")
    sign = {0: "", 1: "#", -1: "b"}[_SIGNS[found[2].lower()]]
    return f"{found[1].upper()}{sign}", "minor" if mode == "minor" else "major"


def _pitch_class(tonic: str) -> int:
    return (_LETTERS[tonic[0]] + _SIGNS[tonic[1:]]) % 12
