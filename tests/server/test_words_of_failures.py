"""Failures in words for people who edit films: what to correct, and what to do on a full disk."""

import errno

import pytest
from made_jobs import asking, ended

from emsync_bridge.files.portable import portable_name


@pytest.mark.parametrize(
    ("request_", "where", "setting"),
    [
        ({"kind": "feel", "source": "storm.otio"}, "source", "source"),
        ({"kind": "score", "source": "/a.otio", "seed": -1}, "seed", "seed"),
        ({"kind": "score", "source": "/a.otio", "music": {"bpm": 5000}}, "music.bpm", "bpm"),
    ],
)
def test_a_wrong_value_is_named_and_no_program_is_needed_to_correct_it(bridge, request_, where, setting):
    error = asking(bridge).post("/v1/jobs", json=request_).json()["error"]
    assert (error["where"], error["setting"], error["hint"]) == (where, setting, "Correct this value")


@pytest.mark.parametrize(
    "request_", [{"kind": "dance"}, {"kind": "feel"}, {"kind": "feel", "source": "/a", "x": 1}, []]
)
def test_a_wrong_shape_is_explained_to_programs(bridge, request_):
    error = asking(bridge).post("/v1/jobs", json=request_).json()["error"]
    assert "/openapi.json" in error["hint"]


def test_a_full_disk_is_said(bridge, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    cut = tmp_path / "cut.otio"
    cut.write_text("{}")
    monkeypatch.setattr(bridge.records, "new", full)
    answer = asking(bridge).post("/v1/jobs", json={"kind": "spot", "source": str(cut)})
    assert answer.status_code == 507
    assert answer.json()["error"]["what"] == "The disk is full"
    assert "removing cuts" in answer.json()["error"]["hint"]


@pytest.mark.parametrize(
    ("name", "portable"),
    [
        ("Scene 12: night?", "Scene 12_ night_"),
        ("storm v1.2", "storm v1.2"),
        ("con.txt", "_con.txt"),
        ("...", "_"),
        (" a. ", "a"),
        ("Gewitter ü", "Gewitter ü"),
    ],
)
def test_names_of_results_suit_every_system(name, portable):
    assert portable_name(name) == portable
    assert portable_name(portable) == portable


def test_an_archive_is_named_after_its_music(bridge, tmp_path):
    job = ended(bridge, tmp_path / "cut.otio", files=["storm v1.2 A seed 1.wav"])
    job.files["audio"] = job.files.pop("wav")
    told = asking(bridge).get(f"/v1/jobs/{job.id}/archive").headers["content-disposition"]
    assert told.endswith("storm%20v1.2%20A%20seed%201.zip")
