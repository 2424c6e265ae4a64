"""Paths of other computers: a table of prefixes and what they are here."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from emsync_bridge.errors import EmsyncError

PATHS_VARIABLE = "EMSYNC_PATHS"
"""Environment variable of a worker with its table: ``THERE=HERE``, several with semicolons between."""

_WINDOWS = re.compile(r"[A-Za-z]:|\\\\|//")

Prefixes = Sequence[tuple[str, str]]
"""Prefixes of other computers with what they are here; the first that fits counts."""


def parse_prefix(text: str) -> tuple[str, str]:
    """Return a prefix and what it is here.

    Arguments:
        text: ``THERE=HERE``.

    Raises:
        EmsyncError: It is not of this form.
    """
    there, equals, here = text.partition("=")
    if not equals or not there.strip() or not here.strip():
        raise EmsyncError(
            f"{text!r} is not of the form THERE=HERE", hint="Write it as Z:\\show=/mnt/show", setting="map"
        )
    return there.strip(), here.strip()


def own_prefixes() -> Prefixes:
    """Return the table of this computer, from its environment.

    Raises:
        EmsyncError: A part of it is not of the form.
    """
    return [parse_prefix(part) for part in os.environ.get(PATHS_VARIABLE, "").split(";") if part.strip()]


def map_path(path: str, prefixes: Prefixes) -> str:
    """Return a path as it is here; one that no prefix fits stays.

    A prefix ends at the end of a folder's name. Windows' paths are compared without regard to case, and either slash
    counts.

    Arguments:
        path: Path as it was written on any computer.
        prefixes: The table.
    """
    for there, here in prefixes:
        windows, start = _WINDOWS.match(there) is not None, there.rstrip("/\\")
        head, rest = path[: len(start)], path[len(start) :]
        alike = _plain(head) == _plain(start) if windows else head == start
        if alike and (not rest or rest[0] == "/" or (windows and rest[0] == "\\")):
            rest = rest.replace("\\", "/") if windows else rest
            rest = rest.replace("/", "\\") if _WINDOWS.match(here) else rest
            return here.rstrip("/\\") + rest or here
    return path


def _plain(path: str) -> str:
    return path.replace("\\", "/").lower()
