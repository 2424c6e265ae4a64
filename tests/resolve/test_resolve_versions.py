"""Differences between versions of Resolve, as users report them: slow calls, inclusive ends, a moving playhead."""

import os
import subprocess
import sys

import pytest
from emsync_bridge.resolve_scripts.menu import console
from fake_resolve import FakeResolve
from test_resolve_menu import BOTH, music


def film(**how):
    app = FakeResolve(**how)
    app.cut(96, 72, 72)
    return app


def opening(desk, lua, then="true"):
    """Let the entries find a program that opens the page in place of emsync."""
    emsync = desk.folder / "opens"
    emsync.write_text(f"#!/bin/sh\necho http://127.0.0.1:1\n{then}\n")
    emsync.chmod(0o755)
    desk.bake("command", str(emsync) if lua else [str(emsync)])


@BOTH
def test_an_end_frame_that_is_the_last_one(desk, bridge, lua):
    app = film(inclusive_end=True, version=(18, 6, 6))
    assert "Done. 10.0 s of music" in desk.click("Score this timeline", app, lua=lua)
    start, length = music(app.project._current)
    assert start == 86400
    assert length in (239, 240)
    assert len(app.named("AddTrack")) == 1


@BOTH
def test_playhead_and_marks_stay_where_the_user_has_them(desk, bridge, lua):
    app = film(moves_playhead=True)
    timeline = app.project._current
    timeline.SetCurrentTimecode("01:00:03:12")
    timeline.SetMarkInOut(24, 71)
    marks = timeline.GetMarkInOut()
    assert "Done." in desk.click("Score this timeline", app, lua=lua)
    assert timeline._playhead == "01:00:03:12"
    assert timeline.GetMarkInOut() == marks


@BOTH
def test_settings_that_are_numbers(desk, bridge, lua):
    app = film(settings_as_numbers=True, rate="30")
    assert "Done." in desk.click("Score this timeline", app, lua=lua)
    (request,) = [body for method, path, body in bridge.requests if (method, path) == ("POST", "/v1/jobs")]
    assert float(request["editor"]["rate"]) == 30.0
    assert request["editor"]["drop_frame"] is False


@BOTH
def test_of_very_many_hits_the_weightiest_have_markers(desk, bridge, lua):
    bridge.more_hits = 130
    app = film()
    said = desk.click("Score this timeline", app, lua=lua)
    assert "Note: 100 of 132 hits have a marker. 'emsync resolve install --most-markers NUMBER'" in said
    frames = sorted(app.project._current.GetMarkers())
    assert len(frames) == 100
    assert frames[-1] == 229.0  # the weight grows with time


@BOTH
def test_markers_are_as_the_user_has_chosen(desk, bridge, lua):
    app = film()
    app.project._current.AddMarker(10, "Red", "mine", "", 1, "user")
    hits, form = {48: "hit: shot2.mov", 96: "hit: transition"}, {0: "form: A", 97: "form: coda"}
    for choice, made in (("hits", hits), ("all", hits | form), ("none", {})):  # each replaces those of the one before
        desk.bake("markers", choice)
        app.calls.clear()
        said = desk.click("Score this timeline", app, lua=lua)
        assert f"and {len(made)} marker(s)." in said
        assert "have a marker" not in said
        markers = {round(frame): marker for frame, marker in app.project._current.GetMarkers().items()}
        assert {frame: marker["name"] for frame, marker in markers.items()} == {10: "mine", **made}
        assert len(app.named("AddMarker")) == len(made)
        if choice == "all":
            assert [markers[frame]["note"] for frame in form] == ["calm, D minor", ""]
    desk.bake("markers", "all")
    desk.click("Score this timeline", app, lua=lua)
    desk.click("Remove emsync results", app, lua=lua)
    assert set(app.project._current.GetMarkers()) == {10.0}


@BOTH
def test_music_of_the_page_is_not_laid_into_a_cut_of_another_length_unasked(desk, bridge, lua):
    bridge.frames = 66 * 24
    job = bridge.new({"kind": "score", "source": "/a.otio"})
    bridge.advance(job)
    opening(desk, lua)
    desk.add_setting("idle_minutes", 0.02)
    bridge.orders = [{"order": 1, "place": job["id"]}]
    app = film()
    said = desk.click("Open the emsync page", app, lua=lua)
    assert "This music is 66.0 s long and the open timeline 'Scene 12' 10.0 s" in said
    assert bridge.outcomes[0]["state"] == "failed"
    assert len(app.named("AddTrack", "ImportMedia", "AppendToTimeline")) == 0
    bridge.orders = [{"order": 2, "place": job["id"]}, {"order": 3, "place": job["id"]}]
    bridge.outcomes.clear()
    said = desk.click("Open the emsync page", app, lua=lua)
    assert [outcome["state"] for outcome in bridge.outcomes] == ["failed", "placed"], said


def test_a_slow_resolve_is_not_taken_for_one_that_hangs(desk, bridge):
    desk.bake("patience", 0.6)
    app = film()
    bridge.more_hits = 6
    for name in ("ImportMedia", "AppendToTimeline", "AddMarker", "GetMarkers", "AddTrack", "GetItemListInTrack"):
        app.fault(name, "block", seconds=0.2)  # 4 s altogether
    said = desk.click("Score this timeline", app)
    assert "has not answered" not in said
    assert "Done. 10.0 s of music" in said


@pytest.mark.parametrize(
    ("program", "ends"),
    [
        ("/opt/resolve/libs/Fusion/fuscript", True),
        ("C:\\Program Files\\Blackmagic Design\\DaVinci Resolve\\fuscript.exe", True),
        ("/usr/bin/python3.11", True),
        ("/opt/resolve/ResolvePython/bin/python3", True),
        ("/opt/resolve/bin/resolve", False),
        ("C:\\Program Files\\Blackmagic Design\\DaVinci Resolve\\Resolve.exe", False),
        ("/Applications/DaVinci Resolve/DaVinci Resolve.app/Contents/MacOS/Resolve", False),
        ("", False),
    ],
)
def test_only_a_process_that_is_not_resolve_is_ever_ended(monkeypatch, program, ends):
    monkeypatch.setattr(console, "program_of_process", lambda: program)
    monkeypatch.setattr(sys, "executable", "/usr/bin/python3")  # as an embedded interpreter may say
    assert console.may_end_process() is ends


def test_the_system_says_which_program_runs():
    said = console.program_of_process()
    assert os.path.realpath(said) == os.path.realpath(sys.executable)
    assert console.may_end_process()


def test_without_an_answer_of_the_system_the_process_stays(monkeypatch):
    def refused(*_):
        raise OSError

    monkeypatch.setattr(os, "readlink", refused)
    monkeypatch.setattr(subprocess, "check_output", refused)
    assert console.program_of_process() == ""
    assert not console.may_end_process()


@BOTH
def test_where_no_browser_is_found_the_address_is_said(desk, bridge, app, lua):
    opening(desk, lua, 'echo "No browser was found. Within a minute, open http://a/b" >&2')
    desk.add_setting("idle_minutes", 0.01)
    said = desk.click("Open the emsync page", app, lua=lua)
    assert "No browser was found. Within a minute, open http://a/b." in said
    assert "is open in your browser" not in said


@BOTH
def test_the_page_follows_the_job(desk, bridge, app, lua, tmp_path):
    seen = tmp_path / "seen"
    opening(desk, lua, f'echo "$@" >> {seen}')
    desk.bake("follow", True)
    assert "Done." in desk.click("Score this timeline", app, lua=lua)
    assert seen.read_text().split() == ["--open", "--job", "0000000000000001"]
