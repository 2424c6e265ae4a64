"""Batches with real processes, a real Dask scheduler and real workers on loopback."""

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
from pathlib import Path

import opentimelineio as otio
import psutil
import pytest

CLIP = 48


def cut(path: Path, shots: int = 2) -> Path:
    timeline = otio.schema.Timeline(path.stem)
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    for number in range(shots):
        media = otio.schema.ExternalReference(f"/nowhere/{path.stem}{number}.mov")
        source = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(CLIP, 24))
        track.append(otio.schema.Clip(f"c{number}", media, source))
    timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(path))
    return path


@pytest.fixture
def folder(tmp_path):
    cuts = tmp_path / "cuts"
    cuts.mkdir()
    for name in ("one", "two", "three"):
        cut(cuts / f"{name}.otio")
    return cuts


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "emsync_bridge", "batch", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*arguments):
    process = start(*arguments)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def whole(out: Path, names=("one", "two", "three")):
    """Tell whether every cut has its results, whole, and nothing half-written lies about."""
    for name in names:
        cue = json.loads((out / name / f"{name}.cue.json").read_text())
        assert all((out / name / result).exists() for result in cue["files"])
    assert not [path for path in out.rglob("*") if re.search(r"\.(tmp|part)\b|\.emsync-", path.name)]


def test_a_list_is_scored_and_run_again_does_nothing(folder, tmp_path):
    broken = folder / "broken.otio"
    broken.write_text("{")
    code, _, err = run(folder, "--out", tmp_path / "out")
    assert code == 1
    assert "1 of 4 cuts failed" in err
    whole(tmp_path / "out")
    (row,) = csv.DictReader((tmp_path / "out" / "failed.csv").open())
    assert row["name"] == "broken"
    assert row["reason"]
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.wav")}
    broken.unlink()
    code, out, _ = run(folder, "--out", tmp_path / "out", "--json")
    assert code == 0
    assert json.loads(out)["skipped"] == 3
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.wav")}
    assert not (tmp_path / "out" / "failed.csv").exists()


def test_two_batches_at_once_do_nothing_twice(folder, tmp_path):
    both = [start(folder, "--out", tmp_path / "out", "--json") for _ in range(2)]
    said = [json.loads(process.communicate(timeout=300)[0]) for process in both]
    assert sum(report.get("done", 0) for report in said) == 3
    whole(tmp_path / "out")


def test_a_local_cluster_survives_a_killed_worker(folder, tmp_path):
    pytest.importorskip("distributed", reason="Dask is not installed")
    process = start(folder, "--out", tmp_path / "out", "--workers", "2", "--json")
    killed = _kill_one(process.pid, lambda p: "score" in p.cmdline())
    out, err = process.communicate(timeout=300)
    assert killed
    assert process.returncode == 0, err
    assert json.loads(out)["done"] == 3
    whole(tmp_path / "out")


def test_a_scheduler_that_dies_loses_nothing(folder, tmp_path):
    pytest.importorskip("distributed", reason="Dask is not installed")
    with _cluster() as (address, scheduler):
        process = start(folder, "--out", tmp_path / "out", "--dask", address)
        deadline = time.monotonic() + 120
        while not list((tmp_path / "out").rglob("*.cue.json")) and time.monotonic() < deadline:
            time.sleep(0.1)
        scheduler.kill()
        _, err = process.communicate(timeout=200)
        assert process.returncode == 1
        assert "Traceback" not in err
    code, out, _ = run(folder, "--out", tmp_path / "out", "--json")
    assert code == 0
    report = json.loads(out)
    assert report["skipped"] >= 1
    assert report["skipped"] + report.get("done", 0) == 3
    whole(tmp_path / "out")


def _kill_one(parent: int, wanted) -> bool:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(parent).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if wanted(child):
                        os.kill(child.pid, signal.SIGKILL)
                        return True
        time.sleep(0.02)
    return False


@contextlib.contextmanager
def _cluster():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    scheduler = subprocess.Popen([*dask, "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"], **quiet)
    dask = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--host", "127.0.0.1"]
    worker = subprocess.Popen([*dask, "--nthreads", "1", "--no-nanny", "--no-dashboard"], **quiet)
    try:
        yield address, scheduler
    finally:
        for process in (worker, scheduler):
            process.kill()
            process.wait(timeout=30)
