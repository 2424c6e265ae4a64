"""Advice that can be given from outside Resolve: which edition runs which entries, and what will be missing."""

from __future__ import annotations

import plistlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from emsync_bridge import __version__
from emsync_bridge.resolve.folders import HostSystem, MenuFolder, menus
from emsync_bridge.resolve.install import ENTRIES, installed, version_of

RULES = (
    ("Resolve Studio", "Python and Lua entries"),
    ("Resolve (free) before 21.1", "Python and Lua entries"),
    ("Resolve (free) from 21.1 on", "Lua entries only: use the submenu 'emsync Lua'"),
)
"""Entries that each edition lists."""


def survey(system: HostSystem) -> dict[str, Any]:
    """Return what is installed where, what will run, and what to do about what is missing.

    Arguments:
        system: The computer.
    """
    places = [_place(menu) for everyone in (False, True) for menu in menus(system, all_users=everyone)]
    version = resolve_version(system)
    return {
        "version": __version__,
        "resolve": version,
        "rules": [{"edition": edition, "runs": runs} for edition, runs in RULES],
        "places": places,
        "advice": [*_missing(places), *_python_advice(system, version)],
    }


def _place(menu: MenuFolder) -> dict[str, Any]:
    ours = installed(menu)
    versions = sorted({version_of(path) for path in ours})
    return {
        "folder": str(menu.category),
        "edition": menu.edition,
        "present": menu.present,
        "contained": menu.contained,
        "python": sum(path.suffix == ".py" for path in ours),
        "lua": sum(path.suffix == ".lua" for path in ours),
        "versions": versions,
    }


def _missing(places: list[dict[str, Any]]) -> list[str]:
    found = [place for place in places if place["python"] or place["lua"]]
    advice = []
    if not any(place["present"] for place in places):
        advice.append("Resolve was not found for this user. Start it once, then run: emsync resolve install")
    elif not found:
        advice.append("The entries are not installed. Run: emsync resolve install")
    for place in found:
        if place["versions"] != [__version__] or place["python"] != len(ENTRIES) or place["lua"] != len(ENTRIES) + 1:
            advice.append(f"The entries in {place['folder']} are of another version. Run: emsync resolve install")
        if place["contained"]:
            advice.append(
                "The App Store build is shut off from the bridge's folder, so its entries may only say so. "
                "The build from Blackmagic's own site is not; neither is the page (emsync serve --open)"
            )
    own, shared = ([p for p in found if (p["edition"] == "all users") is everyone] for everyone in (False, True))
    if own and shared:
        advice.append("The entries are installed twice, so each shows twice. Run: emsync resolve uninstall --all-users")
    return list(dict.fromkeys(advice))


def resolve_version(system: HostSystem) -> str:
    """Return the version of Resolve where its files tell it, on macOS; else an empty text."""
    if system.name != "darwin":
        return ""
    applications = ("DaVinci Resolve/DaVinci Resolve.app", "DaVinci Resolve.app", "DaVinci Resolve Studio.app")
    lists = [system.root / "Applications" / one / "Contents/Info.plist" for one in applications]
    found = next((path for path in lists if path.is_file()), None)
    if found is None:
        return ""
    try:
        return str(plistlib.loads(found.read_bytes()).get("CFBundleShortVersionString", ""))
    except (OSError, ValueError, AttributeError, ExpatError):
        return ""


def _python_advice(system: HostSystem, version: str) -> list[str]:
    lua = "without it, use the submenu 'emsync Lua'"
    if system.name == "darwin":
        if _major_minor(version) >= (21, 1) or _mac_python(system):
            return []
        advice = (
            "Resolve will find no Python here: it looks for PYTHON3HOME in launchd's environment, then for "
            f"/usr/local/bin/python3. Install Python from python.org (not Homebrew, pyenv or conda); {lua}"
        )
        return [advice]
    if system.name == "win32":
        advice = (
            "On Windows, Resolve before 21.1 finds a Python from python.org that is installed for all users; several "
            f"Pythons side by side have crashed it; {lua}"
        )
        return [advice]
    if system == HostSystem.here() and shutil.which("python3", path="/usr/bin:/usr/local/bin:/bin") is None:
        return [f"Resolve before 21.1 needs the system's python3, which is not installed; {lua}"]
    return []


def _mac_python(system: HostSystem) -> bool:
    """Tell whether Resolve before 21.1 finds a Python: an interpreter and its library below one prefix."""
    prefixes = [Path(system.variables["PYTHON3HOME"])] if system.variables.get("PYTHON3HOME") else []
    if sys.platform == "darwin" and system == HostSystem.here():
        asked = subprocess.run(["/bin/launchctl", "getenv", "PYTHON3HOME"], capture_output=True, text=True, check=False)
        prefixes += [Path(asked.stdout.strip())] if asked.stdout.strip() else []
    usual = system.root / "usr/local/bin/python3"
    if usual.exists():
        prefixes.append(usual.resolve().parent.parent)
    return any(
        (prefix / "bin/python3").exists() and any((prefix / "lib").glob("libpython3.*.dylib")) for prefix in prefixes
    )


def _major_minor(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
