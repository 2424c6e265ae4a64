"""Linear Time Code through JACK's audio ports: sent beside the notes, and followed."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.cue import TempoMap
from emsync_bridge.errors import LiveError
from emsync_bridge.live.clock import ClockLine, EarliestFit, RunningFit
from emsync_bridge.live.events import Event, StateMessage
from emsync_bridge.live.outputs.base import OutputPort
from emsync_bridge.live.outputs.jack import jack_library
from emsync_bridge.live.sync.base import Clock, Follower
from emsync_bridge.live.sync.ltc import ltc_piece
from emsync_bridge.live.sync.ltc_reader import LtcReader
from emsync_bridge.live.sync.mtc import MtcFormat, mtc_count

CLIENT = "emsync-ltc"
"""Name of the client in JACK; its ports are ``out`` and ``in``."""

_FREEWHEEL = 0.25
"""Seconds without a label after which the sender has stopped."""

_WRAP = 2**32
_HELD = 512


@dataclass(frozen=True)
class LtcTarget:
    """An audio port of JACK that sounds timecode while the timeline rolls.

    Arguments:
        format: Frame count.
        start: Seconds of timecode at the timeline's start.
    """

    format: MtcFormat
    start: Fraction = Fraction(0)

    def open(self) -> OutputPort:
        """Return the open output.

        Raises:
            LiveError: JACK-Client, its library or the server is missing.
        """
        return _LtcPort(self)

    def reopen(self) -> OutputPort | None:
        """Return None: others make the connection."""
        return None


@dataclass(frozen=True)
class LtcSource:
    """Timecode that arrives as sound.

    Arguments:
        format: Frame count of the timeline.
        start: Seconds of timecode at the timeline's start.
        port: Name of the JACK port to listen to; None to be connected by others.
    """

    format: MtcFormat
    start: Fraction = Fraction(0)
    port: str | None = None

    def open(self, clock: Clock) -> Follower:
        """Return the follower that listens there."""
        return _LtcListener(self, clock)


def _client(process: Callable[[Any, int], None], make: Callable[[Any], Any]) -> tuple[Any, Any]:
    """Return an active client of JACK and its port."""
    jack = jack_library()
    jack.set_error_function(lambda _text: None)
    jack.set_info_function(lambda _text: None)
    try:
        client = jack.Client(CLIENT, no_start_server=True)
        port = make(client)
        client.set_process_callback(lambda frames: process(port, frames))
        client.activate()
    except jack.JackError as problem:
        raise LiveError(f"JACK cannot be used ({problem})", hint="Start a JACK server first") from None
    return client, port


def _drop(client: Any) -> None:
    with contextlib.suppress(jack_library().JackError):
        client.deactivate()
    client.close()


class _LtcPort:
    lookahead = 0.0
    xruns = 0
    clock = staticmethod(time.perf_counter)

    def __init__(self, target: LtcTarget) -> None:
        self._target = target
        self._line: tuple[int, float, float] | None = None
        self._jack: Any = None
        self._jack, port = _client(self._process, lambda client: client.outports.register("out"))
        self._rate = float(self._jack.samplerate)
        self.name = f"JACK port {port.name}"

    def send(self, when: float, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, StateMessage) and event.name == "transport":
                rolling, position, rate = (float(value) for value in event.values[:3])
                anchor = self._jack.frame_time + round((when - self.clock()) * self._rate)
                self._line = (anchor, position, rate) if rolling and rate > 0 else None

    def poll(self, now: float) -> bool:  # noqa: ARG002  the interface's signature
        return False

    def describe(self, event: Event) -> list[str]:  # noqa: ARG002  the interface's signature
        return []

    def close(self) -> None:
        _drop(self._jack)

    def _process(self, port: Any, frames: int) -> None:
        """Fill this period; called on JACK's thread."""
        sound, line, client = port.get_array(), self._line, self._jack
        if line is None or client is None:
            sound.fill(0)
            return
        anchor, position, rate = line
        passed = (client.last_frame_time - anchor + _WRAP // 2) % _WRAP - _WRAP // 2
        seconds = float(self._target.start) + position + passed / self._rate * rate
        sound[:] = ltc_piece(self._target.format, seconds, frames, self._rate / rate)
        if passed < 0:  # begins within this period
            sound[: min(frames, -passed)] = 0


class LtcChase:
    """Turns timecode that arrives as sound into a position and a rate; backwards counts as standing still.

    Arguments:
        source: Settings of the timecode that is followed.
        sample_rate: Samples per second.
    """

    def __init__(self, source: LtcSource, sample_rate: float) -> None:
        self._source, self._rate = source, sample_rate
        self._frame_seconds = float(source.format.frame_seconds)
        self._reader = LtcReader(source.format.rate.nominal)
        self._fit = EarliestFit(RunningFit(jump=max(0.1, 4 * self._frame_seconds)))
        self._taken = 0
        self._last: float | None = None
        self._number: int | None = None
        self._rolling = False
        self.warning = ""
        self.begin: float | None = None

    def feed(self, samples: NDArray[np.float32], time: float) -> None:
        """Take in samples, the last of which arrived at a time."""
        found = self._reader.feed(samples)
        self._taken += len(samples)
        for label in found:
            number = mtc_count(label.time)
            wrong = label.time.rate is not self._source.format.rate
            self.warning = "The timecode that arrives counts another frame rate than this cue" if wrong else ""
            end = time - (self._taken - label.at - label.samples) / self._rate
            follows = self._number is not None and number == self._number + 1
            if label.direction < 0 or not (follows or self._number is None):
                self._halt()
            self._number, self._last = number, end
            if label.direction > 0:
                self._fit.observe(end, self._seconds(number + 1))
                self._rolling = follows

    def line(self, now: float) -> ClockLine | None:
        """Return the line to follow; None while the sender stands still, runs backwards or is not yet understood."""
        if self._last is not None and now - self._last > _FREEWHEEL:
            self._halt()
        return self._fit.line if self._rolling else None

    def take_locate(self) -> float | None:
        """Return None: a sender that stands still is not heard."""
        return None

    def retime(self, tempo_map: TempoMap) -> None:
        """Do nothing: timecode knows no tempo."""

    def _halt(self) -> None:
        self._rolling, self._last, self._number = False, None, None
        self._fit.reset()

    def _seconds(self, count: int) -> float:
        position = count * self._frame_seconds - float(self._source.start)
        # Timecode starts again at midnight: what is meant is whatever lies within half a day of the timeline's start.
        day = self._source.format.rate.day * self._frame_seconds
        return (position + day / 2) % day - day / 2


class _LtcListener:
    def __init__(self, source: LtcSource, clock: Clock) -> None:
        self._clock = clock
        self._arrived: deque[tuple[NDArray[np.float32], float]] = deque(maxlen=_HELD)
        self._jack, port = _client(self._process, lambda client: client.inports.register("in"))
        self.reader = LtcChase(source, float(self._jack.samplerate))
        self.name = f"JACK port {port.name}"
        if source.port:
            try:
                self._jack.connect(source.port, port)
            except jack_library().JackError as problem:
                _drop(self._jack)
                raise LiveError(
                    f"This JACK port cannot be listened to ({problem})", where=source.port, hint="Look at: jack_lsp"
                ) from None

    def attend(self, now: float) -> None:  # noqa: ARG002  the interface's signature
        """Read what has arrived."""
        while self._arrived:
            self.reader.feed(*self._arrived.popleft())

    def close(self) -> None:
        """Close the port."""
        _drop(self._jack)

    def _process(self, port: Any, frames: int) -> None:  # noqa: ARG002  JACK's signature
        self._arrived.append((port.get_array().copy(), self._clock()))
