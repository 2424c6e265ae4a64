"""Linear Time Code from sound: at any speed, forwards and backwards, with noise and changing levels."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.live.sync.ltc import BITS, SYNC_WORD, read_ltc_bits
from emsync_bridge.live.sync.mtc import MtcTime

_FORWARDS = SYNC_WORD
_BACKWARDS = SYNC_WORD[::-1]
_SOFTEST = 0.003
"""Amplitude below which there is only noise, about -50 dBFS."""
_THRESHOLD = 0.35
"""Share of the amplitude that the sound has to pass for a change of level."""
_FORGETTING = 0.9
"""Share of the known amplitude that a softer block leaves."""
_BLOCK = 512
_LEARNING = 0.15
"""Weight of each new half bit against the known length: speeds change by a tenth within a few bits."""


class LtcLabel(NamedTuple):
    """A label that was read.

    Arguments:
        time: The label.
        at: Sample at which the sender stood at the label's beginning; for backwards the same moment, at its end of
            reading.
        samples: Samples that the label took.
        direction: 1 forwards, -1 backwards.
    """

    time: MtcTime
    at: float
    samples: float
    direction: int


class LtcReader:
    """Reads labels from blocks of samples.

    Arguments:
        nominal: Labels per second, 24, 25 or 30, which the code itself does not say.
    """

    def __init__(self, nominal: int) -> None:
        self._nominal = nominal
        self._taken = 0
        self._peak = 0.0
        self._level = 0
        self._before = 0.0
        self.reset()

    def reset(self) -> None:
        """Forget the labels begun, as after a pause."""
        self._half = 0.0
        self._change: float | None = None
        self._forget_bits()

    def _forget_bits(self) -> None:
        self._middle: float | None = None
        self._bits: deque[int] = deque(maxlen=BITS)
        self._begins: deque[float] = deque(maxlen=BITS + 1)

    def feed(self, samples: NDArray[np.float32]) -> list[LtcLabel]:
        """Take in samples, mono; return the labels that they complete."""
        found: list[LtcLabel] = []
        for begin in range(0, len(samples), _BLOCK):
            for change in self._changes(np.asarray(samples[begin : begin + _BLOCK], dtype=np.float64)):
                label = self._take(change)
                if label is not None:
                    found.append(label)
        return found

    def _changes(self, block: NDArray[np.float64]) -> list[float]:
        """Return the moments in a block at which the level changes, in samples since the first."""
        begin, self._taken = self._taken, self._taken + len(block)
        joined = np.concatenate(([self._before], block))
        self._before = float(block[-1])
        self._peak = max(float(np.abs(block).max()), self._peak * _FORGETTING)
        if self._peak < _SOFTEST:
            self._level = 0
            return []
        bound = _THRESHOLD * self._peak
        side = np.where(block > bound, 1, np.where(block < -bound, -1, 0))
        known = np.flatnonzero(side)
        moments, level = [], self._level
        # only where the side differs from the last known one
        sides = side[known]
        turns = np.flatnonzero(np.diff(np.concatenate(([level], sides))))
        for turn in turns:
            index, now = int(known[turn]), int(sides[turn])
            low, high = joined[index], joined[index + 1]
            step = high - low
            part = (now * bound - low) / step if step else 1.0
            moments.append(begin + index - 1 + min(1.0, max(0.0, part)))
        self._level = int(sides[-1]) if len(sides) else level
        return moments

    def _take(self, change: float) -> LtcLabel | None:
        """Take in a change of level; return the label that it completes."""
        last, self._change = self._change, change
        if last is None:
            return None
        length = change - last
        if self._half and 0.65 * self._half < length < 1.45 * self._half:
            self._half += _LEARNING * (length - self._half)
            if self._middle is None:
                self._middle = last
                return None
            began, self._middle = self._middle, None
            return self._bit(1, began, change)
        if self._half and 1.45 * self._half <= length < 2.8 * self._half:
            self._half += _LEARNING * (length / 2 - self._half)
            if self._middle is not None:  # the halves were paired wrongly; a whole bit tells where bits begin
                self._forget_bits()
            return self._bit(0, last, change)
        # lost, or at a beginning: the first half bit is taken for what it may be, and a shorter one puts it right
        self.reset()
        self._change, self._half = change, length
        return None

    def _bit(self, bit: int, begin: float, end: float) -> LtcLabel | None:
        self._bits.append(bit)
        if not self._begins:
            self._begins.append(begin)
        self._begins.append(end)
        if len(self._bits) < BITS:
            return None
        bits = tuple(self._bits)
        begin = self._begins[0]
        if bits[-len(_FORWARDS) :] == _FORWARDS:
            time = read_ltc_bits(bits, self._nominal)
            return LtcLabel(time, begin, end - begin, 1) if time else None
        if bits[: len(_BACKWARDS)] == _BACKWARDS:
            time = read_ltc_bits(bits[::-1], self._nominal)
            return LtcLabel(time, end, end - begin, -1) if time else None
        return None
