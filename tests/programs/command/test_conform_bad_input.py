"""Bad input of ``emsync conform``: a message that says what to do, no results, and nothing of the user's changed."""

from __future__ import annotations

import json

import otio_make as make
import pytest

MOOD = ("--mood", "calm")


@pytest.fixture(scope="module")
def first(emsync, tmp_path_factory):
    folder = tmp_path_factory.mktemp("first")
    source = make.save(folder, make.timeline(make.track(*(make.clip(name, 72) for name in "ABC"))))
    ran = emsync("score", source, *MOOD, "--style", "network", "--out", folder / "music")
    assert ran.returncode == 0, ran.stderr
    return source, folder / "music" / "cut.cue.json"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("music/cut.wav", ("Not JSON", ".cue.json")),
        ("music/cut.human.json", ("not the document of a cue", ".cue.json")),
        ("cut.otio", ("not the document of a cue", ".cue.json")),
        ("nowhere.cue.json", ("does not exist",)),
    ],
)
def test_a_cue_that_is_none_is_named(emsync_here, first, tmp_path, given, words):
    source, _ = first
    ran = emsync_here("conform", source, *MOOD, "--keep", source.parent / given, "--out", tmp_path / "out")
    assert ran.returncode in (1, 2)
    assert "Traceback" not in ran.stderr
    assert all(word in ran.stderr for word in words)
    assert not (tmp_path / "out").exists()


def test_a_damaged_cue_is_named(emsync_here, first, tmp_path):
    source, cue = first
    document = json.loads(cue.read_text(encoding="utf-8"))
    document["spotting"]["hits"] = "none"
    damaged = tmp_path / "damaged.cue.json"
    damaged.write_text(json.dumps(document), encoding="utf-8")
    ran = emsync_here("conform", source, *MOOD, "--keep", damaged, "--out", tmp_path / "out")
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert "damaged.cue.json" in ran.stderr
    assert "spotting.hits" in ran.stderr


def test_an_empty_timeline_and_a_folder_that_cannot_be_made_are_refused(emsync, first, tmp_path):
    source, cue = first
    empty = make.save(tmp_path, make.timeline(make.track()), "empty.otio")
    ran = emsync("conform", empty, *MOOD, "--keep", cue, "--out", tmp_path / "out")
    assert ran.returncode == 1
    assert "Export the sequence that holds the cut" in ran.stderr
    ran = emsync("conform", source, *MOOD, "--keep", cue, "--out", cue)
    assert ran.returncode == 1
    assert "Choose another one (--out)" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_cut_with_nothing_in_common_has_music_and_says_so(emsync, first, tmp_path):
    _, cue = first
    other = make.save(tmp_path, make.timeline(make.track(make.clip("X", 72), make.clip("Y", 96))), "other.otio")
    before = cue.read_bytes()
    ran = emsync("conform", other, *MOOD, "--keep", cue, "--out", tmp_path / "out", "--json")
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert "no shot in common" in said["warnings"][0]
    assert said["identical"]["notes"] == 0
    assert {section["state"] for section in said["sections"]} == {"new", "lost"}
    assert cue.read_bytes() == before
