"""Time from a click in Resolve's menu to the job being accepted, with the bridge cold and warm; run by hand.

The installed entries run as Resolve runs them, against the fake Resolve and a bridge of their own. Each time is printed
beside that of the same interpreter doing nothing, measured in the same run.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "resolve"))
from fake_resolve import FakeResolve
from fake_wire import Wire
from resolve_desk import HERE, Desk

from emsync_bridge.resolve.install import LUA_SUBMENU, SUBMENU

ROUNDS = 7


def accepted(desk: Desk, *, lua: bool) -> float:
    """Return the seconds from the script's start to its line that names the job."""
    app = FakeResolve()
    app.cut(240)
    kind, suffix = (LUA_SUBMENU, "lua") if lua else (SUBMENU, "py")
    script = desk.menu / kind / f"Score this timeline.{suffix}"
    host = (
        [shutil.which("luajit"), HERE / "host_lua.lua"]
        if lua
        else [sys.executable, "-S", "-I", HERE / "host_python.py"]
    )
    wire = Wire(app, desk.folder, lua=lua)
    variables = {"PATH": os.environ["PATH"], "HOME": str(desk.home), "PYTHONUNBUFFERED": "1"}
    stdbuf = ["stdbuf", "-oL"] if lua else []
    command = [*stdbuf, *host, wire.calls, wire.answers, script, "resolve,bmd", ""]
    began = time.perf_counter()
    process = subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, encoding="utf-8")
    assert process.stdout is not None
    taken = 0.0
    for line in process.stdout:
        if "Scoring" in line:
            taken = time.perf_counter() - began
    process.wait()
    wire.close()
    assert taken, "the job was not accepted"
    return taken


def nothing(*command: str) -> float:
    """Return the seconds that a program takes to do nothing."""
    began = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - began


def main() -> None:
    """Print a line for each front end."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        for lua in (False, True):
            if lua and shutil.which("luajit") is None:
                continue
            try:
                measure(desk, lua=lua)
            finally:
                variables = {**os.environ, "EMSYNC_BRIDGE_HOME": str(desk.bridge)}
                stop = [sys.executable, "-m", "emsync_bridge", "serve", "--stop"]
                subprocess.run(stop, env=variables, check=True, capture_output=True)


def measure(desk: Desk, *, lua: bool) -> None:
    """Print the times of one front end; the bridge is not running yet."""
    cold = accepted(desk, lua=lua)
    warm = statistics.median(accepted(desk, lua=lua) for _ in range(ROUNDS))
    idle = ["luajit", "-e", ""] if lua else [sys.executable, "-S", "-I", "-c", ""]
    bare = statistics.median(nothing(*idle) for _ in range(ROUNDS))
    name = "Lua" if lua else "Python"
    line = f"{name:7} cold {cold:6.2f} s  warm {warm * 1000:5.0f} ms  interpreter alone {bare * 1000:4.0f} ms"
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
