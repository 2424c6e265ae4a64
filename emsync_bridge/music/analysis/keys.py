"""Keys: finding a piece's tonic and mode, and naming transpositions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

import numpy as np

from emsync_bridge.cue import Note

Mode = Literal["major", "minor"]

# Probe-tone ratings of Krumhansl & Kessler 1982, Psychological Review 89(4), from the tonic upwards.
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)

_SPELLINGS = {"DB": 1, "D#": 3, "GB": 6, "G#": 8, "A#": 10, "CB": 11, "B#": 0, "FB": 4, "E#": 5}

TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


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
    tonic = (semitones + (9 if minor else 0)) % 12
    return f"{TONICS[tonic]} {'minor' if minor else 'major'}"


def parse_key(text: str) -> tuple[int, Mode]:
    """Return the transposition, -5 to 6 semitones from C major or A minor, and the mode of a key.

    Arguments:
        text: Text, such as ``D major``, ``F# minor``, ``Bb`` or ``cm``.

    Raises:
        ValueError: There is no such key.
    """
    words = text.strip().split()
    if len(words) == 1 and len(words[0]) > 1 and words[0][-1] == "m":
        words = [words[0][:-1], "minor"]
    if not words or len(words) > 2 or (words[1:] and words[1] not in ("major", "minor")):
        raise ValueError(f"no key: {text}")
    names = {name.upper(): tonic for tonic, name in enumerate(TONICS)} | _SPELLINGS
    if words[0].upper() not in names:
        raise ValueError(f"no key: {text}")
    mode: Mode = "minor" if words[1:] == ["minor"] else "major"
    return (names[words[0].upper()] - (9 if mode == "minor" else 0) + 5) % 12 - 5, mode
