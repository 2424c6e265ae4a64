"""The gain of the whole mix: loudness target, compressor where a target needs one, true-peak limiter.

It is one curve for the mix and all stems, so stems add up to the mix whatever it does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, isfinite
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from emsync_bridge.render.engines import Audio
from emsync_bridge.render.midi_events import SAMPLE_RATE
from emsync_bridge.render.mix.meter import STEP, Loudness, Power, integrated, loudness_of

PEAK_STEP = SAMPLE_RATE // 1000
"""Samples of one value of the true peak: 1 ms."""

TOLERANCE = 0.2
"""LU within which a target counts as met."""

MAX_LIMITED = 6.0
"""Decibels that the limiter may take away; a mix that would need more stays softer."""

_MARGIN = 0.1  # dB under the ceiling, for what meters oversample differently
_LOOK_AHEAD, _RELEASE = 5, 120  # ms
_THRESHOLD, _RATIO, _KNEE, _ATTACK, _RECOVERY = -16.0, 1.6, 8.0, 0.03, 0.35  # of the compressor: LUFS, dB, seconds
_ROUNDS = 12
_CHUNK = 60_000  # values that are Python's own numbers at once


@dataclass(frozen=True)
class LoudnessTarget:
    """What a mix is brought to.

    Arguments:
        loudness: LUFS, integrated over the whole.
        peak: dBTP at most.
        compressed: Whether loud passages are compressed gently, where the loudness range has to be small.
    """

    loudness: float
    peak: float = -1.0
    compressed: bool = False


TARGETS: Final = MappingProxyType(
    {
        "music": LoudnessTarget(-20.0),
        "ebu": LoudnessTarget(-23.0),
        "atsc": LoudnessTarget(-24.0, -2.0),
        "netflix": LoudnessTarget(-27.0, -2.0),
        "podcast": LoudnessTarget(-16.0, -1.0, compressed=True),
        "web": LoudnessTarget(-14.0, -1.0, compressed=True),
    }
)
"""Targets by name: a track in an edit under dialogue; EBU R 128; ATSC A/85; Netflix (-27 holds for the dialogue alone,
-24 for programmes with little of it: Partner Help Center, *Loudness and True Peaks*); Apple Podcasts (*Audio
requirements*); Spotify (*Loudness normalization*) and, by what is observed, YouTube."""


@dataclass(frozen=True)
class GainCurve:
    """Gain over time in decibels.

    Arguments:
        base: What holds throughout.
        moving: One value per millisecond that is added to it; empty where nothing moves.
    """

    base: float
    moving: npt.NDArray[np.float32]

    def apply(self, block: Audio, position: int) -> Audio:
        """Return a block of the piece with its gain.

        Arguments:
            block: Shape (samples, 2).
            position: Sample of the piece at which it begins.
        """
        factor = np.float32(10 ** (self.base / 20))
        if not len(self.moving):
            level: Audio = block * factor
            return level
        first = max(0, position // PEAK_STEP - 2)
        last = min(len(self.moving), (position + len(block)) // PEAK_STEP + 3)
        at = np.arange(position, position + len(block))
        centers = (np.arange(first, last) + 0.5) * PEAK_STEP
        moving = np.interp(at, centers, 10 ** (self.moving[first:last].astype(np.float64) / 20))
        gained: Audio = block * (factor * moving.astype(np.float32))[:, None]
        return gained


@dataclass(frozen=True)
class Leveled:
    """What was found.

    Arguments:
        gain: The curve.
        loudness: What a meter shows after it.
        limited: Decibels that the limiter takes away at most.
    """

    gain: GainCurve
    loudness: Loudness
    limited: float = 0.0

    def misses(self, target: LoudnessTarget) -> float:
        """Return by how many LU the loudness misses its target; 0 for silence."""
        return self.loudness.integrated - target.loudness if isfinite(self.loudness.integrated) else 0.0


def find_gain(power: Power, peaks: Power, target: LoudnessTarget) -> Leveled:
    """Return the gain that brings a mix to its target.

    Arguments:
        power: K-weighted power of the mix, as of ``meter.power_of``.
        peaks: True peak of the mix in steps of 1 ms, as factors of full scale.
        target: What to aim at.
    """
    level = 20 * np.log10(np.maximum(peaks, 1e-9))
    highest = float(level.max(initial=-inf)) if peaks.any() else -inf
    loud = integrated(power)
    ceiling = target.peak - _MARGIN
    if not isfinite(highest):
        return Leveled(GainCurve(0.0, np.zeros(0, np.float32)), Loudness(-inf, -inf))
    if not isfinite(loud):
        base = min(0.0, ceiling - highest)
        return Leveled(GainCurve(base, np.zeros(0, np.float32)), Loudness(-inf, highest + base))
    base = target.loudness - loud
    moving = np.zeros(0)
    limited = 0.0
    for _ in range(_ROUNDS):
        squeezed = _compressed(power, base, len(level)) if target.compressed else np.zeros(0)
        limiting = _limited(level + base + (squeezed if len(squeezed) else 0.0), ceiling)
        limited = -float(limiting.min(initial=0))
        moving = limiting if not len(squeezed) else squeezed + limiting if len(limiting) else squeezed
        if limited > MAX_LIMITED + 0.05:
            base -= limited - MAX_LIMITED
            continue
        error = target.loudness - integrated(_gained(power, base, moving))
        if abs(error) < TOLERANCE / 4 or (limited > MAX_LIMITED - 0.1 and error > 0):
            break
        base += error
    curve = GainCurve(base, moving.astype(np.float32))
    after = level + base + (moving if len(moving) else 0.0)
    return Leveled(curve, loudness_of(_gained(power, base, moving), float(after.max())), limited)


def shaped_gain(power: Power, peaks: Power, target: LoudnessTarget, shape: Power) -> Leveled:
    """Return the gain that brings a mix to its target on top of a curve that shapes it.

    Arguments:
        power: As of ``find_gain``.
        peaks: As of ``find_gain``.
        target: As of ``find_gain``.
        shape: Decibels, one value per millisecond; empty for none.
    """
    if not len(shape):
        return find_gain(power, peaks, target)
    found = find_gain(_gained(power, 0.0, shape), peaks * 10 ** (shape / 20), target)
    moving = found.gain.moving.astype(np.float64)
    whole = shape + moving if len(moving) else shape
    return replace(found, gain=GainCurve(found.gain.base, whole.astype(np.float32)))


def gained(power: Power, gain: GainCurve) -> Power:
    """Return the power of a mix after its gain.

    Arguments:
        power: As of ``meter.power_of``.
        gain: As found.
    """
    return _gained(power, gain.base, gain.moving.astype(np.float64))


def _gained(power: Power, base: float, moving: Power) -> Power:
    if not len(moving):
        return power * 10 ** (base / 10)
    factor = 10 ** ((base + moving) / 10)
    starts = np.arange(0, len(factor), STEP // PEAK_STEP)
    mean = np.add.reduceat(factor, starts) / np.diff(np.append(starts, len(factor)))
    gained: Power = power * mean[: len(power)]
    return gained


def _compressed(power: Power, base: float, length: int) -> Power:
    """Return the gain of a soft-knee compressor in decibels, one value per millisecond."""
    over = base - 0.691 + 10 * np.log10(np.maximum(power, 1e-12)) - _THRESHOLD
    share = 1 - 1 / _RATIO
    knee = np.where(np.abs(over) <= _KNEE / 2, (over + _KNEE / 2) ** 2 / (2 * _KNEE), np.maximum(over, 0)) * share
    attack, release = (float(np.exp(-0.01 / seconds)) for seconds in (_ATTACK, _RECOVERY))
    reduction = np.empty(len(knee))
    state = 0.0
    for index, wanted in enumerate(knee.tolist()):
        keep = attack if wanted > state else release
        state = keep * state + (1 - keep) * wanted
        reduction[index] = state
    at = np.arange(length) * PEAK_STEP
    return -np.interp(at, (np.arange(len(knee)) + 0.5) * STEP, reduction)


def _limited(level: Power, ceiling: float) -> Power:
    """Return the gain of a limiter that knows what comes, in decibels; empty where nothing is to be limited."""
    need = np.minimum(0.0, ceiling - level)
    touched = np.flatnonzero(need < 0)
    if not len(touched):
        return np.zeros(0)
    width = 2 * _LOOK_AHEAD + 1
    padded = np.pad(need, _LOOK_AHEAD)
    lowest = np.lib.stride_tricks.sliding_window_view(padded, width).min(1)
    first, last = max(0, int(touched[0]) - width), min(len(need), int(touched[-1]) + 20 * _RELEASE)
    keep = float(np.exp(-1 / _RELEASE))
    state = 0.0
    held = np.zeros(len(need))
    for start in range(first, last, _CHUNK):
        values = lowest[start : min(last, start + _CHUNK)].tolist()
        for index, value in enumerate(values):
            state = min(value, keep * state + (1 - keep) * value)
            values[index] = state
        held[start : start + len(values)] = values
    # an average over the look-ahead never rises above the lowest value that it was made from
    smooth = np.convolve(np.pad(held, _LOOK_AHEAD, "edge"), np.ones(width) / width, "valid")
    return np.minimum(smooth, need)
