"""Schedule of events: a heap in order of timeline position, renewed at every locate."""

from __future__ import annotations

import heapq
from collections.abc import Collection
from enum import IntEnum
from typing import Generic, NamedTuple, TypeVar

Item = TypeVar("Item")


class Rank(IntEnum):
    """Order of what is due at one position: an ending note goes before anything that begins."""

    RELEASE = 0
    WRAP = 1
    SYNC = 2
    STATE = 3
    MARK = 4
    STRIKE = 5
    END = 6


class ScheduleEntry(NamedTuple, Generic[Item]):
    """One thing that is due: where, in which order, and what."""

    position: float
    rank: Rank
    sequence: int
    item: Item


class Schedule(Generic[Item]):
    """Things to do in order of (position, rank, when they were put in), all of one epoch."""

    def __init__(self) -> None:
        self.epoch = 0
        self._heap: list[ScheduleEntry[Item]] = []
        self._sequence = 0

    def __len__(self) -> int:
        return len(self._heap)

    def renew(self) -> int:
        """Drop everything, begin a new epoch and return its number."""
        self._heap.clear()
        self.epoch += 1
        return self.epoch

    def drop(self, ranks: Collection[Rank]) -> None:
        """Remove everything of some ranks."""
        self._heap = [entry for entry in self._heap if entry.rank not in ranks]
        heapq.heapify(self._heap)

    def put(self, epoch: int, position: float, rank: Rank, item: Item) -> bool:
        """Add one thing; return False, and drop it, when it was meant for an earlier epoch."""
        if epoch != self.epoch:
            return False
        self._sequence += 1
        heapq.heappush(self._heap, ScheduleEntry(position, rank, self._sequence, item))
        return True

    def first(self) -> ScheduleEntry[Item] | None:
        """Return what is due first, without taking it."""
        return self._heap[0] if self._heap else None

    def take(self) -> ScheduleEntry[Item]:
        """Remove and return what is due first."""
        return heapq.heappop(self._heap)
