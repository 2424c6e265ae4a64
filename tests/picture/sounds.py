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


def noise(seconds: int) -> NDArray[np.float32]:
    return (0.1 * np.random.default_rng(5).standard_normal(seconds * RATE)).astype(np.float32)


def written(path: Path, samples: NDArray[np.float32]) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path
