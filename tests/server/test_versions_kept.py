"""Versions: what a person notes on them, how much room they take, and which go when there are too many."""

import time

import pytest
from made_jobs import asking, bridge_of, ended, upload

from emsync_bridge.server.cuts import disk_use
from emsync_bridge.server.cuts.disk_use import surplus, surplus_sounds


def letters(jobs):
    return "".join(letter for job in jobs for letter in job.letters)


def test_notes_outlive_the_bridge_and_go_with_their_version(bridge, home, tmp_path):
    first, second = ended(bridge, tmp_path / "cut.otio"), ended(bridge, tmp_path / "cut.otio")
    url = f"/v1/cuts/{first.cut}/notes"
    assert asking(bridge).put(f"{url}/A", json={"star": True}).status_code == 200
    asking(bridge).put(f"{url}/A", json={"name": "the calm one"})
    asking(bridge).put(f"{url}/B", json={"note": "too fast"})
    found = asking(bridge_of(home)).get(url).json()
    assert found["A"] == {"name": "the calm one", "star": True, "note": "", "placed": False}
    bridge.retention.remove(second)
    assert set(asking(bridge).get(url).json()) == {"A"}
    bridge.remove_cut(first.cut)
    assert asking(bridge).get(url).json() == {}
    assert not list(home.notes.iterdir())


@pytest.mark.parametrize(("letter", "note"), [("Z", {}), ("a", {}), ("A", {"name": "x" * 101}), ("A", {"more": 1})])
def test_notes_that_belong_to_nothing_are_refused(bridge, tmp_path, letter, note):
    cut = ended(bridge, tmp_path / "cut.otio").cut
    assert asking(bridge).put(f"/v1/cuts/{cut}/notes/{letter}", json=note).status_code in (404, 422)


def test_notes_that_cannot_be_read_are_none(bridge, home, tmp_path):
    cut = ended(bridge, tmp_path / "cut.otio").cut
    (home.notes / f"{cut}.json").write_text('{"A": [1]}')
    assert bridge.notes.read(cut) == {}


def test_the_oldest_versions_go_and_none_that_a_person_marked(bridge, tmp_path):
    cut = tmp_path / "cut.otio"
    made = [ended(bridge, cut) for _ in range(8)]
    bridge.notes.change(made[0].cut, "B", star=True)
    bridge.notes.change(made[0].cut, "C", name="calm")
    bridge.notes.change(made[0].cut, "D", placed=True)
    made[4].request["client"] = "resolve"
    going = surplus(bridge.jobs.values(), bridge.notes.read, most=4)
    assert letters(going) == "AFG"
    assert letters(surplus(bridge.jobs.values(), bridge.notes.read, most=6)) == "AF"
    assert surplus(bridge.jobs.values(), bridge.notes.read) == []


def test_all_versions_together_are_bounded_by_their_bytes(bridge, tmp_path):
    for name in ("one", "two"):
        for _ in range(3):
            ended(bridge, tmp_path / f"{name}.otio", files=["music.wav"])
    size = disk_use.results_size(next(iter(bridge.jobs.values())))
    going = surplus(bridge.jobs.values(), bridge.notes.read, most_bytes=4 * size)
    assert letters(going) == "AB"
    assert {job.request["source"] for job in going} == {str(tmp_path / "one.otio")}
    least = surplus(bridge.jobs.values(), bridge.notes.read, most_bytes=0)
    assert letters(least) == "ABAB"


def test_a_new_version_tells_which_went_for_it(bridge, tmp_path, monkeypatch):
    monkeypatch.setattr(disk_use.surplus, "__kwdefaults__", {"most": 2, "most_bytes": 2**40})
    first = ended(bridge, tmp_path / "cut.otio", files=["music.wav"])
    out = bridge.records.own_out(first)
    ended(bridge, tmp_path / "cut.otio")
    last = ended(bridge, tmp_path / "cut.otio")
    bridge._changed(last)
    asked = asking(bridge)
    assert asked.get(f"/v1/jobs/{last.id}").json()["removed"] == ["A"]
    assert asked.get(f"/v1/jobs/{first.id}").status_code == 404
    assert not out.exists()


def test_disk_use_is_told_by_cut_and_in_all(bridge, home, tmp_path):
    movie = upload(home, "film.mp4")
    movie.write_bytes(b"x" * 1000)
    (movie.parent / "again.mp4").hardlink_to(movie)
    job = ended(bridge, tmp_path / "cut.otio", files=["music.wav"], emotion={"picture": str(movie)})
    ended(bridge, tmp_path / "other.otio", out=str(tmp_path / "mine"))
    rows = {row["id"]: row["bytes"] for row in asking(bridge).get("/v1/cuts").json()}
    assert rows[job.cut] == 1000 + disk_use.results_size(job)
    assert sorted(rows.values())[0] == 0
    told = asking(bridge).get("/v1/disk").json()
    assert (told["uploads"], told["results"], told["proxies"]) == (1000, disk_use.results_size(job), 0)
    assert told["total"] > 1000
    assert told["max_versions"] == disk_use.MAX_VERSIONS


def test_a_version_that_an_editor_has_placed_is_kept(bridge, tmp_path):
    made = [ended(bridge, tmp_path / "cut.otio") for _ in range(4)]
    asked = asking(bridge)
    editor = asked.post("/v1/editors", json={"name": "resolve"}).json()["id"]
    for job, state in ((made[0], "placed"), (made[1], "failed")):
        order = asked.post(f"/v1/editors/{editor}/orders", json={"place": job.id}).json()["order"]
        asked.post(f"/v1/editors/{editor}/orders/{order}", json={"state": state, "message": "."})
    assert asked.get(f"/v1/cuts/{made[0].cut}/notes").json()["A"]["placed"] is True
    assert letters(surplus(bridge.jobs.values(), bridge.notes.read, most=1)) == "BC"


def test_sounds_of_single_players_go_with_their_version_and_are_bounded(bridge, tmp_path):
    first, second = ended(bridge, tmp_path / "cut.otio"), ended(bridge, tmp_path / "cut.otio")

    def sounds(version, family):
        (bridge.records.folder(version) / "result.json").write_text("{}")
        job = bridge.submit("page", {"kind": "players", "job": version.id, "family": family})
        job.state, job.ended = "done", time.time()
        return job

    made = [sounds(first, "brass"), sounds(second, "brass"), sounds(second, "strings")]
    assert [job.letters for job in made] == [[], [], []]
    assert {job.cut for job in made} == {first.cut}
    assert surplus_sounds(bridge.jobs.values(), most=2) == made[:1]
    bridge.retention.remove(first)
    assert bridge.jobs.keys() & {job.id for job in made} == {job.id for job in made[1:]}
