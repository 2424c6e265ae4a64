"""Driving of real batches: cuts, the command, Dask schedulers and workers on loopback, killed processes."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import opentimelineio as otio
import psutil

CLIP = 36
PATIENCE = 240


def cut(path: Path, shots: int = 2) -> Path:
    """Write a timeline of short shots whose media do not exist."""
    timeline = otio.schema.Timeline(path.stem)
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    for number in range(shots):
        media = otio.schema.ExternalReference(f"/nowhere/{path.stem}{number}.mov")
        source = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(CLIP, 24))
        track.append(otio.schema.Clip(f"c{number}", media, source))
    timeline.tracks.append(track)
    path.parent.mkdir(parents=True, exist_ok=True)
    otio.adapters.write_to_file(timeline, str(path))
    return path


def listed(folder: Path, names, broken=()) -> Path:
    """Write cuts, and a list of them and of broken ones that asks for the style that is composed soonest."""
    rows = ["source,style", *(f"{cut(folder / f'{name}.otio').name},network" for name in names)]
    for name in broken:
        (folder / f"{name}.otio").write_text("[]")
        rows.append(f"{name}.otio,network")
    table = folder / "list.csv"
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return table


def start(*arguments, **options):
    """Start ``emsync batch`` in a process group of its own, as a shell does."""
    return subprocess.Popen(
        [sys.executable, "-m", "emsync_bridge", "batch", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )


def run(*arguments, **options):
    """Run ``emsync batch``; return its exit code and what it said."""
    process = start(*arguments, **options)
    out, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in err
    return process.returncode, out, err


def failures(out: Path):
    """Return the rows of ``failed.csv`` by name."""
    if not (out / "failed.csv").exists():
        return {}
    with (out / "failed.csv").open(encoding="utf-8", newline="") as stream:
        return {row["name"]: row for row in csv.DictReader(stream)}


def assert_whole(out: Path, names) -> None:
    """Assert that every cut has one set of results, whole, and nothing half-written lies about."""
    for name in names:
        (document,) = (out / name).glob("*.cue.json")
        cue = json.loads(document.read_text(encoding="utf-8"))
        assert all((out / name / result).exists() for result in cue["files"])
        assert not list((out / name).glob("* v0*")), "scored twice"
    assert_no_leftovers(out)


def assert_no_leftovers(out: Path) -> None:
    """Assert that no temporary file lies in a folder."""
    assert not [path for path in out.rglob("*") if re.search(r"\.(tmp|part)\b|\.emsync-", path.name)]


def until(found, within: float = PATIENCE):
    """Wait until something is found; return it."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        with contextlib.suppress(psutil.Error):
            if value := found():
                return value
        time.sleep(0.02)
    raise AssertionError("it did not happen")


def scoring(parent: int) -> list[psutil.Process]:
    """Return the scoring processes under another one."""
    found = []
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(parent).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if "--batch-digest" in child.cmdline():
                    found.append(child)
    return found


def waits(process: psutil.Process, seconds: float = 1.5) -> bool:
    """Tell whether a process and those under it have hardly computed for some time."""

    def computed() -> float:
        family = [process, *process.children(recursive=True)]
        return sum(sum(each.cpu_times()[:2]) for each in family)

    before = computed()
    time.sleep(seconds)
    return computed() - before < 0.03 * seconds


def kill(process: int) -> None:
    """Kill a process without warning."""
    os.kill(process, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)


@dataclass
class Cluster:
    """A scheduler and its workers, each a process of its own."""

    address: str
    scheduler: subprocess.Popen
    workers: list[subprocess.Popen] = field(default_factory=list)

    def add_worker(self, *arguments, **environment) -> subprocess.Popen:
        """Start another worker of one thread."""
        line = [sys.executable, "-m", "distributed.cli.dask_worker", self.address, "--host", "127.0.0.1"]
        worker = subprocess.Popen(
            [*line, "--nthreads", "1", "--no-nanny", "--no-dashboard", *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **environment},
        )
        self.workers.append(worker)
        return worker


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def cluster(workers: int = 1, *arguments, **environment) -> Iterator[Cluster]:
    """Lend a scheduler with workers on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port)]
    scheduler = subprocess.Popen([*line, "--no-dashboard"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lent = Cluster(f"tcp://127.0.0.1:{port}", scheduler)
    try:
        until(lambda: _answers(port))
        for _ in range(workers):
            lent.add_worker(*arguments, **environment)
        yield lent
    finally:
        for process in (*lent.workers, scheduler):
            process.kill()
            process.wait(timeout=30)
