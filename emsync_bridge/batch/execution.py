"""One job in a process of its own, once: locked while it runs, skipped when its cue says that it is done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from emsync_bridge.batch.listing import BatchJob
from emsync_bridge.errors import EmsyncError

MAX_CUE_BYTES = 256 * 2**20
"""Bytes beyond which no file is a cue."""

Outcome = Literal["done", "skipped", "failed", "elsewhere"]

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class WorkerLostError(Exception):
    """The process of a job died from a signal or for lack of memory; it may be tried again."""


@dataclass(frozen=True)
class JobResult:
    """What came of a job.

    Arguments:
        name: The job's.
        outcome: ``elsewhere`` where another process holds it.
        message: Why it failed, for people.
        seconds: Time it took.
    """

    name: str
    outcome: Outcome
    message: str = ""
    seconds: float = 0.0


def is_done(job: BatchJob, out: Path, digest: str) -> bool:
    """Tell whether a job's cue carries its digest and every result it lists is there.

    Arguments:
        job: The job.
        out: Folder of all results.
        digest: Of the job.
    """
    folder = out / job.name
    for document in sorted(folder.glob("*.cue.json")):
        try:
            if document.stat().st_size > MAX_CUE_BYTES:
                continue
            content = json.loads(document.read_text(encoding="utf-8"))
            settings, files = content["settings"], content["files"]
            if settings.get("batch_digest") == digest and all((folder / name).exists() for name in files):
                return True
        except (OSError, ValueError, RecursionError, KeyError, AttributeError, TypeError):
            continue
    return False


def run_job(job: BatchJob, out: Path, timeout: float | None = None) -> JobResult:
    """Score a job unless it is done or another process is at it.

    Arguments:
        job: The job.
        out: Folder of all results.
        timeout: Seconds after which it counts as failed.

    Raises:
        WorkerLostError: Its process died from a signal or for lack of memory.
    """
    began = time.monotonic()
    folder = out / job.name
    try:
        digest = job.digest()
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=0):
            if is_done(job, out, digest):
                return JobResult(job.name, "skipped")
            return _scored(job, out, digest, timeout, began)
    except Timeout:
        return JobResult(job.name, "elsewhere", "Another process is scoring it")
    except EmsyncError as problem:
        return JobResult(job.name, "failed", str(problem))
    except OSError as problem:
        return JobResult(job.name, "failed", f"{problem.strerror or problem}: {problem.filename or folder}")


def _scored(job: BatchJob, out: Path, digest: str, timeout: float | None, began: float) -> JobResult:
    command = [sys.executable, "-m", "emsync_bridge", *job.arguments(out, digest)]
    environment = {**os.environ, **dict.fromkeys(_THREADS, "1")}
    try:
        ran = subprocess.run(  # noqa: S603  our own command, arguments as a list
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return JobResult(job.name, "failed", f"Took longer than {timeout:g} s", time.monotonic() - began)
    seconds = time.monotonic() - began
    if ran.returncode == 0:
        return JobResult(job.name, "done", seconds=seconds)
    said = [line for line in ran.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    message = next((line.removeprefix("Error: ") for line in reversed(said) if line.startswith("Error: ")), "")
    if ran.returncode < 0 or ran.returncode in (137, 139) or "not enough memory" in message.lower():
        raise WorkerLostError(f"{job.name}: the process ended with code {ran.returncode}")
    return JobResult(job.name, "failed", message or (said[-1] if said else f"exit code {ran.returncode}"), seconds)
