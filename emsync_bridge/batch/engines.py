"""Engines: job after job in this process, or on the workers of a Dask scheduler."""

from __future__ import annotations

import itertools
import logging
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from emsync_bridge.batch.execution import RETRIES, JobResult, Limits, WorkerLostError, lost_result, run_job
from emsync_bridge.batch.jobs import BatchJob
from emsync_bridge.batch.options import BatchOptions
from emsync_bridge.batch.path_prefixes import map_path, own_prefixes
from emsync_bridge.errors import EmsyncError

LOOK_EVERY = 5.0
"""Seconds between two looks of an engine at its workers."""

CONNECT_WITHIN = 15.0
"""Most seconds for a scheduler to answer; Dask's setting ``distributed.comm.timeouts.connect`` can lower them."""

WINDOW = 1000
"""Jobs that wait at a scheduler, beside four for each of its workers."""

SAME_VERSION = "Install the same version of emsync-bridge on every worker"
LOST_HINT = "Run the same line again: what is done is skipped"


@dataclass(frozen=True)
class EngineObservers:
    """Observers of an engine.

    Arguments:
        running: Function called with the names of the jobs that run now.
        note: Function called with what a person should know, as a sentence.
    """

    running: Callable[[Sequence[str]], None]
    note: Callable[[str], None]


Engine = Callable[[Sequence[BatchJob]], Iterator[JobResult]]
"""Function that scores jobs and returns their results in any order."""


def open_engine(
    options: BatchOptions, out: Path, count: int, observers: EngineObservers
) -> AbstractContextManager[Engine]:
    """Lend an engine.

    Arguments:
        options: Options that say where and how jobs run.
        out: Folder of all results.
        count: Number of jobs, beyond which no workers are started.
        observers: Its observers.

    Raises:
        EmsyncError: Dask is needed and not installed, or its scheduler cannot be reached.
    """
    alone = options.workers == 1 and options.dask is None
    return _alone(options, out, observers) if alone else _on_dask(options, out, count, observers)


@contextmanager
def _alone(options: BatchOptions, out: Path, observers: EngineObservers) -> Iterator[Engine]:
    limits = Limits(options.timeout, options.decodes)

    def score(jobs: Sequence[BatchJob]) -> Iterator[JobResult]:
        for job in jobs:
            observers.running([job.name])
            result = _tried(job, out, limits)
            observers.running([])
            yield result

    yield score


def _tried(job: BatchJob, out: Path, limits: Limits) -> JobResult:
    """Return the result of a job, which is tried again when its process dies."""
    for tried in range(RETRIES + 1):
        try:
            return run_job(job, out, limits)
        except WorkerLostError as lost:  # noqa: PERF203  a process costs more
            if tried == RETRIES:
                return lost_result(job, lost)
    raise AssertionError


def run_on_worker(job: BatchJob, out: str, limits: Limits) -> JobResult:
    """Score a job on another computer, whose table of prefixes is in its environment.

    Arguments:
        job: The job.
        out: Folder of all results; a text, since systems differ in their classes of paths.
        limits: Its bounds.

    Raises:
        WorkerLostError: Its process died from a signal or for lack of memory.
    """
    try:
        prefixes = own_prefixes()
    except EmsyncError as problem:
        return JobResult(job.name, "failed", problem.what, problem.hint)
    return run_job(job.with_mapped_paths(prefixes), Path(map_path(out, prefixes)), limits)


@contextmanager
def _on_dask(options: BatchOptions, out: Path, count: int, observers: EngineObservers) -> Iterator[Engine]:
    try:
        distributed: Any = import_module("distributed")
    except ModuleNotFoundError as missing:
        raise EmsyncError(
            "Dask is not installed",
            hint='Install it with: pip install "emsync-bridge[batch]", or run it with one worker',
            setting="workers",
        ) from missing
    for name in [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # a lost connection is reported once, below
    cluster = client = None
    try:
        if options.dask is None:
            with _interrupts_kept_from_children():
                cluster = distributed.LocalCluster(
                    n_workers=min(options.workers, max(1, count)),
                    threads_per_worker=1,
                    processes=True,
                    dashboard_address=None,
                    host="127.0.0.1",
                    protocol="tcp://",
                    silence_logs=logging.CRITICAL,
                    resources={"MEMORY": options.memory} if options.memory else None,
                )
        client = distributed.Client(cluster or options.dask, timeout=_connect_within())
    except (OSError, TimeoutError, ValueError) as problem:
        if cluster is not None:
            cluster.close()
        reason = str(problem) or type(problem).__name__
        raise EmsyncError(f"The scheduler cannot be reached: {reason}", setting="dask") from problem
    try:
        yield _Dask(client, options, out, observers).score
    finally:
        client.close(timeout=10)
        if cluster is not None:
            cluster.close(timeout=10)


def _connect_within() -> float:
    dask, utilities = import_module("dask.config"), import_module("dask.utils")
    seconds: float = utilities.parse_timedelta(dask.get("distributed.comm.timeouts.connect"))
    return min(CONNECT_WITHIN, seconds)


@contextmanager
def _interrupts_kept_from_children() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach: they end with this one, and would print a traceback otherwise.

    Processes inherit that a signal is ignored, and no handler; only the main thread may change it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Dask:
    """Jobs on the workers of a Dask scheduler, a window of them at a time."""

    def __init__(self, client: Any, options: BatchOptions, out: Path, observers: EngineObservers) -> None:
        self._client, self._out, self._observers = client, str(out), observers
        self._limits = Limits(options.timeout, options.decodes)
        self._memory = options.memory
        self._ended = queue.SimpleQueue[Any]()
        self._waiting = dict[str, tuple[Any, BatchJob]]()
        self._submitted, self._noted, self._looked = False, "", time.monotonic()

    def score(self, jobs: Sequence[BatchJob]) -> Iterator[JobResult]:
        """Score jobs; return their results as they come.

        Raises:
            EmsyncError: The connection to the Dask scheduler was lost.
        """
        left, self._submitted = iter(jobs), False
        self._submit(left)
        while self._waiting:
            if time.monotonic() - self._looked > LOOK_EVERY:
                self._look()
            try:
                ended = [self._ended.get(timeout=LOOK_EVERY)]
            except queue.Empty:
                continue
            with suppress(queue.Empty):
                while len(ended) < WINDOW:
                    ended.append(self._ended.get_nowait())
            results = self._results(ended)
            self._submit(left)
            yield from results

    def _submit(self, left: Iterator[BatchJob]) -> None:
        """Submit jobs until the window is full; one that is half full waits until there is more room."""
        if self._submitted or len(self._waiting) > WINDOW // 2:
            return
        room = WINDOW + 4 * len(self._client.nthreads())
        need = {"MEMORY": self._memory} if self._memory else None
        chunk = list(itertools.islice(left, room - len(self._waiting)))
        if not chunk:
            self._submitted = True
            return
        futures = self._client.map(
            run_on_worker, chunk, out=self._out, limits=self._limits, pure=False, retries=RETRIES, resources=need
        )
        for future, job in zip(futures, chunk, strict=True):
            self._waiting[future.key] = (future, job)
            future.add_done_callback(self._ended.put)

    def _results(self, ended: Sequence[Any]) -> list[JobResult]:
        """Return the results of futures that have ended, fetched in one go.

        Raises:
            EmsyncError: The connection to the Dask scheduler was lost.
        """
        killed: Any = import_module("distributed.scheduler").KilledWorker
        cancelled: Any = import_module("distributed.client").FutureCancelledError
        finished = [future for future in ended if future.status == "finished"]
        try:
            results: list[JobResult] = self._client.gather(finished)
            for future in finished:
                self._waiting.pop(future.key)
            for future in ended:
                if future.key in self._waiting:
                    raised = future.exception()
                    _, job = self._waiting.pop(future.key)
                    lost = isinstance(raised, (WorkerLostError, killed))
                    reason = f"The worker has failed: {type(raised).__name__}: {raised}"
                    results.append(
                        lost_result(job, raised) if lost else JobResult(job.name, "failed", reason, SAME_VERSION)
                    )
        except (cancelled, OSError) as lost_scheduler:
            raise EmsyncError(
                "The connection to the Dask scheduler was lost", hint=LOST_HINT, setting="dask"
            ) from lost_scheduler
        return results

    def _look(self) -> None:
        """Tell observers what runs, and a person when nothing can.

        Raises:
            EmsyncError: The connection to the Dask scheduler was lost.
        """
        self._looked = time.monotonic()
        if self._client.status not in ("running", "connecting"):
            raise EmsyncError("The connection to the Dask scheduler was lost", hint=LOST_HINT, setting="dask")
        try:
            at_work = {key for keys in self._client.processing().values() for key in keys}
            workers = len(self._client.nthreads())
        except Exception:  # noqa: BLE001  a look that fails is made again, and a lost scheduler ends the futures
            return
        self._observers.running([job.name for key, (_, job) in self._waiting.items() if key in at_work])
        note = ""
        if not workers:
            note = "The scheduler has no workers; start some with: dask worker ADDRESS --nthreads 1"
        elif not at_work:
            wanted = f"; start workers with: --resources MEMORY={self._memory:g}" if self._memory else ""
            note = f"No worker has taken a job{wanted}"
        if note and note != self._noted:
            self._observers.note(note)
        self._noted = note
