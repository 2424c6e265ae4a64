"""Progress of a job: the function that receives it, and an estimate of the time that is left."""

from __future__ import annotations

import time
from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called with the name of a step and the share of it that is done, from 0 to 1."""


def no_progress(_step: str, _share: float) -> None:
    """Ignore a step."""


Share = Callable[[float], None]
"""Called with the share of one step that is done, from 0 to 1."""

_SOONEST = 0.02
"""Share below which there is no estimate."""


class Estimate:
    """Estimates the seconds that are left of a step, from the time that its share so far has taken.

    Arguments:
        clock: Clock that returns seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._step = ""
        self._began = 0.0

    def seconds_left(self, step: str, share: float) -> float | None:
        """Return the seconds that are left of a step; None when it is too early to say.

        Arguments:
            step: Name of the step; another name begins a new one.
            share: The share of it that is done, from 0 to 1.
        """
        now = self._clock()
        if step != self._step:
            self._step, self._began = step, now
        if share <= _SOONEST:
            return None
        return (now - self._began) / share * (1 - min(1.0, share))
