"""Letters that name the versions of a cut for good: A, B, ... Z, AA, ..."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from emsync_bridge.server.jobs.store import Job
from emsync_bridge.server.paths import write_private

_MAKING = frozenset({"redo", "conform", "take"})
"""Kinds of jobs that make one version; a score makes one for each take."""


def letter_of(index: int) -> str:
    """Return the letter of a version by its index."""
    rest, last = divmod(index, 26)
    return (letter_of(rest - 1) if rest else "") + chr(ord("A") + last)


def index_of(letter: str) -> int:
    """Return the index of a version by its letter; the inverse of ``letter_of``."""
    index = -1
    for each in letter:
        index = (index + 1) * 26 + ord(each) - ord("A")
    return index


def letters_for(request: dict[str, Any], taken: Iterable[str]) -> list[str]:
    """Return the letters of the versions that a request will make, after those that are taken.

    Arguments:
        request: Request as it was checked.
        taken: Letters of the cut's other versions.
    """
    kind = request["kind"]
    number = int(request.get("takes") or 1) if kind == "score" else int(kind in _MAKING)
    first = max(map(index_of, taken), default=-1) + 1
    return [letter_of(first + index) for index in range(number)]


def name_versions(job: Job, earlier: Job | None, taken: Iterable[str]) -> None:
    """Give a job the letters of the versions that it makes.

    Arguments:
        job: The job.
        earlier: The one that it builds on.
        taken: Letters of the cut's other versions.
    """
    if job.kind == "take" and earlier is not None and earlier.kind == "score":  # a version that has its letter already
        job.letters = earlier.letters[job.request["take"] : job.request["take"] + 1]
    else:
        job.letters = letters_for(job.request, taken)


class RemovedLetters:
    """The last letter of each cut among versions that were removed, so that it names no other one.

    Arguments:
        root: Folder with a file for each cut.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def last(self, cut: str) -> list[str]:
        """Return the letter of a cut, or nothing."""
        try:
            letter = self._file(cut).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return []
        return [letter] if letter.isascii() and letter.isupper() and letter.isalpha() else []

    def add(self, cut: str, letters: Iterable[str]) -> None:
        """Keep the letters of versions that are removed."""
        known = self.last(cut)
        highest = max([*known, *letters], key=index_of, default=None)
        if highest is not None and [highest] != known:
            self._root.mkdir(mode=0o700, exist_ok=True)
            write_private(self._file(cut), highest)

    def forget(self, cut: str) -> None:
        """Forget a cut."""
        with suppress(OSError):
            self._file(cut).unlink(missing_ok=True)

    def _file(self, cut: str) -> Path:
        return self._root / f"{cut}.letter"
