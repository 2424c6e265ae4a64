"""Starting from earlier results: a range, a section composed again, another take, edited documents."""

import sys
import wave
from dataclasses import replace

import opentimelineio as otio
import pytest
import torch
from places import STORM

from emsync_bridge.cue import Affect
from emsync_bridge.cue.cue_file import read_cue
from emsync_bridge.errors import MusicError, TimelineError
from emsync_bridge.music.network import checkpoint as checkpoints
from emsync_bridge.music.network.config import ModelConfig
from emsync_bridge.music.network.model import GeneratorNetwork
from emsync_bridge.options import EmotionOptions, ReadOptions, ScoreOptions, TakeOptions
from emsync_bridge.scoring.job import ScoringJob, Section
from emsync_bridge.timeline.reading import read_timeline

CALM = EmotionOptions(valence=0.3, arousal=-0.2)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("checkpoint")
    config = ModelConfig(layers=1, width=32, heads=2, hidden=64, context=64)
    checkpoints.save(config, GeneratorNetwork(config).weights(), {"name": "untrained"}, folder)
    return folder


_opened: list[str] = []
_watched: list[str] = []


def _note(event, arguments):
    if event == "open" and _watched and str(arguments[0]) == _watched[0] and not set(arguments[1] or "r") & set("wax+"):
        _opened.append(str(arguments[0]))


sys.addaudithook(_note)


@pytest.mark.parametrize("suffix", [".otio", ".xml", ".fcpxml", ".edl"])
def test_a_score_opens_its_timeline_once(model, tmp_path, suffix):
    source = tmp_path / f"storm{suffix}"
    source.write_bytes(STORM.with_suffix(suffix).read_bytes())
    _opened.clear()
    _watched[:] = [str(source)]
    try:
        job(tmp_path / "out", model, source, (10.0, 16.0)).score()
    finally:
        _watched.clear()
    assert _opened == [str(source)]


@pytest.fixture(scope="module")
def first(model, tmp_path_factory):
    """A stretch of the example, scored with two takes."""
    out = tmp_path_factory.mktemp("first")
    return job(out, model, between=(10.0, 34.0), takes=2).score()


def job(out, model, source=STORM, between=None, **takes):
    """Return a job with the mood that all tests here have."""
    options = ScoreOptions(read=ReadOptions(between=between), emotion=CALM, takes=TakeOptions(**takes))
    return ScoringJob.open(source, out, options, generator=model)


def length(path):
    with wave.open(str(path)) as file:
        return file.getnframes()


@pytest.mark.parametrize("suffix", [".otio", ".xml", ".fcpxml"])
def test_a_stretch_is_as_long_as_asked_and_placed_where_it_belongs(model, tmp_path, suffix):
    source = STORM.with_suffix(suffix)
    scored = job(tmp_path, model, source, (10.02, 20.0)).score()
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
    with pytest.raises(TimelineError, match="at least 1 s"):
        job(tmp_path, model, between=(900, 950)).score()


def test_a_section_composed_anew_leaves_every_other_note(first, model, tmp_path):
    cue = replace(first.cue, chosen=0)
    again = job(tmp_path, model, seed=11).redo(cue, Section(6.0, 15.0))
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


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (90.0, 95.0, "no music to recompose from 90 to 95 s"),
        (12.0, 6.0, "ends at 6 s, but begins at 12 s. Give its start first"),
        (5.0, 5.0, "ends at 5 s, but begins at 5 s"),
    ],
)
def test_a_section_that_is_none_is_refused(first, model, tmp_path, start, end, said):
    with pytest.raises(MusicError, match=said):
        job(tmp_path, model).redo(first.cue, Section(start, end))
    assert not list(tmp_path.iterdir())


def test_a_section_can_have_another_mood(first, model, tmp_path):
    again = job(tmp_path, model).redo(first.cue, Section(6.0, 15.0, mood=(-0.9, None)))
    assert again.cue.curve.at(10.0).affect == Affect(-0.9, -0.2)
    assert again.cue.curve.at(1.0).affect == Affect(0.3, -0.2)
    assert again.cue.curve.at(23.0).affect == Affect(0.3, -0.2)


def test_another_take_is_rendered_and_all_are_kept(first, tmp_path):
    other = 1 - first.cue.chosen
    chosen = job(tmp_path, None).choose(first.cue, other)
    assert chosen.cue.take == first.cue.takes[other]
    assert chosen.cue.takes == first.cue.takes
    assert chosen.files["midi"].read_bytes() != first.files["midi"].read_bytes()
    with pytest.raises(MusicError, match="Take 3") as refused:
        job(tmp_path, None).choose(first.cue, 2)
    assert "1 to 2" in refused.value.hint


def test_edited_documents_replace_what_is_read_and_felt(first, model, tmp_path):
    hits = tuple(replace(hit, answered=hit.frame == 204) for hit in first.cue.spotting.hits)
    spotting = replace(first.cue.spotting, hits=hits)
    curve = first.cue.curve
    span = replace(curve.spans[0], affect=Affect(-0.5, 0.9), start=0.0, end=spotting.duration)
    scored = job(tmp_path, model, between=(10.0, 34.0)).score(spotting, replace(curve, spans=(span,)))
    assert scored.cue.spotting == spotting
    assert scored.cue.curve.spans == (span,)
    assert [spotting.hits[answer.hit].frame for answer in scored.cue.take.answers] == [204]
