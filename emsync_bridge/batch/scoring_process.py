"""The scoring process of a job: holder of the job's lock, which ends with its parent and reports why it fails.

The lock lies with the process that writes the results, since that one may outlive a killed worker for a moment.
"""

from __future__ import annotations

import _thread
import contextlib
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from emsync_bridge.batch.results import is_done
from emsync_bridge.errors import EmsyncError, OutputError

ELSEWHERE = 75
"""Exit code of a process whose job another process holds: EX_TEMPFAIL of sysexits.h."""

DONE_BEFORE = 76
"""Exit code of a process whose job was done meanwhile."""

GRACE = 10.0
"""Seconds for clearing up after the process that has started it is gone."""

LOCK = ".lock"


@contextlib.contextmanager
def hold_job(out: Path, digest: str, control: Callable[[str], str]) -> Iterator[None]:
    """Hold a job's lock while it is scored, and report a failure as JSON in the last line on stdout.

    Standard input is a pipe whose other end the starting process holds: when that process is gone, this one ends too.

    Arguments:
        out: Folder of the job's results.
        digest: Digest of the job.
        control: Function that words a setting, such as ``--seed``.

    Raises:
        SystemExit: Another process holds the job, or has done it.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        with _locked(out):
            if is_done(out, digest):
                raise SystemExit(DONE_BEFORE)
            yield
    except Exception as problem:
        print(json.dumps(_report(problem, control)), flush=True)  # noqa: T201  read by the process that has started it
        if isinstance(problem, EmsyncError):
            raise
        traceback.print_exc()
        raise SystemExit(1) from problem


@contextlib.contextmanager
def _locked(out: Path) -> Iterator[None]:
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = FileLock(out / LOCK, timeout=0)
        lock.acquire()
    except Timeout:
        raise SystemExit(ELSEWHERE) from None
    except NotImplementedError:
        hint = "Use a folder on a disk that supports locks, such as NFS 4, SMB or a local disk"
        raise OutputError("Files there cannot be locked", where=out, hint=hint, setting="out") from None
    try:
        yield
    finally:
        lock.release()


def _report(problem: Exception, control: Callable[[str], str]) -> dict[str, str]:
    kind = type(problem).__name__
    if isinstance(problem, EmsyncError):
        place = f"{problem.where}: " if problem.where else ""
        word = f" ({control(problem.setting)})" if problem.hint and problem.setting else ""
        return {"kind": kind, "what": f"{place}{problem.what}", "hint": f"{problem.hint}{word}"}
    if isinstance(problem, MemoryError):
        return {"kind": kind, "what": "Not enough memory", "hint": ""}
    if isinstance(problem, OSError):
        place = f"{problem.filename}: " if problem.filename else ""
        return {"kind": kind, "what": f"{place}{problem.strerror or problem}", "hint": ""}
    return {"kind": kind, "what": f"emsync has failed: {kind}: {problem}", "hint": ""}


def _end_with_parent() -> None:
    """End as by Ctrl-C once the other end of standard input is closed; at once after a while."""
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    if hasattr(signal, "pthread_kill"):  # wakes the main thread where it waits for the system
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
    else:
        _thread.interrupt_main(signal.SIGTERM)
    time.sleep(GRACE)
    sys.stderr.flush()
    os._exit(1)
