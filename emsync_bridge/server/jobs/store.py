"""Jobs as records in files, so that they outlive the bridge."""

from __future__ import annotations

import json
import logging
import re
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias

from emsync_bridge.server.paths import write_private

State: TypeAlias = Literal["queued", "running", "done", "failed", "cancelled"]
ENDED = ("done", "failed", "cancelled")

_ID = re.compile(r"[0-9a-f]{16}")
THUMBNAILS = "thumbnails"
_RECORD, _RESULT, _EARLIER = "record.json", "result.json", "earlier.json"
GAIN, EARLIER_GAIN = "gain.npy", "earlier.gain.npy"
"""Names of the gain of a job's mix, and of that of the job that it builds on."""
_log = logging.getLogger(__name__)


@dataclass
class Job:
    """A job.

    Arguments:
        id: Its name.
        kind: Kind of the work.
        client: Name of the client, which takes turns with others in the queue.
        request: Request that was asked for, checked.
        created: Seconds since 1970, as all times here.
        state: State of the work.
        started: Time when work began.
        ended: Time when it was over.
        out: Folder of its results.
        error: Reason of the failure.
        files: Result files by what they are.
        written: Size and time of change in nanoseconds of each result file, as it was written.
        worker: Number of the process that works on it.
        progress: Step and share of the work at present.
        basis: Contents that the job began with, its own or those of the job that it builds on: ``source``, ``read``,
            ``emotion``, ``render`` and ``music``.
        letters: Letters of the versions that it makes, one for each take.
        title: Name of the timeline, once it is known.
        pictured: Index of the first shot whose picture can be had; None where no medium was found.
        cut: Name of the cut that it belongs to; empty in records of versions before 0.4.
        content: Text that is the same for files of the content of its source.
        removed: Letters of older versions that went to make room for its own.
    """

    id: str
    kind: str
    client: str
    request: dict[str, Any]
    created: float
    state: State = "queued"
    started: float | None = None
    ended: float | None = None
    out: str | None = None
    error: dict[str, Any] | None = None
    files: dict[str, str] = field(default_factory=dict)
    written: dict[str, list[int]] = field(default_factory=dict)
    worker: int | None = None
    progress: dict[str, Any] | None = None
    basis: dict[str, Any] = field(default_factory=dict)
    letters: list[str] = field(default_factory=list)
    title: str = ""
    pictured: int | None = None
    cut: str = ""
    content: str = ""
    removed: list[str] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """Return what clients are told; ``result`` is read from the job's folder where that is wanted too."""
        times = ("created", "started", "ended")
        told = (
            "id",
            "kind",
            "state",
            *times,
            "request",
            "progress",
            "error",
            "files",
            "letters",
            "cut",
            "basis",
            "removed",
        )
        sizes = {kind: self.written[path][0] for kind, path in self.files.items() if path in self.written}
        return {**{name: getattr(self, name) for name in told}, "sizes": sizes, "result": None}


class Records:
    """The records in a folder.

    Arguments:
        root: Folder with a folder for each job.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def folder(self, job: Job) -> Path:
        """Return the folder of a job."""
        return self._root / job.id

    def new(self, kind: str, client: str, request: dict[str, Any]) -> Job:
        """Return a new job, saved."""
        job = Job(secrets.token_hex(8), kind, client, request, time.time())
        self.folder(job).mkdir(mode=0o700)
        self.save(job)
        return job

    def save(self, job: Job) -> None:
        """Save a record, whole."""
        stored = {name: value for name, value in asdict(job).items() if name != "progress"}
        write_private(self.folder(job) / _RECORD, json.dumps(stored, ensure_ascii=False))

    def outcome(self, job: Job) -> dict[str, Any] | None:
        """Return what came of a job, as it was kept; None when nothing did."""
        try:
            said = json.loads((self.folder(job) / _RESULT).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return said if isinstance(said, dict) else None

    def build_on(self, job: Job, earlier: Job) -> None:
        """Keep what came of an earlier job beside a job that builds on it, whatever becomes of the earlier one."""
        shutil.copyfile(self.folder(earlier) / _RESULT, self.folder(job) / _EARLIER)
        if job.kind == "players":
            with suppress(FileNotFoundError):
                shutil.copyfile(self.folder(earlier) / GAIN, self.folder(job) / EARLIER_GAIN)

    def own_out(self, job: Job) -> Path:
        """Return the folder for results of a job that names none."""
        return self.folder(job) / "out"

    def clear_own(self, job: Job) -> None:
        """Remove what a job that did not come to its end has left in its own folder."""
        if job.out == str(self.own_out(job)):
            shutil.rmtree(job.out, ignore_errors=True)

    def remove(self, job: Job) -> None:
        """Remove a record with its folder, except for results that are still there."""
        folder = self.folder(job)
        for name in (_RECORD, _RESULT, _EARLIER, GAIN, EARLIER_GAIN):
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / THUMBNAILS, ignore_errors=True)
        with suppress(OSError):
            folder.rmdir()

    def load(self) -> list[Job]:
        """Return all jobs in order of creation; what is no record is left alone."""
        jobs = []
        for folder in self._root.iterdir():
            if not _ID.fullmatch(folder.name):
                continue
            try:
                stored = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
                known = {each.name for each in fields(Job)}
                job = Job(**{name: value for name, value in stored.items() if name in known})
            except (OSError, ValueError, TypeError, AttributeError) as problem:
                _log.warning("The record in %s cannot be read: %s", folder, problem)
                continue
            if job.id == folder.name:
                jobs.append(job)
        return sorted(jobs, key=lambda job: job.created)


def keep_outcome(folder: Path, outcome: dict[str, Any]) -> None:
    """Save what came of a job, whole.

    Arguments:
        folder: The job's folder.
        outcome: ``result``, ``files``, ``written`` and ``out``, as in the record.
    """
    write_private(folder / _RESULT, json.dumps(outcome, ensure_ascii=False))


def earlier_outcome(folder: Path) -> dict[str, Any]:
    """Return what came of the job that a job builds on.

    Arguments:
        folder: The job's folder.
    """
    outcome: dict[str, Any] = json.loads((folder / _EARLIER).read_text(encoding="utf-8"))
    return outcome
