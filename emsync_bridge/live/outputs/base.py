"""Interface of the outputs that events go to, and an output that records them."""

from __future__ import annotations

import contextlib
import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from emsync_bridge.live.events import Event


class OutputPort(Protocol):
    """A receiver's near end.

    ``name`` says in words where events go. ``lookahead`` is how many seconds before their time events are wanted.
    """

    name: str
    lookahead: float

    @property
    def xruns(self) -> int:
        """Number of times that the receiver's sound system could not keep up, as far as it reports them."""

    def clock(self) -> float:
        """Return the time in seconds by which events are placed, from any fixed moment."""

    def send(self, when: float, events: Sequence[Event]) -> None:
        """Send events that belong to one moment.

        Arguments:
            when: Seconds of ``clock`` at which they are to be heard.
            events: Events in the order in which they are to arrive.

        Raises:
            OSError: They could not be sent.
        """

    def poll(self, now: float) -> bool:
        """Do what is due by itself, such as repetitions; called every few milliseconds while there is time.

        Returns:
            Whether the receiver is back after it had gone, so that it has to be told everything again.

        Raises:
            OSError: Something could not be sent.
        """

    def describe(self, event: Event) -> list[str]:
        """Return what an event is on the wire, in words for people; nothing where it is not sent."""

    def close(self) -> None:
        """Send what is still held back and let the receiver go."""


class OutputTarget(Protocol):
    """A description of a receiver that travels to the sender process, where it is opened."""

    def open(self) -> OutputPort:
        """Return the open output.

        Raises:
            LiveError: It cannot be opened; the message says what to do.
        """

    def reopen(self) -> OutputPort | None:
        """Return a second way to the same receiver for when the process with the first is gone; None without one."""


@dataclass(frozen=True)
class RecordingTarget:
    """A file that gets one line of JSON per event: when it was meant, when it was sent, what it was."""

    path: Path
    lookahead: float = 0.0

    def open(self) -> OutputPort:
        """Return the output that writes there."""
        return _Recording(self.path, self.lookahead)

    def reopen(self) -> OutputPort:
        """Return an output that goes on in the same file."""
        return _Recording(self.path, 0.0, "a")


class _Recording:
    xruns = 0
    clock = staticmethod(time.perf_counter)

    def __init__(self, path: Path, lookahead: float, mode: str = "w") -> None:
        self.name, self.lookahead = str(path), lookahead
        self._file = path.open(mode, encoding="utf-8", buffering=1)

    def send(self, when: float, events: Sequence[Event]) -> None:
        sent = time.perf_counter()
        for event in events:
            values = {key: value.hex() if isinstance(value, bytes) else value for key, value in asdict(event).items()}
            self._file.write(json.dumps({"when": when, "sent": sent, "event": type(event).__name__, **values}) + "\n")

    def poll(self, now: float) -> bool:  # noqa: ARG002  the interface's signature
        return False

    def describe(self, event: Event) -> list[str]:
        return [str(event)]

    def close(self) -> None:
        self._file.close()


@dataclass(frozen=True)
class BothTarget:
    """Two receivers that get the same, such as a MIDI port for the notes and OSC for the transport."""

    first: OutputTarget
    second: OutputTarget

    def open(self) -> OutputPort:
        """Return the output that sends to both."""
        first = self.first.open()
        try:
            return _Both(first, self.second.open())
        except BaseException:
            first.close()
            raise

    def reopen(self) -> OutputPort | None:
        """Return the second way to the first that has one."""
        return self.first.reopen() or self.second.reopen()


class _Both:
    def __init__(self, first: OutputPort, second: OutputPort) -> None:
        self.name = f"{first.name} and {second.name}"
        self.lookahead = max(first.lookahead, second.lookahead)
        self.clock = first.clock
        self._ends = (first, second)
        self._held: list[tuple[float, float, OutputPort, Sequence[Event]]] = []

    def send(self, when: float, events: Sequence[Event]) -> None:
        problem = None
        for end in self._ends:
            ahead = self.lookahead - end.lookahead
            if ahead > 0:
                # This end wants them later; they go with the next poll.
                self._held.append((when - end.lookahead, when, end, events))
                continue
            try:
                end.send(self._shifted(when, end), events)
            except OSError as found:
                problem = found
        if problem:
            raise problem

    def poll(self, now: float) -> bool:
        due = [entry for entry in self._held if entry[0] <= now]
        self._held = [entry for entry in self._held if entry[0] > now]
        for _, when, end, events in due:
            end.send(self._shifted(when, end), events)
        back = [end.poll(self._shifted(now, end)) for end in self._ends]
        return any(back)

    @property
    def xruns(self) -> int:
        return sum(end.xruns for end in self._ends)

    def _shifted(self, when: float, end: OutputPort) -> float:
        """Return a time of the first end's clock as one of another end's."""
        return when if end.clock == self.clock else when - self.clock() + end.clock()

    def describe(self, event: Event) -> list[str]:
        return [text for end in self._ends for text in end.describe(event)]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.poll(math.inf)
        for end in self._ends:
            end.close()
