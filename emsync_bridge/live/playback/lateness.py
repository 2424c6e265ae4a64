"""Lateness of the events sent, counted in bins so that keeping and asking cost next to nothing."""

from __future__ import annotations

import math

_FINEST = 1e-6
_STEP = 1.05
_BINS = 400


class Lateness:
    """A histogram with bins that are 5 % wide, from a microsecond to minutes."""

    def __init__(self) -> None:
        self.count = 0
        self.most = 0.0
        self._bins = [0] * _BINS

    def add(self, seconds: float) -> None:
        """Count one event; what is early counts as on time."""
        self.count += 1
        self.most = max(self.most, seconds)
        place = math.ceil(math.log(seconds / _FINEST, _STEP)) if seconds > _FINEST else 0
        self._bins[min(place, _BINS - 1)] += 1

    def percentile(self, share: float) -> float:
        """Return the seconds that a share of events (0 to 1) did not exceed, at most 5 % too many."""
        left = share * self.count
        for place, number in enumerate(self._bins):
            left -= number
            if number and left <= 0:
                return min(self.most, _FINEST * _STEP**place)
        return self.most

    def milliseconds(self) -> dict[str, float]:
        """Return p50, p95, p99 and max in milliseconds."""
        shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
        report = {name: round(1000 * self.percentile(share), 3) for name, share in shares.items()}
        return {**report, "max": round(1000 * self.most, 3)}
