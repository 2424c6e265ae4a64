"""File names that every operating system takes, so that results and uploads can be copied anywhere."""

from __future__ import annotations

import re
from pathlib import Path

from emsync_bridge.errors import OutputError

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\ud800-\udfff]')  # with bytes that are no UTF-8
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


def is_undecodable(path: Path) -> bool:
    """Tell whether bytes of a path are not UTF-8, so that no document and no other program can be given it as text."""
    return any("\ud800" <= sign <= "\udfff" for sign in str(path.absolute()))


def refuse_undecodable(path: Path, setting: str = "") -> None:
    """Refuse a path that cannot be written into a document, since bytes of it are not UTF-8.

    Arguments:
        path: Path of a file or folder.
        setting: Name of the option that sets it.

    Raises:
        OutputError: It is one.
    """
    if is_undecodable(path):
        raise OutputError(
            "Its name, or that of a folder above it, holds bytes that are not UTF-8 text, which no timeline can name",
            where=path,
            hint="Rename it, or choose another folder",
            setting=setting,
        )
