"""Batches without an engine: lists, shards, interruptions, disks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from batch_driving import (
    PATIENCE,
    assert_no_leftovers,
    assert_whole,
    cut,
    failures,
    kill,
    listed,
    run,
    scoring,
    start,
    until,
    waits,
)
from small_disk import resized, small_disk_at

from emsync_bridge.ffmpeg import find_ffmpeg

NAMES = ("one", "two ü")


@pytest.fixture
def folder(tmp_path):
    for name in NAMES:
        cut(tmp_path / "cuts & more" / f"{name}.otio")
    return tmp_path / "cuts & more"


@pytest.fixture
def single(tmp_path):
    return listed(tmp_path / "single", ["one"])


def test_a_folder_with_bad_files_is_scored_and_run_again_does_nothing(folder, tmp_path):
    (folder / "broken.otio").write_text("{")
    (folder / "empty.edl").write_bytes(b"")
    out = tmp_path / "scöres"
    code, _, err = run(folder, "--out", out)
    assert code == 1
    assert "2 of 4 cuts failed" in err
    assert_whole(out, NAMES)
    found = failures(out)
    assert set(found) == {"broken", "empty"}
    assert all(row["reason"] and row["hint"] for row in found.values())
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.wav")}
    for name in ("broken.otio", "empty.edl"):
        (folder / name).unlink()
    code, said, _ = run(folder, "--out", out, "--json")
    assert code == 0
    assert json.loads(said) == {"jobs": 2, "done": 0, "skipped": 2, "failed": []}
    assert before == {path: path.stat().st_mtime_ns for path in out.rglob("*.wav")}
    assert not (out / "failed.csv").exists()


def test_wrong_values_fail_by_row_with_advice(tmp_path):
    cut(tmp_path / "one.otio")
    (tmp_path / "list.csv").write_text("source,mood,tempo,seed\none.otio,joyy,,\none.otio,,9999,\none.otio,,,-1\n")
    code, _, _ = run(tmp_path / "list.csv", "--out", tmp_path / "out")
    assert code == 1
    found = failures(tmp_path / "out")
    assert set(found) == {"one", "one_2", "one_3"}
    assert "joyy" in found["one"]["reason"]
    assert "9999" in found["one_2"]["reason"]
    assert found["one_2"]["hint"] == found["one_3"]["hint"] == "Correct the row of the list"


def test_unreadable_media_are_tried_once(tmp_path):
    (tmp_path / "broken.otio").write_text("{")
    (tmp_path / "movie.mov").write_bytes(b"\0" * 1000)
    (tmp_path / "list.csv").write_text("source\nbroken.otio\nmovie.mov\n")
    process, seen = start(tmp_path / "list.csv", "--out", tmp_path / "out"), set()
    while process.poll() is None:
        seen |= {child.pid for child in scoring(process.pid)}
    process.communicate()
    assert len(seen) == 2
    found = failures(tmp_path / "out")
    assert set(found) == {"broken", "movie"}
    assert all(row["hint"] for row in found.values())


def test_a_crash_is_tried_again_and_reported_in_the_end(tmp_path):
    cut(tmp_path / "cuts" / "one.otio")
    process, killed = start(tmp_path / "cuts", "--out", tmp_path / "out"), set()
    while process.poll() is None:
        for child in scoring(process.pid):
            if child.pid not in killed:
                kill(child.pid)
                killed.add(child.pid)
    process.communicate()
    assert process.returncode == 1
    assert len(killed) == 3
    row = failures(tmp_path / "out")["one"]
    assert "died 3 times" in row["reason"]
    assert "memory" in row["hint"]


def test_two_batches_at_once_do_nothing_twice(tmp_path):
    cuts = listed(tmp_path / "cuts", NAMES)
    both = [start(cuts, "--out", tmp_path / "out", "--json") for _ in range(2)]
    said = [json.loads(process.communicate(timeout=300)[0]) for process in both]
    assert sum(report["done"] for report in said) == len(NAMES)
    assert all(report["done"] + report["skipped"] == len(NAMES) for report in said)  # each waits for the other
    assert_whole(tmp_path / "out", NAMES)


def test_shards_at_once_keep_each_others_failures(tmp_path):
    cuts = listed(tmp_path / "cuts", NAMES, broken=("bad a", "bad b", "bad c"))
    all_of_them = [start(cuts, "--out", tmp_path / "out", "--shard", f"{number}/3") for number in (1, 2, 3)]
    for process in all_of_them:
        assert "Traceback" not in process.communicate(timeout=300)[1]
    assert_whole(tmp_path / "out", NAMES)
    assert set(failures(tmp_path / "out")) == {"bad a", "bad b", "bad c"}


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to another process there")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_stops_it_cleanly_and_the_same_line_goes_on(single, tmp_path, workers):
    if workers != "1":
        pytest.importorskip("distributed", reason="Dask is not installed")
    process = start(single, "--out", tmp_path / "out", "--workers", workers)
    children = until(lambda: scoring(process.pid))
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    assert "Note: Stopped. The same line goes on with what is left" in err
    assert "Traceback" not in err
    until(lambda: not any(child.is_running() and child.status() != "zombie" for child in children), 20)
    assert_no_leftovers(tmp_path / "out")
    code, said, _ = run(single, "--out", tmp_path / "out", "--json")
    assert code == 0
    assert json.loads(said)["failed"] == []
    assert_whole(tmp_path / "out", ["one"])


def test_a_killed_batch_takes_its_scoring_process_along(single, tmp_path):
    process = start(single, "--out", tmp_path / "out")
    children = until(lambda: scoring(process.pid))
    kill(process.pid)
    process.communicate()
    until(lambda: not any(child.is_running() for child in children), 20)
    code, _, _ = run(single, "--out", tmp_path / "out")
    assert code == 0
    assert_whole(tmp_path / "out", ["one"])


def test_a_full_disk_is_reported_and_the_rest_done_later(tmp_path):
    cuts = listed(tmp_path / "cuts", NAMES)
    with small_disk_at(tmp_path / "small", "size=1500k") as out:
        code, _, err = run(cuts, "--out", out)
        assert code == 1
        found = failures(out)
        assert found, err
        for row in found.values():
            assert "disk is full" in row["reason"].lower()
            assert "make room" in row["hint"].lower()
            assert not [path for path in (out / row["name"]).iterdir() if path.name != ".lock"]
        assert_whole(out, set(NAMES) - set(found))
        resized(out, "60m")
        code, said, _ = run(cuts, "--out", out, "--json")
        assert code == 0
        assert json.loads(said)["done"] == len(found)
        assert_whole(out, NAMES)


def test_a_folder_that_cannot_be_written_to_is_refused(folder, tmp_path):
    with small_disk_at(tmp_path / "small", "ro") as out:
        for place in (out, out / "scores"):
            code, _, err = run(folder, "--out", place)
            assert code == 1
            assert str(out) in err
            assert len(err.splitlines()) < 3


HOLDER = """
import time
from emsync_bridge.files.host_slots import DECODES_VARIABLE, HostSlot

slot = HostSlot("decode", DECODES_VARIABLE)
slot.take()
slot.take()  # one process takes one slot, however many films it decodes
print("held", flush=True)
time.sleep(100)
"""


def test_decodes_of_one_computer_take_turns(tmp_path):
    environment = {**os.environ, "EMSYNC_DECODES": "1", "XDG_RUNTIME_DIR": str(tmp_path)}
    options = {"stdout": subprocess.PIPE, "text": True, "env": environment}
    with subprocess.Popen([sys.executable, "-c", HOLDER], **options) as first:
        assert first.stdout.readline() == "held\n"
        with subprocess.Popen([sys.executable, "-c", HOLDER], **options) as second:
            with pytest.raises(subprocess.TimeoutExpired):
                second.wait(timeout=1)
            first.kill()
            assert second.stdout.readline() == "held\n"
            second.kill()


def test_a_job_waits_for_its_turn_to_decode(tmp_path):
    clip = tmp_path / "clips" / "clip.mp4"
    clip.parent.mkdir()
    make = [find_ffmpeg(), "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=s=64x36:r=24:d=3", str(clip)]
    subprocess.run(make, check=True)
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "EMSYNC_DECODES": "1"}
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True, env=environment) as holder:
        assert holder.stdout.readline() == "held\n"
        process = start(clip.parent, "--out", tmp_path / "out", "--decodes", "1", env=environment)
        (child,) = until(lambda: scoring(process.pid))
        until(lambda: process.poll() is not None or waits(child))
        assert process.poll() is None
        assert not (tmp_path / "out" / "clip" / "clip.cue.json").exists()
        holder.kill()
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert_whole(tmp_path / "out", ["clip"])
