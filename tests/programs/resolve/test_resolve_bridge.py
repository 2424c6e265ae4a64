"""The entries against the real bridge: started by the click, working, stopped, and reached without curl."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import wave
from pathlib import Path

import pytest
from fake_resolve import FakeResolve
from resolve_desk import Desk

from emsync_bridge.server.client import ask, find
from emsync_bridge.server.paths import Home


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Return the folder of a bridge that stays for these tests."""
    home = tmp_path_factory.mktemp("bridge")
    variables = {**os.environ, "EMSYNC_BRIDGE_HOME": str(home), "OMP_NUM_THREADS": "1"}
    serve = [sys.executable, "-m", "emsync_bridge", "serve"]
    subprocess.run([*serve, "--detach"], env=variables, check=True, capture_output=True, timeout=60)
    yield home
    subprocess.run([*serve, "--stop"], env=variables, check=True, capture_output=True, timeout=60)


@pytest.fixture
def real(desk, running):
    """Return a desk whose entries know the running bridge."""
    desk.use(running)
    return desk


@pytest.fixture(scope="module")
def scored(running, tmp_path_factory):
    """Return a desk where a timeline has just been scored, with what was said."""
    desk = Desk(tmp_path_factory.mktemp("scored"))
    desk.use(running)
    desk.bake("music", str(desk.folder / "films"))
    app = FakeResolve(rate="23.976")
    timeline = app.cut(120, 120)
    timeline.AddMarker(120, "Red", "mine", "stays", 1, "user")
    return desk, app, desk.click("Score this timeline", app)


def address_of(home):
    found = find(Home(home, home / "bridge.log"))
    assert found is not None
    return found[0]


def test_music_and_markers_stand_where_they_belong(scored):
    desk, app, said = scored
    timeline = app.project._current
    assert "Done. 10.0 s of music from the start on track A2 'emsync 1', and 1 marker(s)." in said, said
    (item,) = timeline.GetItemListInTrack("audio", 2)
    assert (item.GetStart(), item.GetDuration()) == (86400, 240)
    with wave.open(item._source._path) as sound:
        assert sound.getnframes() == 480480  # 240 frames at 24000/1001 in samples at 48 kHz
    assert Path(item._source._path).is_relative_to(desk.folder / "films" / "Short film")
    ours = [frame for frame, marker in timeline.GetMarkers().items() if marker["customData"].startswith("emsync:")]
    assert ours == [121.0]  # at the cut, a frame beside the user's marker
    assert timeline.GetMarkers()[120.0]["name"] == "mine"
    job = re.search(r"job ([0-9a-f]{16})", said)[1]
    form = ask(address_of(desk.bridge), "GET", f"/v1/jobs/{job}")["result"]["form"]
    frames = [section["frame"] for section in form]
    assert frames == sorted(set(frames) & set(range(240)))
    assert all(section["label"] for section in form)


def test_a_new_take_is_another_one_and_all_goes_away_again(scored):
    desk, app, _ = scored
    timeline = app.project._current
    said = desk.click("Score again (new take)", app, lua=True)
    assert "on track A3 'emsync 2', and 1 marker(s). Switched off: emsync 1." in said, said
    first, second = (Path(timeline.GetItemListInTrack("audio", n)[0]._source._path) for n in (2, 3))
    assert first.read_bytes() != second.read_bytes()
    requests = [job["request"] for job in ask(address_of(desk.bridge), "GET", "/v1/jobs?limit=2")]
    assert [request["seed"] for request in requests] == [2, 1]
    assert [marker["name"] for marker in requests[0]["editor"]["markers"]] == ["mine"]
    said = desk.click("Remove emsync results", app)
    assert "Removed 2 clip(s), 2 track(s) and 1 marker(s)" in said, said
    assert list(timeline.GetMarkers()) == [120.0]


@pytest.mark.parametrize("lua", [False, True], ids=["python", "lua"])
def test_orders_of_the_page_are_placed(scored, lua):
    desk, app, _ = scored
    address = address_of(desk.bridge)
    job = ask(address, "GET", "/v1/jobs?limit=100")[-1]["id"]
    desk.add_setting("idle_minutes", 0.03)
    known = {editor["id"] for editor in ask(address, "GET", "/v1/editors")}
    outcome = {}

    def order():
        while not (fresh := [e for e in ask(address, "GET", "/v1/editors") if e["id"] not in known]):
            time.sleep(0.05)
        outcome["timeline"] = fresh[0]["timeline"]
        path = f"/v1/editors/{fresh[0]['id']}/orders"
        number = ask(address, "POST", path, {"place": job})["order"]
        while not outcome.get("message"):
            time.sleep(0.05)
            outcome.update(ask(address, "GET", f"{path}/{number}"))

    page = threading.Thread(target=order)
    page.start()
    said = desk.click("Open the emsync page", app, lua=lua)
    page.join(20)
    assert outcome["timeline"] == "Scene 12"
    assert outcome["state"] == "placed", outcome
    assert outcome["message"].startswith("Done. 10.0 s of music")
    assert "Nothing was ordered for" in said


def test_the_stretch_between_the_marks_starts_at_the_in_mark(real):
    app = FakeResolve(rate="29.97 DF")
    timeline = app.cut(135, 135)
    timeline.SetMarkInOut(60, 209)
    said = real.click("Score between in and out marks", app, lua=True)
    assert "5.0 s of music from 2.00 s on track A2" in said, said
    (item,) = timeline.GetItemListInTrack("audio", 2)
    assert (item.GetStart(), item.GetDuration()) == (107892 + 60, 150)
    assert set(timeline.GetMarkers()) == {135.0}


def test_lua_without_curl_or_packages_goes_through_files(real, app):
    tools = real.folder / "no curl"
    tools.mkdir()
    for tool in ("env", "cat", "mkdir"):
        (tools / tool).symlink_to(shutil.which(tool))
    app.project._current.SetMarkInOut(0, 47)
    said = real.click("Score between in and out marks", app, lua=True, path=str(tools), without="ffi,package")
    assert "Done. 2.0 s of music" in said, said
    assert [path.name for path in (real.bridge / "exchange").iterdir() if path.is_file()] == []


@pytest.mark.parametrize("lua", [False, True], ids=["python", "lua"])
def test_a_failure_of_the_bridge_is_said_in_its_words(real, app, lua):
    app.project._current.SetMarkInOut(10, 12)  # too short to score
    said = real.click("Score between in and out marks", app, lua=lua)
    assert "It did not work: The range " in said, said
    assert said.rstrip().endswith("Nothing was changed in the timeline.")
    assert app.project._current.GetTrackCount("audio") == 1


def test_a_click_starts_the_bridge_and_survives_its_death(desk, app):
    home = Home(desk.bridge, desk.bridge / "bridge.log")
    try:
        said = desk.click("Check installation", app)
        assert "Starting the emsync bridge ..." in said
        assert "Everything that emsync needs is there." in said, said
        address = address_of(desk.bridge)
        os.kill(address.pid, signal.SIGKILL)
        said = desk.click("Check installation", app, lua=True)  # its file is still there
        assert "Starting the emsync bridge ..." in said
        assert "Everything that emsync needs is there." in said, said
        assert address_of(desk.bridge).pid != address.pid
        assert json.loads((desk.bridge / "bridge.json").read_text())["token"] not in said
    finally:
        from emsync_bridge.server.client import stop

        stop(home)


def test_the_start_without_a_shell_ignores_resolves_python(tmp_path):
    variables = {**os.environ, "EMSYNC_BRIDGE_HOME": str(tmp_path)}
    serve = ["-m", "emsync_bridge", "serve"]
    without_console = ["/bin/sh", "-c", 'exec "$@" >&- 2>&-', "sh"]
    try:
        start = [*without_console, sys.executable, "-E", *serve, "--detach"]
        foreign = {**variables, "PYTHONHOME": "/nowhere", "PYTHONPATH": "/nowhere"}
        subprocess.run(start, env=foreign, check=True, timeout=90)
        assert address_of(tmp_path)
    finally:
        subprocess.run([sys.executable, *serve, "--stop"], env=variables, check=True, capture_output=True, timeout=60)
