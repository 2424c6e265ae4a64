"""The way out: events that are due together leave together, and what cannot be sent is counted."""

from __future__ import annotations

from dataclasses import dataclass, field

from emsync_bridge.live.events import Event
from emsync_bridge.live.outputs.base import OutputPort


@dataclass
class OutputCounts:
    """Counts of the events so far."""

    notes: int = 0
    dropped: int = 0
    failed: int = 0
    wraps: int = 0


@dataclass
class EventSender:
    """Hands events to an output in batches of one moment each.

    Arguments:
        output: Destination of them.
        counts: Counts to which failures are added.
    """

    output: OutputPort
    counts: OutputCounts
    _batch: list[Event] = field(default_factory=list)
    _time: float = 0.0

    def add(self, when: float, event: Event) -> None:
        """Send an event with the others of its moment."""
        if self._batch and when != self._time:
            self.flush()
        self._time = when
        self._batch.append(event)

    def flush(self) -> None:
        """Send what waits."""
        batch, self._batch = self._batch, []
        if batch:
            self.say(self._time, *batch)

    def say(self, when: float, *events: Event) -> None:
        """Send events now, before those that wait."""
        if not events:
            return
        try:
            self.output.send(when, events)
        except OSError:
            self.counts.failed += len(events)
