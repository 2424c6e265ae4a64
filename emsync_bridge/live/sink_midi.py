"""Notes and sync messages through a MIDI port."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emsync_bridge.live.notes import Event, Midi, NoteOff, NoteOn
from emsync_bridge.live.ports import open_port
from emsync_bridge.live.sink import Sink

_LINGER = 0.05
"""Seconds that a port stays open after the last byte, so that it is delivered."""


@dataclass(frozen=True)
class MidiTarget:
    """A MIDI port.

    Arguments:
        port: Part of the name of a port to connect to; None for a virtual port.
    """

    port: str | None = None

    def open(self) -> Sink:
        """Return the open sink.

        Raises:
            OutputError: The port cannot be opened.
        """
        handle, name = open_port(self.port)
        return _MidiPort(handle, f"MIDI port {name}")


class _MidiPort:
    lookahead = 0.0

    def __init__(self, handle: Any, name: str) -> None:
        self.name = name
        self._handle = handle

    def send(self, when: float, events: Sequence[Event]) -> None:  # noqa: ARG002  RtMidi sends at once
        for event in events:
            if isinstance(event, NoteOn):
                self._handle.send_message((0x90 | event.channel, event.pitch, event.velocity))
            elif isinstance(event, NoteOff):
                self._handle.send_message((0x80 | event.channel, event.pitch, 0x40))
            elif isinstance(event, Midi):
                self._handle.send_message(event.data)

    def poll(self, now: float) -> None:
        pass

    def close(self) -> None:
        time.sleep(_LINGER)
        self._handle.close_port()
        self._handle.delete()
