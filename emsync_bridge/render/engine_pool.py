"""Processes that render for midirenderer, which holds Python's lock while it computes.

They are started as programs of their own rather than by ``multiprocessing``, which would import the caller's main
module into each and is closed to daemons.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import IO, Final

from emsync_bridge.render import engine_process
from emsync_bridge.render.bank.assembly import FontFile
from emsync_bridge.render.engine_process import ANSWER, REQUEST

_KEEP: Final = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}
"""Settings of the GNU C library by which a process keeps the memory of one font for the next: 8 % less to do."""

_NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class EngineFailedError(Exception):
    """A complaint of the engine."""


class PoolClosedError(Exception):
    """The pool was closed while it was asked."""


def usable_cores() -> int:
    """Return the number of cores that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


class EnginePool:
    """Some processes, each started when it is first needed.

    Arguments:
        count: Number at most; as many threads may ask at once.
    """

    def __init__(self, count: int) -> None:
        self._free: SimpleQueue[subprocess.Popen[bytes] | None] = SimpleQueue()
        for _ in range(count):
            self._free.put(None)
        self._started: list[subprocess.Popen[bytes]] = []
        self._lock = Lock()
        self._closed = False

    def render(self, font: Callable[[], FontFile], midi: bytes) -> bytes | None:
        """Return a WAV file, or None where no process can be had, so that the caller has to render itself.

        Arguments:
            font: Function that makes an SF2 file.
            midi: A Standard MIDI File.

        Raises:
            EngineFailedError: The engine refuses them.
            PoolClosedError: The pool was closed meanwhile.
        """
        process = self._free.get()
        try:
            if process is None or process.poll() is not None:
                process = self._start()
            return None if process is None else _asked(process, font, midi)
        except (OSError, EOFError):
            if self._closed:
                raise PoolClosedError from None
            return None
        finally:
            self._free.put(process)

    def close(self) -> None:
        """End the processes, also in the middle of their work."""
        with self._lock:
            self._closed = True
            started, self._started = self._started, []
        for process in started:
            process.kill()
            process.wait()

    def _start(self) -> subprocess.Popen[bytes] | None:
        import midirenderer

        # inside another program, such as an editor, the executable is not Python
        if not Path(sys.executable or "").name.lower().startswith(("python", "pypy")):
            return None
        command = [sys.executable, "-I", "-S", engine_process.__file__, str(Path(midirenderer.__file__).parent.parent)]
        with self._lock:
            if self._closed:
                raise PoolClosedError
            process = subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=_NO_WINDOW,
                env={**os.environ, **_KEEP},
            )
            self._started.append(process)
        return process


def _asked(process: subprocess.Popen[bytes], font: Callable[[], FontFile], midi: bytes) -> bytes:
    source, sink = process.stdin, process.stdout
    if source is None or sink is None:
        raise EOFError
    try:
        _send(source, font(), midi)
        failed, length = ANSWER.unpack(_exactly(sink, ANSWER.size))
        data = _exactly(sink, length)
    except BaseException:
        # what is left in its pipes must not be taken for the next answer
        with suppress(OSError):
            process.kill()
        process.wait()
        raise
    if failed:
        raise EngineFailedError(data.decode("utf-8", "replace"))
    return data


def _send(source: IO[bytes], font: FontFile, midi: bytes) -> None:
    source.write(REQUEST.pack(font.size, len(midi)))
    source.writelines(font.blocks())
    source.write(midi)
    source.flush()


def _exactly(source: IO[bytes], length: int) -> bytes:
    data = source.read(length)
    if len(data) < length:
        raise EOFError
    return data
