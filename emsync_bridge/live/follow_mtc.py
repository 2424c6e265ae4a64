"""Following a DAW's MIDI Time Code: from messages with their times of arrival to a line that the player chases."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from emsync_bridge.live.clock_map import Line, RunningFit
from emsync_bridge.live.timecode_midi import (
    MtcFormat,
    MtcPosition,
    QuarterFrameReader,
    mtc_count,
    read_full_frame,
)

FREEWHEEL = 0.25
"""Seconds without a quarter frame after which the sender has stopped."""


@dataclass(frozen=True)
class MtcSource:
    """How timecode that arrives relates to the timeline.

    Arguments:
        format: How the timeline's frames are counted.
        start: Seconds of timecode at the timeline's start.
        port: Part of the name of the MIDI port to listen to; None for a virtual port.
    """

    format: MtcFormat
    start: Fraction = Fraction(0)
    port: str | None = None


class MtcFollower:
    """Turns MIDI Time Code into a position, a rate, and whether it rolls.

    ``located`` is a position in seconds at which the sender stands, to be taken with ``take_locate``.

    Arguments:
        source: How timecode relates to the timeline.
    """

    def __init__(self, source: MtcSource) -> None:
        self._source = source
        self._frame_seconds = float(source.format.frame_seconds)
        self._reader = QuarterFrameReader()
        self._fit = RunningFit(jump=max(0.1, 4 * self._frame_seconds))
        self._last: float | None = None
        self._rolling = False
        self._located: float | None = None
        self.wrong_rate = False

    def feed(self, message: bytes, time: float) -> None:
        """Take in a message that arrived at a time (seconds of ``time.perf_counter``)."""
        label = read_full_frame(message)
        if label is not None:
            self._halt()
            self._located = self._seconds(4 * mtc_count(label))
            self.wrong_rate = label.rate is not self._source.format.rate
            return
        if len(message) != 2 or message[0] != 0xF1:
            return
        if self._last is not None and time - self._last > FREEWHEEL:
            self._halt()
        self._last = time
        position = self._reader.feed(message)
        if position is None or position.direction < 0:
            if self._rolling:
                self._halt()
            return
        self._observe(position, time)

    def line(self, now: float) -> Line | None:
        """Return the line to follow; None while the sender stands still, runs backwards or is not yet understood."""
        if self._last is not None and now - self._last > FREEWHEEL:
            self._halt()
        return self._fit.line if self._rolling else None

    def take_locate(self) -> float | None:
        """Return, once, the position in seconds to which the sender has gone while standing still."""
        located, self._located = self._located, None
        return located

    def _observe(self, position: MtcPosition, time: float) -> None:
        self.wrong_rate = position.rate is not self._source.format.rate
        self._fit.observe(time, self._seconds(position.quarter))
        self._rolling, self._located = True, None

    def _halt(self) -> None:
        self._rolling, self._last = False, None
        self._reader.reset()
        self._fit.reset()

    def _seconds(self, quarter: int) -> float:
        position = quarter / 4 * self._frame_seconds - float(self._source.start)
        # Timecode starts again at midnight: what is meant is whatever lies within half a day of the timeline's start.
        day = self._source.format.rate.day * self._frame_seconds
        return (position + day / 2) % day - day / 2
