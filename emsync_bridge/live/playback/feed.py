"""Feed of the schedule: events of a part and its sync messages, one at a time as those before them are sent."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import TypeAlias

from emsync_bridge.live.events import Midi, NoteOff, StateMessage
from emsync_bridge.live.playback.part import LivePart, PartNote, last_controllers
from emsync_bridge.live.playback.schedule import Rank, Schedule

Item: TypeAlias = NoteOff | PartNote | Midi | StateMessage | None
"""Event that can be due."""

_DRUMS = 9
_CHASE = 0.1
"""Seconds that a note must still have to go to be struck when playing begins in its middle."""


class Feed:
    """Keeps the next note, the next mark and the next sync message in a schedule.

    Arguments:
        schedule: Schedule that they go to, into the epoch that it has at the time.
    """

    def __init__(self, schedule: Schedule[Item]) -> None:
        self._schedule = schedule
        self._upcoming: dict[Rank, Iterator[tuple[float, Item]]] = {}

    def play(self, part: LivePart, first: float, join: float | None = None) -> None:
        """Begin with the notes and marks of a part.

        Arguments:
            part: Part that is played.
            first: Seconds; what begins earlier is not played from its beginning.
            join: Seconds at which notes that began earlier are struck if they still sound; None for not at all.
        """
        strikes, marks = part.strikes, part.marks
        place = bisect_left(strikes, (first,))
        if join is not None:
            for strike in strikes[:place]:
                if strike.end > join + _CHASE and strike.channel != _DRUMS:
                    self._schedule.put(self._schedule.epoch, join, Rank.STRIKE, strike._replace(start=join))
            for message in last_controllers(marks[: bisect_left(marks, first, key=lambda mark: mark[0])]):
                self._schedule.put(self._schedule.epoch, join, Rank.STATE, message)
        self._upcoming[Rank.STRIKE] = ((strike.start, strike) for strike in strikes[place:])
        self._upcoming[Rank.MARK] = iter(marks[bisect_left(marks, first, key=lambda mark: mark[0]) :])
        self.next(Rank.STRIKE)
        self.next(Rank.MARK)

    def sync(self, messages: Iterator[tuple[float, bytes]]) -> None:
        """Begin with sync messages, each with its position in seconds."""
        self._upcoming[Rank.SYNC] = ((position, Midi(message)) for position, message in messages)
        self.next(Rank.SYNC)

    def next(self, rank: Rank) -> None:
        """Put the next of a kind into the schedule, if it is one that comes one at a time and there are more."""
        found = next(self._upcoming.get(rank, iter(())), None)
        if found is not None:
            self._schedule.put(self._schedule.epoch, found[0], rank, found[1])
