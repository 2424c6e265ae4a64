"""Following a DAW's MIDI clock with song position: from ticks to a line that the player chases."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

from emsync_bridge.cue import TempoMap
from emsync_bridge.live.clock import ClockLine
from emsync_bridge.live.sync.base import Clock, Follower, MidiFollower
from emsync_bridge.live.sync.midi_clock import CLOCK, CLOCKS_PER_SIXTEENTH, CONTINUE, START, STOP, read_song_position

LOSS = 0.5
"""Seconds without a clock after which the sender has stopped."""

_QUARTER = 24
_WINDOW = 96
"""Clocks over which the rate is measured: a bar of 4/4."""

_TRUST = 0.05
"""Seconds squared of observations that the expected rate is worth: two thirds of a second of clocks."""

Units = Literal["sixteenths", "clocks"]


@dataclass(frozen=True)
class ClockSource:
    """Settings of following MIDI clock.

    Arguments:
        tempo_map: Tempo map on which the clocks fall.
        port: Part of the name of the MIDI port to listen to; None for a virtual port.
        units: Units of a song position: sixteenths as in the specification, or clocks as Ardour 7 sends it.
    """

    tempo_map: TempoMap = field(default_factory=TempoMap)
    port: str | None = None
    units: Units = "sixteenths"

    def open(self, clock: Clock) -> Follower:
        """Return the follower that listens there."""
        return MidiFollower(ClockReader(self), self.port, clock)


class ClockReader:
    """Turns MIDI clock into a position, a rate, and whether it rolls.

    One clock is never trusted: through JACK it arrives up to a period late. The course is a straight line through the
    clocks of the last bar, laid through the median of the last 24; clocks far off are left out of it.

    Arguments:
        source: Settings of the clock that is followed.
    """

    def __init__(self, source: ClockSource) -> None:
        self._tempo_map, self._units = source.tempo_map, source.units
        self._started = False
        self._tick = 0
        self._last: float | None = None
        self._ticks: deque[tuple[float, float]] = deque(maxlen=_WINDOW)
        self._idle: deque[float] = deque(maxlen=_QUARTER + 1)
        self._line: ClockLine | None = None
        self._located: float | None = None
        self.warning = ""
        self.begin: float | None = None

    def feed(self, message: bytes, time: float) -> None:
        """Take in a message that arrived at a time (seconds of the sender's clock)."""
        if message == CLOCK:
            self._count(time)
        elif message in (START, CONTINUE):
            if message == START:
                self._tick = 0
            self._started, self._located = True, None
            self._begin_afresh()
        elif message == STOP:
            self._started = False
            self._begin_afresh()
        else:
            position = read_song_position(message)
            if position is not None:
                self._tick = position * (CLOCKS_PER_SIXTEENTH if self._units == "sixteenths" else 1)
                self._located = None if self._started else self._tempo_map.seconds(self._tick)
                self._begin_afresh()

    def line(self, now: float) -> ClockLine | None:
        """Return the line to follow; None while the sender stands still."""
        if not self._ticks or self._last is None or now - self._last > LOSS:
            return None
        self._line = self._line or self._fitted()
        return self._line

    def take_locate(self) -> float | None:
        """Return, once, the position in seconds to which the sender has gone while standing still."""
        located, self._located = self._located, None
        return located

    def retime(self, tempo_map: TempoMap) -> None:
        """Take in another tempo map."""
        self._tempo_map = tempo_map

    def _count(self, time: float) -> None:
        if self._last is not None and time - self._last > LOSS:
            self._begin_afresh()
            self._idle.clear()
        self._last, self._line = time, None
        if not self._started:
            self._idle.append(time)
            return
        position = self._tempo_map.seconds(self._tick)
        if not self._ticks:
            self.begin = position
        self._ticks.append((time, position))
        self._tick += 1

    def _begin_afresh(self) -> None:
        self._ticks.clear()
        self._line, self.begin = None, None

    def _expected(self) -> float:
        """Return the rate that clocks showed before they were counted, or 1."""
        if len(self._idle) <= _QUARTER:
            return 1.0
        period = (self._idle[-1] - self._idle[0]) / (len(self._idle) - 1)
        ahead = self._tempo_map.seconds(self._tick + _QUARTER) - self._tempo_map.seconds(self._tick)
        return max(0.01, ahead / (_QUARTER * period)) if period > 0 else 1.0

    def _fitted(self) -> ClockLine:
        expected, ticks = self._expected(), self._ticks
        time, start = ticks[-1]
        points = [(t - time, p - start) for t, p in ticks]
        rate = _slope(points, expected)
        # What came in a burst after a stall would bend the line: leave it out and lay the line once more.
        offsets = [p - rate * t for t, p in points]
        middle = median(offsets)
        usual = max(0.002, 4 * median(abs(offset - middle) for offset in offsets))
        rate = _slope([xy for xy, off in zip(points, offsets, strict=True) if abs(off - middle) <= usual], expected)
        recent = points[-_QUARTER:]
        return ClockLine(time, start + median(p - rate * t for t, p in recent), rate)


def _slope(points: list[tuple[float, float]], expected: float) -> float:
    """Return the least-squares slope of points, drawn towards what is expected while there are few."""
    mean_time = sum(t for t, _ in points) / len(points)
    mean_position = sum(p for _, p in points) / len(points)
    spread = sum((t - mean_time) ** 2 for t, _ in points) + _TRUST
    shared = sum((t - mean_time) * (p - mean_position) for t, p in points) + _TRUST * expected
    return max(0.01, shared / spread)
