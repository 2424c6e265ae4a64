"""Progress of a batch as files in its output folder, one for each run; anybody who sees the folder can follow it.

A run writes its document every few seconds while it lives, so that one that was killed is known by its age.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from emsync_bridge.batch.execution import JobResult
from emsync_bridge.batch.failures import hint_of
from emsync_bridge.errors import OutputError
from emsync_bridge.files.atomic import replacing
from emsync_bridge.files.leftovers import host_mark

FOLDER = ".batch"
EVERY = 2.0
"""Seconds between two documents of a run."""

STALE = 30.0
"""Seconds after which a run without a new document has stopped."""

FEW = 100
"""Running and failed jobs that a document names."""

_MAX_RUNS = 2000
_MAX_BYTES = 1 << 20


class RunProgress:
    """Progress of one run, written to the output folder from ``with`` to its end.

    Arguments:
        out: Folder of all results.
        title: Name of the list.
        shard: Shard of it, such as ``3/50``; empty for all.
        jobs: Number of jobs.
    """

    def __init__(self, out: Path, title: str, shard: str, jobs: int) -> None:
        mark = re.sub(r"\W", "-", shard) or "all"
        self._path = out / FOLDER / f"{mark}-{host_mark()}-{os.getpid()}.json"
        self._title, self._shard, self._jobs = title, shard, jobs
        self._counts, self._failed = Counter[str](), list[JobResult]()
        self._running: Sequence[str] = ()
        self._began, self._ended = time.time(), False
        self._over = threading.Event()
        self._writer = threading.Thread(target=self._write_on, daemon=True)

    def __enter__(self) -> RunProgress:
        with suppress(OSError, OutputError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._clear()
        self._writer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._writer.join(timeout=10)
        self._running, self._ended = (), True
        self._write()

    def running(self, names: Sequence[str]) -> None:
        """Take note of the jobs that run now."""
        self._running = tuple(names[:FEW])

    def count(self, result: JobResult) -> None:
        """Take note of a result."""
        self._counts[result.outcome] += 1
        if result.outcome == "failed" and len(self._failed) < FEW:
            self._failed.append(result)

    @property
    def counts(self) -> dict[str, int]:
        """Number of results by outcome."""
        return dict(self._counts)

    def seconds_left(self) -> float | None:
        """Return the seconds that the rest will take at the pace so far; None while no job was worked on."""
        ended = sum(self._counts.values())
        worked = ended - self._counts["skipped"]
        return (time.time() - self._began) / worked * (self._jobs - ended) if worked else None

    def _document(self) -> dict[str, Any]:
        failed = [
            {"name": result.name, "reason": result.message[:1000], "hint": hint_of(result)[:1000]}
            for result in tuple(self._failed)
        ]
        return {
            "title": self._title,
            "shard": self._shard,
            "jobs": self._jobs,
            "counts": self.counts,
            "running": list(self._running),
            "failed": failed,
            "began": self._began,
            "updated": time.time(),
            "ended": self._ended,
            "seconds_left": self.seconds_left(),
        }

    def _write_on(self) -> None:
        while True:
            self._write()
            if self._over.wait(EVERY):
                return

    def _write(self) -> None:
        with suppress(OSError, OutputError), replacing(self._path) as file:  # a batch goes on without it
            file.write_text(json.dumps(self._document()), encoding="utf-8")

    def _clear(self) -> None:
        """Remove documents of earlier runs of the same jobs."""
        for path, said in _documents(self._path.parent):
            same = (said.title, said.shard) == (self._title, self._shard)
            if same and not said.live:
                path.unlink(missing_ok=True)


@dataclass(frozen=True)
class RunState:
    """A run as its document describes it.

    Arguments:
        title: Name of the list.
        shard: Shard of it; empty for all.
        jobs: Number of jobs.
        counts: Number of results by outcome.
        running: Names of jobs that run.
        failed: Name, reason and hint of failed jobs.
        ended: Whether it came to its end.
        live: Whether it still works.
        seconds_left: Seconds that the rest will take; None where that is unknown.
    """

    title: str
    shard: str
    jobs: int
    counts: dict[str, int]
    running: tuple[str, ...]
    failed: tuple[dict[str, str], ...]
    ended: bool
    live: bool
    seconds_left: float | None


def folder_progress(out: Path) -> dict[str, Any] | None:
    """Return the progress of all runs in an output folder, as JSON-ready data; None where there was none.

    Shards add up; of several runs of the same jobs, the one that is furthest counts.

    Arguments:
        out: Folder of all results.
    """
    runs = dict[tuple[str, str], RunState]()
    for _, run in _documents(out / FOLDER):
        other = runs.get((run.title, run.shard))
        if other is None or _rank(run) > _rank(other):
            runs[run.title, run.shard] = run
    if not runs:
        return None
    counts = Counter[str]()
    for run in runs.values():
        counts.update(run.counts)
    live = [run for run in runs.values() if run.live]
    times = [run.seconds_left for run in live if run.seconds_left is not None]
    done = counts["done"] + counts["skipped"]
    jobs = sum(run.jobs for run in runs.values())
    return {
        "title": ", ".join(sorted({run.title for run in runs.values()})),
        "state": "running" if live else "ended" if all(run.ended for run in runs.values()) else "stopped",
        "jobs": jobs,
        "done": done,
        "failed": counts["failed"],
        "left": max(0, jobs - done - counts["failed"]),
        "running": [name for run in live for name in run.running][:FEW],
        "failures": [each for run in runs.values() for each in run.failed][:FEW],
        "seconds_left": max(times) if times else None,
    }


def _rank(run: RunState) -> tuple[bool, int]:
    return run.live, sum(run.counts.values())


def _documents(folder: Path) -> list[tuple[Path, RunState]]:
    found = []
    with suppress(OSError):
        for path in sorted(folder.glob("*.json"))[:_MAX_RUNS]:
            run = _read(path)
            if run is not None:
                found.append((path, run))
    return found


def _read(path: Path) -> RunState | None:
    """Return what a document says; None where emsync did not write it."""
    try:
        with path.open("rb") as file:
            said = json.loads(file.read(_MAX_BYTES).decode("utf-8"))
        age = time.time() - path.stat().st_mtime  # of the disk's own clock, as far as computers agree
        left = said["seconds_left"]
        ended = bool(said["ended"])
        return RunState(
            str(said["title"])[:1000],
            str(said["shard"])[:40],
            max(0, int(said["jobs"])),
            {str(key): max(0, int(value)) for key, value in said["counts"].items()},
            tuple(str(name)[:200] for name in said["running"][:FEW]),
            tuple({key: str(each[key])[:1000] for key in ("name", "reason", "hint")} for each in said["failed"][:FEW]),
            ended,
            not ended and age < STALE,
            None if left is None else max(0.0, float(left)),
        )
    except (OSError, ValueError, RecursionError, KeyError, AttributeError, TypeError, OverflowError):
        return None
