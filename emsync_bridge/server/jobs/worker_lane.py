"""A lane: one worker, one job at a time, the others waiting for their turn."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emsync_bridge.errors import OutputError
from emsync_bridge.progress import Estimate
from emsync_bridge.server.jobs.fair_queue import FairQueue
from emsync_bridge.server.jobs.store import ENDED, Job, Records
from emsync_bridge.server.jobs.worker_handle import Worker, clear_rooms
from emsync_bridge.server.paths import Home

PATIENCE = 2.0
"""Seconds for a job to stop by itself before its worker is killed, which the next job has to wait for."""

_TRIES = 2
"""Workers that a job may use up by their dying before they have begun with it."""

_YOUNG = 10.0
"""Seconds after its start within which the death of an idle worker means that it cannot start at all."""

_log = logging.getLogger(__name__)


class Lane:
    """A queue and the worker that does its jobs.

    Arguments:
        home: The bridge's folder.
        records: Store of the jobs.
        changed: Function called whenever a job has changed.
        keep: Whether the worker is started at once, kept between jobs and has its models loaded.
    """

    def __init__(self, home: Home, records: Records, changed: Callable[[Job], None], *, keep: bool) -> None:
        self._home, self._records, self._changed, self._keep = home, records, changed, keep
        self._turns = FairQueue()
        self._wake = asyncio.Event()
        self._worker: Worker | None = None
        self._cancelled = self._begun = False
        self.running: Job | None = None

    @property
    def queued(self) -> int:
        """Jobs that wait."""
        return len(self._turns)

    def add(self, job: Job) -> None:
        """Queue a job."""
        self._turns.add(job)
        self._wake.set()

    def cancel(self, job: Job) -> None:
        """Stop a job that waits or runs."""
        if self._turns.discard(job):
            self._end(job, "cancelled")
        elif self.running is job and not self._cancelled:
            self._cancelled = True
            if self._worker is not None:
                self._worker.tell(do="stop")
            asyncio.get_running_loop().call_later(PATIENCE, self._lose_patience, job)

    async def run(self) -> None:
        """Do jobs for ever."""
        try:
            while True:
                job = self._turns.take()
                if job is not None:
                    await self._do(job)
                    if not self._keep:
                        await self._bury()
                else:
                    self._wake.clear()
                    await self._idle()
        finally:
            worker = self._worker
            await self._bury()
            if self.running is not None:
                self._fail(self.running, "The bridge was stopped", "Start the job again")
                self._clear(self.running)
            if worker is not None and worker.rest is not None:
                await worker.rest

    async def _idle(self) -> None:
        """Wait for a job, or for the idle worker to die, which is then replaced."""
        if self._keep and self._worker is None:
            await self._start()
        waits: set[asyncio.Task[Any]] = {asyncio.create_task(self._wake.wait())}
        if self._worker is not None:
            waits.add(asyncio.create_task(self._worker.ended()))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
        if self._worker is not None and self._worker.dead:
            _log.warning("worker %d has ended while idle", self._worker.pid)
            worker, self._worker = self._worker, None
            await worker.bury()
            if worker.age < _YOUNG:  # one that cannot even start is not tried again until a job needs it
                await self._wake.wait()

    async def _do(self, job: Job) -> None:
        self.running, self._cancelled = job, False
        job.state, job.started = "running", time.time()
        for _ in range(_TRIES):
            worker = self._worker or await self._start()
            if worker is None:
                break
            job.worker = worker.pid
            self._save(job)
            self._changed(job)
            if await self._follow(job, worker):
                break
            code = await self._bury()
            self._clear(job)
            _log.warning("worker %d ended with exit code %d during job %s", worker.pid, code, job.id)
            if self._cancelled:
                self._end(job, "cancelled")
            if self._cancelled or self._begun:
                break
        if job.state not in ENDED:
            self._fail(job, "The process that did the job has ended", "Start the job again; the log may say more")
        self.running = None

    async def _start(self) -> Worker | None:
        """Start a worker; None when the system does not let us."""
        try:
            self._worker = await Worker.start(self._home, warm=self._keep)
        except OSError:
            _log.exception("no worker can be started")
        return self._worker

    async def _follow(self, job: Job, worker: Worker) -> bool:
        """Have a worker do a job; return whether it lived to tell how it ended."""
        estimate, self._begun = Estimate(), False
        folder = self._records.folder(job)
        order = {"id": job.id, "request": job.request, "out": job.out, "basis": job.basis, "letters": job.letters}
        worker.tell(do="job", folder=str(folder), **order)
        if self._cancelled:
            worker.tell(do="stop")
        async for answer in worker.answers():
            if answer["say"] == "progress":
                left = estimate.seconds_left(answer["step"], answer["share"])
                job.progress = {"step": answer["step"], "share": answer["share"], "seconds_left": left}
                self._changed(job)
            elif answer["say"] == "began":
                self._begun = True
            elif answer["say"] != "ready":
                self._answered(job, answer)
                return True
        return False

    def _answered(self, job: Job, answer: dict[str, Any]) -> None:
        if answer["say"] == "done":
            take_outcome(job, self._records.outcome(job) or {})
            self._end(job, "done")
        elif answer["say"] == "cancelled":
            self._end(job, "cancelled")
        else:
            job.error = answer["error"]
            self._end(job, "failed")

    async def _bury(self) -> int:
        worker, self._worker = self._worker, None
        return await worker.bury() if worker is not None else -1

    def _lose_patience(self, job: Job) -> None:
        if self.running is job and job.state == "running" and self._worker is not None:
            self._worker.kill()

    def _fail(self, job: Job, what: str, hint: str) -> None:
        job.error = {"what": what, "where": "", "hint": hint, "setting": ""}
        self._end(job, "failed")

    def _end(self, job: Job, state: Any) -> None:
        job.state, job.ended, job.progress = state, time.time(), None
        if state != "done":
            self._records.clear_own(job)
        self._save(job)
        self._changed(job)

    def _save(self, job: Job) -> None:
        try:
            self._records.save(job)
        except (OSError, OutputError) as problem:  # such as a full disk; the job goes on
            _log.error("the record of job %s cannot be saved: %s", job.id, problem)

    def _clear(self, job: Job) -> None:
        if job.out and job.worker:
            clear_rooms(Path(job.out), job.worker)


def take_outcome(job: Job, outcome: dict[str, Any]) -> None:
    """Take over into the record what the worker has kept of a job."""
    job.files, job.written = outcome.get("files", {}), outcome.get("written", {})
    job.out = outcome.get("out") or job.out
    result = outcome.get("result") or {}
    job.title = str(((result.get("cue") or {}).get("spotting") or result.get("spotting") or {}).get("name", ""))
    job.pictured = next((index for index, found in enumerate(result.get("media") or ()) if found), None)
