"""Folders in which DaVinci Resolve looks for menu scripts, by operating system and edition.

The folders are those of Blackmagic's scripting README (24 July 2026), with two corrections from users' reports: the
per-user folder of Windows lies below ``%APPDATA%`` itself, and the App Store build looks inside its container.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Name = Literal["darwin", "win32", "linux"]

CATEGORY = "Utility"
"""Scripts in this category show on all pages."""

_PRODUCT = Path("Blackmagic Design", "DaVinci Resolve")


@dataclass(frozen=True)
class HostSystem:
    """The computer that Resolve runs on; tests give one of their own.

    Arguments:
        name: Operating system, as ``sys.platform`` names it.
        home: The user's folder.
        root: Folder that absolute folders such as ``/opt`` lie below.
        variables: Environment variables.
    """

    name: Name
    home: Path
    root: Path = Path("/")
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def here(cls) -> HostSystem:
        """Return this computer."""
        name: Name = "darwin" if sys.platform == "darwin" else "win32" if sys.platform == "win32" else "linux"
        return cls(name, Path.home(), variables=dict(os.environ))

    def variable(self, name: str, otherwise: Path) -> Path:
        """Return the folder that an environment variable names."""
        return Path(self.variables.get(name) or otherwise)


@dataclass(frozen=True)
class MenuFolder:
    """One folder that Resolve builds its menu from.

    Arguments:
        scripts: The folder ``Fusion/Scripts``.
        product: Resolve's own folder, which must be there already.
        helpers: Folder for the files that the entries need: never inside a folder that is scanned.
        edition: Name, for people, of the build that looks there.
        contained: Whether that build is shut off from the rest of the disk.
    """

    scripts: Path
    product: Path
    helpers: Path
    edition: str
    contained: bool = False

    @property
    def category(self) -> Path:
        """Folder of the entries."""
        return self.scripts / CATEGORY

    @property
    def present(self) -> bool:
        """True where that build of Resolve has been installed."""
        return self.product.is_dir()


def menus(system: HostSystem, *, all_users: bool) -> list[MenuFolder]:
    """Return every folder that Resolve may build its menu from on a system.

    Arguments:
        system: The computer.
        all_users: Whether the folders for all users are wanted instead of the user's own.
    """
    if all_users:
        return _for_all(system)
    helpers = bridge_home(system) / "menu"
    if system.name == "linux":
        product = system.home / ".local/share/DaVinciResolve"
        return [MenuFolder(product / "Fusion/Scripts", product, helpers, "Resolve and Resolve Studio")]
    if system.name == "win32":
        product = system.variable("APPDATA", system.home / "AppData/Roaming") / _PRODUCT
        return [MenuFolder(product / "Support/Fusion/Scripts", product, helpers, "Resolve and Resolve Studio")]
    product = system.home / "Library/Application Support" / _PRODUCT
    return [MenuFolder(product / "Fusion/Scripts", product, helpers, "Resolve and Resolve Studio"), *_contained(system)]


def _contained(system: HostSystem) -> list[MenuFolder]:
    """Return the folders of the App Store builds: two suffixes below each container, for either was seen in use."""
    found = []
    for container in sorted((system.home / "Library/Containers").glob("com.blackmagic-design.DaVinciResolve*")):
        support = container / "Data/Library/Application Support"
        helpers = support / "emsync-bridge" / "menu"
        edition = f"App Store build ({container.name})"
        both = (support / "Fusion/Scripts", support / _PRODUCT / "Fusion/Scripts")
        found += [MenuFolder(scripts, container, helpers, edition, contained=True) for scripts in both]
    return found


def _for_all(system: HostSystem) -> list[MenuFolder]:
    if system.name == "linux":
        helpers = system.root / "usr/local/share/emsync-bridge/menu"
        products = [system.root / "opt/resolve", system.root / "home/resolve"]
        return [MenuFolder(product / "Fusion/Scripts", product, helpers, "all users") for product in products]
    if system.name == "win32":
        shared = system.variable("PROGRAMDATA", system.root / "ProgramData")
    else:
        shared = system.root / "Library/Application Support"
    product = shared / _PRODUCT
    return [MenuFolder(product / "Fusion/Scripts", product, shared / "emsync-bridge" / "menu", "all users")]


def bridge_home(system: HostSystem) -> Path:
    """Return the bridge's folder of the user, as ``platformdirs.user_data_path`` gives it."""
    chosen = system.variables.get("EMSYNC_BRIDGE_HOME")
    if chosen:
        return Path(chosen)
    if system.name == "darwin":
        return system.home / "Library/Application Support/emsync-bridge"
    if system.name == "win32":
        return system.variable("LOCALAPPDATA", system.home / "AppData/Local") / "emsync-bridge"
    return system.variable("XDG_DATA_HOME", system.home / ".local/share") / "emsync-bridge"


def movies(system: HostSystem) -> Path:
    """Return the user's folder for films, where music for a cut is at home."""
    if system == HostSystem.here():
        import platformdirs

        return platformdirs.user_videos_path()
    return system.home / ("Movies" if system.name == "darwin" else "Videos")
