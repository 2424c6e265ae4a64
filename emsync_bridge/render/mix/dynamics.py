"""Compressor and limiter as gain curves over a whole piece, made stretch by stretch.

An hour has 3.6 million values of the true peak, so no more of them are held at once than the result itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from emsync_bridge.render.midi_events import SAMPLE_RATE
from emsync_bridge.render.mix.meter import STEP, Power

PEAK_STEP = SAMPLE_RATE // 1000
"""Samples of one value of the true peak: 1 ms."""

Peaks = npt.NDArray[np.float32] | Power
Decibels = Callable[[int, int], Power]
"""Decibels of the values from one index up to another."""

_LOOK_AHEAD, _RELEASE = 5, 120  # ms
_THRESHOLD, _RATIO, _KNEE, _ATTACK, _RECOVERY = -16.0, 1.6, 8.0, 0.03, 0.35  # of the compressor: LUFS, dB, seconds
_CHUNK = 60_000  # values that are worked on at once: whole steps of the power
_SHORT = 500  # values that are passed over together where there is nothing to limit
_INAUDIBLE = 1e-9  # dB of limiting that counts as none


def chunks(length: int) -> Iterator[tuple[int, int]]:
    """Yield first index and the one after the last of each stretch of a curve.

    Arguments:
        length: Values of the curve.
    """
    for first in range(0, length, _CHUNK):
        yield first, min(length, first + _CHUNK)


def compression(power: Power, base: float) -> Decibels:
    """Return the gain of a soft-knee compressor, at most 0.

    Arguments:
        power: K-weighted power, as of ``meter.power_of``.
        base: Decibels that the mix gets before it.
    """
    over = base - 0.691 + 10 * np.log10(np.maximum(power, 1e-12)) - _THRESHOLD
    share = 1 - 1 / _RATIO
    knee = np.where(np.abs(over) <= _KNEE / 2, (over + _KNEE / 2) ** 2 / (2 * _KNEE), np.maximum(over, 0)) * share
    attack, release = (float(np.exp(-0.01 / seconds)) for seconds in (_ATTACK, _RECOVERY))
    reduction = np.empty(len(knee))
    state = 0.0
    for first, last in chunks(len(knee)):
        values = knee[first:last].tolist()
        for index, wanted in enumerate(values):
            keep = attack if wanted > state else release
            values[index] = state = keep * state + (1 - keep) * wanted
        reduction[first:last] = values
    centers = (np.arange(len(knee)) + 0.5) * STEP

    def between(first: int, last: int) -> Power:
        found: Power = -np.interp(np.arange(first, last) * PEAK_STEP, centers, reduction)
        return found

    return between


def limiting(level: Decibels, length: int, ceiling: float) -> Power:
    """Return the gain of a limiter that knows what comes, in decibels; empty where nothing is to be limited.

    Arguments:
        level: True peaks in steps of 1 ms.
        length: Number of steps.
        ceiling: dBTP.
    """

    def need(first: int, last: int) -> Power:
        """Return the gain that the peaks ask for, with zeros beyond both ends."""
        inside = np.minimum(0.0, ceiling - level(max(0, first), min(length, last)))
        return np.pad(inside, (max(0, -first), max(0, last - length)))

    touched = [need(*part).any() for part in chunks(length)]
    if not any(touched):
        return np.zeros(0)
    width, reach = 2 * _LOOK_AHEAD + 1, _LOOK_AHEAD + 1
    held = np.zeros(length)
    state = 0.0
    for number, (first, last) in enumerate(chunks(length)):
        if not state and not any(touched[max(0, number - 1) : number + 2]):
            continue
        # one value wider than the average, since between two values the gain is on its way to the next one
        around = need(first - reach, last + reach)
        lowest = np.lib.stride_tricks.sliding_window_view(around, 2 * reach + 1).min(1)
        state = _held(lowest, held[first:last], state)
    # an average over the look-ahead never rises above the lowest value that it was made from
    kernel = np.ones(width) / width
    before = np.full(_LOOK_AHEAD, held[0])
    for first, last in chunks(length):
        behind = held[last : last + _LOOK_AHEAD]
        behind = np.pad(behind, (0, _LOOK_AHEAD - len(behind)), constant_values=held[-1])
        around = np.concatenate([before, held[first:last], behind])
        before = held[last - _LOOK_AHEAD : last].copy() if last - first >= _LOOK_AHEAD else before
        if around.any():
            held[first:last] = np.minimum(np.convolve(around, kernel, "valid"), need(first, last))
    return held


def _held(lowest: Power, held: Power, state: float) -> float:
    """Fill in a curve that falls at once and rises slowly, and return where it ends.

    Arguments:
        lowest: The lowest gain that the surroundings of each value ask for.
        held: The curve, all zeros.
        state: Its value before.
    """
    keep = float(np.exp(-1 / _RELEASE))
    for first in range(0, len(lowest), _SHORT):
        part = lowest[first : first + _SHORT]
        if not part.any():
            if state:
                held[first : first + _SHORT] = state * keep ** np.arange(1, len(part) + 1)
                state *= keep ** len(part)
                state = 0.0 if state > -_INAUDIBLE else state
            continue
        values = part.tolist()
        for index, value in enumerate(values):
            state = min(value, keep * state + (1 - keep) * value)
            values[index] = state
        held[first : first + len(values)] = values
    return state
