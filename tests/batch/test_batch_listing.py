from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.batch.jobs import BatchJob, OptionNames
from emsync_bridge.batch.listing import read_jobs, shard_of
from emsync_bridge.batch.results import is_done
from emsync_bridge.cli import main
from emsync_bridge.errors import EmsyncError

NAMES = OptionNames(
    flags=frozenset({"stems"}),
    values=frozenset({"mood", "seed", "valence", "picture", "themes"}),
    paths=frozenset({"picture", "themes"}),
    inputs=frozenset({"picture"}),
)


def table(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def listed(folder: Path, text: str, prefixes=()):
    return read_jobs(table(folder, text), NAMES, prefixes)


def test_columns_are_options_of_score(tmp_path):
    jobs = listed(tmp_path, "source,mood,stems,seed,valence\na.otio,joy,yes,0,1\n/x/b.otio,,no,,-0.4\n\n")
    assert [job.name for job in jobs] == ["a", "b"]
    assert jobs[0].source == str(tmp_path / "a.otio")
    assert jobs[0].options == {"mood": "joy", "stems": "", "seed": "0", "valence": "1"}
    assert jobs[0].arguments(Path("out"), "d")[3:] == [
        str(Path("out", "a")),
        "--batch-digest",
        "d",
        "--mood=joy",
        "--stems",
        "--seed=0",
        "--valence=1",
    ]
    assert jobs[1].options == {"valence": "-0.4"}


def test_paths_of_other_computers_are_mapped(tmp_path):
    text = "source;picture\nZ:\\show\\e1.otio;z:/Show/e1.mov\nZ:\\shows\\e2.otio;e2.mov\n"
    first, second = listed(tmp_path, text, [("Z:\\show", "/mnt/show")])
    assert first.source == "/mnt/show/e1.otio"
    assert first.options["picture"] == "/mnt/show/e1.mov"
    assert second.source == "Z:\\shows\\e2.otio"
    assert second.options["picture"] == str(tmp_path / "e2.mov")


def test_files_of_one_stem_get_folders_of_their_own(tmp_path):
    for name in ("a/CUT.otio", "b/cut.xml", "c/cut.edl", "c/CUT.scored.otio", "c/CUT.markers.edl", "c/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [job.name for job in read_jobs(tmp_path, NAMES)] == ["a_CUT", "b_cut", "c_cut"]


def test_a_row_that_stands_twice_gets_two_folders(tmp_path):
    jobs = listed(tmp_path, "source,mood\na.otio,joy\na.otio,fear\n")
    assert [job.name for job in jobs] == ["a", "a_2"]


def test_media_beside_timelines_are_no_cuts(tmp_path):
    for name in ("CUT.otio", "media/one.mov", "scores/CUT/CUT.scored.mp4", "scores/CUT/x.edl", ".cache/y.otio"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "bundle.otiod").mkdir()
    (tmp_path / "bundle.otiod" / "content.otio").write_text("x")
    assert [job.name for job in read_jobs(tmp_path, NAMES, out=tmp_path / "scores")] == ["CUT", "bundle"]
    (tmp_path / "movies").mkdir()
    (tmp_path / "movies" / "two.mov").write_text("x")
    assert [job.name for job in read_jobs(tmp_path / "movies", NAMES)] == ["two"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "source"),
        ("mood\njoy\n", "source"),
        ("source,source\na,b\n", "twice"),
        ("source,moood\na,b\n", "Is 'mood' meant"),
        ("source,out\na,b\n", "'out'"),
        ("source,mood\n,joy\n", "line 2"),
        ("source,mood\na,joy\na,joy,more\n", "line 3"),
        ("source,stems\na,maybe\n", "neither yes nor no"),
        ("source\n", "no timeline"),
        ("source\n" + "a" * 200_000 + "\n", "Not a table"),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused(tmp_path, text, named):
    with pytest.raises(EmsyncError) as caught:
        listed(tmp_path, text)
    assert "list.csv" in str(caught.value)
    assert named in str(caught.value)


@given(st.integers(0, 60), st.integers(1, 9))
def test_shards_part_the_jobs_without_rest(count, of):
    jobs = [BatchJob(str(i), "x") for i in range(count)]
    shards = [shard_of(jobs, number, of) for number in range(1, of + 1)]
    assert sorted(job.name for shard in shards for job in shard) == sorted(job.name for job in jobs)


@given(st.lists(st.sampled_from(["a/x.otio", "b/x.otio", "b/X.xml", "a/b/x.otio", "y.edl", "?.edl", "c/y.edl", "/"])))
def test_names_of_jobs_are_unique_in_any_case(tmp_path_factory, paths):
    folder = tmp_path_factory.getbasetemp()
    jobs = listed(folder, "source\n" + "\n".join([*paths, "last.otio"]))
    names = [job.name.casefold() for job in jobs]
    assert len(set(names)) == len(names) == len(paths) + 1


def test_the_digest_follows_content_and_options_and_not_the_computer(tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    for folder in ("here", "there"):
        (tmp_path / folder / "a.otio").write_text("one")
        (tmp_path / folder / "a.mov").write_text("film")

    def job(folder: str, mood: str = "joy") -> BatchJob:
        options = {"mood": mood, "picture": f"{tmp_path}/{folder}/a.mov"}
        return BatchJob("a", f"{tmp_path}/{folder}/a.otio", options, NAMES.paths, NAMES.inputs)

    first = job("here").digest()
    assert first == job("there").digest()
    assert first == job("here").with_mapped_paths([(f"{tmp_path}/here", f"{tmp_path}/there")]).digest()
    assert first != job("here", "fear").digest()
    (tmp_path / "there" / "a.mov").write_text("another")
    assert first != job("there").digest()
    (tmp_path / "here" / "a.otio").write_text("two")
    assert first != job("here").digest()


def test_a_job_is_done_when_its_cue_and_all_its_results_are_there(tmp_path):
    cue = {"settings": {"batch_digest": "d"}, "files": {"a.wav": "1"}, "spotting": {}}
    (tmp_path / "a.cue.json").write_text(json.dumps(cue))
    assert not is_done(tmp_path, "d")
    (tmp_path / "a.wav").write_bytes(b"")
    assert is_done(tmp_path, "d")
    assert not is_done(tmp_path, "e")
    (tmp_path / "a.cue.json").write_text("[1")
    assert not is_done(tmp_path, "d")


@pytest.mark.parametrize("shard", ["0/3", "4/3", "x", "1/0"])
def test_a_shard_outside_its_range_is_a_usage_error(tmp_path, shard):
    table(tmp_path, "source\na.otio\n")
    ran = CliRunner().invoke(
        main, ["batch", str(tmp_path / "list.csv"), "--out", str(tmp_path / "o"), "--shard", shard]
    )
    assert ran.exit_code == 2


def test_every_option_of_score_that_makes_new_music_is_a_column(tmp_path):
    text = "source,mood,no-cache,media-root,tempo,max-bend,set\nmissing.otio,joy,yes,.,90,4,all=joy\n"
    ran = CliRunner().invoke(main, ["batch", str(table(tmp_path, text)), "--out", str(tmp_path / "o")])
    assert ran.exit_code == 1
    assert "missing.otio: The source cannot be read" in ran.stderr
    assert "Traceback" not in ran.stderr
    for column in ("keep", "redo", "json", "batch-digest", "help"):
        ran = CliRunner().invoke(
            main, ["batch", str(table(tmp_path, f"source,{column}\na,b\n")), "--out", str(tmp_path / "o")]
        )
        assert ran.exit_code == 1
        assert f"'{column}' is not an option that a row can set" in ran.stderr
