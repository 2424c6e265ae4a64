"""Soft passages lifted slowly, as by a mixer's hand on the fader, so that they are heard beside the loud ones.

Only what lies far below the loudness of the whole is lifted, and by a part of what is missing; loud passages and hits
keep their level.
"""

from __future__ import annotations

import numpy as np

from emsync_bridge.render.mix.meter import STEP, Power, integrated, level_of

_BELOW = 8.0  # LU under the whole from which a passage is lifted
_SHARE = 0.3  # of what lies deeper
_MOST = 4.0  # dB
_PER_SECOND = 48_000 // STEP
_HEARD = 3 * _PER_SECOND  # steps that a passage is measured over: short-term loudness (EBU Tech 3341)
_SMOOTHED = 2 * _PER_SECOND


def ride(power: Power) -> Power:
    """Return the gain in decibels that lifts soft passages, one value for each of the power; empty for none.

    Arguments:
        power: Power of the music, as ``meter.power_of`` returns it.
    """
    whole = integrated(power)
    if not np.isfinite(whole):
        return np.zeros(0)
    under = whole - level_of(_averaged(power, _HEARD))
    gain = np.clip(_SHARE * (under - _BELOW), 0.0, _MOST)
    if not gain.any():
        return np.zeros(0)
    # twice a running mean has no corners
    return _averaged(_averaged(gain, _SMOOTHED // 2), _SMOOTHED // 2)


def _averaged(values: Power, width: int) -> Power:
    """Return the mean around each value, over a window that is shorter at both ends."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(len(values))
    first, last = np.maximum(0, at - width // 2), np.minimum(len(values), at + (width + 1) // 2)
    mean: Power = np.maximum(0.0, total[last] - total[first]) / (last - first)
    return mean
