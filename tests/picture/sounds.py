"""Sounds made of numbers, and their files."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.picture.speech import RATE


def arpeggios(seconds: int) -> NDArray[np.float32]:
    """Plucked chords of C, A minor, F and G, four notes a second."""
    sound = np.zeros(seconds * RATE)
    at = np.arange(RATE) / RATE
    for number in range(4 * seconds - 3):
        chord = ((60, 64, 67, 72), (57, 60, 64, 69), (53, 57, 60, 65), (55, 59, 62, 67))[number // 4 % 4]
        pitch = 440 * 2 ** ((chord[number % 4] - 69) / 12)
        note = sum(np.sin(2 * np.pi * pitch * k * at) / k**1.5 for k in range(1, 8)) * np.exp(-4 * at)
        first = number * RATE // 4
        sound[first : first + RATE] += 0.12 * note
    return sound.astype(np.float32)


FORMANTS = {
    "soprano": {"a": (800, 1150, 2900), "e": (350, 2000, 2800), "i": (270, 2140, 2950), "o": (450, 800, 2830)},
    "tenor": {"a": (650, 1080, 2650), "e": (400, 1700, 2600), "i": (290, 1870, 2800), "o": (400, 800, 2600)},
}
"""Three formants of sung vowels in Hz."""


def sung(voice: str, root: float, seconds: int) -> NDArray[np.float32]:
    """A tune on vowels with vibrato, glides into notes and noise for consonants."""
    rng = np.random.default_rng(2)
    scale, place, notes = (0, 2, 4, 5, 7, 9, 11, 12), 2, []
    while sum(map(len, notes)) < seconds * RATE:
        place = int(np.clip(place + rng.integers(-2, 3), 0, 7))
        pitch, length = root * 2 ** (scale[place] / 12), float(rng.choice([0.35, 0.5, 0.7, 1.0]))
        at = np.arange(int(length * RATE)) / RATE
        vibrato = 1 + 0.012 * np.sin(2 * np.pi * 5.5 * at) * np.clip((at - 0.15) / 0.3, 0, 1)
        phase = 2 * np.pi * np.cumsum(pitch * vibrato * 2 ** (-0.05 * np.exp(-at / 0.05))) / RATE
        formants = FORMANTS[voice]["aeio"[rng.integers(4)]]
        note = np.zeros(len(at))
        for k in range(1, int(7500 / pitch)):
            strength = sum(0.5**i / np.hypot(1, (k * pitch - centre) / 50) for i, centre in enumerate(formants))
            note += strength / k**0.3 * np.sin(k * phase)
        note *= np.minimum(1, at / 0.06) * np.minimum(1, (length - at) / 0.08) / np.abs(note).max()
        start = round(0.07 * RATE)
        note[:start] += 0.1 * np.diff(rng.standard_normal(start + 1)) * np.hanning(start)
        notes.append(note)
    return (0.5 * np.concatenate(notes)[: seconds * RATE]).astype(np.float32)


def noise(seconds: int) -> NDArray[np.float32]:
    return (0.1 * np.random.default_rng(5).standard_normal(seconds * RATE)).astype(np.float32)


def written(path: Path, samples: NDArray[np.float32]) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path
