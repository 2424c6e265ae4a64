"""Notes of a person about the versions of a cut: names, stars, words, and which of them an editor has placed."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from pydantic import StringConstraints

from emsync_bridge.server.jobs.wire import RequestPart
from emsync_bridge.server.paths import write_private

_log = logging.getLogger(__name__)

Letter = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,4}$")]
"""Letter of a version within its cut."""


class VersionNote(RequestPart):
    """Notes about one version; ``placed`` says that an editor shows its music."""

    name: Annotated[str, StringConstraints(max_length=100)] = ""
    star: bool = False
    note: Annotated[str, StringConstraints(max_length=1000)] = ""
    placed: bool = False


class VersionNotes:
    """The notes of all cuts, one file each.

    Arguments:
        root: Folder for them.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, cut: str) -> dict[str, VersionNote]:
        """Return the notes of a cut by the letters of its versions."""
        try:
            stored = json.loads(self._file(cut).read_text(encoding="utf-8"))
            return {letter: VersionNote.model_validate(note) for letter, note in stored.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError) as problem:
            _log.warning("the notes of cut %s cannot be read: %s", cut, problem)
            return {}

    def change(self, cut: str, letter: str, **values: Any) -> dict[str, VersionNote]:
        """Save values of a version's note; return all notes of the cut.

        Arguments:
            cut: Its name.
            letter: The version.
            values: Fields of ``VersionNote``.
        """
        notes = self.read(cut)
        notes[letter] = notes.get(letter, VersionNote()).model_copy(update=values)
        self._save(cut, notes)
        return self.read(cut)

    def forget(self, cut: str, letters: set[str]) -> None:
        """Remove the notes of versions."""
        notes = self.read(cut)
        if letters & notes.keys():
            self._save(cut, {letter: note for letter, note in notes.items() if letter not in letters})

    def _save(self, cut: str, notes: dict[str, VersionNote]) -> None:
        noted = {letter: note.model_dump() for letter, note in sorted(notes.items()) if note != VersionNote()}
        if not noted:
            with suppress(OSError):
                self._file(cut).unlink(missing_ok=True)
            return
        self._root.mkdir(mode=0o700, exist_ok=True)
        write_private(self._file(cut), json.dumps(noted, ensure_ascii=False))

    def _file(self, cut: str) -> Path:
        return self._root / f"{cut}.json"
