"""The installed entries, run as Resolve runs them: without site, without __file__, from another folder."""

import json
import os
from pathlib import Path

import pytest
from fake_resolve import FakeResolve
from resolve_desk import Desk
from standin_bridge import StandIn

BOTH = pytest.mark.parametrize("lua", [False, True], ids=["python", "lua"])
PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"


def oldest_python():
    """Return the oldest Python 3 from 3.6 on at hand."""
    known = [path for path in PYENV.glob("3.*/bin/python") if int(path.parts[-3].split(".")[1]) >= 6]
    return min(known, key=lambda path: int(path.parts[-3].split(".")[1]), default=None)


def music(timeline, track=2):
    (item,) = timeline.GetItemListInTrack("audio", track)
    return item.GetStart(), item.GetDuration()


@BOTH
def test_score_says_what_it_did_and_leaves_the_rest_alone(desk, bridge, app, lua):
    timeline = app.project._current
    app.page = "color"
    users_bin = app.project._pool.AddSubFolder(app.project._pool._root, "Rushes")
    app.project._pool._current = users_bin
    timeline.AddMarker(48, "Blue", "mine", "", 1, "")
    app.calls.clear()
    said = desk.click("Score this timeline", app, lua=lua)
    assert "Scoring 'Scene 12': job 0000000000000001." in said
    assert "Note: A thing to know" in said
    assert "Note: 1 marker(s) stand a frame or two beside their place" in said
    assert said.rstrip().endswith(
        "Done. 10.0 s of music from the start on track A2 'emsync 1', and 2 marker(s). "
        "Nothing else was changed; the project is not saved."
    )
    assert music(timeline) == (86400, 240)
    assert timeline.GetTrackSubType("audio", 2) == "stereo"
    assert {frame: marker["customData"] for frame, marker in timeline.GetMarkers().items()} == {
        48.0: "",
        49.0: "emsync:0000000000000001:0",
        96.0: "emsync:0000000000000001:1",
    }
    assert app.page == "color"
    assert app.project._pool._current is users_bin
    assert app.named("SaveProject", "SetCurrentTimecode", "DeleteMarkersByColor", "OpenPage", "DeleteClips") == []
    (request,) = [body for method, path, body in bridge.requests if (method, path) == ("POST", "/v1/jobs")]
    assert request["editor"] == {
        "start_frame": 86400,
        "rate": "24",
        "drop_frame": False,
        "markers": [{"frame": 48, "color": "Blue", "name": "mine", "note": "", "duration": 1}],
        "project": "Short film",
        "timeline": "Scene 12",
    }
    assert Path(request["source"]).parent == bridge.exchange / "exports"
    assert json.loads(Path(request["source"]).read_text())["OTIO_SCHEMA"] == "Timeline.1"


@BOTH
@pytest.mark.parametrize(
    ("rate", "start", "sent", "drop"),
    [
        ("23.976", 86400, "23.976", False),
        ("25", 90000, "25", False),
        ("29.97", 108000, "29.97", False),
        ("29.97 DF", 107892, "29.97", True),
        ("59.94 DF", 215784, "59.94", True),
    ],
)
def test_rates_are_exact_and_frames_absolute(tmp_path, rate, start, sent, drop, lua):
    desk = Desk(tmp_path, music="")
    bridge = StandIn(desk.bridge)
    app = FakeResolve(rate=rate, odd_numbers=True)
    timeline = app.cut(120, 120)
    timeline.SetMarkInOut(30, 89)
    try:
        said = desk.click("Score between in and out marks", app, lua=lua)
    finally:
        bridge.close()
    assert "Done." in said, said
    assert music(timeline) == (start + 30, 60)
    (request,) = [body for method, path, body in bridge.requests if (method, path) == ("POST", "/v1/jobs")]
    assert (request["editor"]["rate"], request["editor"]["drop_frame"]) == (sent, drop)
    begin, end = request["read"]["between"]
    frames = timeline._rate()
    assert (begin * frames, end * frames) == (pytest.approx(30, abs=1e-9), pytest.approx(90, abs=1e-9))


@BOTH
def test_a_sound_of_another_rate_may_be_a_frame_off_and_that_is_said(desk, bridge, app, lua):
    app.project.SetSetting("timelineFrameRate", "25")
    timeline = app.project._current
    timeline.SetSetting("timelineFrameRate", "24")  # a timeline with settings of its own
    timeline.SetMarkInOut(0, 99)  # 100 frames at 24 are 104.17 at 25
    said = desk.click("Score between in and out marks", app, lua=lua)
    start, length = music(timeline)
    assert start == 86400
    assert length == 99
    assert "Note: Resolve made the clip 1 frame(s) shorter or longer." in said


@BOTH
def test_a_new_take_has_another_seed_and_silences_the_old_one(desk, bridge, app, lua):
    timeline = app.project._current
    timeline.SetMarkInOut(24, 71)
    desk.click("Score between in and out marks", app, lua=not lua)  # both front ends share one memory
    said = desk.click("Score again (new take)", app, lua=lua)
    assert "Switched off: emsync 1." in said
    assert [track["enabled"] for track in timeline._tracks["audio"]] == [True, False, True]
    first, second = (body for method, path, body in bridge.requests if (method, path) == ("POST", "/v1/jobs"))
    assert (first["seed"], second["seed"]) == (1, 2)
    assert first["read"] == second["read"]
    assert first["source"] != second["source"]
    assert {marker["customData"][:23] for marker in timeline.GetMarkers().values()} == {"emsync:0000000000000002"}
    assert first["editor"]["markers"] == second["editor"]["markers"] == []  # its own are no hit points


@BOTH
def test_music_is_carried_over_to_a_changed_cut_and_to_a_copy_of_it(desk, bridge, app, lua):
    entry = "Conform music to this timeline"
    assert "Nothing in this project has been scored yet." in desk.click(entry, app, lua=lua)
    desk.click("Score this timeline", app, lua=not lua)
    said = desk.click(entry, app, lua=lua)
    assert "Conforming 'Scene 12'" in said
    assert "1.5 of 2.0 s of the music are as before." in said
    assert "Switched off: emsync 1." in said
    app.project._current = app.cut(96, 72, 48)  # a copy that no job was made for
    desk.click(entry, app, lua=lua)
    jobs = [body for method, path, body in bridge.requests if (method, path) == ("POST", "/v1/jobs")]
    assert [(job["kind"], job.get("job")) for job in jobs] == [
        ("score", None), ("conform", f"{1:016x}"), ("conform", f"{2:016x}"),
    ]  # fmt: skip
    assert jobs[1]["source"] != jobs[0]["source"]


@BOTH
def test_entries_that_need_a_score_say_so(desk, bridge, app, lua):
    for entry in ("Score again (new take)", "Play live"):
        said = desk.click(entry, app, lua=lua)
        assert said == "emsync: This timeline has not been scored yet. Use 'Score this timeline' first.\n"
    assert "There is nothing of emsync in this timeline." in desk.click("Remove emsync results", app, lua=lua)
    said = desk.click("Score between in and out marks", app, lua=lua)
    assert "No in or out mark is set." in said


@BOTH
def test_only_one_mark_is_a_stretch_too(desk, bridge, app, lua):
    app.project._current._marks = {"video": {"out": 47.0}}
    assert "2.0 s of music from the start" in desk.click("Score between in and out marks", app, lua=lua)
    app.project._current._marks = {"audio": {"in": 216}}
    assert "1.0 s of music from 9.00 s" in desk.click("Score between in and out marks", app, lua=lua)


@BOTH
def test_play_live_plays_and_stops(desk, bridge, app, lua):
    desk.click("Score this timeline", app, lua=lua)
    assert "Playing the music of 'Scene 12' live." in desk.click("Play live", app, lua=lua)
    assert "Stopped playing." in desk.click("Play live", app, lua=lua)
    assert [job["state"] for job in bridge.jobs.values()] == ["done", "cancelled"]


@BOTH
def test_removing_takes_only_its_own(desk, bridge, app, lua):
    timeline = app.project._current
    desk.click("Score this timeline", app, lua=lua)
    desk.click("Score again (new take)", app, lua=lua)
    users = next(clip for clip in app.project._pool._root._clips)
    timeline._put("audio", users, 240, 24, track=2, name="mine")  # on emsync's first track
    moved = timeline._tracks["audio"][2]["items"][0]._source
    timeline.AddTrack("audio", "stereo")
    timeline.SetTrackName("audio", 4, "MX")
    timeline._put("audio", moved, 0, 24, track=4)  # its music on a track of the user's
    timeline.AddMarker(7, "Mint", "hit: mine", "", 1, "emsync:not like ours")
    app.page = "fairlight"
    said = desk.click("Remove emsync results", app, lua=lua)
    assert "Removed 2 clip(s), 1 track(s) and 2 marker(s) of emsync." in said, said
    assert "Left as they are: 'emsync 1' holds clips of yours." in said
    assert "1 clip(s) of its music on other tracks were left alone." in said
    assert [track["name"] for track in timeline._tracks["audio"]] == ["Audio 1", "emsync 1", "MX"]
    assert [item._name for item in timeline.GetItemListInTrack("audio", 2)] == ["mine"]
    assert list(timeline.GetMarkers()) == [7.0]
    assert app.page == "fairlight"
    assert len(app.project._pool._root._folders[0]._clips) == 2


@BOTH
def test_a_copy_of_a_timeline_can_be_cleared_and_a_locked_track_stays(desk, bridge, app, lua):
    desk.click("Score this timeline", app, lua=lua)
    copy = app.project._current.DuplicateTimeline("Copy")
    app.project._current = copy
    copy.SetTrackLock("audio", 2, True)
    assert "Left as they are: 'emsync 1' is locked." in desk.click("Remove emsync results", app, lua=lua)
    copy.SetTrackLock("audio", 2, False)
    said = desk.click("Remove emsync results", app, lua=lua)
    assert "Removed 1 clip(s), 1 track(s) and 0 marker(s)" in said
    assert copy.GetTrackCount("audio") == 1


@BOTH
@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ({"EXPORT_OTIO"}, "as FCPXML 1.10."),
        ({"EXPORT_OTIO", "EXPORT_FCPXML_1_10"}, "as Final Cut Pro 7 XML."),
        ({"EXPORT_OTIO", "EXPORT_FCPXML_1_10", "EXPORT_FCP_7_XML"}, "as EDL. An EDL holds one video track"),
    ],
)
def test_exports_fall_back(desk, bridge, app, missing, told, lua):
    from emsync_bridge.timeline.reading import read_timeline

    app.missing_constants = missing
    said = desk.click("Score this timeline", app, lua=lua)
    assert told in said
    assert "Done." in said
    (request,) = [body for method, path, body in bridge.requests if (method, path) == ("POST", "/v1/jobs")]
    assert Path(request["source"]).is_file()
    assert round(read_timeline(Path(request["source"])).duration * 24) == 240


@BOTH
@pytest.mark.parametrize("names", ["resolve", "bmd", "app"])
def test_any_way_to_the_handle_will_do(desk, bridge, app, names, lua):
    assert "Removed" in desk.click("Remove emsync results", app, lua=lua, names=names) or "nothing" in desk.said


@BOTH
def test_without_a_handle_it_says_so(desk, bridge, app, lua):
    said = desk.click("Score this timeline", app, lua=lua, names="")
    assert said.startswith("emsync: Resolve cannot be reached from this script. Start it from Workspace > Scripts")
    assert said.count("\n") == 1


@BOTH
@pytest.mark.parametrize("unknown", ["raise", "fabricate"])
def test_an_older_resolve_without_marks_says_what_to_do(desk, bridge, app, unknown, lua, monkeypatch):
    app.unknown = unknown
    for kind in type(app.project._current).__mro__:
        if "GetMarkInOut" in vars(kind):
            monkeypatch.delattr(kind, "GetMarkInOut")
    said = desk.click("Score between in and out marks", app, lua=lua)
    assert "This version of Resolve does not tell scripts where the in and out marks are." in said
    assert "Done." in desk.click("Score this timeline", app, lua=lua)


@BOTH
def test_check_installation_tells_what_is_there(desk, bridge, lua):
    app = FakeResolve(studio=False, version=(21, 1, 0), rate="29.97 DF")
    app.cut(90)
    said = desk.click("Check installation", app, lua=lua)
    assert "DaVinci Resolve 21.1.0: " in said
    assert "use those under 'emsync Lua'" in said
    assert "90 frames at 29.97 drop frame from frame 107892" in said
    assert "The emsync bridge" in said
    assert said.rstrip().endswith("Everything that emsync needs is there.")
    app.project._current = None
    said = desk.click("Check installation", app, lua=lua)
    assert "No timeline is open." in said
    assert said.rstrip().endswith("1 thing(s) above need your attention.")
    assert not app.modal_open


def test_the_oldest_python_runs_every_entry(desk, bridge, app):
    python = oldest_python()
    if python is None:
        pytest.skip("no older Python at hand")
    app.project._current.SetMarkInOut(24, 71)
    for entry, told in (
        ("Score this timeline", "Done."),
        ("Score between in and out marks", "Done."),
        ("Score again (new take)", "Done."),
        ("Play live", "Playing"),
        ("Remove emsync results", "Removed 3 clip(s)"),
        ("Check installation", "Everything"),
    ):
        assert told in desk.click(entry, app, python=python), desk.said


def test_python_2_says_what_it_needs(desk, app):
    python = next(PYENV.glob("2.7*/bin/python"), None)
    if python is None:
        pytest.skip("no Python 2 at hand")
    import subprocess

    entry = desk.menu / "emsync" / "Score this timeline.py"
    done = subprocess.run([python, "-S", str(entry)], capture_output=True, text=True, check=False)
    assert "It needs Python 3.6 or later" in done.stdout
    assert done.returncode == 0


@BOTH
def test_missing_helpers_are_said(desk, app, lua):
    import shutil

    shutil.rmtree(desk.bridge / "menu")
    said = desk.click("Score this timeline", app, lua=lua)
    assert "Run 'emsync resolve install' again." in said or "run 'emsync resolve install' again" in said
    assert said.count("\n") == 1


def test_nothing_is_left_beside_the_entries(desk, bridge, app):
    before = sorted(desk.product.rglob("*")), sorted((desk.bridge / "menu").rglob("*"))
    desk.click("Score this timeline", app)
    assert before == (sorted(desk.product.rglob("*")), sorted((desk.bridge / "menu").rglob("*")))
    assert list((desk.folder / "elsewhere").iterdir()) == []
    assert "Done." in (desk.bridge / "resolve.log").read_text()


@BOTH
def test_a_memory_that_cannot_be_written_stops_before_anything_is_placed(desk, bridge, app, lua):
    (desk.bridge / "resolve").write_text("a file in the way")
    said = desk.click("Score this timeline", app, lua=lua)
    assert "cannot be remembered" in said
    assert "cannot be written to" in said
    assert app.project._current.GetTrackCount("audio") == 1
