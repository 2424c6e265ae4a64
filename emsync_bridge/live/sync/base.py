"""Interface of the followers of a DAW: one for timecode, clock, OSC and Link."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from emsync_bridge.cue import TempoMap
from emsync_bridge.live.clock import ClockLine
from emsync_bridge.live.ports import open_port

Clock = Callable[[], float]
"""A clock in seconds that the sender and everything it follows share."""


class SyncReader(Protocol):
    """Reader of a DAW's messages; given each message and its time, it reads no clock and opens nothing.

    ``warning`` is a sentence for the user, or empty. ``begin`` is the position in seconds at which rolling began
    where the DAW says so, else None: nothing before it is played.
    """

    warning: str
    begin: float | None

    def line(self, now: float) -> ClockLine | None:
        """Return the line to follow; None while the DAW stands still or is not yet understood."""

    def take_locate(self) -> float | None:
        """Return, once, the position in seconds to which the DAW has gone while standing still."""

    def retime(self, tempo_map: TempoMap) -> None:
        """Take in another tempo map, which agrees with the present one up to where the music is."""


class Follower(Protocol):
    """A DAW that is followed: an open port or socket. ``name`` says where it listens."""

    name: str

    @property
    def reader(self) -> SyncReader:
        """Reader of the messages that arrive."""

    def attend(self, now: float) -> None:
        """Take in what has arrived and ask what has to be asked."""

    def close(self) -> None:
        """Stop listening."""


class SyncSource(Protocol):
    """A description of what is followed that travels to the sender process, where it is opened."""

    def open(self, clock: Clock) -> Follower:
        """Return the open follower, which stamps what arrives with a clock.

        Raises:
            LiveError: It cannot be opened; the message says what to do.
        """


class MidiReader(SyncReader, Protocol):
    """A reader of MIDI messages."""

    def feed(self, message: bytes, time: float) -> None:
        """Take in a message that arrived at a time."""


class MidiFollower:
    """Messages of a MIDI input with the times at which they arrived.

    Arguments:
        reader: Reader that makes sense of them.
        port: Part of the name of the MIDI port to listen to; None for a virtual port.
        clock: Clock that gives the time.

    Raises:
        LiveError: The port cannot be opened.
    """

    def __init__(self, reader: MidiReader, port: str | None, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self._arrived: deque[tuple[bytes, float]] = deque(maxlen=4096)
        self._handle, self.name = open_port(port, "MidiIn")
        self._handle.ignore_types(sysex=False, timing=False, active_sense=True)
        self._handle.set_callback(self._take)

    @property
    def reader(self) -> SyncReader:
        """Reader of the messages that arrive."""
        return self._reader

    def attend(self, now: float) -> None:  # noqa: ARG002  the interface's signature
        """Read what has arrived."""
        while self._arrived:
            self._reader.feed(*self._arrived.popleft())

    def close(self) -> None:
        """Close the port."""
        self._handle.cancel_callback()
        self._handle.close_port()
        self._handle.delete()

    def _take(self, event: tuple[Sequence[int], float], _data: object = None) -> None:
        # Called on RtMidi's thread, whose own delta times start again whenever a port is opened.
        self._arrived.append((bytes(event[0]), self._clock()))
