"""Running a list of jobs: here one after the other, on a local Dask cluster, or on one that is already there."""

from __future__ import annotations

import csv
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from emsync_bridge.batch.execution import JobResult, WorkerLostError, run_job
from emsync_bridge.batch.listing import BatchJob
from emsync_bridge.errors import EmsyncError
from emsync_bridge.files.atomic import replacing

RETRIES = 2
"""How often a job is tried again whose process or worker died."""


@dataclass(frozen=True)
class BatchOptions:
    """How a batch runs.

    Arguments:
        workers: Processes side by side on this computer.
        scheduler: Address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``; None for a cluster of our own.
        memory: GiB that a job may need, as a Dask resource ``MEMORY``; 0 when workers declare none.
        timeout: Seconds after which a job counts as failed.
    """

    workers: int = 1
    scheduler: str | None = None
    memory: float = 0.0
    timeout: float | None = None


def run_batch(
    jobs: Sequence[BatchJob], out: Path, options: BatchOptions, tell: Callable[[JobResult], None]
) -> tuple[JobResult, ...]:
    """Score every job that is not done yet.

    Arguments:
        jobs: What to do.
        out: Folder of all results.
        options: How.
        tell: Called with each result as it comes.

    Raises:
        EmsyncError: Dask is needed and not installed, or its scheduler was lost.
    """
    out.mkdir(parents=True, exist_ok=True)
    alone = options.workers == 1 and options.scheduler is None
    results = []
    for result in _one_by_one(jobs, out, options) if alone else _on_dask(jobs, out, options):
        results.append(result)
        tell(result)
    write_failures(results, jobs, out / "failed.csv")
    return tuple(results)


def write_failures(results: Iterable[JobResult], jobs: Iterable[BatchJob], path: Path) -> None:
    """Write the failed jobs with their reasons; remove the list where there is none."""
    failed = [result for result in results if result.outcome == "failed"]
    if not failed:
        path.unlink(missing_ok=True)
        return
    sources = {job.name: job.source for job in jobs}
    with replacing(path) as file, file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["source", "name", "reason"])
        writer.writerows([sources[result.name], result.name, result.message] for result in failed)


def _one_by_one(jobs: Sequence[BatchJob], out: Path, options: BatchOptions) -> Iterator[JobResult]:
    for job in jobs:
        for tries in range(RETRIES + 1):
            try:
                yield run_job(job, out, options.timeout)
            except WorkerLostError as lost:
                if tries == RETRIES:
                    yield _lost(job, lost)
                continue
            break


def _on_dask(jobs: Sequence[BatchJob], out: Path, options: BatchOptions) -> Iterator[JobResult]:
    try:
        distributed: Any = import_module("distributed")
        killed: Any = import_module("distributed.scheduler").KilledWorker
        cancelled: Any = import_module("distributed.client").FutureCancelledError
    except ModuleNotFoundError as missing:
        raise EmsyncError(
            "Dask is not installed",
            hint='Install it with: pip install "emsync-bridge[batch]", or run it with one worker',
            setting="workers",
        ) from missing
    for name in [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # a lost connection is reported once, below
    cluster: Any = None
    try:
        if options.scheduler is None:
            cluster = distributed.LocalCluster(
                n_workers=min(options.workers, max(1, len(jobs))),
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                host="127.0.0.1",
                protocol="tcp://",
                resources={"MEMORY": options.memory} if options.memory else None,
            )
        client = distributed.Client(cluster or options.scheduler, timeout=30)
    except (OSError, TimeoutError) as problem:
        raise EmsyncError(f"The scheduler cannot be reached: {problem}", setting="dask") from problem
    try:
        need = {"MEMORY": options.memory} if options.memory else None
        futures = {
            client.submit(run_job, job, out, options.timeout, pure=False, retries=RETRIES, resources=need): job
            for job in jobs
        }
        for future in distributed.as_completed(futures):
            raised = future.exception()
            if raised is None:
                yield future.result()
            elif isinstance(raised, (WorkerLostError, killed)):
                yield _lost(futures[future], raised)
            else:
                raise raised
    except cancelled as lost:
        raise EmsyncError(
            "The scheduler was lost", hint="Run the same line again: what is done is skipped", setting="dask"
        ) from lost
    finally:
        client.close()
        if cluster is not None:
            cluster.close()


def _lost(job: BatchJob, lost: Exception) -> JobResult:
    return JobResult(job.name, "failed", f"Its process died {RETRIES + 1} times; is there enough memory? ({lost})")
