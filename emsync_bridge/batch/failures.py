"""``failed.csv``: the jobs that failed, why, and what to do about each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from emsync_bridge.batch.execution import JobResult
from emsync_bridge.batch.jobs import BatchJob
from emsync_bridge.errors import EmsyncError
from emsync_bridge.files.atomic import replacing
from emsync_bridge.files.text import read_text

NAME = "failed.csv"
COLUMNS = ("source", "name", "reason", "hint")

FALLBACK = "Try the cut alone with emsync score, which shows more; then run the same line again"
"""Advice where the failure itself has none."""


def hint_of(result: JobResult) -> str:
    """Return the advice on a failed job."""
    return result.hint or FALLBACK


def write_failures(
    results: Iterable[JobResult], jobs: Iterable[BatchJob], listed: Iterable[BatchJob], out: Path
) -> None:
    """Write the failed jobs of a run; rows of other shards of the same list stay. Without a row there is no file.

    Arguments:
        results: Results so far, of any outcome.
        jobs: Jobs of this run.
        listed: All jobs of the list.
        out: Folder of all results.

    Raises:
        OutputError: It cannot be written.
    """
    path = out / NAME
    sources = {job.name: job.source for job in listed}
    others = sources.keys() - {job.name for job in jobs}
    rows: dict[str, tuple[str, ...]] = {
        result.name: (sources[result.name], result.name, result.message, hint_of(result))
        for result in results
        if result.outcome == "failed"
    }
    lock = FileLock(out / f".{NAME}.lock")
    with suppress(OSError, NotImplementedError):
        lock.acquire(timeout=10)  # shards write one after the other
    try:
        rows |= {name: row for name, row in _read(path).items() if name in others}
        if not rows:
            path.unlink(missing_ok=True)
            return
        with replacing(path) as file, file.open("w", encoding="utf-8", errors="surrogateescape", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(COLUMNS)
            writer.writerows(rows[name] for name in sources if name in rows)
    finally:
        lock.release()


def _read(path: Path) -> Mapping[str, tuple[str, ...]]:
    try:
        rows = csv.DictReader(io.StringIO(read_text(path), newline=""))
        return {row.get("name") or "": tuple(row.get(column) or "" for column in COLUMNS) for row in rows}
    except (EmsyncError, csv.Error):
        return {}
