from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.batch.execution import is_done
from emsync_bridge.batch.listing import BatchJob, read_jobs, shard_of
from emsync_bridge.cli import main
from emsync_bridge.errors import EmsyncError


def table(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_are_options_of_score(tmp_path):
    jobs = read_jobs(table(tmp_path, "source,mood,stems,seed\na.otio,joy,yes,0\n/x/b.otio,,no,\n"))
    assert [job.name for job in jobs] == ["a", "b"]
    assert jobs[0].source == tmp_path / "a.otio"
    assert jobs[0].options == {"mood": "joy", "stems": "", "seed": "0"}
    assert jobs[0].arguments(Path("out"), "d")[3:] == [
        str(Path("out", "a")),
        "--batch-digest",
        "d",
        "--mood",
        "joy",
        "--stems",
        "--seed",
        "0",
    ]
    assert jobs[1].options == {}


def test_paths_of_other_computers_are_mapped(tmp_path):
    text = "source;picture\nZ:\\show\\e1.otio;Z:\\show\\e1.mov\n"
    (job,) = read_jobs(table(tmp_path, text), [("Z:\\show", "/mnt/show")])
    assert job.source == Path("/mnt/show/e1.otio")
    assert job.options["picture"] == "/mnt/show/e1.mov"


def test_files_of_one_stem_get_folders_of_their_own(tmp_path):
    for name in ("a/CUT.otio", "b/cut.xml", "c/cut.edl", "c/CUT.scored.otio", "c/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [job.name for job in read_jobs(tmp_path)] == ["CUT", "cut_2", "cut_3"]


@pytest.mark.parametrize(
    "text",
    ["", "mood\njoy\n", "source,source\na,b\n", "source,bad option\na,b\n", "source,mood\n,joy\n", "source\n"],
)
def test_a_list_that_cannot_be_meant_is_refused(tmp_path, text):
    with pytest.raises(EmsyncError) as caught:
        read_jobs(table(tmp_path, text))
    assert "list.csv" in str(caught.value)


@given(st.integers(0, 60), st.integers(1, 9))
def test_shards_part_the_jobs_without_rest(count, of):
    jobs = [BatchJob(str(i), Path("x"), {}) for i in range(count)]
    shards = [shard_of(jobs, number, of) for number in range(1, of + 1)]
    assert sorted(job.name for shard in shards for job in shard) == sorted(job.name for job in jobs)


def test_the_digest_follows_content_and_options(tmp_path):
    path = tmp_path / "a.otio"
    path.write_text("one")
    first = BatchJob("a", path, {"mood": "joy"}).digest()
    assert first == BatchJob("b", path, {"mood": "joy"}).digest()
    assert first != BatchJob("a", path, {"mood": "fear"}).digest()
    path.write_text("two")
    assert first != BatchJob("a", path, {"mood": "joy"}).digest()


def test_a_job_is_done_when_its_cue_and_all_its_results_are_there(tmp_path):
    job = BatchJob("a", tmp_path / "a.otio", {})
    folder = tmp_path / "a"
    folder.mkdir()
    cue = {"settings": {"batch_digest": "d"}, "files": {"a.wav": "1"}, "spotting": {}}
    (folder / "a.cue.json").write_text(json.dumps(cue))
    assert not is_done(job, tmp_path, "d")
    (folder / "a.wav").write_bytes(b"")
    assert is_done(job, tmp_path, "d")
    assert not is_done(job, tmp_path, "e")
    (folder / "a.cue.json").write_text("[1")
    assert not is_done(job, tmp_path, "d")


@pytest.mark.parametrize("shard", ["0/3", "4/3", "x", "1/0"])
def test_a_shard_outside_its_range_is_a_usage_error(tmp_path, shard):
    table(tmp_path, "source\na.otio\n")
    ran = CliRunner().invoke(
        main, ["batch", str(tmp_path / "list.csv"), "--out", str(tmp_path / "o"), "--shard", shard]
    )
    assert ran.exit_code == 2
