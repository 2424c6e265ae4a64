"""Following a DAW by what it says about its transport over OSC."""

from __future__ import annotations

import ipaddress
import math
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from struct import error as StructError  # noqa: N812  it is an exception

from pythonosc import osc_bundle, osc_message
from pythonosc.osc_packet import OscPacket, ParseError
from pythonosc.parsing import osc_types

from emsync_bridge.cue import TICKS_PER_QUARTER, TempoMap
from emsync_bridge.errors import LiveError
from emsync_bridge.live.clock import ClockLine, RunningFit
from emsync_bridge.live.outputs.osc import pack
from emsync_bridge.live.outputs.osc_dialects import FeedbackMessages, Message, OscDialect, PositionMessage, load_dialect
from emsync_bridge.live.sync.base import Clock, Follower, SyncReader

LOSS = 1.0
"""Seconds without a position after which the DAW is gone."""

_UNREADABLE = (
    *(ParseError, osc_bundle.ParseError, osc_message.ParseError, osc_types.ParseError),
    *(StructError, ValueError, IndexError, RecursionError, OverflowError),
)


@dataclass(frozen=True)
class OscSource:
    """A DAW that is followed over OSC.

    Arguments:
        dialect: Name of a dialect, or the path of a JSON file with one.
        host: Host name or address.
        port: Its UDP port; None for the dialect's own.
        listen: UDP port to which it talks; None for the dialect's own.
        tempo_map: Tempo map that ties quarter notes to seconds.
    """

    dialect: str
    host: str = "127.0.0.1"
    port: int | None = None
    listen: int | None = None
    tempo_map: TempoMap = field(default_factory=TempoMap)

    def open(self, clock: Clock) -> Follower:
        """Return the follower that listens there.

        Raises:
            LiveError: The dialect knows no feedback, or the port cannot be listened to.
        """
        dialect = load_dialect(self.dialect)
        if dialect.feedback is None:
            raise LiveError(
                f"The OSC dialect '{self.dialect}' does not say how its transport is followed",
                hint="Follow by timecode or clock, or give it an entry 'feedback'",
            )
        return OscFollower(self, dialect, dialect.feedback, clock)


class OscReader:
    """Turns what a DAW says into a position, a rate, and whether it rolls.

    Positions come when the DAW finds time to send them, some tens of milliseconds late; the course is laid through
    those of the last seconds.

    Arguments:
        dialect: The dialect; its feedback is what is understood.
        feedback: The same dialect's feedback.
        tempo_map: Tempo map that ties quarter notes to seconds.
    """

    def __init__(self, dialect: OscDialect, feedback: FeedbackMessages, tempo_map: TempoMap) -> None:
        self._dialect, self._feedback, self._tempo_map = dialect, feedback, tempo_map
        self._fit = RunningFit(memory=2.0, jump=0.25, trust=0.5)
        self._rolling = False
        self._last: float | None = None
        self._standing: float | None = None
        self._located: float | None = None
        self.warning = ""
        self.begin: float | None = None

    def feed(self, address: str, values: Sequence[object], time: float) -> None:
        """Take in a message that arrived at a time (seconds of the sender's clock)."""
        rolling = self._feedback.rolling.get(address)
        if rolling and rolling.value < len(values):
            said = bool(values[rolling.value])
            if said or rolling.means == "play":
                self._turn(time, rolling=said if rolling.means == "play" else not said)
        place = self._feedback.position.get(address)
        position = self._seconds(place, values) if place else None
        if position is not None:
            self._observe(position, time)

    def line(self, now: float) -> ClockLine | None:
        """Return the line to follow; None while the DAW stands still or is gone."""
        if self._last is None or now - self._last > LOSS:
            return None
        return self._fit.line if self._rolling else None

    def take_locate(self) -> float | None:
        """Return, once, the position in seconds to which the DAW has gone while standing still."""
        located, self._located = self._located, None
        return located

    def retime(self, tempo_map: TempoMap) -> None:
        """Take in another tempo map."""
        self._tempo_map = tempo_map

    def _turn(self, time: float, *, rolling: bool) -> None:
        if rolling == self._rolling:
            return
        self._rolling = rolling
        self._fit.reset()
        self.begin = None
        if rolling and self._standing is not None:
            self._fit.observe(time, self._standing)
            self.begin, self._last, self._located = self._standing, time, None

    def _observe(self, position: float, time: float) -> None:
        if not self._feedback.rolling:
            # Who does not say whether time passes is seen to move.
            moved = self._standing is not None and position != self._standing
            self._turn(time, rolling=moved and time - (self._last or time) < LOSS)
        if self._rolling:
            if self._fit.observe(time, position):
                self.begin = None
        elif position != self._standing:
            self._located = position
        self._standing, self._last = position, time

    def _seconds(self, place: PositionMessage, values: Sequence[object]) -> float | None:
        value = values[place.value] if place.value < len(values) else None
        if place.unit == "clock":
            position = _clock(value) if isinstance(value, str) else None
        elif isinstance(value, (int, float)) and math.isfinite(value):
            position = float(value)
            if place.unit == "quarters":
                position = self._tempo_map.seconds(position * TICKS_PER_QUARTER)
            elif place.unit == "samples":
                position /= self._dialect.sample_rate
        else:
            position = None
        return position


class OscFollower:
    """A socket on which a DAW says where it is.

    Arguments:
        source: Settings of the DAW that is followed, its address among them.
        dialect: Way in which it speaks.
        feedback: The dialect's feedback.
        clock: Clock that gives the time.

    Raises:
        LiveError: The port cannot be listened to.
    """

    def __init__(self, source: OscSource, dialect: OscDialect, feedback: FeedbackMessages, clock: Clock) -> None:
        self._reader = OscReader(dialect, feedback, source.tempo_map)
        self._feedback, self._clock = feedback, clock
        port = source.port or dialect.port
        listen = feedback.listen if source.listen is None else source.listen
        try:
            family, kind, protocol, _, daw = socket.getaddrinfo(source.host, port, type=socket.SOCK_DGRAM)[0]
            self._socket = socket.socket(family, kind, protocol)
        except OSError as problem:
            raise LiveError(f"This host cannot be reached ({problem})", where=f"{source.host}:{port}") from None
        self._daw, self._host = daw, ipaddress.ip_address(daw[0])
        try:
            # A DAW on this computer is listened to on the loopback device alone.
            self._socket.bind((daw[0] if self._host.is_loopback else "", listen))
        except OSError as problem:
            self._socket.close()
            raise LiveError(
                f"This UDP port cannot be listened to ({problem.strerror or problem})",
                where=str(listen),
                hint="Close the other program that uses it, or choose another port here and in the DAW",
                setting="follow_port",
            ) from None
        self._socket.settimeout(0)
        self.name = f"OSC {source.dialect} at {source.host}:{port}, heard on port {self._socket.getsockname()[1]}"
        self._subscribe_at = self._ask_at = -math.inf

    @property
    def reader(self) -> SyncReader:
        """Reader of the messages that arrive."""
        return self._reader

    def attend(self, now: float) -> None:
        """Read what has arrived and ask what has to be asked."""
        while True:
            try:
                data, sender = self._socket.recvfrom(65536)
            except (BlockingIOError, ConnectionError):
                break
            if ipaddress.ip_address(sender[0]) == self._host:
                self._read(data)
        if now >= self._subscribe_at:
            self._subscribe_at = now + (self._feedback.subscribe_every or math.inf)
            self._say(self._feedback.subscribe)
        if self._feedback.ask_every and now >= self._ask_at:
            self._ask_at = now + self._feedback.ask_every
            self._say(self._feedback.ask)

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()

    def _read(self, data: bytes) -> None:
        try:
            messages = [timed.message for timed in OscPacket(data).messages]
        except _UNREADABLE:
            return
        for message in messages:
            self._reader.feed(message.address, message.params, self._clock())

    def _say(self, messages: Sequence[Message]) -> None:
        for address, *values in messages:
            self._socket.sendto(pack(str(address), values), self._daw)


def _clock(text: str) -> float | None:
    """Return seconds for text such as ``0:01:02.345`` or ``1:02.345``; None for anything else."""
    fields = text.strip().split(":")
    if not 1 <= len(fields) <= 3 or len(text) > 32:
        return None
    try:
        numbers = [float(part) for part in fields]
    except ValueError:
        return None
    seconds = sum(number * 60**power for power, number in enumerate(reversed(numbers)))
    return seconds if math.isfinite(seconds) else None
