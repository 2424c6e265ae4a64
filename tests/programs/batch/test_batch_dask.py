"""Batches on Dask: a real scheduler and real workers on loopback, which are killed in the middle."""

from __future__ import annotations

import json
import os

import pytest
from batch_driving import assert_whole, cluster, cut, failures, kill, listed, run, scoring, start, until

pytest.importorskip("distributed", reason="Dask is not installed")

NAMES = ("one", "two")
IMPATIENT = {**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "3s"}


@pytest.fixture
def cuts(tmp_path):
    return listed(tmp_path / "cuts", NAMES)


def test_the_job_of_a_killed_worker_is_done_by_another_once(cuts, tmp_path):
    with cluster(2) as dask:
        process = start(cuts, "--out", tmp_path / "out", "--dask", dask.address, "--json")
        victim = until(lambda: next((worker for worker in dask.workers if scoring(worker.pid)), None))
        (child,) = scoring(victim.pid)
        kill(victim.pid)
        until(lambda: not child.is_running(), 20)
        said, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    report = json.loads(said)
    assert report["done"] + report["skipped"] == len(NAMES)
    assert_whole(tmp_path / "out", NAMES)


def test_a_local_cluster_survives_a_killed_job_and_a_killed_worker(cuts, tmp_path):
    process = start(cuts, "--out", tmp_path / "out", "--workers", "2", "--json")
    kill(until(lambda: scoring(process.pid))[0].pid)
    worker = until(lambda: [child.parent() for child in scoring(process.pid)])[0]
    assert worker.pid != process.pid
    kill(worker.pid)
    said, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    report = json.loads(said)
    assert report["done"] + report["skipped"] == len(NAMES)
    assert_whole(tmp_path / "out", NAMES)


def test_a_scheduler_that_dies_loses_nothing(cuts, tmp_path):
    with cluster(1) as dask:
        process = start(cuts, "--out", tmp_path / "out", "--dask", dask.address, env=IMPATIENT)
        until(lambda: list((tmp_path / "out").rglob("*.cue.json")))
        dask.scheduler.kill()
        _, err = process.communicate(timeout=200)
        assert process.returncode == 1
        assert "The connection to the Dask scheduler was lost. Run the same line again" in err
        assert "Traceback" not in err
    code, said, _ = run(cuts, "--out", tmp_path / "out", "--json")
    assert code == 0
    report = json.loads(said)
    assert report["skipped"] >= 1
    assert report["skipped"] + report["done"] == len(NAMES)
    assert_whole(tmp_path / "out", NAMES)


def test_two_schedulers_at_one_folder_do_nothing_twice(cuts, tmp_path):
    with cluster(1) as first, cluster(1) as second:
        both = [start(cuts, "--out", tmp_path / "out", "--dask", dask.address, "--json") for dask in (first, second)]
        said = [json.loads(process.communicate(timeout=300)[0]) for process in both]
    assert sum(report["done"] for report in said) == len(NAMES)
    assert all(report["done"] + report["skipped"] == len(NAMES) for report in said)
    assert_whole(tmp_path / "out", NAMES)


def test_jobs_wait_for_a_worker_with_their_memory(tmp_path):
    (tmp_path / "list.csv").write_text("source\nmissing.otio\n")  # fails on the worker, without any work
    line = [tmp_path / "list.csv", "--out", tmp_path / "out", "--memory", "2"]
    with cluster(1, "--resources", "MEMORY=1") as dask:
        process = start(*line, "--dask", dask.address)
        noted = process.stderr.readline()
        assert "No worker has taken a job; start workers with: --resources MEMORY=2" in noted
        dask.add_worker("--resources", "MEMORY=4")
        _, err = process.communicate(timeout=60)
    assert "missing failed" in err
    assert "missing.otio: The source cannot be read" in failures(tmp_path / "out")["missing"]["reason"]


def test_a_scheduler_without_workers_is_told(tmp_path):
    (tmp_path / "list.csv").write_text("source\nmissing.otio\n")
    with cluster(0) as dask:
        process = start(tmp_path / "list.csv", "--out", tmp_path / "out", "--dask", dask.address)
        assert "has no workers" in process.stderr.readline()
        process.terminate()
        assert "Traceback" not in process.communicate(timeout=60)[1]


def test_no_scheduler_is_one_message(tmp_path):
    cut(tmp_path / "one.otio")
    for address in ("tcp://127.0.0.1:1", "nonsense://x"):
        code, _, err = run(tmp_path, "--out", tmp_path / "out", "--dask", address, env=IMPATIENT)
        assert code == 1
        assert "The scheduler cannot be reached" in err


def test_a_worker_translates_paths_by_its_own_table(tmp_path):
    cut(tmp_path / "cuts" / "one.otio")
    (tmp_path / "list.csv").write_text("source,style\nZ:\\show\\one.otio,network\n")
    with cluster(1, EMSYNC_PATHS=f"Z:\\show={tmp_path}/cuts") as dask:
        code, _, err = run(tmp_path / "list.csv", "--out", tmp_path / "out", "--dask", dask.address)
    assert code == 0, err
    assert_whole(tmp_path / "out", ["one"])
