"""Accents on hits: held between 4 and 11 LU over the music before them (soft ones 6), by the gain of mix and stems.

A weak accent is lifted, and the music steps back before it; a strong one is softened, and the music comes up to it. An
accent is measured as the power of its first 400 ms over that of the 2 s before, K-weighted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emsync_bridge.render.midi_events import SAMPLE_RATE
from emsync_bridge.render.mix.meter import STEP, Power

WEAKEST, STRONGEST, SOFTEST = 4.0, 11.0, 6.0
"""LU of an accent over what is before it: at least, at most, and at most for a soft one."""

_SPARE = 0.3  # LU inside the bounds that are aimed at
_HIGHEST = 4.0  # dB that an accent is changed by at most
_DEEPEST, _SHALLOW = 7.0, 3.0  # dB that the music before it is changed by at most, before a soft one
_PER_SECOND = SAMPLE_RATE // STEP
_ACCENT = round(0.4 * _PER_SECOND)
_BEFORE = 2 * _PER_SECOND
_LEAD = round(0.7 * _PER_SECOND)  # in which the music steps back or comes up
_RELEASE = round(1.2 * _PER_SECOND)  # in which it comes back after the accent
_SILENT = 1e-6  # of the piece's mean power: before an entry out of silence nothing is to be shaped
_ROUNDS = 4


@dataclass(frozen=True)
class Accent:
    """An accent on a hit.

    Arguments:
        time: Seconds.
        soft: Whether it only touches the hit, as in calm music and where the music gives way.
    """

    time: float
    soft: bool = False

    @property
    def strongest(self) -> float:
        """LU that it may lie over the music before it."""
        return SOFTEST if self.soft else STRONGEST

    @property
    def deepest(self) -> float:
        """Decibels that the music before it may be changed by."""
        return _SHALLOW if self.soft else _DEEPEST


def accent_of(power: Power, hit: float) -> float | None:
    """Return the LU of an accent over the music before it; None at the ends of a piece and beside silence.

    Arguments:
        power: Power of the music, as ``meter.power_of`` returns it.
        hit: Seconds.
    """
    at = round(hit * _PER_SECOND)
    if at < _PER_SECOND // 2 or at + _ACCENT > len(power):
        return None
    accent, before = power[at : at + _ACCENT].mean(), power[max(0, at - _BEFORE) : at].mean()
    if min(accent, before) <= _SILENT * power.mean():
        return None
    return float(10 * np.log10(accent / before))


def accent_shape(power: Power, accents: Sequence[Accent], length: int) -> Power:
    """Return the gain in decibels that brings accents between their bounds; empty where all of them are.

    Arguments:
        power: Power of the music, as ``meter.power_of`` returns it.
        accents: Accents in order.
        length: Values wanted, one a millisecond.
    """
    count = len(accents)
    lifts, dips = np.zeros(count), np.zeros(count)
    curve = np.zeros(len(power))
    for _ in range(_ROUNDS):
        now = power * 10 ** (curve / 10)
        for index, accent in enumerate(accents):
            found = accent_of(now, accent.time)
            if found is None:
                continue
            missing = max(0.0, WEAKEST + _SPARE - found) - max(0.0, found - accent.strongest + _SPARE)
            lift = float(np.clip(lifts[index] + missing / 2, -_HIGHEST, _HIGHEST))
            rest = missing - (lift - lifts[index])
            lifts[index] = lift
            dips[index] = float(np.clip(dips[index] + rest, -accent.deepest, accent.deepest))
        curve = _drawn(accents, lifts, dips, len(power))
    if not curve.any():
        return np.zeros(0)
    at = np.arange(length) + 0.5
    steps = (np.arange(len(power)) + 0.5) * 1000 / _PER_SECOND
    shape: Power = np.interp(at, steps, curve)
    return shape


def _drawn(accents: Sequence[Accent], lifts: Power, dips: Power, length: int) -> Power:
    """Return the curve of all accents and of the music before each, up to its neighbours, in steps of the power."""
    places = [round(accent.time * _PER_SECOND) for accent in accents]
    curve = np.zeros(length)
    for index, at in enumerate(places):
        first = max(places[index - 1] + _ACCENT if index else 0, at - _BEFORE - _LEAD, 0)
        last = min(places[index + 1] if index + 1 < len(places) else length, at + _ACCENT + _RELEASE, length)
        before = np.minimum(1.0, np.arange(1, at - first + 1) / _LEAD)
        curve[first:at] -= dips[index] * before
        after = np.minimum(1.0, np.maximum(0.0, 1 - (np.arange(last - at) - _ACCENT) / _RELEASE))
        curve[at:last] += lifts[index] * after
    return curve
