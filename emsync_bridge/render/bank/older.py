"""Unpacked instruments of other banks, which an update of the package leaves in the user's cache."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from pathlib import Path

UNUSED_DAYS = 30
"""Days after which the instruments of another bank are cleared; a second installation may still play with them."""

_DIGEST = re.compile(r"[0-9a-f]{16}")
_OURS = frozenset({".pcm", ".json"})


def clear_older(cache: Path) -> tuple[Path, ...]:
    """Note that a bank's cache is in use, and remove those of other banks that nobody has used for long.

    Only files that the unpacking makes are removed. What cannot be removed stays, without an error.

    Arguments:
        cache: Folder of the bank in use, named after its digest; the others lie beside it.

    Returns:
        The folders that were removed.
    """
    if not _DIGEST.fullmatch(cache.name):
        return ()
    with suppress(OSError):
        os.utime(cache)
        others = [folder for folder in sorted(cache.parent.iterdir()) if folder != cache]
        return tuple(folder for folder in others if _is_old(folder) and _remove(folder))
    return ()


def _is_old(folder: Path) -> bool:
    if not _DIGEST.fullmatch(folder.name) or folder.is_symlink() or not folder.is_dir():
        return False
    return time.time() - folder.stat().st_mtime > UNUSED_DAYS * 86_400


def _remove(folder: Path) -> bool:
    with suppress(OSError):
        for path in folder.iterdir():
            if path.suffix in _OURS or path.name == "lock":
                path.unlink()
        folder.rmdir()
        return True
    return False
