"""An input file, opened once: recognised by its content, hashed, and handed on to every step."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import IO, Any, TypeVar

from emsync_bridge.errors import TimelineError
from emsync_bridge.files.portable import portable_name
from emsync_bridge.timeline.formats import (
    DOCUMENTS,
    HEAD_BYTES,
    MAX_BYTES,
    SUFFIXES,
    ZIPPED,
    Format,
    check_size,
    folder_format,
    format_of,
    refuse_unreadable,
)

Value = TypeVar("Value")

_DIGESTED_PIECE = 1 << 20


@dataclass(frozen=True)
class Source:
    """A timeline or a video as it was when it was opened.

    An editor may save the file again while the music is composed: every step works on the bytes that were read.

    Arguments:
        path: The file, or the folder of a bundle.
        format: Format that it holds.
        data: Bytes of the document; None for a video and for an AAF, which its library opens itself.
        digest: SHA-256 of the document in hexadecimal digits; empty for a video.
        sequence: Name of the sequence to read, where the file holds several.
        rate: Frames per second, for a file that does not state its own.
    """

    path: Path
    format: Format
    data: bytes | None = field(default=None, repr=False)
    digest: str = ""
    sequence: str | None = None
    rate: Fraction | None = None
    _kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_video(self) -> bool:
        """True for a plain video, which is not a timeline."""
        return self.format is Format.VIDEO

    @property
    def stem(self) -> str:
        """Beginning of the names of results, which every system takes."""
        return portable_name(self.path.resolve().stem)

    @property
    def suffix(self) -> str:
        """Suffix of a file or folder of the same format: its own, or the usual one where it has none that fits."""
        if self.format is Format.FCPXML and self.path.is_dir():
            return ".fcpxmld"
        known = SUFFIXES.get(self.format, (self.path.suffix,))
        return self.path.suffix if self.path.suffix.lower() in known else known[0]

    @property
    def document(self) -> bytes:
        """Bytes of the document.

        Raises:
            TimelineError: Its format is opened by a library of its own.
        """
        if self.data is None:
            raise TimelineError(f"A file of the format {self.format.value} is not held in memory", where=self.path)
        return self.data

    def once(self, name: str, make: Callable[[], Value]) -> Value:
        """Return what a step makes of the document, made at the first call.

        Arguments:
            name: Name of the result, the same at every call.
            make: Function that makes it.
        """
        if name not in self._kept:
            self._kept[name] = make()
        value: Value = self._kept[name]
        return value


def open_source(path: Path, *, sequence: str | None = None, rate: Fraction | None = None) -> Source:
    """Return an input file, read from the disk once.

    Arguments:
        path: A timeline, a timeline bundle or a video.
        sequence: Name of the sequence to read, where the file holds several.
        rate: Frames per second, for a file that does not state its own.

    Raises:
        TimelineError: It cannot be opened, is larger than any timeline, or is nothing that emsync reads.
    """
    with refuse_unreadable(path):
        kind = folder_format(path) if path.is_dir() else None
        with (path / DOCUMENTS[kind] if kind else path).open("rb") as file:
            head = b"" if kind else file.read(HEAD_BYTES)
            kind = kind or format_of(path, head, file)
            data = None if kind is Format.VIDEO or kind is Format.AAF else _document(path, kind, file)
            digest = "" if kind is Format.VIDEO else _digest(data, file)
    return Source(path, kind, data, digest, sequence, rate)


def source_of(given: Source | Path, *, sequence: str | None = None, rate: Fraction | None = None) -> Source:
    """Return an opened source; a path is opened with the arguments of ``open_source``."""
    return given if isinstance(given, Source) else open_source(given, sequence=sequence, rate=rate)


def _document(path: Path, kind: Format, file: IO[bytes]) -> bytes:
    if kind is Format.OTIOZ:
        # Nothing is unpacked to the disk, so names that point outside do no harm; the size that the zip states may lie.
        try:
            with zipfile.ZipFile(file) as bundle, bundle.open(ZIPPED) as content:
                check_size(path, bundle.getinfo(ZIPPED).file_size)
                data = content.read(MAX_BYTES + 1)
        except (EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as problem:
            raise TimelineError(f"The document cannot be read: {problem}", where=path) from None
    else:
        file.seek(0)
        check_size(path, file.seek(0, 2))
        file.seek(0)
        data = file.read(MAX_BYTES + 1)
    check_size(path, len(data))
    return data


def _digest(data: bytes | None, file: IO[bytes]) -> str:
    if data is not None:
        return hashlib.sha256(data).hexdigest()
    digest = hashlib.sha256()
    file.seek(0)
    while piece := file.read(_DIGESTED_PIECE):
        digest.update(piece)
    return digest.hexdigest()
