"""Notes and sync messages through a MIDI port."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emsync_bridge.live.events import Event, Midi, NoteOff, NoteOn
from emsync_bridge.live.outputs.base import OutputPort
from emsync_bridge.live.ports import is_there, open_port, reconnect

_LINGER = 0.05
"""Seconds that a port stays open after the last byte, so that it is delivered."""


_LOOK_EVERY = 0.5
"""Seconds between looks at whether the port is still there; RtMidi does not tell when one vanishes.

A receiver that is back under the same name before the next look stays unconnected, which cannot be seen through RtMidi.
"""


def to_midi(event: Event) -> bytes:
    """Return an event as MIDI; empty for what MIDI does not know."""
    if isinstance(event, NoteOn):
        return bytes((0x90 | event.channel, event.pitch, event.velocity))
    if isinstance(event, NoteOff):
        return bytes((0x80 | event.channel, event.pitch, 0x40))
    return event.data if isinstance(event, Midi) else b""


@dataclass(frozen=True)
class MidiTarget:
    """A MIDI port.

    Arguments:
        port: Part of the name of a port to connect to; None for a virtual port.
    """

    port: str | None = None

    def open(self) -> OutputPort:
        """Return the open output.

        Raises:
            LiveError: The port cannot be opened.
        """
        handle, name = open_port(self.port)
        return _MidiPort(handle, self.port, name)

    def reopen(self) -> OutputPort | None:
        """Return another connection to the same port; None where the port was our own."""
        return self.open() if self.port else None


class _MidiPort:
    lookahead = 0.0
    xruns = 0
    clock = staticmethod(time.perf_counter)

    def __init__(self, handle: Any, wanted: str | None, name: str) -> None:
        self.name = f"MIDI port {name}"
        self._handle, self._wanted, self._port = handle, wanted, name
        self._lost = False
        self._look_at = 0.0

    def send(self, when: float, events: Sequence[Event]) -> None:  # noqa: ARG002  RtMidi sends at once
        for event in events:
            message = to_midi(event)
            if message:
                self._handle.send_message(message)

    def poll(self, now: float) -> bool:
        if self._wanted is None or now < self._look_at:
            return False
        self._look_at = now + _LOOK_EVERY
        if not self._lost:
            self._lost = not is_there(self._handle, self._port)
            return False
        self._lost = not reconnect(self._handle, self._wanted, "out")
        return not self._lost

    def describe(self, event: Event) -> list[str]:
        message = to_midi(event)
        return [message.hex(" ")] if message else []

    def close(self) -> None:
        time.sleep(_LINGER)
        self._handle.close_port()
        self._handle.delete()
