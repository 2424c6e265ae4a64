"""Running a list of jobs until each is done or has failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from emsync_bridge.batch.engines import EngineObservers, open_engine
from emsync_bridge.batch.execution import JobResult
from emsync_bridge.batch.failures import write_failures
from emsync_bridge.batch.jobs import BatchJob
from emsync_bridge.batch.options import BatchOptions
from emsync_bridge.batch.progress import RunProgress
from emsync_bridge.errors import OutputError
from emsync_bridge.files.atomic import staging_folder

AGAIN_AFTER = 2.0
"""Seconds between two looks at jobs that another run holds."""

WRITE_EVERY = 5.0
"""Seconds between two writings of the list of failures while a batch runs."""


def run_batch(
    jobs: Sequence[BatchJob],
    out: Path,
    options: BatchOptions,
    tell: Callable[[JobResult], None],
    *,
    progress: RunProgress | None = None,
    listed: Iterable[BatchJob] | None = None,
    note: Callable[[str], None] = lambda _: None,
) -> tuple[JobResult, ...]:
    """Score every job that is not done yet.

    Jobs that another run holds are looked at again until they are done, or taken over when that run has died.

    Arguments:
        jobs: Jobs to do.
        out: Folder of all results.
        options: Options that say where and how jobs run.
        tell: Function called with each result as it comes.
        progress: Progress of the run that is told of what runs, where somebody follows it.
        listed: All jobs of the list where ``jobs`` are a shard of it.
        note: Function called with what a person should know, as a sentence.

    Raises:
        EmsyncError: Dask is needed and not installed, its scheduler was lost, or the folder cannot be written to.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise OutputError(
            f"It cannot be made ({problem.strerror})", where=out, hint="Name a folder", setting="out"
        ) from None
    with staging_folder(out):  # before any work
        pass
    listed = tuple(jobs if listed is None else listed)
    results, written, held = list[JobResult](), time.monotonic(), 0
    observers = EngineObservers(progress.running if progress else lambda _: None, note)
    with ExitStack() as stack:
        stack.callback(lambda: write_failures(results, jobs, listed, out))  # also where a person or an error ends it
        score = stack.enter_context(open_engine(options, out, len(jobs), observers))
        waiting = tuple(jobs)
        while waiting:
            elsewhere = set[str]()
            for result in score(waiting):
                if result.outcome == "elsewhere":
                    elsewhere.add(result.name)
                    continue
                results.append(result)
                tell(result)
                if result.outcome == "failed" and time.monotonic() - written > WRITE_EVERY:
                    write_failures(results, jobs, listed, out)
                    written = time.monotonic()
            if elsewhere and len(elsewhere) != held:
                held = len(elsewhere)
                note(f"Waiting for {len(elsewhere)} cuts that another run is scoring")
            waiting = tuple(job for job in waiting if job.name in elsewhere)
            if waiting:
                time.sleep(AGAIN_AFTER)
    return tuple(results)
