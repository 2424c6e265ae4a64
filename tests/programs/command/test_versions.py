"""Results of one folder: every run is a set of its own, whole or absent, and no file of anybody is written over."""

import json

import pytest
from places import STORM
from untrained import untrained

from emsync_bridge.cue.cue_file import read_cue
from emsync_bridge.errors import EmsyncError, MediaError, RenderError
from emsync_bridge.files.manifest import digest
from emsync_bridge.music.network import checkpoint
from emsync_bridge.options import EmotionOptions, ReadOptions, RenderOptions, ScoreOptions, TakeOptions
from emsync_bridge.scoring import job as job_module
from emsync_bridge.scoring.job import ScoringJob, Section

CLIP = """{"OTIO_SCHEMA": "Clip.1", "name": "%s", "media_reference": {"OTIO_SCHEMA": "ExternalReference.1",
"target_url": "%s"}, "source_range": {"OTIO_SCHEMA": "TimeRange.1",
"start_time": {"OTIO_SCHEMA": "RationalTime.1", "value": 0, "rate": 24},
"duration": {"OTIO_SCHEMA": "RationalTime.1", "value": %d, "rate": 24}}}"""
CUT = """{"OTIO_SCHEMA": "Timeline.1", "name": "cut", "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [
{"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [%s]}]}}"""
CALM = EmotionOptions(valence=0.3, arousal=-0.2)


def write_cut(path, *lengths, media="/Volumes/A/%d.mov", name="clip %d"):
    clips = [CLIP % (name % number, media % number, length) for number, length in enumerate(lengths)]
    path.write_text(CUT % ", ".join(clips))
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder, network = tmp_path_factory.mktemp("model"), untrained()
    checkpoint.save(network.config, network.weights, {}, folder)
    return folder


@pytest.fixture
def cut(tmp_path):
    (tmp_path / "in").mkdir()
    return write_cut(tmp_path / "in" / "cut.otio", 60, 36)


@pytest.fixture
def job(cut, model, tmp_path):
    """Return a function that makes a job for the cut, or for another file."""

    def make(source=cut, *, emotion=CALM, progress=lambda _step, _share: None, seed=1, takes=1, **render):
        options = ScoreOptions(ReadOptions(), emotion, render=RenderOptions(**render), takes=TakeOptions(seed, takes))
        return ScoringJob.open(source, tmp_path / "out", options, generator=model, progress=progress)

    return make


def contents(folder):
    return {path.name: digest(path) for path in folder.iterdir()}


def test_a_run_leaves_every_earlier_one_as_it_was(job, tmp_path):
    out = tmp_path / "out"
    first = job().score()
    before = contents(out)
    second = job(seed=2, stems=True, bwf=True).score()
    after = contents(out)
    assert {name: after[name] for name in before} == before
    assert {path.name.split(".")[0] for path in second.files.values()} == {"cut v02"}
    third = job(seed=3).score()
    assert {path.name.split(".")[0] for path in third.files.values()} == {"cut v03"}
    for scored in (first, second, third):
        document = json.loads(scored.files["cue"].read_text(encoding="utf-8"))
        assert set(document["files"]) == {path.name for path in scored.files.values()} - {scored.files["cue"].name}
        assert all(digest(out / name) == mark for name, mark in document["files"].items())
    assert second.files["audio"].name in second.files["timeline"].read_text(encoding="utf-8")


def test_another_timeline_of_the_same_name_does_not_take_the_first_ones_place(job, tmp_path):
    first = job().score()
    (tmp_path / "other").mkdir()
    second = job(write_cut(tmp_path / "other" / "CUT.otio", 48)).score()
    assert first.files["audio"].name == "cut.wav"
    assert second.files["audio"].name == "CUT v02.wav"


def test_a_take_that_is_chosen_and_a_section_are_versions_too_and_keep_all_takes(job):
    first = job(takes=2).score()
    chosen = job().choose(read_cue(first.files["cue"]), 1 - first.cue.chosen)
    again = job(seed=9).redo(read_cue(chosen.files["cue"]), Section(0.0, 4.0))
    assert [scored.files["audio"].name for scored in (chosen, again)] == ["cut v02.wav", "cut v03.wav"]
    assert len(read_cue(first.files["cue"]).takes) == 2
    assert len(read_cue(again.files["cue"]).takes) == 3


@pytest.mark.parametrize("name", ["cut.scored.otio", "CUT.strings.WAV"])
def test_a_file_of_the_users_makes_way_for_nothing(job, tmp_path, name):
    mine = tmp_path / "out" / name
    mine.parent.mkdir()
    mine.write_bytes(b"my own recording")
    scored = job().score()
    assert mine.read_bytes() == b"my own recording"
    assert scored.files["audio"].name == "cut v02.wav"


def test_other_files_of_the_same_name_are_no_results(job, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "cut.prproj").write_bytes(b"mine")
    assert job().score().files["audio"].name == "cut.wav"


def test_a_file_that_appears_while_music_is_made_stays(job, tmp_path):
    mine = tmp_path / "out" / "cut.wav"

    def save(step, _share):
        if step == "Rendering" and not mine.exists():
            mine.write_bytes(b"saved in the meantime")

    scored = job(progress=save).score()
    assert mine.read_bytes() == b"saved in the meantime"
    assert scored.files["audio"].name == "cut v02.wav"


@pytest.mark.parametrize("step", ["render", "write_chart", "publish_all", "write_back", "write_cue"])
def test_whatever_fails_the_earlier_set_is_whole_and_nothing_new_is_there(job, tmp_path, monkeypatch, step):
    job().score()
    before = contents(tmp_path / "out")
    parts = {"render": job_module.sound_steps, "publish_all": job_module}
    holder = parts.get(step, job_module.outputs)
    real = getattr(holder, step)

    def failing(*arguments):
        real(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(holder, step, failing)
    with pytest.raises(KeyboardInterrupt):
        job(seed=2, stems=True).score()
    assert contents(tmp_path / "out") == before


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"soundfont": STORM}, RenderError),
        ({"emotion": EmotionOptions(picture=STORM.with_suffix(".png"))}, MediaError),
        ({"emotion": EmotionOptions(picture=STORM)}, EmsyncError),
    ],
)
def test_what_fails_fails_before_music_is_composed(job, tmp_path, options, error):
    told = []
    with pytest.raises(error):
        job(progress=lambda step, _share: told.append(step), **options).score()
    assert not told
    assert not (tmp_path / "out").exists()


def test_the_input_in_the_same_folder_stays(model, tmp_path):
    source = write_cut(tmp_path / "cut.otio", 60)
    before = source.read_bytes()
    options = ScoreOptions(emotion=CALM)
    for expected in ("cut.wav", "cut v02.wav"):
        assert ScoringJob.open(source, tmp_path, options, generator=model).score().files["audio"].name == expected
    assert source.read_bytes() == before
