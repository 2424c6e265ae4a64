"""Puts the menu entries where Resolve finds them, says what is there, and takes them away again."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path, PureWindowsPath
from pprint import pformat
from typing import Any

from emsync_bridge import __version__
from emsync_bridge.errors import OutputError
from emsync_bridge.files.atomic import publish, staging_folder
from emsync_bridge.resolve.folders import HostSystem, MenuFolder, bridge_home, menus, movies

MARK = 'emsync-bridge: written by "emsync resolve install", which replaces it; "emsync resolve uninstall" removes it'
"""First line of every file that the installer writes; a file without it is never touched."""

ENTRIES = {
    "Score this timeline": "score",
    "Score between in and out marks": "between",
    "Score again (new take)": "again",
    "Conform music to this timeline": "conform",
    "Open the emsync page": "page",
    "Play live": "play",
    "Remove emsync results": "remove",
    "Check installation": "check",
}
"""Menu entries by the words that Resolve shows, with what they do."""

SUBMENU, LUA_SUBMENU, CANARY = "emsync", "emsync Lua", "Check installation (Lua)"
"""Python entries, the same in Lua for editions that list no Python, and a Lua entry beside the Python ones: where it
shows and they do not, Resolve has found no Python."""

PATIENCE = 120.0
"""Seconds that Resolve may take for one step before a script gives up."""


def windows_short_name(path: str) -> str:
    """Return the short (8.3) name of a path that exists; empty where there is none, or elsewhere than on Windows."""
    if os.name != "nt":
        return ""
    import ctypes

    kernel: Any = vars(ctypes)["windll"].kernel32
    buffer = ctypes.create_unicode_buffer(1024)
    return buffer.value if kernel.GetShortPathNameW(path, buffer, len(buffer)) else ""


@dataclass(frozen=True)
class InstalledFile:
    """A file to install: where it goes and what is in it."""

    path: Path
    text: str


MARKERS = ("none", "hits", "all")
"""Markers that a score may get: none, those of its hits, or those of its hits and of its form."""

MOST_MARKERS = 100
"""Hits of one score that get a marker at most; each takes Resolve about a tenth of a second."""


def plan(
    system: HostSystem,
    *,
    all_users: bool = False,
    python: str = sys.executable,
    markers: str = "hits",
    most_markers: int = MOST_MARKERS,
) -> list[InstalledFile]:
    """Return every file that is to be written, for the builds of Resolve that are there.

    Arguments:
        system: The computer.
        all_users: Whether the entries are for all users.
        python: The interpreter that emsync is installed in.
        markers: Choice of markers, one of ``MARKERS``.
        most_markers: Hits of one score that get a marker at most.
    """
    wanted: dict[Path, str] = {}
    for menu in menus(system, all_users=all_users):
        if not menu.present:
            continue
        settings = settings_for(system, menu, all_users=all_users, python=python)
        settings |= {"markers": markers, "most_markers": most_markers}
        wanted.update([*_entries(menu, settings), *_helpers(menu)])
    return [InstalledFile(path, text) for path, text in wanted.items()]


def settings_for(system: HostSystem, menu: MenuFolder, *, all_users: bool, python: str) -> dict[str, Any]:
    """Return what is baked into the entries, because a menu script knows neither its place nor its user's setup."""
    from emsync_bridge.server.paths import PROTOCOL

    return {
        "helpers": str(menu.helpers),
        "home": "" if all_users else str(bridge_home(system)),
        "own_home": not all_users and bool(system.variables.get("EMSYNC_BRIDGE_HOME")),
        "command": [python, "-m", "emsync_bridge", "serve", "--detach"],
        "protocol": PROTOCOL,
        "version": __version__,
        "system": system.name,
        "music": "" if all_users else str(movies(system) / "emsync"),
        "patience": PATIENCE,
        "follow": True,
    }


def _entries(menu: MenuFolder, settings: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    python, lua = _template("entry.py.txt"), _template("entry.lua.txt")
    for name, entry in ENTRIES.items():
        text = python.replace("@ENTRY@", repr(entry)).replace("@SETTINGS@", _python(settings))
        yield menu.category / SUBMENU / f"{name}.py", f"# {MARK}\n{text}"
        text = lua.replace("@ENTRY@", _lua(entry)).replace("@SETTINGS@", _lua(_for_lua(settings)))
        yield menu.category / LUA_SUBMENU / f"{name}.lua", f"-- {MARK}\n{text}"
        if entry == "check":
            yield menu.category / SUBMENU / f"{CANARY}.lua", f"-- {MARK}\n{text}"


def _python(settings: dict[str, Any]) -> str:
    """Write the settings as Python, in ASCII whatever the paths hold, for Python 2 refuses anything else."""
    return pformat(settings, width=110).encode("ascii", "backslashreplace").decode("ascii")


def _for_lua(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings with the command as one line for the system's shell, for Lua cannot start programs itself.

    On Windows ``windowless`` is a line that needs no shell and opens no console window: ``-E`` stands in for removing
    Resolve's variables. It is empty where the bridge's folder has to be named by a variable.
    """
    command: Sequence[str] = settings["command"]
    if settings["system"] != "win32":
        return {**settings, "command": shlex.join(command), "windowless": ""}
    short = {name: ascii_path(settings[name]) for name in ("helpers", "home")}
    python = PureWindowsPath(ascii_path(command[0]))
    line = subprocess.list2cmdline([str(python), *command[1:]])
    windowless = f'"{python.with_name("pythonw.exe")}" -E {subprocess.list2cmdline(command[1:])}'
    return {**settings, **short, "command": line, "windowless": "" if settings["own_home"] else windowless}


def ascii_path(path: str, short_name: Callable[[str], str] = windows_short_name) -> str:
    """Return a path in ASCII where Windows knows such a name for it, else as it is.

    Lua opens files by the ANSI code page, in which the name of a user may not be written.

    Arguments:
        path: The path; its end need not exist yet.
        short_name: Function that returns the short (8.3) name of a folder that exists, or an empty text.
    """
    if path.isascii():
        return path
    whole = PureWindowsPath(path)
    for parent in (whole, *whole.parents):
        short = short_name(str(parent))
        if short:
            found = str(PureWindowsPath(short) / whole.relative_to(parent))
            return found if found.isascii() else path
    return path


def _lua(value: Any) -> str:
    """Write a value as Lua; strings byte by byte where they are not plain, so that no character can end one."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"[{_lua(key)}] = {_lua(one)}" for key, one in value.items()) + " }"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    plain = (chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\{b:03}" for b in str(value).encode())
    return '"' + "".join(plain) + '"'


def _helpers(menu: MenuFolder) -> Iterator[tuple[Path, str]]:
    here = files("emsync_bridge.resolve_scripts")
    for folder, target, suffix, comment in (("menu", "emsync_menu", ".py", "#"), ("lua", "lua", ".lua", "--")):
        for source in sorted((here / folder).iterdir(), key=lambda one: one.name):
            if source.name.endswith(suffix):
                yield menu.helpers / target / source.name, f"{comment} {MARK}\n{source.read_text(encoding='utf-8')}"


def _template(name: str) -> str:
    return (files("emsync_bridge.resolve_scripts") / "templates" / name).read_text(encoding="utf-8")


def is_ours(path: Path) -> bool:
    """Tell whether a file was written by the installer."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return MARK in file.readline(400)
    except OSError:
        return False


def install(wanted: Sequence[InstalledFile]) -> list[Path]:
    """Write the entries and what they need, and remove those of an earlier version that have no successor.

    Returns:
        The files that were removed.

    Raises:
        OutputError: A file in the way is not ours, or a folder cannot be written to; then no file has been changed.
    """
    for one in wanted:
        if one.path.exists() and not is_ours(one.path):
            raise OutputError(
                "This file was not written by emsync and is in the way",
                where=one.path,
                hint="Move it elsewhere, then install again",
            )
    for folder in {one.path.parent for one in wanted}:
        _make(folder)
    for one in wanted:
        # The work room lies beside the folder, never in it: Resolve would list what it finds there.
        with staging_folder(_quiet_place(one.path)) as room:
            finished = room / one.path.name
            finished.write_text(one.text, encoding="utf-8")
            publish(finished, one.path)
    keep = {one.path for one in wanted}
    old = [path for path in _ours_in({one.path.parent for one in wanted}) if path not in keep]
    for path in old:
        path.unlink()
    return old


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        hint = "For all users, run this as administrator" if isinstance(problem, PermissionError) else ""
        raise OutputError(f"This folder cannot be made ({problem.strerror})", where=folder, hint=hint) from None


def _quiet_place(path: Path) -> Path:
    """Return a folder on the same disk that Resolve does not scan."""
    for parent in path.parents:
        if parent.name == "Scripts":
            return parent.parent
    return path.parent


def _ours_in(folders: set[Path]) -> list[Path]:
    return sorted(path for folder in folders for path in folder.glob("*") if path.is_file() and is_ours(path))


def installed(menu: MenuFolder) -> list[Path]:
    """Return the entries of emsync in one menu folder."""
    return _ours_in({menu.category / SUBMENU, menu.category / LUA_SUBMENU})


def uninstall(system: HostSystem, *, all_users: bool = False) -> list[Path]:
    """Remove every file that emsync installed, and the folders that are empty then.

    Returns:
        The files that were removed.
    """
    gone: list[Path] = []
    for menu in menus(system, all_users=all_users):
        helpers = _ours_in({menu.helpers / "emsync_menu", menu.helpers / "lua"})
        for path in [*installed(menu), *helpers]:
            path.unlink()
            gone.append(path)
        submenus = [menu.category / SUBMENU, menu.category / LUA_SUBMENU]
        for folder in [*submenus, menu.helpers / "emsync_menu", menu.helpers / "lua", menu.helpers]:
            with suppress(OSError):  # not empty, or never there
                folder.rmdir()
    return gone


def version_of(path: Path) -> str:
    """Return the version of emsync that an entry was installed by; empty when it does not say."""
    text = path.read_text(encoding="utf-8", errors="replace")
    for word in ("'version': '", '["version"] = "'):
        _, found, rest = text.partition(word)
        if found:
            return rest[: rest.index(word[-1])]
    return ""
