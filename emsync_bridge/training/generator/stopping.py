"""Stopping a run between two steps, so that what is saved is whole."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType
from typing import Any


class StopRequest:
    """Request to end the run, by Ctrl-C or SIGTERM."""

    def __init__(self) -> None:
        self.asked = False
        self._number = int(signal.SIGINT)
        self._before: dict[int, Any] = {}

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        self.asked, self._number = True, number
        self.release()  # the second time the run ends at once

    def obey(self) -> None:
        """End the run when it was asked to end.

        Raises:
            KeyboardInterrupt: It was.
        """
        if self.asked:
            raise KeyboardInterrupt(self._number)

    def hold(self) -> None:
        """Turn Ctrl-C and a request to terminate into a stop after this step."""
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._ask)

    def release(self) -> None:
        """Have them do again what they did before."""
        while self._before:
            number, before = self._before.popitem()
            signal.signal(number, before)


@contextmanager
def stoppable() -> Iterator[StopRequest]:
    """Lend a run the knowledge of whether it was asked to stop; outside of the main thread it never is."""
    stop = StopRequest()
    if current_thread() is main_thread():
        stop.hold()
    try:
        yield stop
    finally:
        stop.release()
