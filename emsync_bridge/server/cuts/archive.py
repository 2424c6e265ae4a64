"""One ZIP file with everything that was written for a version, streamed while it is made."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

_BLOCK = 1 << 20
_STILL = (1980, 1, 1, 0, 0, 0)
"""The earliest time that ZIP knows: an archive of the same files is the same, byte for byte."""


class _Outbox:
    """A file that can only be written to, and that hands on what was written."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def write(self, data: Any) -> int:
        self._blocks.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: nothing is held back."""

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        data = b"".join(self._blocks)
        self._blocks.clear()
        return data


def zip_stream(paths: Iterable[Path], folder: str) -> Iterator[bytes]:
    """Yield a ZIP file of files beside each other, so that names by which they refer to each other stay true.

    Nothing is compressed: sound and pictures hardly shrink, and an editor waits for them.

    Arguments:
        paths: The files; a folder, such as an FCPXML bundle, goes in with all that is in it.
        folder: Name of their folder in the archive.
    """
    outbox = _Outbox()
    with zipfile.ZipFile(outbox, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]  # only writes
        for path, name in _members(paths, folder):
            entry = zipfile.ZipInfo(name, _STILL)
            entry.external_attr = 0o644 << 16
            with path.open("rb") as file, archive.open(entry, "w", force_zip64=True) as member:
                while block := file.read(_BLOCK):
                    member.write(block)
                    yield outbox.taken()
            yield outbox.taken()
    yield outbox.taken()


def _members(paths: Iterable[Path], folder: str) -> Iterator[tuple[Path, str]]:
    for path in sorted(paths):
        if path.is_dir() and not path.is_symlink():
            for inner in sorted(path.rglob("*")):
                if inner.is_file() and not inner.is_symlink():
                    yield inner, f"{folder}/{path.name}/{inner.relative_to(path).as_posix()}"
        elif path.is_file():
            yield path, f"{folder}/{path.name}"
