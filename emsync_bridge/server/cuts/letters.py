"""Letters that name the versions of a cut for good: A, B, ... Z, AA, ..."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_MAKING = frozenset({"redo", "conform"})
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
        request: As it was checked.
        taken: Letters of the cut's other versions.
    """
    kind = request["kind"]
    number = int(request.get("takes") or 1) if kind == "score" else int(kind in _MAKING)
    first = max(map(index_of, taken), default=-1) + 1
    return [letter_of(first + index) for index in range(number)]
