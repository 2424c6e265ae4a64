"""A user's computer with Resolve and the entries on it, and the click that runs one."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fake_wire import Wire

from emsync_bridge.resolve.folders import HostSystem
from emsync_bridge.resolve.install import LUA_SUBMENU, SUBMENU, install, plan

HERE = Path(__file__).parent


class Desk:
    """A user's computer: a home with Resolve in it, the entries installed, and a bridge's folder."""

    def __init__(self, folder, **settings):
        self.home, self.bridge = folder / "home", folder / "bridge"
        self.product = self.home / ".local/share/DaVinciResolve"
        for made in (self.product, self.bridge, folder / "elsewhere"):
            made.mkdir(parents=True)
        self.folder, self.said = folder, ""
        system = HostSystem("linux", self.home, folder / "root", {"EMSYNC_BRIDGE_HOME": str(self.bridge)})
        self.wanted = plan(system)
        install(self.wanted)
        for name, value in {"follow": False, **settings}.items():  # a browser at every click would take long
            self.bake(name, value)

    @property
    def menu(self):
        return self.product / "Fusion/Scripts/Utility"

    def use(self, bridge):
        """Let the entries know a bridge in another folder."""
        self.bake("home", str(bridge))
        self.bridge = bridge

    def bake(self, name, value):
        """Change a setting that the installer baked into the entries."""
        as_lua = f'"{value}"' if isinstance(value, str) else str(value).lower()
        for path in self.menu.rglob("*.*"):
            text = path.read_text(encoding="utf-8")
            text = re.sub(rf"('{name}': )('[^']*'|[\d.]+|True|False|\[[^\]]*\])", lambda m: m[1] + repr(value), text)
            text = re.sub(rf'(\["{name}"\] = )("[^"]*"|[\d.]+|true|false)', lambda m: m[1] + as_lua, text)
            path.write_text(text, encoding="utf-8")

    def add_setting(self, name, value):
        """Add a setting that the installer does not bake in."""
        for path in self.menu.rglob("*.*"):
            text = path.read_text(encoding="utf-8")
            text = text.replace("SETTINGS = {", f"SETTINGS = {{'{name}': {value!r}, ")
            path.write_text(text.replace("settings = { ", f'settings = {{ ["{name}"] = {value}, '), encoding="utf-8")

    def click(
        self,
        entry,
        app,
        *,
        lua=False,
        python=sys.executable,
        names="resolve,fusion,fu,bmd,app",
        without="",
        path="/usr/bin:/bin",
        windows=None,
    ):
        """Run an installed entry in a process of its own; return what the Console shows.

        ``windows`` names the functions of Resolve's own that Lua has on Windows; None elsewhere.
        """
        shown = [] if windows is None else [str(self.folder), windows]
        if lua:
            if shutil.which("luajit") is None:
                pytest.skip("luajit is not installed")
            script = self.menu / LUA_SUBMENU / f"{entry}.lua"
            command = [shutil.which("luajit"), str(HERE / "host_lua.lua")]
        else:
            script = self.menu / SUBMENU / f"{entry}.py"
            command = [str(python), "-S", "-I", str(HERE / "host_python.py")]
        wire = Wire(app, self.folder, lua=lua)
        variables = {"PATH": path, "HOME": str(self.home), "PYTHONPATH": "", "BROWSER": "true"}
        try:
            done = subprocess.run(
                [*command, str(wire.calls), str(wire.answers), str(script), names, without, *shown],
                cwd=self.folder / "elsewhere",
                env=variables,
                capture_output=True,
                encoding="utf-8",
                timeout=60,
                check=False,
            )
        finally:
            wire.close()
        self.said = done.stdout
        assert done.stderr == "", done.stderr
        return done.stdout
