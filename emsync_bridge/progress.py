"""How long a step still takes, judged by how long its share so far has taken."""

from __future__ import annotations

import time
from collections.abc import Callable

_SOONEST = 0.02
"""Share below which nothing can be said."""


class Estimate:
    """Guesses the seconds that are left of a step.

    Arguments:
        clock: Returns seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._step = ""
        self._began = 0.0

    def seconds_left(self, step: str, share: float) -> float | None:
        """Return the seconds that are left of a step; None when it is too early to say.

        Arguments:
            step: What is being done; another name begins a new step.
            share: The share of it that is done, from 0 to 1.
        """
        now = self._clock()
        if step != self._step:
            self._step, self._began = step, now
        if share <= _SOONEST:
            return None
        return (now - self._began) / share * (1 - min(1.0, share))
