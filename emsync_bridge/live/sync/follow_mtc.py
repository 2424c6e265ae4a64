"""Following a DAW's MIDI Time Code and Machine Control: from messages to a line that the player chases."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fractions import Fraction

from emsync_bridge.cue import TempoMap
from emsync_bridge.live.clock import ClockLine, EarliestFit, RunningFit
from emsync_bridge.live.sync.base import Clock, Follower, MidiFollower
from emsync_bridge.live.sync.mmc import MmcCommand, TransportCommand, read_machine_control
from emsync_bridge.live.sync.mtc import MtcFormat, MtcPosition, MtcRate, QuarterFrameReader, mtc_count, read_full_frame

_BEFORE_TRUST = 16
"""Quarter frames in two labels, which have to agree before the stream is trusted."""

FREEWHEEL = 0.25
"""Seconds without a quarter frame after which the sender has stopped."""


@dataclass(frozen=True)
class MtcSource:
    """Settings of following MIDI Time Code.

    Arguments:
        format: Frame count of the timeline.
        start: Seconds of timecode at the timeline's start.
        port: Part of the name of the MIDI port to listen to; None for a virtual port.
    """

    format: MtcFormat
    start: Fraction = Fraction(0)
    port: str | None = None

    def open(self, clock: Clock) -> Follower:
        """Return the follower that listens there."""
        return MidiFollower(MtcReader(self), self.port, clock)


class MtcReader:
    """Turns MIDI Time Code and Machine Control into a position, a rate, and whether it rolls.

    A DAW that sends Machine Control alone is followed at normal speed from where it located to.

    Arguments:
        source: Settings of the timecode that is followed.
    """

    def __init__(self, source: MtcSource) -> None:
        self._source = source
        self._frame_seconds = float(source.format.frame_seconds)
        self._quarters = QuarterFrameReader()
        self._fit = EarliestFit(RunningFit(jump=max(0.1, 4 * self._frame_seconds)))
        self._arrivals: deque[float] = deque(maxlen=_BEFORE_TRUST)
        self._last: float | None = None
        self._rolling = False
        self._located: float | None = None
        self._standing: float | None = None
        self._ordered: ClockLine | None = None
        self._timecode_seen = False
        self.warning = ""
        self.begin: float | None = None

    def feed(self, message: bytes, time: float) -> None:
        """Take in a message that arrived at a time (seconds of the sender's clock)."""
        label = read_full_frame(message)
        if label is not None:
            self._timecode_seen = True
            self._halt()
            self._locate(4 * mtc_count(label), label.rate)
            return
        order = read_machine_control(message)
        if order:
            self._obey(order, time)
            return
        if len(message) != 2 or message[0] != 0xF1:
            return
        if self._last is not None and time - self._last > FREEWHEEL:
            self._halt()
        self._timecode_seen = True
        self._last = time
        position = self._quarters.feed(message)
        self._arrivals.append(time)
        if position is None or position.direction < 0:
            if self._rolling:
                self._halt()
            return
        self._observe(position, time)

    def line(self, now: float) -> ClockLine | None:
        """Return the line to follow; None while the sender stands still, runs backwards or is not yet understood."""
        if self._last is not None and now - self._last > FREEWHEEL:
            self._halt()
        return self._fit.line if self._rolling else self._ordered

    def take_locate(self) -> float | None:
        """Return, once, the position in seconds to which the sender has gone while standing still."""
        located, self._located = self._located, None
        return located

    def retime(self, tempo_map: TempoMap) -> None:
        """Do nothing: timecode knows no tempo."""

    def _obey(self, order: MmcCommand, time: float) -> None:
        ordered = self._ordered
        if order.command is TransportCommand.LOCATE and order.label:
            self._halt()
            self._locate(4 * mtc_count(order.label), order.label.rate)
            if ordered and self._standing is not None:
                self._ordered, self.begin, self._located = ClockLine(time, self._standing), self._standing, None
        elif order.command in (TransportCommand.PLAY, TransportCommand.DEFERRED_PLAY):
            # Where there is timecode it says the same more exactly, and a few frames later.
            if not self._timecode_seen and not ordered and self._standing is not None:
                self._ordered, self.begin = ClockLine(time, self._standing), self._standing
        elif order.command in (TransportCommand.STOP, TransportCommand.PAUSE):
            if ordered:
                self._standing = ordered.position_at(time)
            self._halt()

    def _locate(self, quarter: int, rate: MtcRate) -> None:
        self._located = self._standing = self._seconds(quarter)
        self._check(rate)

    def _observe(self, position: MtcPosition, time: float) -> None:
        self._check(position.rate)
        if not self._rolling:  # the messages by which the stream came to be trusted tell its course too
            for before, arrived in zip(range(len(self._arrivals) - 1, 0, -1), self._arrivals, strict=False):
                self._fit.observe(arrived, self._seconds(position.quarter - before))
        self._fit.observe(time, self._seconds(position.quarter))
        self._rolling, self._located, self._ordered, self.begin = True, None, None, None

    def _check(self, rate: MtcRate) -> None:
        wrong = rate is not self._source.format.rate
        self.warning = "The timecode that arrives counts another frame rate than this cue" if wrong else ""

    def _halt(self) -> None:
        self._rolling, self._last, self._ordered, self.begin = False, None, None, None
        self._quarters.reset()
        self._fit.reset()
        self._arrivals.clear()

    def _seconds(self, quarter: int) -> float:
        position = quarter / 4 * self._frame_seconds - float(self._source.start)
        # Timecode starts again at midnight: what is meant is whatever lies within half a day of the timeline's start.
        day = self._source.format.rate.day * self._frame_seconds
        return (position + day / 2) % day - day / 2
