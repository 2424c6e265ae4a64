"""Cancelling, and what is left when a process dies."""

import json
import os
import signal
import sys
import time

import pytest
from bridge_running import begin, bridge_in, eventually, finish, relatives, short_cut, worker_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux shows them")
FAST = {"emotion": {"mood": "joy"}, "music": {"style": "network"}, "render": {"engine": "midirenderer"}}


def unfinished(folder):
    """Return what is there and should not be: work in progress, hidden by its name."""
    return [path for path in folder.rglob("*") if path.name.startswith(".")] if folder.exists() else []


def test_a_running_job_is_cancelled_and_leaves_nothing(bridge, long_cut, tmp_path):
    job = bridge.start(kind="score", source=str(long_cut), out=str(tmp_path / "out"), **FAST)
    bridge.working(job)
    record = bridge.http.post(f"/v1/jobs/{job}/cancel").json()
    assert record["state"] == "cancelled"
    assert record["progress"] is None
    assert record["files"] == {}
    assert not (tmp_path / "out").exists()
    again = bridge.http.post(f"/v1/jobs/{job}/cancel")
    assert again.json() == record


def test_a_job_that_does_not_stop_by_itself_is_stopped_with_its_worker(bridge, cut, tmp_path):
    worker = worker_of(bridge)
    os.kill(worker, signal.SIGSTOP)  # as deaf as can be
    job = bridge.start(kind="score", source=str(cut), out=str(tmp_path / "out"), **FAST)
    bridge.until(job, "running")
    assert bridge.http.post(f"/v1/jobs/{job}/cancel").json()["state"] == "cancelled"
    assert eventually(lambda: worker not in relatives(bridge.home))
    assert bridge.done(kind="spot", source=str(cut))["state"] == "done"
    assert worker_of(bridge) != worker


def test_a_job_cancelled_while_it_renders_keeps_its_worker(bridge, tmp_path):
    worker = worker_of(bridge)
    job = bridge.start(kind="score", source=str(short_cut(tmp_path, 30)), out=str(tmp_path / "out"), **FAST)
    assert eventually(lambda: (bridge.record(job)["progress"] or {}).get("step") == "Rendering", within=60)
    assert bridge.http.post(f"/v1/jobs/{job}/cancel").json()["state"] == "cancelled"
    assert bridge.done(kind="spot", source=str(tmp_path / "short.otio"))
    assert worker_of(bridge) == worker
    assert not (tmp_path / "out").exists()


def test_a_cancelled_job_leaves_nothing_in_its_own_folder(bridge, tmp_path):
    job = bridge.start(kind="score", source=str(short_cut(tmp_path, 30)), **FAST)
    assert eventually(lambda: (bridge.record(job)["progress"] or {}).get("step") == "Rendering", within=60)
    assert (bridge.home / "jobs" / job / "out").exists()
    bridge.http.post(f"/v1/jobs/{job}/cancel")
    assert [path.name for path in (bridge.home / "jobs" / job).iterdir()] == ["record.json"]


def test_a_waiting_job_is_cancelled(bridge, cut, long_cut):
    running = bridge.start(kind="score", source=str(long_cut), **FAST)
    bridge.working(running)
    waiting = bridge.start(kind="spot", source=str(cut))
    assert bridge.record(waiting)["state"] == "queued"
    assert bridge.http.post(f"/v1/jobs/{waiting}/cancel").json()["state"] == "cancelled"
    assert bridge.record(running)["state"] == "running"
    bridge.http.post(f"/v1/jobs/{running}/cancel")


def test_a_killed_worker_costs_its_job_and_nothing_else(bridge, cut, long_cut, tmp_path):
    out = tmp_path / "out"
    job = bridge.start(kind="score", source=str(long_cut), out=str(out), **FAST)
    waiting = bridge.start(kind="spot", source=str(cut))
    bridge.working(job)
    os.kill(worker_of(bridge), signal.SIGKILL)
    record = bridge.until(job, "failed")
    assert record["error"]["what"] == "The process that did the job has ended"
    assert record["error"]["hint"]
    assert bridge.until(waiting, "done", "failed")["state"] == "done"
    assert unfinished(out) == []


@pytest.mark.parametrize("victim", ["worker", "bridge"])
def test_what_a_killed_process_had_begun_to_write_is_cleared_away(tmp_path, victim):
    home, out = tmp_path / "home", tmp_path / "out"
    cut = short_cut(tmp_path, 10)
    home.mkdir()
    running = begin(home)
    job = running.start(kind="score", source=str(cut), out=str(out), **FAST)
    assert eventually(lambda: unfinished(out), 60)
    os.kill(worker_of(running) if victim == "worker" else running.process.pid, signal.SIGKILL)
    if victim == "bridge":
        running.process.wait()
        assert eventually(lambda: not relatives(home))
        finish(running)
        running = begin(home)
    assert running.until(job, "failed")
    assert unfinished(out) == []
    finish(running)


def test_a_worker_that_dies_while_idle_is_replaced_before_anybody_notices(bridge, cut):
    worker = worker_of(bridge)
    os.kill(worker, signal.SIGKILL)
    assert bridge.done(kind="spot", source=str(cut))["state"] == "done"
    assert worker_of(bridge) != worker


def test_a_killed_bridge_leaves_records_and_no_orphan(tmp_path, cut, long_cut):
    home, out = tmp_path / "home", tmp_path / "out"
    home.mkdir()
    first = begin(home)
    done = first.done(kind="score", source=str(cut), **FAST)
    running = first.start(kind="score", source=str(long_cut), out=str(out), **FAST)
    first.working(running)
    waiting = first.start(kind="spot", source=str(cut))
    first.process.kill()
    first.process.wait()
    assert eventually(lambda: not relatives(home)), relatives(home)
    finish(first)

    with bridge_in(home) as second:  # the lock died with its holder, and the file that it left is stale
        assert second.token != first.token
        assert second.record(done["id"]) == done
        record = second.record(running)
        assert record["state"] == "failed"
        assert record["error"]["what"] == "The bridge was stopped"
        assert second.until(waiting, "done", "failed")["state"] == "done"
        assert unfinished(out) == []
        assert len(list((home / "scratch").iterdir())) <= 1  # of what the dead one left, nothing


def test_a_bridge_that_is_told_to_stop_says_so_in_the_record(tmp_path, long_cut):
    home = tmp_path / "home"
    home.mkdir()
    running = begin(home)
    job = running.start(kind="score", source=str(long_cut), **FAST)
    running.working(job)
    events = running.events(job)
    next(events)
    assert running.http.post("/v1/stop").status_code == 204
    assert running.process.wait(10) == 0
    finish(running)
    record = json.loads((home / "jobs" / job / "record.json").read_text())
    assert (record["state"], record["error"]["what"]) == ("failed", "The bridge was stopped")
    assert not (home / "bridge.json").exists()
    assert not relatives(home)


def test_a_bridge_that_nobody_needs_stops_but_not_during_a_job(tmp_path, cut):
    home = tmp_path / "home"
    home.mkdir()
    running = begin(home, "--idle", "0.02")
    job = running.start(kind="score", source=str(cut), takes=2, **FAST)
    assert running.process.wait(60) == 0
    finish(running)
    record = json.loads((home / "jobs" / job / "record.json").read_text())
    assert record["state"] == "done"
    assert time.time() - record["ended"] < 30
    assert not (home / "bridge.json").exists()


def test_records_that_are_damaged_are_left_alone(tmp_path, cut):
    home = tmp_path / "home"
    for name, text in (("0" * 16, "{"), ("1" * 16, "[]"), ("2" * 16, '{"id": "3"}'), ("notes", "{}")):
        folder = home / "jobs" / name
        folder.mkdir(parents=True)
        (folder / "record.json").write_text(text)
    with bridge_in(home) as running:
        assert running.http.get("/v1/jobs").json() == []
        assert running.done(kind="spot", source=str(cut))
    assert (home / "jobs" / ("0" * 16) / "record.json").read_text() == "{"
