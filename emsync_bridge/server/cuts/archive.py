"""One ZIP file with everything that was written for a version, streamed while it is made."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from emsync_bridge.files.urls import UrlStyle, to_url

_BLOCK = 1 << 20
_LINKING = frozenset((".otio", ".fcpxml"))
"""Endings of timelines that may name media relative to themselves; editors differ on it in Final Cut Pro 7 XML."""
_LARGEST = 256 << 20
"""Bytes of a timeline up to which its links are changed."""
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
    """Yield a ZIP file of files beside each other, which name each other relative to themselves.

    Nothing is compressed: sound and pictures hardly shrink, and an editor waits for them.

    Arguments:
        paths: The files; a folder, such as an FCPXML bundle, goes in with all that is in it.
        folder: Name of their folder in the archive.
    """
    outbox = _Outbox()
    together = sorted(paths)
    with zipfile.ZipFile(outbox, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]  # only writes
        for path, name in _members(together):
            entry = zipfile.ZipInfo(f"{folder}/{name}", _STILL)
            entry.external_attr = 0o644 << 16
            with archive.open(entry, "w", force_zip64=True) as member:
                for block in _blocks(path, name, together):
                    member.write(block)
                    yield outbox.taken()
            yield outbox.taken()
    yield outbox.taken()


def _blocks(path: Path, name: str, together: list[Path]) -> Iterator[bytes]:
    """Yield the content of a file; that of a timeline with links to the files beside it."""
    if path.suffix.lower() in _LINKING and path.stat().st_size <= _LARGEST:
        yield linked_beside(path.read_bytes(), together, up=name.count("/"))
        return
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def linked_beside(timeline: bytes, together: Iterable[Path], *, up: int = 0) -> bytes:
    """Return a timeline in which the absolute addresses of files have become relative ones.

    Arguments:
        timeline: An OpenTimelineIO or FCPXML document.
        together: Files that will lie in one folder.
        up: Number of folders below that one in which the timeline will lie.
    """
    for path in together:
        for style in (UrlStyle.URL, UrlStyle.LOCALHOST, UrlStyle.PATH):
            address = to_url(path, style)
            beside = "../" * up + (path.name if style is UrlStyle.PATH else quote(path.name))
            for ascii_only in (True, False):
                old, new = (json.dumps(text, ensure_ascii=ascii_only).encode() for text in (address, beside))
                timeline = timeline.replace(old, new)
    return timeline


def _members(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Yield each file with its place in the archive's folder."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            for inner in sorted(path.rglob("*")):
                if inner.is_file() and not inner.is_symlink():
                    yield inner, f"{path.name}/{inner.relative_to(path).as_posix()}"
        elif path.is_file():
            yield path, path.name
