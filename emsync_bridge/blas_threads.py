"""One thread for linear algebra while this package computes, and the caller's setting back afterwards.

The products here are small: a few rows times a few hundred columns. A second thread gains nothing on them, and the
threads of OpenBLAS wait by spinning, so that a machine that does something else as well computes several times longer.

NumPy's wheels bring OpenBLAS, some distributions link MKL: both are set through threadpoolctl, for the whole process.
Wheels for macOS 14 and later on Apple silicon use Accelerate, which threadpoolctl does not reach. From macOS 15 on its
own call holds it to the calling thread; before, Accelerate decides by itself, without spinning.
"""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import Event, Lock, Thread
from typing import Any

_ACCELERATE = "/System/Library/Frameworks/Accelerate.framework/Accelerate"
_SINGLE_THREADED = 1  # BLAS_THREADING_SINGLE_THREADED of Accelerate's thread_api.h


class _Limit:
    """The limit that holds for the process as long as somebody computes.

    A thread of its own holds it, since threadpoolctl lets only the thread that set a limit lift it, and the first to
    compute need not be the last.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._users = 0
        self._over = Event()
        self._keeper: Thread | None = None

    def enter(self) -> None:
        """Limit the libraries that are loaded, when this is the first user."""
        with self._lock:
            self._users += 1
            if self._users == 1:
                begun = Event()
                self._over.clear()
                self._keeper = Thread(target=self._hold, args=(begun,), daemon=True)
                self._keeper.start()
                begun.wait()

    def leave(self) -> None:
        """Give the libraries their threads back, when this is the last user."""
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._keeper is not None:
                self._over.set()
                self._keeper.join()

    def _hold(self, begun: Event) -> None:
        try:
            with _limited():
                begun.set()
                self._over.wait()
        finally:
            begun.set()


_limit = _Limit()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold linear algebra to one thread; nested and concurrent uses share the limit. Serves as a decorator too."""
    accelerate = _accelerate()
    before = accelerate.BLASGetThreading() if accelerate else 0
    _limit.enter()
    try:
        if accelerate:
            accelerate.BLASSetThreading(_SINGLE_THREADED)
        with _limited():  # libraries on OpenMP count threads for each thread that calls
            yield
    finally:
        if accelerate:
            accelerate.BLASSetThreading(before)
        _limit.leave()


def _limited() -> Any:
    import numpy as np  # noqa: F401  its library has to be loaded to be found
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, user_api="blas")


@lru_cache(maxsize=1)
def _accelerate() -> Any:
    """Return Accelerate where it can be held to the calling thread; None elsewhere."""
    if platform.system() != "Darwin":
        return None
    try:
        library = ctypes.CDLL(_ACCELERATE)
    except OSError:
        return None
    return library if hasattr(library, "BLASSetThreading") else None
