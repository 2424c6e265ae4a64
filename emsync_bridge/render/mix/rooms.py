"""Synthetic rooms: early reflections by distance, and a late field whose decay depends on frequency.

The late field is Gaussian noise in octave bands, each decaying on its own (Moorer 1979, *About this reverberation
business*); its low end is in mono, so that the bass stays in the middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt

from emsync_bridge.render.midi_events import SAMPLE_RATE

RoomName = Literal["dry", "studio", "hall"]
Impulse = npt.NDArray[np.float32]

LONGEST = 124_800
"""Samples of the longest impulse response: 2.6 s."""

_MONO_BELOW = 200.0  # Hz
_TAPS = 14
_ONSET = 0.03  # seconds in which the late field grows dense


@dataclass(frozen=True)
class Room:
    """A room.

    Arguments:
        decay: Seconds to -60 dB in the octaves around 125, 250, 500, 1000, 2000, 4000 and 8000 Hz.
        delay: Seconds before the late field.
        reflections: Seconds over which the early reflections are spread, at the greatest distance.
        send: Decibels added to every section's send.
        seed: Seed of the noise.
    """

    decay: tuple[float, ...]
    delay: float
    reflections: float
    send: float
    seed: int = 1


ROOMS: MappingProxyType[RoomName, Room | None] = MappingProxyType(
    {
        "dry": None,
        "studio": Room((0.9, 0.85, 0.8, 0.8, 0.7, 0.55, 0.4), 0.008, 0.03, -5.0),
        "hall": Room((2.4, 2.3, 2.15, 2.0, 1.75, 1.45, 1.1), 0.022, 0.06, 0.0),
    }
)


@lru_cache(maxsize=4)
def late_field(name: RoomName) -> Impulse:
    """Return the late field of a room.

    Arguments:
        name: Name of the room; not ``dry``.

    Returns:
        Shape (samples, 2), each channel with an energy of 1.
    """
    room = ROOMS[name]
    if room is None:
        return np.zeros((1, 2), np.float32)
    length = min(LONGEST, round(max(room.decay) * 1.1 * SAMPLE_RATE))
    noise = np.random.default_rng(room.seed).standard_normal((length, 2))
    spectrum = np.fft.rfft(noise, axis=0)
    frequencies = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    time = np.arange(length) / SAMPLE_RATE
    field = np.zeros((length, 2))
    octave = np.log2(np.maximum(frequencies, 1) / 125)
    for number, decay in enumerate(room.decay):
        # triangles over the octaves add up to one
        weight = np.clip(1 - np.abs(octave - number), 0, 1)
        if number == 0:
            weight = np.where(octave < 0, 1.0, weight)
        if number == len(room.decay) - 1:
            weight = np.where(octave > number, 1.0, weight)
        field += np.fft.irfft(spectrum * weight[:, None], length, axis=0) * (10 ** (-3 * time / decay))[:, None]
    field *= np.minimum(1, time / _ONSET)[:, None]
    mid, side = field.mean(1), (field[:, 0] - field[:, 1]) / 2
    keep = 1 / (1 + (_MONO_BELOW / np.maximum(frequencies, 1e-3)) ** 4)
    side = np.fft.irfft(np.fft.rfft(side) * keep, length)
    field = np.stack([mid + side, mid - side], 1)
    field /= np.sqrt((field**2).sum(0))
    delayed = np.concatenate([np.zeros((round(room.delay * SAMPLE_RATE), 2)), field])
    return delayed[:LONGEST].astype(np.float32)


def early_reflections(name: RoomName, distance: float) -> Impulse:
    """Return the early reflections of a room, without the direct sound.

    Arguments:
        name: Name of the room.
        distance: Distance from 0 (near) to 1 (far).

    Returns:
        Shape (samples, 2).
    """
    room = ROOMS[name]
    if room is None:
        return np.zeros((1, 2), np.float32)
    random = np.random.default_rng(room.seed + 1 + round(100 * distance))
    spread = room.reflections * (0.5 + 0.5 * distance)
    response = np.zeros((round((spread + 0.02) * SAMPLE_RATE), 2))
    for tap in range(_TAPS):
        at = 0.005 + spread * (tap / _TAPS) ** 1.3 + random.uniform(0, 0.003)
        level = 0.1 * (0.6 + distance) * 10 ** (-14 * tap / _TAPS / 20) * random.choice((-1, 1))
        angle = random.uniform(0.15, 0.85) * np.pi / 2
        response[int(at * SAMPLE_RATE)] += level * np.array([np.cos(angle), np.sin(angle)])
    return response.astype(np.float32)
