"""Loudness and true peak: ITU-R BS.1770-5, EBU Tech 3341 (short-term) and 3342 (loudness range)."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite

import numpy as np
import numpy.typing as npt

from emsync_bridge.render.engines import Audio
from emsync_bridge.render.midi_events import SAMPLE_RATE

Power = npt.NDArray[np.float64]

STEP = SAMPLE_RATE // 100
"""Samples of one value of power: 10 ms."""

_OFFSET = -0.691
_ABSOLUTE_GATE = -70.0
_BLOCK, _HOP = 40, 10  # steps: 400 ms, a new one every 100 ms
_SHORT = 300  # steps: 3 s
_OVERSAMPLING = 4
_HALF = 12  # samples on each side that a value between two samples is made of


@dataclass(frozen=True)
class Loudness:
    """The values of a loudness meter.

    Arguments:
        integrated: LUFS; -inf for silence.
        true_peak: dBTP; -inf for silence.
        range: Loudness range in LU.
        short_term_maximum: LUFS over 3 s; -inf for silence.
    """

    integrated: float
    true_peak: float
    range: float = 0.0
    short_term_maximum: float = -inf

    @property
    def peak_to_loudness(self) -> float:
        """Decibels from the loudness to the true peak; 0 for silence."""
        return self.true_peak - self.integrated if isfinite(self.integrated) else 0.0

    def __str__(self) -> str:
        if not isfinite(self.integrated):
            return "silence" if not isfinite(self.true_peak) else f"too short to measure, {self.true_peak:.1f} dBTP"
        return (
            f"{self.integrated:.1f} LUFS, LRA {self.range:.1f} LU, {self.true_peak:.1f} dBTP, "
            f"PLR {self.peak_to_loudness:.1f} dB, at most {self.short_term_maximum:.1f} LUFS over 3 s"
        )


def power_of(weighted: Audio) -> Power:
    """Return the power of both channels together in steps of 10 ms; the last one may be shorter.

    Arguments:
        weighted: K-weighted sound, shape (samples, 2), beginning on a step.
    """
    squared = np.einsum("ij,ij->i", weighted, weighted, dtype=np.float64)
    if not len(squared):
        return np.zeros(0)
    starts = np.arange(0, len(squared), STEP)
    return np.add.reduceat(squared, starts) / STEP


def integrated(power: Power) -> float:
    """Return the gated loudness in LUFS; -inf for silence.

    Arguments:
        power: Power as ``power_of`` returns it; pieces shorter than 400 ms count as followed by silence.
    """
    blocks = _windows(power, _BLOCK)
    blocks = blocks[blocks > _power(_ABSOLUTE_GATE)]
    if not len(blocks):
        return -inf
    louder = blocks[blocks > blocks.mean() / 10]
    return float(_level(louder.mean()))


def loudness_of(power: Power, true_peak: float) -> Loudness:
    """Return everything that a meter shows.

    Arguments:
        power: Power as ``power_of`` returns it.
        true_peak: dBTP.
    """
    short = _windows(power, _SHORT)
    short = short[short > _power(_ABSOLUTE_GATE)]
    if not len(short):
        return Loudness(integrated(power), true_peak)
    gated = short[short > short.mean() / 100]
    low, high = np.percentile(level_of(gated), (10, 95))
    return Loudness(integrated(power), true_peak, float(high - low), float(_level(short.max())))


def true_peaks(sound: Audio, step: int) -> Power:
    """Return the highest value of the continuous signal in each step, four times oversampled.

    Arguments:
        sound: Shape (samples, 2).
        step: Samples.
    """
    peaks = np.abs(sound).max(1, initial=0).astype(np.float64)
    padded = np.pad(sound, ((_HALF, _HALF), (0, 0)))
    at = np.arange(-_HALF, _HALF) + 1
    for phase in range(1, _OVERSAMPLING):
        distance = at - phase / _OVERSAMPLING
        taps = np.sinc(distance) * np.cos(np.pi * distance / (2 * _HALF + 1)) ** 2
        for channel in (0, 1):
            between = np.convolve(padded[:, channel], taps[::-1].astype(np.float32), "valid")
            np.maximum(peaks, np.abs(between[1 : len(sound) + 1]), out=peaks)
    return np.maximum.reduceat(peaks, np.arange(0, len(peaks), step)) if len(peaks) else peaks


def _windows(power: Power, length: int) -> Power:
    if len(power) < length:
        power = np.pad(power, (0, length - len(power)))
    total = np.concatenate([[0.0], np.cumsum(power)])
    starts = np.arange(0, len(power) - length + 1, _HOP)
    windows: Power = np.maximum(0, total[starts + length] - total[starts]) / length
    return windows


def _power(level: float) -> float:
    return float(10 ** ((level - _OFFSET) / 10))


def _level(power: float) -> float:
    return float(_OFFSET + 10 * np.log10(max(power, 1e-30)))


def level_of(power: Power) -> Power:
    """Return the loudness of powers in LUFS, without gates; -300 for silence."""
    levels: Power = _OFFSET + 10 * np.log10(np.maximum(power, 1e-30))
    return levels
