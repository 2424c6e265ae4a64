"""File names that every operating system takes, so that results and uploads can be copied anywhere."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def portable_name(name: str) -> str:
    """Return a name with ``_`` for what a system forbids, without stops and spaces at its ends.

    The forbidden signs and device names are those of Windows, which allows least.
    Source: Microsoft, "Naming Files, Paths, and Namespaces".

    Arguments:
        name: Name of a file, without folders.
    """
    plain = _FORBIDDEN.sub("_", name).strip(" .")
    return f"_{plain}" if not plain or _DEVICES.fullmatch(plain) else plain
