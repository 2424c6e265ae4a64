"""Files that are handed to the bridge, for those whose timelines it cannot reach by a path."""

from __future__ import annotations

import re
import secrets
import shutil
import time
import unicodedata
from pathlib import Path

from starlette.requests import ClientDisconnect, Request

from emsync_bridge.server.home import Home
from emsync_bridge.server.refusals import RequestError

MB = 2**20
TIMELINES = frozenset((".otio", ".xml", ".fcpxml", ".edl", ".aaf", ".csv", ".json"))
_MEDIA = "avi m2ts m4v mkv mov mp4 mpg mpeg mts mxf ts webm wmv ogv wav aif aiff flac mp3 m4a ogg otioz sf2"
MEDIA = frozenset(f".{ending}" for ending in _MEDIA.split())
LARGEST_TIMELINE = 64 * MB
LARGEST_MEDIA = 8192 * MB

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_KEPT = 7 * 24 * 3600.0


def safe_name(name: str) -> str:
    """Return a file's name if it can be one, and nothing else, on every system.

    Raises:
        RequestError: It cannot, or the bridge takes no such files.
    """
    name = unicodedata.normalize("NFC", name)
    bad = _FORBIDDEN.search(name) or _DEVICES.fullmatch(name) or name != name.strip(" .") or name.startswith(".")
    if bad or not 0 < len(name.encode("utf-8", "replace")) <= 200:
        raise RequestError(422, "This is no name for a file", where="name", hint="Send the name alone, without folders")
    if Path(name).suffix.lower() not in TIMELINES | MEDIA:
        raise RequestError(422, "Files with this ending are not taken", where="name", hint="Send a timeline or a video")
    return name


def largest(name: str) -> int:
    """Return the bytes that a file of this name may have."""
    return LARGEST_MEDIA if Path(name).suffix.lower() in MEDIA else LARGEST_TIMELINE


async def keep(home: Home, name: str, request: Request) -> Path:
    """Keep the body of a request as a file, whole or not at all.

    Raises:
        RequestError: It is empty, too large, or breaks off.
    """
    name, bound = safe_name(name), largest(name)
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > bound:
        raise RequestError(413, f"The file is larger than {bound // MB} MB", where=name)
    folder = home.inputs / secrets.token_hex(8)
    folder.mkdir(mode=0o700)
    try:
        taken = 0
        with (folder / name).open("xb") as file:
            async for block in request.stream():
                taken += len(block)
                if taken > bound:
                    raise RequestError(413, f"The file is larger than {bound // MB} MB", where=name)
                file.write(block)
        if not taken:
            raise RequestError(422, "The file is empty", where=name)
    except ClientDisconnect:
        shutil.rmtree(folder, ignore_errors=True)
        raise RequestError(400, "The upload broke off", where=name) from None
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder / name


def forget_old(home: Home, needed: set[str]) -> None:
    """Remove uploads that no job refers to and that are older than a week.

    Arguments:
        home: The bridge's folder.
        needed: Paths that jobs refer to.
    """
    folders = {Path(path).parent for path in needed}
    for folder in home.inputs.iterdir():
        if folder not in folders and time.time() - folder.stat().st_mtime > _KEPT:
            shutil.rmtree(folder, ignore_errors=True)
