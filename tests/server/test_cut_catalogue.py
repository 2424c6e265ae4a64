"""Cuts: edits that are kept, letters that stay, archives with every file, uploads that are needed."""

import io
import zipfile
from datetime import date
from fractions import Fraction

import pytest
from made_jobs import asking, bridge_of, ended, upload

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, HitPoint, Shot, Spotting
from emsync_bridge.cue.serialization import to_document
from emsync_bridge.server.cuts.catalogue import upload_folders
from emsync_bridge.server.cuts.identity import cut_id
from emsync_bridge.server.cuts.letters import index_of, letter_of
from emsync_bridge.server.cuts.upload_sweep import sweep
from emsync_bridge.server.jobs.worker_lane import take_outcome
from emsync_bridge.server.listening import open_listener

SPOTTING = Spotting(
    "cut", 4.0, Fraction(24), hits=(HitPoint(0.0, 0, "start"), HitPoint(2.0, 48, "cut")), shots=(Shot(0.0, 4.0),)
)
DOCUMENT = {
    "spotting": to_document(SPOTTING),
    "curve": to_document(EmotionCurve((EmotionSpan(0.0, 4.0, Affect(0.5, -0.5)),))),
    "ask": {"seed": 3},
    "cut": "0" * 16,
}


def draft(revision=0, tab="one", **changed):
    return {"revision": revision, "tab": tab, "document": {**DOCUMENT, **changed}}


def test_edits_outlive_the_bridge(home, tmp_path):
    cut = cut_id(str(tmp_path / "storm.otio"))
    first = asking(bridge_of(home))
    assert first.get(f"/v1/cuts/{cut}/edits").json()["document"] is None
    kept = first.put(f"/v1/cuts/{cut}/edits", json=draft())
    assert (kept.status_code, kept.json()["revision"]) == (200, 1)
    found = asking(bridge_of(home)).get(f"/v1/cuts/{cut}/edits").json()
    assert (found["document"], found["revision"]) == (DOCUMENT, 1)


def test_a_second_window_does_not_write_over_the_edits_of_the_first(bridge):
    asked, url = asking(bridge), f"/v1/cuts/{'a' * 16}/edits"
    assert asked.put(url, json=draft()).status_code == 200
    assert asked.put(url, json=draft(tab="two", ask={"seed": 9})).status_code == 409
    assert asked.get(url).json()["document"]["ask"] == {"seed": 3}
    assert asked.put(url, json=draft(1, "two", ask={"seed": 9})).json()["revision"] == 2


@pytest.mark.parametrize("cut", ["..%2f..%2fx", "A" * 16, "a" * 17, "x" * 16])
def test_names_that_are_none_of_a_cut_are_refused(bridge, cut):
    assert asking(bridge).put(f"/v1/cuts/{cut}/edits", json=draft()).status_code in (404, 422)


def test_edits_that_no_music_can_be_composed_for_are_refused(bridge):
    for changed in ({"curve": {"spans": []}}, {"spotting": {**DOCUMENT["spotting"], "duration": -1}}, {"more": 1}):
        assert asking(bridge).put(f"/v1/cuts/{'a' * 16}/edits", json=draft(**changed)).status_code == 422
    assert asking(bridge).get(f"/v1/cuts/{'a' * 16}/edits").json()["document"] is None


@pytest.mark.parametrize("index", [0, 25, 26, 51, 52, 701, 702])
def test_letters_count_on(index):
    assert index_of(letter_of(index)) == index
    assert [letter_of(each) for each in (0, 25, 26, 702)] == ["A", "Z", "AA", "AAA"]


def test_a_cut_is_listed_with_its_first_shot_that_has_a_picture(bridge, tmp_path):
    spotting = to_document(SPOTTING)
    for name, media in (("black first", [False, True]), ("no media", [False, False])):
        read = ended(bridge, tmp_path / f"{name}.otio", kind="feel")
        take_outcome(read, {"result": {"spotting": {**spotting, "name": name}, "media": media}})
    rows = asking(bridge).get("/v1/cuts").json()
    assert {row["name"]: row["pictured"] for row in rows} == {"black first": 1, "no media": None}


def test_versions_keep_their_letters(bridge, tmp_path):
    cut = tmp_path / "cut.otio"
    first = ended(bridge, cut, takes=2)
    failed = ended(bridge, cut, state="failed")
    third = ended(bridge, cut)
    other = ended(bridge, tmp_path / "other.otio")
    assert [job.letters for job in (first, failed, third, other)] == [["A", "B"], ["C"], ["C"], ["A"]]
    bridge.retention.remove(first)
    assert asking(bridge).get(f"/v1/jobs/{third.id}").json()["letters"] == ["C"]
    later = ended(bridge, cut, takes=2)
    assert later.letters == ["D", "E"]
    (bridge.records.folder(later) / "result.json").write_text("{}")
    rendered = bridge.submit("page", {"kind": "take", "job": later.id, "take": 1})
    assert rendered.letters == ["E"]


def test_the_letter_of_a_removed_version_names_no_other_one(bridge, tmp_path):
    cut = tmp_path / "cut.otio"
    ended(bridge, cut)
    last = ended(bridge, cut, takes=2)
    bridge.retention.remove(last)
    bridge.retention.remove(ended(bridge, cut, state="failed"))
    again = ended(bridge, cut)
    assert (last.letters, again.letters) == (["B", "C"], ["D"])
    bridge.remove_cut(again.cut)
    assert ended(bridge, cut).letters == ["A"]


def test_versions_of_a_bridge_without_letters_get_the_next_ones(bridge, home, tmp_path):
    cut = tmp_path / "cut.otio"
    jobs = [ended(bridge, cut) for _ in range(3)]
    jobs[1].letters = []
    for job in jobs:
        bridge.records.save(job)
    taken_up = bridge_of(home)
    taken_up._take_up()
    assert ["".join(taken_up.jobs[job.id].letters) for job in jobs] == ["A", "D", "C"]
    assert "".join(bridge_of(home).records.load()[1].letters) == "D"


def test_an_archive_holds_every_file_beside_the_others(bridge, tmp_path):
    job = ended(bridge, tmp_path / "cut.otio", files=["cut A seed 1.wav", "cut A seed 1.scored.otio"])
    answer = asking(bridge).get(f"/v1/jobs/{job.id}/archive")
    assert answer.status_code == 200
    assert "cut%20A%20seed%201.zip" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == [
            f"cut A seed 1/{name}" for name in ("cue.json", "cut A seed 1.scored.otio", "cut A seed 1.wav")
        ]
        assert archive.read("cut A seed 1/cut A seed 1.wav") == b"x" * 10


def test_scored_cuts_come_first_and_failures_not_at_all(bridge, tmp_path):
    scored = ended(bridge, tmp_path / "scored.otio", takes=2)
    for number in range(12):
        ended(bridge, tmp_path / f"read{number}.otio", kind="feel")
        ended(bridge, tmp_path / f"broken{number}.otio", kind="feel", state="failed")
    rows = asking(bridge).get("/v1/cuts").json()
    assert len(rows) == 13
    assert (rows[0]["file"], rows[0]["versions"], rows[0]["job"]) == ("scored.otio", 2, scored.id)
    assert rows[1]["file"] == "read11.otio"
    alone = asking(bridge).get("/v1/cuts", params={"source": str(tmp_path / "read3.otio")}).json()
    assert [row["file"] for row in alone] == ["read3.otio"]


def test_everything_that_a_cut_was_made_from_is_kept(bridge, home):
    source, movie, curve, sounds, stray = (
        upload(home, name) for name in ("a.otio", "a.mp4", "a.csv", "a.sf2", "b.mp4")
    )
    emotion = {"picture": str(movie), "curve": str(curve)}
    ended(bridge, source, emotion=emotion, render={"soundfont": str(sounds)})
    for day in range(1, 8):
        sweep(home, upload_folders(home.inputs, bridge.jobs.values()), date(2026, 3, day))
    assert all(path.exists() for path in (source, movie, curve, sounds))
    assert not stray.exists()


def test_a_removed_cut_takes_its_uploads_and_edits_along_but_nothing_of_others(bridge, home, tmp_path):
    source, movie = upload(home, "a.otio"), upload(home, "a.mp4")
    job = ended(bridge, source, emotion={"picture": str(movie)})
    other = ended(bridge, tmp_path / "b.otio", emotion={"picture": str(movie)})
    asked, url = asking(bridge), f"/v1/cuts/{cut_id(str(source))}"
    asked.put(f"{url}/edits", json=draft())
    assert asked.delete(url).status_code == 204
    assert not source.exists()
    assert movie.exists()
    assert list(bridge.jobs) == [other.id]
    assert asked.get(f"{url}/edits").json()["document"] is None
    assert asked.delete(url).status_code == 404
    assert not bridge.records.folder(job).exists()


def test_a_cut_that_is_worked_at_is_not_removed(bridge, tmp_path):
    ended(bridge, tmp_path / "a.otio", state="running")
    assert asking(bridge).delete(f"/v1/cuts/{cut_id(str(tmp_path / 'a.otio'))}").status_code == 409


def test_the_port_of_last_time_is_taken_again_where_it_is_free(home):
    with open_listener(home) as first:
        port = first.getsockname()[1]
        with open_listener(home) as second:
            assert second.getsockname()[1] != port
    home.port.write_text(str(port))
    with open_listener(home) as again:
        assert again.getsockname()[1] == port
    home.port.write_text("nonsense")
    with open_listener(home) as other:
        assert other.getsockname()[1]
