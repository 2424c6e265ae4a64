from __future__ import annotations

import json
import os
import time

import pytest

from emsync_bridge.batch.execution import JobResult
from emsync_bridge.batch.failures import FALLBACK
from emsync_bridge.batch.progress import FOLDER, STALE, RunProgress, folder_progress
from emsync_bridge.batch.shown_folders import MOST, ShownFolders
from emsync_bridge.errors import OutputError


def documents(out):
    return list((out / FOLDER).glob("*.json"))


def test_a_run_is_followed_from_its_folder(tmp_path):
    assert folder_progress(tmp_path) is None
    with RunProgress(tmp_path, "season.csv", "", 4) as run:
        run.count(JobResult("a", "done"))
        run.count(JobResult("b", "skipped"))
        run.count(JobResult("c", "failed", "Broken"))
        run.running(["d"])
        end = time.monotonic() + 20
        while not (said := folder_progress(tmp_path)) or not said["running"]:
            assert time.monotonic() < end
            time.sleep(0.02)
    assert said["title"] == "season.csv"
    assert said["state"] == "running"
    assert [said[key] for key in ("jobs", "done", "failed", "left")] == [4, 2, 1, 1]
    assert said["running"] == ["d"]
    assert said["failures"] == [{"name": "c", "reason": "Broken", "hint": FALLBACK}]
    assert said["seconds_left"] > 0
    after = folder_progress(tmp_path)
    assert after["state"] == "ended"
    assert after["running"] == []


def test_shards_add_up_and_runs_of_the_same_jobs_do_not(tmp_path):
    for shard, count in (("1/2", 2), ("2/2", 1), ("2/2", 1)):
        with RunProgress(tmp_path, "list.csv", shard, 2) as run:
            for number in range(count):
                run.count(JobResult(str(number), "done"))
    said = folder_progress(tmp_path)
    assert said["jobs"] == 4
    assert said["done"] == 3
    assert len(documents(tmp_path)) == 2


def test_a_killed_run_is_known_by_its_age(tmp_path):
    with RunProgress(tmp_path, "list.csv", "", 2):
        pass
    (path,) = documents(tmp_path)
    said = json.loads(path.read_text())
    path.write_text(json.dumps({**said, "ended": False}))
    assert folder_progress(tmp_path)["state"] == "running"
    os.utime(path, (time.time() - 2 * STALE,) * 2)
    assert folder_progress(tmp_path)["state"] == "stopped"


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "[" * 100_000, '{"title": 1e999}'])
def test_documents_of_others_are_left_out(tmp_path, text):
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "odd.json").write_text(text)
    assert folder_progress(tmp_path) is None


def test_shown_folders_are_a_short_list(tmp_path):
    shown = ShownFolders(tmp_path / "list.json")
    for number in range(MOST + 2):
        out = tmp_path / f"out ü {number}"
        out.mkdir()
        with RunProgress(out, f"{number}.csv", "", 1):
            pass
        name = shown.add(out)
    assert shown.add(out) == name
    titles = [each["title"] for each in shown.progress()]
    assert titles == [f"{number}.csv" for number in range(MOST + 1, 1, -1)]
    assert shown.remove(name)
    assert not shown.remove(name)
    assert len(shown.progress()) == MOST - 1
    assert out.is_dir()
    for wrong in (tmp_path / "none", tmp_path / "list.json"):
        with pytest.raises(OutputError, match="Not a folder"):
            shown.add(wrong)
