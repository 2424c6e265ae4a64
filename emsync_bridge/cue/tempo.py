"""Tempo and meter: ticks, bars and seconds of a piece."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

TICKS_PER_QUARTER = 24


@dataclass(frozen=True)
class Tempo:
    """A tempo that holds from a tick on, in the unit of Standard MIDI Files."""

    tick: int
    microseconds_per_quarter: int


@dataclass(frozen=True)
class Meter:
    """A time signature that holds from a tick on; the tick is a bar line."""

    tick: int
    numerator: int
    denominator: int = 4

    @property
    def bar_ticks(self) -> int:
        """Ticks from one bar line to the next."""
        return self.numerator * TICKS_PER_QUARTER * 4 // self.denominator


@dataclass(frozen=True)
class TempoMap:
    """Tempo and meter over time: ties ticks to seconds.

    Arguments:
        tempos: Tempos in order of tick, the first at tick 0.
        meters: Meters in order of tick, the first at tick 0.
    """

    tempos: tuple[Tempo, ...] = (Tempo(0, 500_000),)
    meters: tuple[Meter, ...] = (Meter(0, 4),)

    @cached_property
    def _anchors(self) -> tuple[list[int], list[float]]:
        ticks, seconds = [0], [0.0]
        for before, after in pairwise(self.tempos):
            span = (after.tick - before.tick) * before.microseconds_per_quarter
            ticks.append(after.tick)
            seconds.append(seconds[-1] + span / (TICKS_PER_QUARTER * 1e6))
        return ticks, seconds

    def seconds(self, tick: float) -> float:
        """Return the time in seconds of a tick."""
        ticks, seconds = self._anchors
        i = max(0, bisect_right(ticks, tick) - 1)
        return seconds[i] + (tick - ticks[i]) * self._seconds_per_tick(i)

    def tick(self, time: float) -> float:
        """Return the (fractional) tick at a time in seconds."""
        ticks, seconds = self._anchors
        i = max(0, bisect_right(seconds, time) - 1)
        return ticks[i] + (time - seconds[i]) / self._seconds_per_tick(i)

    def bpm(self, tick: float) -> float:
        """Return quarter notes per minute at a tick."""
        i = max(0, bisect_right(self._anchors[0], tick) - 1)
        return 60e6 / self.tempos[i].microseconds_per_quarter

    def meter_at(self, tick: float) -> Meter:
        """Return the meter that holds at a tick."""
        return max((meter for meter in self.meters if meter.tick <= tick), key=lambda meter: meter.tick)

    def bar_lines(self, end: int) -> list[int]:
        """Return the ticks of all bar lines from 0 up to, not including, ``end``."""
        lines: list[int] = []
        for meter, following in zip(self.meters, [*(m.tick for m in self.meters[1:]), end], strict=True):
            lines.extend(range(meter.tick, min(following, end), meter.bar_ticks))
        return lines

    def _seconds_per_tick(self, index: int) -> float:
        return self.tempos[index].microseconds_per_quarter / (TICKS_PER_QUARTER * 1e6)
