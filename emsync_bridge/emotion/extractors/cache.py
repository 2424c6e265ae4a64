"""Keeping measurements between runs, so that a re-edit only looks at what is new."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Protocol

import numpy as np

from emsync_bridge.emotion.extractors.interface import Row

MAX_BYTES = 256 * 2**20
"""Size up to which the folder may grow; what was not used for longest goes first."""

_PIECE = 256 * 1024


def default_folder() -> Path:
    """Return the folder of this user for kept measurements, as the system wants it."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("emsync-bridge", appauthor=False)) / "measurements"


class Measuring(Protocol):
    """Name and version by which the cache knows an extractor."""

    @property
    def name(self) -> str:
        """Name, a word."""

    @property
    def version(self) -> str:
        """Version, which changes with anything that changes a measurement."""


class DiskCache:
    """Measurements on disk, by the content of a medium and not by its name.

    Whatever goes wrong with it only costs time: a damaged or unwritable cache is treated as an empty one.

    Arguments:
        folder: Folder to keep them in; that of this user when None.
        most_bytes: Size up to which it may grow.
    """

    def __init__(self, folder: Path | None = None, *, most_bytes: int = MAX_BYTES) -> None:
        self._folder = folder or default_folder()
        self._most_bytes = most_bytes
        self._digests: dict[Path, str] = {}

    def recall(self, path: Path, extractor: Measuring, mode: str) -> dict[int, Row]:
        """Return the kept rows of a medium, by sample."""
        try:
            place = self._place(path, extractor, mode)
            with np.load(place, allow_pickle=False) as kept:
                samples, rows = kept["samples"], kept["rows"]
            if samples.dtype != np.int64 or rows.dtype != np.float32 or rows.ndim != 2 or len(samples) != len(rows):
                return {}
            os.utime(place)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return {}
        return {int(sample): row for sample, row in zip(samples, rows, strict=True)}

    def keep(self, path: Path, extractor: Measuring, mode: str, rows: dict[int, Row]) -> None:
        """Keep all rows of a medium."""
        if not rows:
            return
        with contextlib.suppress(OSError):
            place = self._place(path, extractor, mode)
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False) as file:
                try:
                    samples = np.array(sorted(rows), np.int64)
                    np.savez(file, samples=samples, rows=np.stack([rows[int(i)] for i in samples]).astype(np.float32))
                    file.close()
                    os.replace(file.name, place)  # noqa: PTH105
                finally:
                    Path(file.name).unlink(missing_ok=True)
            self._trim()

    def _place(self, path: Path, extractor: Measuring, mode: str) -> Path:
        if path not in self._digests:
            self._digests[path] = digest(path)
        key = f"{extractor.name} {extractor.version} {mode}"
        return self._folder / f"{self._digests[path]}-{hashlib.blake2b(key.encode(), digest_size=6).hexdigest()}.npz"

    def _trim(self) -> None:
        kept = sorted((place.stat().st_mtime, place.stat().st_size, place) for place in self._folder.glob("*.npz"))
        excess = sum(size for _, size, _ in kept) - self._most_bytes
        for _, size, place in kept:
            if excess <= 0:
                return
            place.unlink(missing_ok=True)
            excess -= size


def digest(path: Path) -> str:
    """Return a fingerprint of a file's content: its size, and pieces from its start, middle and end.

    Reading all of a camera original would take longer than looking at it.
    """
    size = path.stat().st_size
    mark = hashlib.blake2b(str(size).encode(), digest_size=16)
    with path.open("rb") as file:
        for place in (0, max(0, size // 3), max(0, 2 * size // 3), max(0, size - _PIECE)):
            file.seek(place)
            mark.update(file.read(_PIECE))
    return mark.hexdigest()
