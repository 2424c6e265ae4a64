"""``emsync conform`` on the example film: three versions in three formats."""

from __future__ import annotations

import json

import opentimelineio as otio
import pytest
from places import STORM


def spans(timeline):
    """Return the clips of the first picture track."""
    return next(track for track in timeline.tracks if track.kind == otio.schema.TrackKind.Video)


@pytest.fixture(scope="module")
def first(emsync, tmp_path_factory):
    out = tmp_path_factory.mktemp("conform") / "v1"
    ran = emsync("score", STORM, "--out", out, "--seed", 2)
    assert ran.returncode == 0, ran.stderr
    return out


def edited(tmp_path, name, change):
    timeline = otio.adapters.read_from_file(str(STORM))
    for clip in timeline.find_clips():  # the copy lies elsewhere
        reference = clip.media_reference
        if isinstance(reference, otio.schema.ExternalReference):
            reference.target_url = (STORM.parent / reference.target_url).resolve().as_uri()
    change(spans(timeline))
    path = tmp_path / name
    otio.adapters.write_to_file(timeline, str(path))
    return path


def conformed(emsync, new, first, out):
    ran = emsync("conform", new, "--keep", first / "storm.cue.json", "--out", out, "--json")
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_the_same_cut_keeps_every_note(emsync, first, tmp_path):
    said = conformed(emsync, STORM, first, tmp_path / "out")
    assert said["identical"]["notes"] == said["identical"]["of_notes"]
    assert {hit["state"] for hit in said["hits"]} == {"kept"}
    old = json.loads((first / "storm.cue.json").read_text())
    new = json.loads((tmp_path / "out" / "storm.cue.json").read_text())
    assert new["takes"] == old["takes"]


@pytest.mark.parametrize("suffix", [".xml", ".fcpxml"])
def test_the_same_cut_in_another_format_keeps_the_music(emsync, first, tmp_path, suffix):
    said = conformed(emsync, STORM.with_suffix(suffix), first, tmp_path / "out")
    assert said["identical"]["seconds"] > 40
    assert not [change for change in said["changes"] if change["change"] == "moved"]


def test_a_shot_less_keeps_what_is_around_it(emsync, first, tmp_path):
    new = edited(tmp_path, "storm_v2.otio", lambda track: track.__delitem__(8))
    said = conformed(emsync, new, first, tmp_path / "out")
    assert said["identical"]["seconds"] > 20
    assert any(change["change"] == "removed" for change in said["changes"])
    cue = json.loads((tmp_path / "out" / f"{new.stem}.cue.json").read_text())
    answers = cue["takes"][0]["answers"]
    assert answers
    assert all(abs(answer["error_ms"]) < 1 for answer in answers)
    edl = (tmp_path / "out" / f"{new.stem}.changes.edl").read_text()
    assert "OLDCUT" in edl
    assert (tmp_path / "out" / f"{new.stem}.changes.csv").exists()
