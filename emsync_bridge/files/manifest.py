"""Which files in a results' folder are ours: a file of the user's is never written over.

The cue document lists every result with its SHA-256. A file that is not listed, or was changed since, is not ours.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from emsync_bridge.errors import OutputError

MOST_BYTES = 256 * 2**20
"""Size beyond which no file is a cue document."""


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of all files in a folder with their names."""
    total = hashlib.sha256()
    if path.is_dir():
        for inner in sorted(inner for inner in path.rglob("*") if inner.is_file()):
            total.update(f"{inner.relative_to(path).as_posix()}\0{digest(inner)}\n".encode())
        return total.hexdigest()
    with path.open("rb") as file:
        while block := file.read(2**20):
            total.update(block)
    return total.hexdigest()


def listed(files: Iterable[Path]) -> dict[str, str]:
    """Return the list of results that a cue document holds: names and digests."""
    return {path.name: digest(path) for path in files}


def is_ours(path: Path, document: Path) -> bool:
    """Tell whether a file in a results' folder is as we wrote it.

    Arguments:
        path: The file.
        document: The cue document in the same folder.
    """
    found = _list_in(document)
    if found is None:
        return False
    if path == document:
        return True  # nothing else has such a list
    return path.name in found and digest(path) == found[path.name]


def refuse_foreign(paths: Iterable[Path], document: Path) -> None:
    """Refuse to go on where a result would replace a file that is not ours.

    Arguments:
        paths: Where results are going to be written.
        document: The cue document among them.

    Raises:
        OutputError: One of them exists and is not ours, or was changed since we wrote it.
    """
    for path in paths:
        if path.exists() and not is_ours(path, document):
            raise OutputError(
                "This file was there before, or was changed since emsync wrote it, and is not written over",
                where=path,
                hint="Choose another output folder, or move the file away",
                setting="out",
            )


def _list_in(document: Path) -> Mapping[str, Any] | None:
    try:
        if document.stat().st_size > MOST_BYTES:
            return None
        content = json.loads(document.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    found = content.get("files") if isinstance(content, dict) else None
    return found if isinstance(found, dict) and "spotting" in content else None
