"""Timeline time against this computer's clock: as ordered, or as fitted to what a DAW sends."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class ClockLine:
    """A straight relation between this computer's clock and the timeline.

    Arguments:
        time: Seconds of ``time.perf_counter``.
        position: Seconds of the timeline at that time.
        rate: Timeline seconds per second, above 0.
    """

    time: float
    position: float
    rate: float = 1.0

    def position_at(self, time: float) -> float:
        """Return the timeline position at a time."""
        return self.position + (time - self.time) * self.rate

    def time_at(self, position: float) -> float:
        """Return the time at which a timeline position is reached."""
        return self.time + (position - self.position) / self.rate


class RunningFit:
    """A linear fit that forgets, so that it follows varispeed and the drift between two clocks.

    It is least squares with weights that decay exponentially with age. Arrival times of MIDI are quantised to the
    period of the audio device, so no single observation is to be trusted.

    Arguments:
        memory: Seconds after which an observation counts for 1/e.
        jump: Seconds off the fit beyond which an observation is a locate, not jitter.
        rate: Rate that is expected at first.
        trust: Seconds squared of observations that the expected rate is worth.
    """

    def __init__(self, memory: float = 1.0, jump: float = 0.1, rate: float = 1.0, trust: float = 0.005) -> None:
        self.memory, self.jump, self.expected, self.trust = memory, jump, rate, trust
        self.reset()

    def reset(self) -> None:
        """Forget all observations."""
        self._weight = self._time = self._position = 0.0
        self._spread, self._slope = self.trust, self.trust * self.expected
        self._last: float | None = None

    @property
    def line(self) -> ClockLine | None:
        """The fit, or None before the first observation."""
        if self._last is None:
            return None
        return ClockLine(self._time, self._position, max(0.01, self._slope / self._spread))

    def observe(self, time: float, position: float) -> bool:
        """Take in that the timeline was at a position at a time.

        Returns:
            Whether the position is so far off that the fit started afresh with it.
        """
        line = self.line
        jumped = line is not None and abs(line.position_at(time) - position) > self.jump
        if jumped:
            self.reset()
        if self._last is not None:
            fading = max(1e-9, math.exp(-max(0.0, time - self._last) / self.memory))
            self._weight, self._spread, self._slope = (
                self._weight * fading,
                self._spread * fading,
                self._slope * fading,
            )
        self._weight += 1
        off_time, off_position = time - self._time, position - self._position
        self._time += off_time / self._weight
        self._position += off_position / self._weight
        if self._weight > 1:
            self._spread += off_time * (time - self._time)
            self._slope += off_time * (position - self._position)
        self._last = time
        return jumped


class EarliestFit:
    """A running fit through the earliest arrivals: a message may be late, by up to a period of audio, but never early.

    Arguments:
        fit: Line fitted through all arrivals.
        memory: Seconds for which an arrival may be the earliest.
        bound: Seconds that the earliest may be ahead of the fit at most; more is not jitter.
    """

    def __init__(self, fit: RunningFit, memory: float = 0.5, bound: float = 0.03) -> None:
        self._fit, self._memory, self._bound = fit, memory, bound
        self._arrivals: deque[tuple[float, float]] = deque()
        self._lead = 0.0

    @property
    def line(self) -> ClockLine | None:
        """The fit, or None before the first observation."""
        line = self._fit.line
        return line and replace(line, position=line.position + self._lead)

    def observe(self, time: float, position: float) -> None:
        """Take in that the timeline was at a position at a time."""
        if self._fit.observe(time, position):
            self._arrivals.clear()
        self._arrivals.append((time, position))
        while self._arrivals[0][0] < time - self._memory:
            self._arrivals.popleft()
        line = self._fit.line
        ahead = max(place - line.position_at(moment) for moment, place in self._arrivals) if line else 0.0
        self._lead = min(self._bound, max(0.0, ahead))

    def reset(self) -> None:
        """Forget all observations."""
        self._fit.reset()
        self._arrivals.clear()
        self._lead = 0.0
