"""Removal of uploads that nothing needs, and storing of uploads with the same content only once."""

from __future__ import annotations

import datetime as dt
import filecmp
import json
import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from emsync_bridge.server.paths import Home, write_private
from emsync_bridge.server.uploads import size_of

DAYS = 7
"""Days on which the bridge finds an upload unneeded before it goes."""

_DATES = "unneeded.json"


def sweep(home: Home, needed: set[Path], today: dt.date) -> None:
    """Remove uploads that no job has needed on ``DAYS`` different days.

    Days are counted on which the bridge has started, and no ages of files: after a jump of the clock, files of today
    look weeks old, but have been seen on one day alone.

    Arguments:
        home: The bridge's folder.
        needed: Folders of uploads that jobs refer to.
        today: The date.
    """
    record = home.root / _DATES
    before = _read(record)
    seen: dict[str, list[str]] = {}
    for folder in home.inputs.iterdir():
        if folder in needed:
            continue
        days = sorted({*before.get(folder.name, []), today.isoformat()})
        if len(days) >= DAYS:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            seen[folder.name] = days
    if seen != before:
        write_private(record, json.dumps(seen))


def _read(record: Path) -> dict[str, list[str]]:
    try:
        said = json.loads(record.read_text(encoding="utf-8"))
        return {str(name): [str(day) for day in days] for name, days in said.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def share_content(home: Home, upload: Path) -> bool:
    """Have an upload share the room of an earlier one of the same content, where the file system can.

    Both keep their names: removing one leaves the other whole.

    Arguments:
        home: The bridge's folder.
        upload: A file that was uploaded.

    Returns:
        Whether it shares.
    """
    size = size_of(upload)
    alike = (path for path in home.inputs.rglob("*") if path != upload and size_of(path) == size)
    for path in alike:
        with suppress(OSError):
            if upload.samefile(path):
                return True
            if not filecmp.cmp(upload, path, shallow=False):
                continue
            link = upload.with_name(f".{secrets.token_hex(4)}.part")
            os.link(path, link)
            try:
                link.replace(upload)
            finally:
                link.unlink(missing_ok=True)
            return True
    return False
