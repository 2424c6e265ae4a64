"""The list of results that a cue document holds, with their SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


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
