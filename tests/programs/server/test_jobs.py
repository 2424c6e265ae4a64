"""Jobs from the request to their files."""

import json
import os
import shutil
import time
from pathlib import Path

import pytest
from bridge_running import short_cut
from places import STORM_MEDIA

FAST = {"emotion": {"mood": "joy"}, "music": {"style": "network"}, "render": {"engine": "midirenderer"}}


@pytest.fixture(scope="module")
def scored(bridge, cut):
    return bridge.done(kind="score", source=str(cut), takes=2, seed=5, **FAST)


def test_spot_gives_the_document_of_the_command(bridge, cut):
    result = bridge.done(kind="spot", source=str(cut), read={"min_gap": 0})["result"]
    assert [hit["frame"] for hit in result["hits"]] == [0, 24, 48, 72, 96]
    assert result["start_timecode"] == "01:00:00:00"
    assert len(result["shots"]) == 4


def test_an_editor_s_markers_take_the_place_of_those_in_its_export(bridge, cut):
    editor = {"rate": "24", "start_frame": 86400, "markers": [{"frame": 30, "color": "Blue", "name": "boom"}]}
    result = bridge.done(kind="spot", source=str(cut), editor=editor)["result"]
    assert [(hit["frame"], hit["name"]) for hit in result["hits"] if hit["kind"] == "marker"] == [(30, "boom")]
    assert not result["warnings"]
    editor = {"rate": "25", "start_frame": 0}
    warnings = " ".join(bridge.done(kind="spot", source=str(cut), editor=editor)["result"]["warnings"])
    assert "25 frames per second" in warnings
    assert "86400" in warnings


def test_what_was_felt_and_edited_comes_back_as_it_was_sent(bridge, cut):
    felt = bridge.done(kind="feel", source=str(cut), emotion={"mood": "calm"})["result"]
    felt["spotting"]["hits"][2]["name"] = "here"
    felt["curve"]["spans"][0]["affect"] = {"valence": -0.5, "arousal": 0.25}
    edited = {"spotting": felt["spotting"], "curve": felt["curve"]}
    cue = bridge.done(kind="score", source=str(cut), **edited, render=FAST["render"])["result"]["cue"]
    assert cue["spotting"]["hits"][2]["name"] == "here"
    assert cue["curve"]["spans"][0]["affect"] == {"valence": -0.5, "arousal": 0.25}
    assert cue["hits"][2]["name"] == "here"


def test_score_writes_the_files_that_it_names(bridge, cut, scored):
    assert scored["kind"] == "score"
    assert scored["created"] <= scored["started"] <= scored["ended"] <= time.time()
    assert scored["request"]["source"] == str(cut)
    assert len(scored["result"]["cue"]["takes"]) == 2
    assert {"midi", "audio", "cue", "picture", "timeline"} <= set(scored["files"])
    assert scored["sizes"] == {kind: Path(path).stat().st_size for kind, path in scored["files"].items()}
    assert scored["result"]["media"] == [False] * 4
    for path in scored["files"].values():
        assert Path(path).parent == Path(scored["result"]["out"])
        assert Path(path).stat().st_size > 0
    for kind in scored["files"]:
        fetched = bridge.http.get(f"/v1/jobs/{scored['id']}/files/{kind}")
        assert fetched.content == Path(scored["files"][kind]).read_bytes()


def test_part_of_a_file_can_be_fetched(bridge, scored):
    whole = Path(scored["files"]["audio"]).read_bytes()
    url = f"/v1/jobs/{scored['id']}/files/audio"
    part = bridge.http.get(url, headers={"Range": "bytes=1000-1999"})
    assert part.status_code == 206
    assert part.headers["content-type"] == "audio/wav"
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(whole)}"
    assert part.content == whole[1000:2000]
    assert bridge.http.get(url, headers={"Range": "bytes=-10"}).content == whole[-10:]
    assert bridge.http.get(url, headers={"Range": f"bytes={len(whole)}-"}).status_code == 416


def test_a_take_is_told_in_seconds(bridge, scored):
    take = bridge.http.get(f"/v1/jobs/{scored['id']}/takes/1").json()
    assert take["seed"] == 6
    assert take["notes"]
    assert all(0 <= start < end for start, end, *_ in take["notes"])
    assert len(take["notes"]) == len(scored["result"]["cue"]["takes"][1]["notes"])
    assert take["tempo"][0][0] == 0
    assert 40 <= take["tempo"][0][1] <= 220
    assert take["bars"][0] == 0
    assert take["bars"] == sorted(take["bars"])
    assert bridge.http.get(f"/v1/jobs/{scored['id']}/takes/2").status_code == 404


def test_another_file_of_the_cut_gets_the_music_of_a_job_and_can_be_worked_on_as_any_other(bridge, scored, tmp_path):
    source = tmp_path / "changed.otio"
    shutil.copy(scored["request"]["source"], source)
    done = bridge.done(kind="conform", job=scored["id"], source=str(source))
    told, cue = done["result"]["conform"], scored["result"]["cue"]
    assert {hit["state"] for hit in told["hits"]} == {"kept"}
    assert told["identical"]["notes"] == told["identical"]["of_notes"] == len(cue["takes"][cue["chosen"]]["notes"])
    assert [section["state"] for section in told["sections"]] == ["kept"]
    assert {"changes", "change EDL", "timeline", "cue"} <= done["files"].keys()
    assert done["files"]["timeline"] != scored["files"]["timeline"]
    by_file = bridge.done(kind="conform", cue=scored["files"]["cue"], source=str(source))
    assert by_file["result"]["conform"] == told
    redone = bridge.done(kind="redo", job=by_file["id"], start=0, end=2, seed=5)
    assert redone["result"]["cue"]["spotting"]["duration"] == cue["spotting"]["duration"]
    assert (
        bridge.http.post("/v1/jobs", json={"kind": "conform", "job": "0" * 16, "source": str(source)}).status_code
        == 404
    )
    for music in ({}, {"job": scored["id"], "cue": scored["files"]["cue"]}, {"cue": str(tmp_path / "no.cue.json")}):
        answer = bridge.http.post("/v1/jobs", json={"kind": "conform", "source": str(source), **music})
        assert answer.status_code == 422


def test_another_take_and_a_new_section_are_jobs_of_their_own(bridge, scored):
    other = 1 - scored["result"]["cue"]["chosen"]
    chosen = bridge.done(kind="take", job=scored["id"], take=other)
    assert chosen["result"]["cue"]["chosen"] == other
    assert chosen["result"]["out"] != scored["result"]["out"]
    redone = bridge.done(kind="redo", job=chosen["id"], start=2, end=4, seed=77, mood=[None, 0.9])
    takes = redone["result"]["cue"]["takes"]
    assert redone["result"]["cue"]["chosen"] == 2 == len(takes) - 1
    tempo, base = takes[2]["tempo_map"]["tempos"][0], takes[other]
    ticks_a_second = 24e6 / tempo["microseconds_per_quarter"]
    before = [[n for n in take["notes"] if n["end"] < ticks_a_second] for take in (base, takes[2])]
    assert before[0] == before[1]
    assert takes[2]["notes"] != base["notes"]


def test_events_begin_with_the_present_and_end_with_the_record(bridge, cut):
    job = bridge.start(kind="score", source=str(cut), **FAST)
    events = list(bridge.events(job))
    assert {kind for kind, _ in events[:-1]} == {"progress"}
    assert all(set(data) == {"step", "share", "seconds_left"} for _, data in events[:-1])
    assert "Composing" in [data["step"] for _, data in events[:-1]]
    kind, record = events[-1]
    assert kind == "done"
    assert record == bridge.record(job)
    assert list(bridge.events(job)) == [("done", record)]


def test_a_reload_in_the_middle_loses_nothing(bridge, long_cut):
    job = bridge.start(kind="score", source=str(long_cut), **FAST)
    bridge.working(job)
    first = next(bridge.events(job))
    again = next(bridge.events(job))
    assert first[0] == again[0] == "progress"
    assert again[1]["step"]
    bridge.http.post(f"/v1/jobs/{job}/cancel")
    kind, record = list(bridge.events(job))[-1]
    assert kind == record["state"] == "cancelled"


def test_a_failure_says_what_where_and_what_next(bridge, tmp_path):
    broken = tmp_path / "broken.otio"
    broken.write_text("{")
    record = bridge.until(bridge.start(kind="score", source=str(broken)), "failed")
    assert record["error"]["where"] == str(broken)
    assert record["error"]["what"]
    assert record["result"] is None
    assert record["files"] == {}
    refused = bridge.http.post("/v1/jobs", json={"kind": "take", "job": record["id"], "take": 0})
    assert refused.status_code == 409


def test_results_go_where_they_are_asked_for(bridge, cut, tmp_path):
    out = tmp_path / "music here"
    record = bridge.done(kind="score", source=str(cut), out=str(out), **FAST)
    assert record["result"]["out"] == str(out)
    assert sorted(out.iterdir()) == sorted(Path(path) for path in record["files"].values())


def test_removing_takes_what_was_written_and_nothing_else(bridge, cut, tmp_path):
    out = tmp_path / "out"
    record = bridge.done(kind="score", source=str(cut), out=str(out), **FAST)
    changed = Path(record["files"]["marker list"])
    changed.write_text("my own list")
    (out / "mine.txt").write_text("mine")
    assert bridge.http.delete(f"/v1/jobs/{record['id']}?results=true").status_code == 204
    assert sorted(path.name for path in out.iterdir()) == sorted([changed.name, "mine.txt"])
    assert cut.exists()
    assert bridge.http.get(f"/v1/jobs/{record['id']}").status_code == 404
    assert record["id"] not in [job["id"] for job in bridge.http.get("/v1/jobs").json()]


def test_results_in_the_user_s_folder_stay_unless_they_are_to_go_too(bridge, cut, tmp_path):
    record = bridge.done(kind="score", source=str(cut), out=str(tmp_path / "music"), **FAST)
    assert bridge.http.delete(f"/v1/jobs/{record['id']}").status_code == 204
    assert all(Path(path).exists() for path in record["files"].values())  # an editor may show them


def test_an_export_goes_with_the_last_job_that_was_asked_of_it(bridge, cut):
    exported = bridge.home / "exchange" / "exports" / "cut.otio"
    shutil.copyfile(cut, exported)
    one, other = (bridge.done(kind="spot", source=str(exported)) for _ in range(2))
    bridge.http.delete(f"/v1/jobs/{one['id']}")
    assert exported.exists()
    bridge.http.delete(f"/v1/jobs/{other['id']}")
    assert not exported.exists()


def test_a_job_in_its_own_folder_is_removed_with_it_unless_something_was_changed(bridge, cut):
    one, other = (bridge.done(kind="score", source=str(cut), **FAST) for _ in range(2))
    kept = Path(other["files"]["midi"])
    os.utime(kept, (1, 1))
    for record in (one, other):
        assert bridge.http.delete(f"/v1/jobs/{record['id']}").status_code == 204
    assert not Path(one["result"]["out"]).parent.exists()
    assert list(Path(other["result"]["out"]).iterdir()) == [kept]


def test_a_running_job_is_not_removed(bridge, long_cut):
    job = bridge.start(kind="score", source=str(long_cut), **FAST)
    bridge.working(job)
    assert bridge.http.delete(f"/v1/jobs/{job}").status_code == 409
    bridge.http.post(f"/v1/jobs/{job}/cancel")
    assert bridge.http.delete(f"/v1/jobs/{job}").status_code == 204


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_file_that_now_leads_out_of_the_job_s_folder_is_not_served(bridge, cut):
    record = bridge.done(kind="score", source=str(cut), **FAST)
    midi = Path(record["files"]["midi"])
    midi.unlink()
    midi.symlink_to(bridge.home / "bridge.json")
    answer = bridge.http.get(f"/v1/jobs/{record['id']}/files/midi")
    assert answer.status_code == 403
    assert bridge.token not in answer.text
    for kind in ("%2e%2e", "%2e%2e%2frecord.json", "record.json", "timeline%00"):
        assert bridge.http.get(f"/v1/jobs/{record['id']}/files/{kind}").status_code == 404


def test_jobs_are_listed_newest_first_without_their_results(bridge, scored, cut):
    last = bridge.done(kind="spot", source=str(cut))
    listed = bridge.http.get("/v1/jobs", params={"limit": 1000}).json()
    assert listed[0]["id"] == last["id"]
    assert scored["id"] in [job["id"] for job in listed]
    assert all(job["result"] is None for job in listed)
    assert len(bridge.http.get("/v1/jobs", params={"limit": 1}).json()) == 1
    assert bridge.http.get("/v1/jobs", params={"limit": 0}).status_code == 422


def test_shots_can_be_seen_and_missing_media_is_said(bridge, cut, tmp_path):
    media = STORM_MEDIA
    movie = sorted(media.glob("*.mp4"))[0]
    seen = bridge.done(kind="spot", source=str(short_cut(tmp_path, 2, movie, "seen")))
    picture = bridge.http.get(f"/v1/jobs/{seen['id']}/shots/1/thumbnail")
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.content[:2] == b"\xff\xd8"
    assert bridge.http.get(f"/v1/jobs/{seen['id']}/shots/1/thumbnail").content == picture.content
    assert bridge.http.get(f"/v1/jobs/{seen['id']}/shots/9/thumbnail").status_code == 404
    assert bridge.http.get(f"/v1/jobs/{seen['id']}/video").status_code == 404
    unseen = bridge.done(kind="spot", source=str(cut))
    assert bridge.http.get(f"/v1/jobs/{unseen['id']}/shots/0/thumbnail").status_code == 404
    asked = {"kind": "feel", "source": str(cut), "emotion": {"mood": "joy", "picture": str(movie)}}
    watched = bridge.done(**asked)
    video = bridge.http.get(f"/v1/jobs/{watched['id']}/video", headers={"Range": "bytes=0-99"})
    assert video.status_code == 206
    assert video.headers["content-type"] == "video/mp4"
    assert video.content == movie.read_bytes()[:100]


def test_moods_have_names(bridge):
    moods = {mood["name"]: mood for mood in bridge.http.get("/v1/moods").json()}
    assert moods["joy"]["valence"] > 0 > moods["grief"]["valence"]


def test_records_hold_what_was_asked_and_no_secret(bridge, scored):
    stored = (bridge.home / "jobs" / scored["id"] / "record.json").read_text()
    assert json.loads(stored)["request"] == scored["request"]
    assert bridge.token not in stored
