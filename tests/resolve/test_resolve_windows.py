"""Lua entries on Windows: no console windows where Resolve has functions of its own, and the shell where it has not."""

import shutil
import stat

import pytest
from fake_resolve import FakeResolve
from test_resolve_menu import BOTH

ALL = "createdir,executebg,openfileexternal"
TICKET = "http://127.0.0.1:1/open?ticket=once"


@pytest.fixture
def lua_on_windows(desk, bridge):
    """Return a click on a Lua entry under Windows."""
    bridge.take_files()
    desk.bake("system", "win32")

    def click(entry, app, functions=ALL):
        return desk.click(entry, app, lua=True, windows=functions)

    return click


def consoles(desk):
    seen = desk.folder / "consoles.txt"
    return seen.read_text().splitlines() if seen.exists() else []


def stopped(desk, tmp_path):
    """Let the bridge look stopped; return a program that starts it."""
    address = desk.bridge / "bridge.json"
    away = address.rename(tmp_path / "stopped.json")
    start = tmp_path / "pythonw.exe"
    start.write_text(f'#!/bin/sh\n[ "$1" = -E ] || cat "$0" > {tmp_path}/by_shell\nmv {away} {address}\n')
    start.chmod(0o755)
    desk.bake("windowless", f'\\"{start}\\" -E -m emsync_bridge')
    desk.bake("command", str(start))


def test_no_entry_opens_a_console_window(desk, app, bridge, lua_on_windows):
    desk.bake("follow", True)
    desk.add_setting("idle_minutes", 0.01)
    assert not (desk.bridge / "resolve").exists()
    shutil.rmtree(bridge.exchange / "exports")
    for entry in ("Score this timeline", "Score again (new take)", "Conform music to this timeline"):
        assert "Done. 10.0 s of music" in lua_on_windows(entry, app)
    said = lua_on_windows("Open the emsync page", app)
    assert f"Open {TICKET} within a minute if the emsync page has not opened in your browser." in said
    assert "Everything that emsync needs is there." in lua_on_windows("Check installation", app)
    assert "Removed 3 clip(s), 3 track(s)" in lua_on_windows("Remove emsync results", app)
    jobs = [f"Open {TICKET}#job={number:016x}" for number in (1, 2, 3)]
    assert (desk.folder / "opened.txt").read_text().splitlines() == [*jobs, f"Open {TICKET}"]
    assert consoles(desk) == []


def test_the_bridge_is_started_without_a_console_window(desk, app, lua_on_windows, tmp_path):
    stopped(desk, tmp_path)
    said = lua_on_windows("Score this timeline", app)
    assert "Starting the emsync bridge ..." in said
    assert "Done. 10.0 s of music" in said
    assert consoles(desk) == []
    assert not (tmp_path / "by_shell").exists()


@pytest.mark.parametrize("functions", ["", "executebg_idle", "executebg_raises"])
def test_what_resolve_cannot_do_is_left_to_the_shell(desk, app, bridge, lua_on_windows, tmp_path, functions):
    stopped(desk, tmp_path)
    desk.add_setting("start_seconds", 1)
    shutil.rmtree(bridge.exchange / "exports")
    assert "Done. 10.0 s of music" in lua_on_windows("Score this timeline", app, functions)
    assert (tmp_path / "by_shell").exists()
    commands = [line.split(" & ")[-1].split(" ")[0] for line in consoles(desk)]
    assert commands == [str(tmp_path / "pythonw.exe"), "mkdir", "mkdir"]  # exports, and what is remembered


@BOTH
def test_a_missing_folder_for_exports_is_made_again_for_the_user_alone(desk, bridge, lua):
    exports = bridge.exchange / "exports"
    exports.rmdir()
    app = FakeResolve()
    app.cut(96, 72, 72)
    assert "Done. 10.0 s of music" in desk.click("Score this timeline", app, lua=lua)
    assert [path.suffix for path in exports.iterdir()] == [".otio"]
    assert stat.S_IMODE(exports.stat().st_mode) == 0o700
