"""Three versions of the example film in three formats, conformed one after another into one folder."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from film_versions import Shot, as_fcpxml, as_xmeml, shots_of
from places import STORM


def second_version(shots: list[Shot]) -> list[Shot]:
    """Return the cut with a trim, an insert and a slower shot."""
    changed = []
    for shot in shots:
        if shot.name == "Reeds":
            changed.append(replace(shot, frames=76, length=76))
        elif shot.name == "Behind the window":
            changed.append(replace(shot, length=192))  # of 168
        else:
            changed.append(shot)
        if shot.name == "The feast, later":
            changed.append(Shot("The bay, noon", "A001_bay.mp4", 160, 60, 60))
    return changed


def third_version(shots: list[Shot]) -> list[Shot]:
    """Return the cut with two shots in another order and one lifted."""
    names = [shot.name for shot in shots]
    at = names.index("The dance")
    changed = [*shots[:at], shots[at + 1], shots[at], *shots[at + 2 :]]
    return [replace(shot, name="", roll=None) if shot.name == "Gusts" else shot for shot in changed]


def kept_names(said: dict, change: str) -> list[str]:
    return [each["clip"] for each in said["changes"] if each["change"] == change]


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def versions(emsync, scored, tmp_path_factory):
    """Conform the scored example twice; return the folder, the three cues and what the command said."""
    folder = tmp_path_factory.mktemp("versions")
    music = Path(shutil.copytree(scored[0], folder / "music"))
    cues, told = [music / "storm.cue.json"], []
    second = second_version(shots_of(STORM))
    texts = {"storm.xml": as_xmeml(second), "storm.fcpxml": as_fcpxml(third_version(second))}
    for number, (name, text) in enumerate(texts.items(), start=2):
        source = folder / f"v{number}" / name
        source.parent.mkdir()
        source.write_text(text, encoding="utf-8")
        before = contents(folder)
        ran = emsync("conform", source, "--keep", cues[-1], "--out", music, "--json")
        assert ran.returncode == 0, ran.stderr
        assert {path: path.read_bytes() for path in before} == before
        told.append(json.loads(ran.stdout))
        cues.append(Path(told[-1]["files"]["cue"]))
    return folder, cues, told


def test_the_changes_of_the_picture_are_named(versions):
    _, _, (second, third) = versions
    assert kept_names(second, "inserted") == ["The bay, noon"]
    assert kept_names(second, "retimed") == ["Behind the window"]
    assert kept_names(second, "trimmed") == ["Reeds"]
    assert kept_names(second, "moved") == kept_names(second, "removed") == []
    moved = kept_names(third, "moved")
    assert moved in (["Fireworks"], ["The dance"])
    assert kept_names(third, "removed") == ["Gusts"]
    assert kept_names(third, "inserted") == ["black"]
    assert kept_names(third, "retimed") == kept_names(third, "trimmed") == []


def test_every_hit_is_exact_and_music_is_kept_moved_and_refitted(versions):
    _, cues, (second, third) = versions
    for path in cues:
        cue = json.loads(path.read_text(encoding="utf-8"))
        answers = cue["takes"][cue["chosen"]]["answers"]
        assert len(answers) > 10
        assert all(abs(answer["error_ms"]) < 1 for answer in answers)
    states = [Counter(section["state"] for section in said["sections"]) for said in (second, third)]
    assert states[0]["kept"] >= 1
    assert states[0]["moved"] >= 1
    assert second["refitted"]["notes"] > 0
    assert any(section["state"] == "re-fitted" and section["same_notes"] for section in second["sections"])
    assert states[1]["kept"] >= 1
    assert third["refitted"]["notes"] == 0
    assert all(said["identical"]["seconds"] > 25 for said in (second, third))


def test_results_lie_beside_each_other_with_chart_and_lists(versions):
    folder, cues, told = versions
    assert [path.name for path in cues] == ["storm.cue.json", "storm v02.cue.json", "storm v03.cue.json"]
    for said, ending in zip(told, (".xml", ".fcpxml"), strict=True):
        files = {kind: Path(path) for kind, path in said["files"].items()}
        assert {path.parent for path in files.values()} == {folder / "music"}
        assert files["timeline"].suffix == ending
        assert files["picture"].read_bytes().startswith(b"\x89PNG")
        rows = list(csv.DictReader(files["changes"].read_text(encoding="utf-8").splitlines()))
        assert [(row["change"], row["clip"]) for row in rows] == [
            (each["change"], each["clip"]) for each in said["changes"]
        ]
        for row, each in zip(rows, said["changes"], strict=True):
            for side in ("old", "new"):
                frame = each[side] and round(each[side][0] * 24)
                assert row[f"{side}_frame"] == ("" if frame is None else str(frame))
        events = files["change EDL"].read_text(encoding="utf-8").count("OLDCUT")
        assert events == sum(bool(each["old"] and each["new"]) for each in said["changes"])


def test_back_to_the_first_cut_in_its_own_format(emsync, versions, tmp_path):
    _, cues, _ = versions
    ran = emsync("conform", STORM, "--keep", cues[2], "--out", tmp_path, "--json")
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert kept_names(said, "retimed") == ["Behind the window"]
    assert kept_names(said, "removed") == ["The bay, noon", "black"]
    assert said["refitted"]["notes"] > 0
    assert all(
        abs(hit["error_ms"]) < 1 for hit in json.loads(Path(said["files"]["cue"]).read_text())["takes"][0]["answers"]
    )
    tracks = json.loads(Path(said["files"]["timeline"]).read_text(encoding="utf-8"))["tracks"]["children"]
    (track,) = (each for each in tracks if each["name"] == "AI Music")
    carried = track["metadata"]["emsync_bridge"]["cue"]["conform"]
    for part in ("changes", "hits", "sections", "identical", "refitted"):
        assert carried[part] == said[part]
