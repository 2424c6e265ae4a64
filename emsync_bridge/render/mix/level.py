"""The gain of the whole mix: loudness target, compressor where a target needs one, true-peak limiter.

It is one curve for the mix and all stems, so stems add up to the mix whatever it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from emsync_bridge.render.engines import Audio
from emsync_bridge.render.mix.dynamics import PEAK_STEP, Decibels, Peaks, chunks, compression, limiting
from emsync_bridge.render.mix.meter import STEP, Loudness, Power, integrated, loudness_of

TOLERANCE = 0.2
"""LU within which a target counts as met."""

MAX_LIMITED = 6.0
"""Decibels that the limiter may take away; a mix that would need more stays softer."""

_MARGIN = 0.1  # dB under the ceiling, for what meters oversample differently
_ROUNDS = 12


@dataclass(frozen=True)
class LoudnessTarget:
    """Loudness and peak that a mix is brought to.

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
        base: Decibels that hold throughout.
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
        scaled: Audio = block * (factor * moving.astype(np.float32))[:, None]
        return scaled


@dataclass(frozen=True)
class Leveled:
    """A gain and its effect.

    Arguments:
        gain: The curve.
        loudness: Loudness and true peak after it.
        limited: Decibels that the limiter takes away at most.
    """

    gain: GainCurve
    loudness: Loudness
    limited: float = 0.0

    def misses(self, target: LoudnessTarget) -> float:
        """Return by how many LU the loudness misses its target; 0 for silence."""
        return self.loudness.integrated - target.loudness if isfinite(self.loudness.integrated) else 0.0


def find_gain(power: Power, peaks: Peaks, target: LoudnessTarget, shape: Power | None = None) -> Leveled:
    """Return the gain that brings a mix to its target.

    Arguments:
        power: K-weighted power of the mix, as of ``meter.power_of``.
        peaks: True peak of the mix in steps of 1 ms, as factors of full scale.
        target: Loudness and peak.
        shape: Decibels in steps of 1 ms that the mix is shaped by, accents above all; None or empty for none.
    """
    count = len(peaks)
    shape = np.zeros(0) if shape is None else shape
    power = _gained(power, 0.0, shape)

    def level(first: int, last: int) -> Power:
        shaped = peaks[first:last] * (_highest_gain(shape, first, last) if len(shape) else 1.0)
        found: Power = 20 * np.log10(np.maximum(shaped.astype(np.float64), 1e-9))
        return found

    highest = _highest(level, count) if peaks.any() else -inf
    loud = integrated(power)
    ceiling = target.peak - _MARGIN
    if not isfinite(highest):
        return Leveled(_curve(0.0, shape), Loudness(-inf, -inf))
    if not isfinite(loud):
        base = min(0.0, ceiling - highest)
        return Leveled(_curve(base, shape), Loudness(-inf, highest + base))
    base = target.loudness - loud
    moving = np.zeros(0)
    limited = 0.0
    for _ in range(_ROUNDS):
        squeezed = compression(power, base) if target.compressed else None
        moving = limiting(_summed(level, base, squeezed), count, ceiling)
        limited = -float(moving.min(initial=0))
        moving = _both(squeezed, moving, count)
        if limited > MAX_LIMITED + 0.05:
            base -= limited - MAX_LIMITED
            continue
        error = target.loudness - integrated(_gained(power, base, moving))
        if abs(error) < TOLERANCE / 4 or (limited > MAX_LIMITED - 0.1 and error > 0):
            break
        base += error
    after = _highest(_summed(level, base, _stored(moving)), count)
    heard = loudness_of(_gained(power, base, moving), after)
    if len(moving) and len(shape):
        moving += shape
    return Leveled(_curve(base, moving if len(moving) else shape), heard, limited)


def power_after_gain(power: Power, gain: GainCurve) -> Power:
    """Return the power of a mix after its gain.

    Arguments:
        power: Power of the mix, as ``meter.power_of`` returns it.
        gain: Gain as found.
    """
    return _gained(power, gain.base, gain.moving)


def _gained(power: Power, base: float, moving: Peaks) -> Power:
    if not len(moving):
        return power * 10 ** (base / 10)
    mean = np.zeros(-(-len(moving) * PEAK_STEP // STEP))
    for first, last in chunks(len(moving)):
        factor = 10 ** ((base + moving[first:last].astype(np.float64)) / 10)
        starts = np.arange(0, len(factor), STEP // PEAK_STEP)
        at = first * PEAK_STEP // STEP
        mean[at : at + len(starts)] = np.add.reduceat(factor, starts) / np.diff(np.append(starts, len(factor)))
    scaled: Power = power * mean[: len(power)]
    return scaled


def _curve(base: float, moving: Power) -> GainCurve:
    return GainCurve(base, moving.astype(np.float32))


def _highest(level: Decibels, count: int) -> float:
    return max(float(level(*part).max()) for part in chunks(count))


def _summed(level: Decibels, base: float, gain: Decibels | None) -> Decibels:
    def summed(first: int, last: int) -> Power:
        return level(first, last) + base + (gain(first, last) if gain else 0.0)

    return summed


def _stored(curve: Power) -> Decibels | None:
    return (lambda first, last: curve[first:last]) if len(curve) else None


def _highest_gain(curve: Power, first: int, last: int) -> Power:
    """Return the highest factor that a curve in decibels reaches within each of its values, moving to the next one."""
    around = np.pad(curve[max(0, first - 1) : last + 1], (int(first == 0), int(last == len(curve))), mode="edge")
    factors = 10 ** (around / 20)
    edges = (factors[1:] + factors[:-1]) / 2
    highest: Power = np.maximum(factors[1:-1], np.maximum(edges[1:], edges[:-1]))
    return highest


def _both(squeezed: Decibels | None, limiting: Power, count: int) -> Power:
    """Return the gain of compressor and limiter together; empty where there is neither."""
    if squeezed is None:
        return limiting
    both = limiting if len(limiting) else np.zeros(count)
    for first, last in chunks(count):
        both[first:last] += squeezed(first, last)
    return both
