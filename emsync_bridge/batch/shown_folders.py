"""Output folders of batches whose progress the page shows: a short list in a file, latest first."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from emsync_bridge.batch.progress import folder_progress
from emsync_bridge.errors import OutputError
from emsync_bridge.files.atomic import replacing

MOST = 20
"""Folders on the list; the one that was added first goes."""

_MAX_BYTES = 1 << 20


class ShownFolders:
    """The list of output folders.

    Arguments:
        path: Its file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, folder: Path) -> str:
        """Put a folder first on the list; return its name there.

        Arguments:
            folder: Absolute path of an output folder.

        Raises:
            OutputError: It is not a folder, or the list cannot be written.
        """
        if not folder.is_absolute() or not folder.is_dir():
            raise OutputError("Not a folder", where=folder, hint="Give the absolute path of a batch's output folder")
        self._write([str(folder), *(each for each in self._read() if each != str(folder))][:MOST])
        return _name(str(folder))

    def remove(self, name: str) -> bool:
        """Take a folder off the list; return whether it was there. Its files stay."""
        folders = self._read()
        left = [each for each in folders if _name(each) != name]
        if len(left) < len(folders):
            self._write(left)
        return len(left) < len(folders)

    def progress(self) -> list[dict[str, Any]]:
        """Return the progress in each folder that holds a batch, as JSON-ready data."""
        found = []
        for folder in self._read():
            progress = folder_progress(Path(folder))
            if progress is not None:
                found.append({"id": _name(folder), "folder": folder, **progress})
        return found

    def _read(self) -> list[str]:
        try:
            with self._path.open("rb") as file:
                said = json.loads(file.read(_MAX_BYTES).decode("utf-8"))
            return [each for each in said if isinstance(each, str)][:MOST]
        except (OSError, ValueError, RecursionError, TypeError):
            return []

    def _write(self, folders: list[str]) -> None:
        with replacing(self._path) as file:
            file.write_text(json.dumps(folders, indent=1), encoding="utf-8")


def _name(folder: str) -> str:
    return hashlib.sha256(folder.encode("utf-8", "surrogatepass")).hexdigest()[:16]
