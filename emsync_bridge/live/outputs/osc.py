"""OSC over UDP: bundles of one moment, with time tags for receivers that place events by them."""

from __future__ import annotations

import contextlib
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from pythonosc.osc_bundle_builder import IMMEDIATELY
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.parsing import osc_types

from emsync_bridge.errors import LiveError
from emsync_bridge.live.events import Event, NoteOff, NoteOn, StateMessage
from emsync_bridge.live.outputs.base import OutputPort
from emsync_bridge.live.outputs.osc_dialects import OscDialect, load_dialect

MAX_BUNDLE = 1400
"""Bytes that fit a datagram on Ethernet without being split."""

_REPEAT = 0.1
"""Seconds between the copies of a release, long enough to outlive a burst that overran a buffer."""


@dataclass(frozen=True)
class OscTarget:
    """A receiver of OSC.

    Arguments:
        dialect: Name of a dialect, or the path of a JSON file with one.
        host: Host name or address.
        port: Its UDP port; None for the dialect's own.
        notes: Whether it gets the notes; otherwise it receives the transport alone.
        lead: Whether its transport is ordered to follow ours.
    """

    dialect: str = "emsync"
    host: str = "127.0.0.1"
    port: int | None = None
    notes: bool = True
    lead: bool = False

    def open(self) -> OutputPort:
        """Return the open output.

        Raises:
            LiveError: The host is unknown.
            EmsyncError: The dialect is unknown or does not fit.
        """
        dialect = load_dialect(self.dialect)
        port = self.port or dialect.port
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(self.host, port, type=socket.SOCK_DGRAM)[0]
            channel = socket.socket(family, kind, protocol)
        except OSError as problem:
            raise LiveError(f"OSC cannot be sent there ({problem})", where=f"{self.host}:{port}") from None
        return _Osc(self, dialect, channel, address, f"OSC {self.dialect} at {self.host}:{port}")

    def reopen(self) -> OutputPort | None:
        """Return another socket to the same receiver; None where it gets no notes."""
        return self.open() if self.notes else None


class _Osc:
    xruns = 0
    clock = staticmethod(time.perf_counter)

    def __init__(
        self, target: OscTarget, dialect: OscDialect, channel: socket.socket, address: tuple[object, ...], name: str
    ) -> None:
        self.name, self.lookahead = name, dialect.lookahead if target.notes else 0.0
        self._target = target
        self._dialect, self._socket, self._address = dialect, channel, address
        self._copies: deque[tuple[float, bytes]] = deque()
        self._states: dict[str, StateMessage] = {}
        self._repeat_at = 0.0
        self._rolled = False

    def send(self, when: float, events: Sequence[Event]) -> None:
        packed = [m for event in events for m in self._packed(event)]
        states = {event.name: event for event in events if isinstance(event, StateMessage) and event.name != "hit"}
        self._states.update(states)
        if "transport" in states:
            self._rolled = bool(states["transport"].values[0])
        self._send(packed, when)
        releases = [m for event in events if isinstance(event, NoteOff) for m in self._packed(event)]
        for copy in range(1, self._dialect.off_copies if releases else 1):
            due = max(when, time.perf_counter()) + copy * _REPEAT
            self._copies.extend((due, bundle) for bundle in bundles(releases, IMMEDIATELY))

    def poll(self, now: float) -> bool:
        while self._copies and self._copies[0][0] <= now:
            self._transmit(self._copies.popleft()[1])
        if self._dialect.state_every and now >= self._repeat_at:
            self._repeat_at = now + self._dialect.state_every
            said = [m for state in self._states.values() for m in self._dialect.messages(state)]
            self._send([pack(*message) for message in said], now)
        return False

    def close(self) -> None:
        with self._socket, contextlib.suppress(OSError):
            for _, bundle in self._copies:
                self._transmit(bundle)

    def describe(self, event: Event) -> list[str]:
        return [" ".join(map(str, (address, *values))) for address, values in self._messages(event)]

    def _messages(self, event: Event) -> list[tuple[str, list[int | float | str]]]:
        if isinstance(event, (NoteOn, NoteOff)) and not self._target.notes:
            return []
        messages = self._dialect.messages(event)
        if self._target.lead and isinstance(event, StateMessage):
            messages += self._dialect.orders(event, rolled=self._rolled)
        return messages

    def _packed(self, event: Event) -> list[bytes]:
        return [pack(*message) for message in self._messages(event)]

    def _send(self, messages: Sequence[bytes], when: float) -> None:
        tag: float = IMMEDIATELY
        now = time.perf_counter()
        if self._dialect.time_tags and when > now:
            # Taken again each time, because the wall clock may be set while we play.
            tag = time.time() + (when - now)
        for bundle in bundles(messages, tag):
            self._transmit(bundle)

    def _transmit(self, bundle: bytes) -> None:
        self._socket.sendto(bundle, self._address)


def bundles(messages: Sequence[bytes], tag: float) -> list[bytes]:
    """Return OSC bundles, each small enough for one datagram, that hold messages in order.

    Arguments:
        messages: Encoded OSC messages.
        tag: Seconds since the Unix epoch, or python-osc's IMMEDIATELY.
    """
    head = b"#bundle\x00" + osc_types.write_date(tag)
    finished, body = [], b""
    for message in messages:
        element = osc_types.write_int(len(message)) + message
        if body and len(head) + len(body) + len(element) > MAX_BUNDLE:
            finished.append(head + body)
            body = b""
        body += element
    return [*finished, head + body] if body else finished


def pack(address: str, values: Sequence[int | float | str]) -> bytes:
    """Return an encoded OSC message."""
    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)
    return builder.build().dgram
