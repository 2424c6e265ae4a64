"""Starting again from what is there: a stretch, a section composed anew, another take, edited documents."""

import json
import wave
from dataclasses import replace

import opentimelineio as otio
import pytest
import torch
from places import STORM

from emsync_bridge.cue import Affect
from emsync_bridge.errors import MusicError, OutputError, TimelineError
from emsync_bridge.live.cue_file import read_cue
from emsync_bridge.music.network import checkpoint as checkpoints
from emsync_bridge.music.network.config import ModelConfig
from emsync_bridge.music.network.model import Generator
from emsync_bridge.scoring import job
from emsync_bridge.scoring.job import EmotionOptions, ReadOptions
from emsync_bridge.timeline.reading import read_timeline

CALM = EmotionOptions(valence=0.3, arousal=-0.2)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("checkpoint")
    config = ModelConfig(layers=1, width=32, heads=2, hidden=64, context=64)
    checkpoints.save(config, Generator(config).weights(), {"name": "untrained"}, folder)
    return folder


@pytest.fixture(scope="module")
def first(model, tmp_path_factory):
    """A stretch of the example, scored with two takes."""
    out = tmp_path_factory.mktemp("first")
    looking = ReadOptions(between=(10.0, 34.0))
    return job.score(STORM, out, looking=looking, feeling=CALM, takes=2, checkpoint=model)


def length(path):
    with wave.open(str(path)) as file:
        return file.getnframes()


@pytest.mark.parametrize("suffix", [".otio", ".xml", ".fcpxml"])
def test_a_stretch_is_as_long_as_asked_and_placed_where_it_belongs(model, tmp_path, suffix):
    source = STORM.with_suffix(suffix)
    scored = job.score(source, tmp_path, looking=ReadOptions(between=(10.02, 20.0)), feeling=CALM, checkpoint=model)
    assert length(scored.files["audio"]) == 240 * 2000
    assert scored.cue.spotting.frames == 240
    assert scored.cue.spotting.start_frame == 3600 * 24 + 240
    before, after = read_timeline(source), read_timeline(scored.files["timeline"])
    assert after.leaves == before.leaves
    asked = {hit.frame for hit in scored.cue.spotting.answered_hits()}
    assert asked
    ours = {round(marker.time * after.rate) for marker in after.markers if marker.ours}
    if suffix != ".fcpxml":  # there markers live in the music clip
        assert ours == {frame + 240 for frame in asked}


@pytest.mark.parametrize("kind", ["timeline", "music only"])
def test_otio_sees_the_stretch_after_a_gap(first, kind):
    timeline = otio.adapters.read_from_file(str(first.files[kind]))
    track = next(track for track in timeline.tracks if track.name == "AI Music")
    clip = next(item for item in track if isinstance(item, otio.schema.Clip))
    span = track.range_of_child(clip)
    assert (span.start_time.to_frames(), span.duration.to_frames()) == (240, 576)


def test_a_stretch_outside_the_timeline_is_refused(model, tmp_path):
    with pytest.raises(TimelineError, match="less than"):
        job.score(STORM, tmp_path, looking=ReadOptions(between=(900, 950)), feeling=CALM, checkpoint=model)


def test_a_section_composed_anew_leaves_every_other_note(first, model, tmp_path):
    cue = replace(first.cue, chosen=0)
    again = job.redo(STORM, cue, tmp_path, start=6.0, end=15.0, seed=11, checkpoint=model)
    old, new = cue.take, again.cue.take
    assert again.cue.chosen == 2
    assert again.cue.takes[:2] == cue.takes
    assert new.tempo_map == old.tempo_map
    changed = set(old.notes) ^ set(new.notes)
    seconds = old.tempo_map.seconds
    assert changed
    assert all(3.0 < seconds(note.start) < 18.0 for note in changed)
    edges = [float(text) for text in again.cue.settings["redo"].split(" ")[0].split("-")]
    assert all(edges[0] - 0.01 < seconds(note.start) < edges[1] for note in changed)
    inside = [a for a in new.answers if edges[0] - 0.01 < cue.spotting.hits[a.hit].time < edges[1]]
    assert inside
    assert all(abs(answer.error_ms) < 0.1 for answer in new.answers)
    assert read_cue(again.files["cue"]).take == new


@pytest.mark.parametrize(("start", "end"), [(90.0, 95.0), (12.0, 6.0), (5.0, 5.0)])
def test_a_section_that_is_none_is_refused(first, model, tmp_path, start, end):
    with pytest.raises(MusicError, match="no music"):
        job.redo(STORM, first.cue, tmp_path, start=start, end=end, seed=1, checkpoint=model)
    assert not list(tmp_path.iterdir())


def test_a_section_can_have_another_mood(first, model, tmp_path):
    again = job.redo(STORM, first.cue, tmp_path, start=6.0, end=15.0, seed=1, mood=(-0.9, None), checkpoint=model)
    assert again.cue.curve.at(10.0).affect == Affect(-0.9, -0.2)
    assert again.cue.curve.at(1.0).affect == Affect(0.3, -0.2)
    assert again.cue.curve.at(23.0).affect == Affect(0.3, -0.2)


def test_another_take_is_rendered_and_all_are_kept(first, tmp_path):
    other = 1 - first.cue.chosen
    chosen = job.choose(STORM, first.cue, tmp_path, take=other)
    assert chosen.cue.take == first.cue.takes[other]
    assert chosen.cue.takes == first.cue.takes
    assert chosen.files["midi"].read_bytes() != first.files["midi"].read_bytes()
    with pytest.raises(MusicError, match="2 takes"):
        job.choose(STORM, first.cue, tmp_path, take=2)


def test_edited_documents_replace_what_is_read_and_felt(first, model, tmp_path):
    hits = tuple(replace(hit, answered=hit.frame == 204) for hit in first.cue.spotting.hits)
    spotting = replace(first.cue.spotting, hits=hits)
    curve = first.cue.curve
    span = replace(curve.spans[0], affect=Affect(-0.5, 0.9), start=0.0, end=spotting.duration)
    scored = job.score(
        STORM, tmp_path, looking=ReadOptions(between=(10.0, 34.0)), spotting=spotting,
        curve=replace(curve, spans=(span,)), checkpoint=model,
    )  # fmt: skip
    assert scored.cue.spotting == spotting
    assert scored.cue.curve.spans == (span,)
    assert [spotting.hits[answer.hit].frame for answer in scored.cue.take.answers] == [204]


def test_a_file_of_the_users_is_never_written_over(model, tmp_path):
    mine = tmp_path / "storm.wav"
    mine.write_bytes(b"my own recording")
    with pytest.raises(OutputError, match="was there before"):
        job.score(STORM, tmp_path, feeling=CALM, checkpoint=model)
    assert [path.name for path in tmp_path.iterdir()] == ["storm.wav"]
    assert mine.read_bytes() == b"my own recording"


def test_our_own_results_are_replaced_unless_somebody_changed_them(model, tmp_path):
    looking = ReadOptions(between=(0.0, 5.0))
    scored = job.score(STORM, tmp_path, looking=looking, feeling=CALM, checkpoint=model)
    document = json.loads(scored.files["cue"].read_text(encoding="utf-8"))
    assert set(document["files"]) == {path.name for path in scored.files.values()} - {"storm.cue.json"}
    job.score(STORM, tmp_path, looking=looking, feeling=CALM, seed=2, checkpoint=model)
    (tmp_path / "storm.mid").write_bytes(b"changed in a DAW")
    with pytest.raises(OutputError, match=r"storm\.mid"):
        job.score(STORM, tmp_path, looking=looking, feeling=CALM, seed=3, checkpoint=model)
    assert (tmp_path / "storm.mid").read_bytes() == b"changed in a DAW"
