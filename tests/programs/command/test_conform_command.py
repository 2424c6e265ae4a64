"""``emsync conform`` on the example film: three versions in three formats."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from urllib.parse import unquote

import opentimelineio as otio
import pytest
from film_versions import as_fcpxml, as_otio, as_xmeml, shots_of
from places import STORM


def spans(timeline):
    """Return the clips of the first picture track."""
    return next(track for track in timeline.tracks if track.kind == otio.schema.TrackKind.Video)


@pytest.fixture(scope="module")
def first(scored, tmp_path_factory):
    """Return a folder of our own with the results of the example, which is scored once for all tests."""
    return Path(shutil.copytree(scored[0], tmp_path_factory.mktemp("conform") / "v1"))


def edited(tmp_path, name, change, source=STORM):
    timeline = otio.adapters.read_from_file(str(source))
    for clip in timeline.find_clips():  # the copy lies elsewhere
        reference = clip.media_reference
        if isinstance(reference, otio.schema.ExternalReference):
            reference.target_url = (source.parent / unquote(reference.target_url)).resolve().as_uri()
    change(spans(timeline))
    path = tmp_path / name
    otio.adapters.write_to_file(timeline, str(path))
    return path


def conformed(emsync, new, keep, out):
    ran = emsync("conform", new, "--keep", keep, "--out", out, "--json")
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


WRITERS = {".otio": as_otio, ".xml": as_xmeml, ".fcpxml": as_fcpxml}


@pytest.fixture(scope="module")
def short(emsync, tmp_path_factory):
    """The first shots of the example in three formats, and the cue of one of them."""
    folder = tmp_path_factory.mktemp("short")
    for suffix, write in WRITERS.items():
        (folder / f"short{suffix}").write_text(write(shots_of(STORM)[:4]), encoding="utf-8")
    ran = emsync("score", folder / "short.otio", "--style", "network", "--out", folder / "v1", "--json")
    assert ran.returncode == 0, ran.stderr
    return folder


def test_the_same_cut_keeps_every_note(emsync, short, tmp_path):
    said = conformed(emsync, short / "short.otio", short / "v1" / "short.cue.json", tmp_path / "out")
    assert said["identical"]["notes"] == said["identical"]["of_notes"] > 0
    assert {hit["state"] for hit in said["hits"]} == {"kept"}
    old = json.loads((short / "v1" / "short.cue.json").read_text())
    new = json.loads((tmp_path / "out" / "short.cue.json").read_text())
    assert new["takes"] == old["takes"]


@pytest.mark.parametrize("suffix", [".xml", ".fcpxml"])
def test_the_same_cut_in_another_format_keeps_the_music_and_has_it_once(emsync, short, tmp_path, suffix):
    said = conformed(emsync, short / f"short{suffix}", short / "v1" / "short.cue.json", tmp_path / "out")
    assert said["identical"]["seconds"] > 0.6 * said["identical"]["of_seconds"]
    assert not [change for change in said["changes"] if change["change"] == "moved"]
    written = Path(said["files"]["timeline"])
    once = written.read_bytes()
    again = tmp_path / "again"
    said = conformed(emsync, written, short / "v1" / "short.cue.json", again)  # holds our track and markers already
    assert {change["change"] for change in said["changes"]} <= {"unchanged", "trimmed"}
    twice = Path(said["files"]["timeline"]).read_bytes()
    for ours in (b"AI Music", b"hit: ", b"emsync"):
        assert twice.count(ours) == once.count(ours) > 0, ours


def test_a_shot_less_in_a_cut_that_has_music_already(emsync, first, tmp_path):
    new = edited(tmp_path, "storm.otio", lambda track: track.__delitem__(8), first / "storm.scored.otio")
    before = {path: path.read_bytes() for path in first.iterdir() if path.name.startswith("storm")}
    said = conformed(emsync, new, first / "storm.cue.json", first)
    assert {path: path.read_bytes() for path in before} == before
    assert Path(said["files"]["audio"]).stem == "storm v02"
    assert said["identical"]["seconds"] > 20
    assert any(change["change"] == "removed" for change in said["changes"])
    told = [section["state"] for section in said["sections"]]
    assert (told[0], told[-1]) == ("kept", "lost")

    cue = json.loads(Path(said["files"]["cue"]).read_text(encoding="utf-8"))
    answers = cue["takes"][0]["answers"]
    assert answers
    assert all(abs(answer["error_ms"]) < 1 for answer in answers)
    assert "OLDCUT" in Path(said["files"]["change EDL"]).read_text(encoding="utf-8")
    assert Path(said["files"]["changes"]).exists()

    timeline = otio.adapters.read_from_file(said["files"]["timeline"])
    (track,) = (each for each in timeline.tracks if each.name == "AI Music")  # in place of the one that was there
    (music,) = track.find_clips()
    assert music.media_reference.target_url.endswith("storm%20v02.wav")
    carried = track.metadata["emsync_bridge"]["cue"]["conform"]
    assert [change["change"] for change in carried["changes"]] == [change["change"] for change in said["changes"]]
