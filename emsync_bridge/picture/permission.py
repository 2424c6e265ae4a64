"""Media that this process may not read: the system then speaks of a file that is not permitted, or hides it."""

from __future__ import annotations

import os
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

from emsync_bridge.files.urls import media_paths
from emsync_bridge.picture.relink import Relinked

ADVICE = (
    "Allow it under System Settings, Privacy & Security, Files and Folders (or Full Disk Access) for the program that "
    "started emsync, such as Terminal or DaVinci Resolve; then start the bridge again"
    if sys.platform == "darwin"
    else "Let this user read the files and their folders; then analyse again"
)
"""Next step. macOS asks for disks, Documents and Desktop by program, and a daemon inherits its starter's answer."""


def not_permitted(relinked: Relinked) -> tuple[str, ...]:
    """Return the media that are there, or may be, and that this process is not permitted to read.

    Arguments:
        relinked: Media as they were looked for.
    """
    found = [source.path for source in relinked.sources if source is not None]
    here = (path for name in relinked.missing for path in media_paths(name) if _of_this_system(path))
    kept_back = {str(path): None for path in (*found, *map(Path, here)) if _is_kept_back(path)}
    return tuple(kept_back)


def _of_this_system(path: PurePosixPath | PureWindowsPath) -> bool:
    if not path.is_absolute() or isinstance(path, PureWindowsPath) != (os.name == "nt"):
        return False
    return not (isinstance(path, PureWindowsPath) and path.drive.startswith("\\\\"))  # shares of other hosts


def _is_kept_back(path: Path) -> bool:
    try:
        with path.open("rb"):
            return False
    except PermissionError:
        return not _is_folder(path)
    except OSError:
        pass
    known = (closed for folder in path.parents if (closed := _is_closed(folder)) is not None)
    return next(known, False)  # of the nearest folder that is there


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _is_closed(folder: Path) -> bool | None:
    """Tell whether a folder may not be looked into; None where it is not there."""
    try:
        with os.scandir(folder):
            return False
    except PermissionError:
        return True
    except OSError:
        return None
