"""One job in a process of its own: skipped when its cue says that it is done, lost when its process dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from emsync_bridge.batch import scoring_process
from emsync_bridge.batch.jobs import BatchJob
from emsync_bridge.batch.results import is_done
from emsync_bridge.errors import EmsyncError
from emsync_bridge.files.host_slots import DECODES_VARIABLE

RETRIES = 2
"""Tries beside the first one of a job whose process or worker died."""

Outcome = Literal["done", "skipped", "failed", "elsewhere"]

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_MAX_SAID = 1 << 20


class WorkerLostError(Exception):
    """The process of a job died from a signal or for lack of memory; it may be tried again."""


@dataclass(frozen=True)
class JobResult:
    """The outcome of a job.

    Arguments:
        name: The job's.
        outcome: ``elsewhere`` where another process holds it.
        message: Reason of a failure, for people.
        hint: Advice on a failure.
        seconds: Time it took.
    """

    name: str
    outcome: Outcome
    message: str = ""
    hint: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Limits:
    """Bounds of every job.

    Arguments:
        timeout: Seconds after which it counts as failed; None for none.
        decodes: Films that are decoded at once on one computer; 0 for one per core.
    """

    timeout: float | None = None
    decodes: int = 0


def run_job(job: BatchJob, out: Path, limits: Limits) -> JobResult:
    """Score a job unless it is done or another process holds it.

    Arguments:
        job: The job.
        out: Folder of all results.
        limits: Its bounds.

    Raises:
        WorkerLostError: Its process died from a signal or for lack of memory.
    """
    began = time.monotonic()
    folder = out / job.name
    try:
        digest = job.digest()
        if is_done(folder, digest):
            return JobResult(job.name, "skipped")
        result = _scored(job, out, digest, limits)
    except EmsyncError as problem:
        place = f"{problem.where}: " if problem.where else ""
        return JobResult(job.name, "failed", f"{place}{problem.what}", problem.hint)
    except OSError as problem:
        return JobResult(job.name, "failed", f"{problem.filename or folder}: {problem.strerror or problem}")
    return replace(result, seconds=time.monotonic() - began)


def lost_result(job: BatchJob, lost: Exception) -> JobResult:
    """Return the outcome of a job whose process or worker died at every try."""
    return JobResult(
        job.name,
        "failed",
        f"Its process died {RETRIES + 1} times ({lost})",
        "Give it more memory, by fewer workers or by workers with more of it (--memory); then run the same line again",
    )


def _scored(job: BatchJob, out: Path, digest: str, limits: Limits) -> JobResult:
    command = [sys.executable, "-m", "emsync_bridge", *job.arguments(out, digest)]
    environment = {**os.environ, **dict.fromkeys(_THREADS, "1"), DECODES_VARIABLE: str(limits.decodes)}
    with _started(command, environment) as process:
        try:
            said, complaints = process.communicate(timeout=limits.timeout)
        except subprocess.TimeoutExpired:
            hint = "Allow more time (--timeout), or look into the cut with: emsync score"
            return JobResult(job.name, "failed", f"Took longer than {limits.timeout:g} s", hint)
    return _result(job, process.returncode, said, complaints)


@contextmanager
def _started(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Lend a process that ends with the block, or with this process: then the other end of its input is closed."""
    reading, writing = os.pipe()
    try:
        process = subprocess.Popen(  # noqa: S603  our own command, arguments as a list
            command,
            stdin=reading,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # Ctrl-C reaches it by the pipe, so that it clears up
        )
    except BaseException:
        os.close(writing)
        raise
    finally:
        os.close(reading)
    try:
        yield process
    finally:
        os.close(writing)
        try:
            process.wait(timeout=scoring_process.GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        finally:
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()


def _result(job: BatchJob, code: int, said: bytes, complaints: bytes) -> JobResult:
    if code == 0:
        return JobResult(job.name, "done")
    if code == scoring_process.DONE_BEFORE:
        return JobResult(job.name, "skipped")
    if code == scoring_process.ELSEWHERE:
        return JobResult(job.name, "elsewhere", "Another run is scoring it")
    report = _report(said)
    if code not in (1, 2) or report.get("kind") == "MemoryError":
        stopped = code in (-signal.SIGINT, -signal.SIGTERM, 128 + signal.SIGINT, 128 + signal.SIGTERM)
        raise WorkerLostError(report.get("what") or ("it was told to end" if stopped else f"exit code {code}"))
    if report.get("what"):
        return JobResult(job.name, "failed", str(report["what"]), str(report.get("hint", "")))
    lines = [line for line in complaints[-_MAX_SAID:].decode("utf-8", "replace").splitlines() if line.strip()]
    wrong = next((line.removeprefix("Error: ") for line in reversed(lines) if line.startswith("Error: ")), "")
    hint = "Correct the row of the list" if code == 2 else ""
    return JobResult(job.name, "failed", wrong or (lines[-1] if lines else f"exit code {code}"), hint)


def _report(said: bytes) -> dict[str, Any]:
    """Return the document in the last line of what a process said; empty where there is none."""
    last = said[-_MAX_SAID:].rstrip().rpartition(b"\n")[2]
    try:
        document = json.loads(last)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
