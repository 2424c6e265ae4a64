"""Files that are handed to the bridge, for those whose timelines it cannot reach by a path."""

from __future__ import annotations

import asyncio
import re
import secrets
import shutil
import stat
import unicodedata
from contextlib import suppress
from pathlib import Path

from starlette.requests import ClientDisconnect, Request

from emsync_bridge.ffmpeg import CAMERA_FILES
from emsync_bridge.files.atomic import publish
from emsync_bridge.files.portable import portable_name
from emsync_bridge.server.errors import RequestError
from emsync_bridge.server.paths import Home

MB, GB = 10**6, 10**9
TIMELINES = frozenset((".otio", ".xml", ".fcpxml", ".edl", ".aaf", ".csv", ".json"))
_MEDIA = "avi m2ts m4v mkv mov mp4 mpg mpeg mts mxf ts webm wmv ogv wav aif aiff flac mp3 m4a ogg otioz sf2"
_STILLS = "png jpg jpeg tif tiff exr dpx bmp heic psd"
MEDIA = frozenset(f".{ending}" for ending in _MEDIA.split())
STILLS = frozenset(f".{ending}" for ending in _STILLS.split())
MAX_TIMELINE = 64 * MB
MAX_MEDIA = 8 * GB
MAX_KEPT = 64 * GB
"""Bytes of all uploads together."""
MIN_FREE = GB
"""Bytes that an upload leaves free on the disk, for the computer and for results."""

_LEGAL_ELSEWHERE = re.compile(r'[:*?"<>|]')
_ID = re.compile(r"[0-9a-f]{16}")
_LOOK_EVERY = 256 * MB


def plain_name(name: str) -> str:
    """Return a name that files and folders can have on every system; see ``safe_name``.

    Signs that macOS and Linux allow and Windows does not become ``_``.
    """
    name = _LEGAL_ELSEWHERE.sub("_", unicodedata.normalize("NFC", name))
    if name != portable_name(name) or not 0 < len(name.encode("utf-8", "replace")) <= 200:
        raise RequestError(422, "Not a file name", where="name", hint="Send the name alone, without folders")
    return name


def safe_name(name: str) -> str:
    """Return a file's name if it can be one, and nothing else, on every system.

    Raises:
        RequestError: It cannot, or the bridge takes no such files.
    """
    name = plain_name(name)
    if Path(name).suffix.lower() not in TIMELINES | MEDIA:
        raise RequestError(422, "Files with this ending are not taken", where=name, hint=advice_on(name))
    return name


def advice_on(name: str) -> str:
    """Return the next step for a file that is not taken."""
    if Path(name).suffix.lower() in CAMERA_FILES | STILLS:
        return "Export the cut as a ProRes, DNxHR or H.264 movie for reference, and drop that"
    return "Drop a timeline (OTIO, XML, FCPXML, EDL, AAF), its movies and sound, or a movie of the whole cut"


def upload_limit(name: str) -> int:
    """Return the bytes that a file of this name may have."""
    return MAX_MEDIA if Path(name).suffix.lower() in MEDIA else MAX_TIMELINE


def place_for(home: Home, name: str, beside: str | None) -> Path:
    """Return where an upload goes: a folder of its own, or that of an earlier one.

    Arguments:
        home: The bridge's folder.
        name: The file's name; beside an earlier upload with one folder before it, as in ``media/a.mov``.
        beside: Id of the earlier upload.

    Raises:
        RequestError: The name is none, there is no such upload, or it has such a file already.
    """
    if beside is None:
        target = home.inputs / secrets.token_hex(8) / safe_name(name)
        target.parent.mkdir(mode=0o700)
        return target
    folder = home.inputs / beside
    if not _ID.fullmatch(beside) or not folder.is_dir():
        raise RequestError(404, "Upload not found", where=beside[:40])
    *folders, last = name.split("/", 1)
    target = folder.joinpath(*(plain_name(part) for part in folders), safe_name(last))
    if target.exists():
        raise RequestError(409, "There is such a file already", where=name)
    target.parent.mkdir(mode=0o700, exist_ok=True)
    return target


async def keep(home: Home, name: str, request: Request, beside: str | None = None) -> dict[str, str]:
    """Keep the body of a request as a file, whole or not at all; return its ``path`` and the ``id`` of the upload.

    Raises:
        RequestError: It is empty, too large, or breaks off, or there is no room; see also ``place_for``.
    """
    bound = upload_limit(name)
    said = request.headers.get("content-length", "")
    declared = int(said) if said.isdecimal() and len(said) < 20 else 0
    if declared > bound:
        raise RequestError(413, f"The file is larger than {bound // MB} MB", where=name)
    await asyncio.to_thread(_check_room, home, declared)
    target = place_for(home, name, beside)
    draft = target.with_name(f".{secrets.token_hex(4)}.part")
    try:
        await _write(request, draft, bound, home)
        publish(draft, target)
    except ClientDisconnect:
        raise RequestError(400, "The upload broke off", where=name) from None
    finally:
        draft.unlink(missing_ok=True)
        with suppress(OSError):  # not empty, when all went well
            target.parent.rmdir()
    return {"path": str(target), "id": target.relative_to(home.inputs).parts[0]}


async def _write(request: Request, draft: Path, bound: int, home: Home) -> None:
    taken = checked = 0
    with draft.open("xb") as file:
        async for block in request.stream():
            taken += len(block)
            if taken > bound:
                raise RequestError(413, f"The file is larger than {bound // MB} MB")
            file.write(block)
            if taken - checked > _LOOK_EVERY:  # what was declared may be wrong, and others write as well
                checked = taken
                await asyncio.to_thread(_check_room, home, 0)
    if not taken:
        raise RequestError(422, "The file is empty")


def _check_room(home: Home, more: int) -> None:
    """Refuse an upload for which there is no room.

    Arguments:
        home: The bridge's folder.
        more: Bytes that are to come.
    """
    kept = sum(size_of(path) for path in home.inputs.rglob("*"))
    if kept + more > MAX_KEPT:
        what = f"The files given to the bridge would take up more than {MAX_KEPT // GB} GB"
        raise RequestError(507, what, where=str(home.inputs), hint="Remove cuts that are not needed any more")
    if shutil.disk_usage(home.inputs).free - more < MIN_FREE:
        what = f"Less than {MIN_FREE // GB} GB would be left on the disk"
        raise RequestError(507, what, where=str(home.inputs), hint="Make room, or give the path of the file instead")


def size_of(path: Path) -> int:
    """Return the bytes of a file; 0 for what is no file, or has gone meanwhile."""
    try:
        found = path.lstat()
    except OSError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0
