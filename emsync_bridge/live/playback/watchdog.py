"""Watchdog against hanging notes when the sender is killed: a mirror of what sounds, and a thread that releases it.

The mirror lies in memory that the sender shares with the process that started it. When the sender is gone and the
mirror still holds notes, the starter goes to the receiver by a second way and releases them. A virtual MIDI port goes
with its process, so nothing can be sent for it; programs that were connected to it have to notice that by themselves.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from ctypes import Array, c_uint
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from emsync_bridge.errors import EmsyncError
from emsync_bridge.live.events import Event, NoteOff, NoteOn, silence_messages
from emsync_bridge.live.outputs.base import OutputPort, OutputTarget

CHANNELS, PITCHES = 16, 128

_DELIVERED = 0.05
"""Seconds after its time at which a release that was handed over ahead has surely reached the receiver."""

Cells = Array[c_uint]


class SharedNotes:
    """The notes that may sound at the receiver, by channel and pitch, in shared memory.

    A note is entered before it is sent and struck out after its release has been delivered.

    Arguments:
        cells: One number for each channel and pitch: the note's ``ident``, or 0.
        lookahead: Seconds by which events are handed over before their time.
    """

    def __init__(self, cells: Cells, lookahead: float = 0.0) -> None:
        self._cells, self._lookahead = cells, lookahead
        self._pending: deque[tuple[float, int, int]] = deque()

    def before(self, events: Sequence[Event]) -> None:
        """Enter what is about to be sent."""
        for event in events:
            if isinstance(event, NoteOn):
                self._cells[event.channel * PITCHES + event.pitch] = event.ident

    def after(self, when: float, events: Sequence[Event]) -> None:
        """Strike out what has been released, now or once it has been delivered."""
        for event in events:
            if isinstance(event, NoteOff):
                self._pending.append((when, event.channel * PITCHES + event.pitch, event.ident))
        if not self._lookahead:
            self.tidy(when + _DELIVERED)

    def tidy(self, now: float) -> None:
        """Strike out what has been delivered."""
        while self._pending and self._pending[0][0] + _DELIVERED <= now:
            _, cell, ident = self._pending.popleft()
            if self._cells[cell] == ident:
                self._cells[cell] = 0


def note_offs(cells: Cells) -> list[NoteOff]:
    """Return the releases of all notes in a mirror."""
    return [NoteOff(*divmod(cell, PITCHES), ident) for cell, ident in enumerate(cells) if ident]


def release_notes(target: OutputTarget, cells: Cells) -> int:
    """Release at a receiver whatever a sender that is gone has left sounding; return how many notes that were."""
    notes = note_offs(cells)
    with contextlib.suppress(EmsyncError, OSError):
        output: OutputPort | None = target.reopen() if notes else None
        if output is not None:
            try:
                output.send(output.clock(), [*notes, *silence_messages({note.channel for note in notes})])
            finally:
                output.close()
    return len(notes)


def watch_sender(process: BaseProcess, target: OutputTarget, cells: Cells, freed: Callable[[int], None]) -> None:
    """Wait in a thread until a sender is gone, and release what it has left sounding.

    Arguments:
        process: The sender.
        target: Its receiver.
        cells: Notes that sound there.
        freed: Function called at the end with the number of notes that had to be released.
    """

    def run() -> None:
        sentinel: list[Connection | int] = [process.sentinel]
        wait(sentinel)
        freed(release_notes(target, cells))

    threading.Thread(target=run, name="emsync watchdog", daemon=True).start()
