"""Slots of one computer: a semaphore among processes made of file locks, which the system frees when a process dies."""

from __future__ import annotations

import os
import random
import threading
import time
from typing import TYPE_CHECKING

from emsync_bridge.files.leftovers import host_mark

if TYPE_CHECKING:
    from filelock import BaseFileLock

DECODES_VARIABLE = "EMSYNC_DECODES"
"""Environment variable with the number of processes that decode films at once on a computer; 0 for one per core."""

MAX_SLOTS = 256
_LOOK_EVERY = 0.1


class HostSlot:
    """One slot among the processes of a computer and user, which all users of it within this process share.

    A process takes one slot at most, so that no two can wait for each other. Where the folder of locks cannot be used,
    there is no limit.

    Arguments:
        kind: Name of what is limited.
        variable: Environment variable with the number of slots; where it is unset there is no limit.
    """

    def __init__(self, kind: str, variable: str) -> None:
        self._kind, self._variable = kind, variable
        self._users = 0
        self._guard = threading.Lock()
        self._held: BaseFileLock | None = None

    def take(self) -> None:
        """Wait for a slot, unless this process has one."""
        with self._guard:
            if self._users == 0:
                count = _count(os.environ.get(self._variable))
                self._held = self._free_one(count) if count else None
            self._users += 1

    def give_back(self) -> None:
        """Give the slot back, once nobody in this process uses it."""
        with self._guard:
            self._users -= 1
            if self._users == 0 and self._held is not None:
                self._held.release()
                self._held = None

    def _free_one(self, count: int) -> BaseFileLock | None:
        import platformdirs
        from filelock import FileLock, Timeout

        folder = platformdirs.user_runtime_path("emsync-bridge", appauthor=False) / f"slots-{host_mark()}"
        numbers = list(range(count))
        random.shuffle(numbers)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            while True:
                for number in numbers:
                    lock = FileLock(folder / f"{self._kind}-{number}.lock", timeout=0)
                    try:
                        lock.acquire()
                    except Timeout:
                        continue
                    return lock
                time.sleep(_LOOK_EVERY)
        except (OSError, NotImplementedError):
            return None


def _count(text: str | None) -> int:
    """Return the number of slots that a variable asks for; 0 for no limit."""
    if text is None or not text.isdigit() or len(text) > 9:
        return 0
    return min(int(text) or os.cpu_count() or 1, MAX_SLOTS)
