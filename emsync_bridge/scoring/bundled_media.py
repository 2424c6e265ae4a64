"""Media inside a zipped bundle, unpacked for as long as the program looks at them."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from emsync_bridge.timeline.formats import Format
from emsync_bridge.timeline.source import Source

MAX_BYTES = 16 * 2**30
"""Bytes of all media together beyond which a bundle is left packed."""

_PIECE = 2**20


def unpack_media(source: Source) -> Path | None:
    """Return a folder with the media of an ``.otioz`` in it; None for other files, and where nothing can be unpacked.

    The folder is removed when the program ends. Members whose names point outside are left out, and so is everything
    where the bundle holds more than ``MAX_BYTES`` or the disk has no room for twice as much.

    Arguments:
        source: The timeline.
    """
    return source.once("media", lambda: _unpack(source.path)) if source.format is Format.OTIOZ else None


def _unpack(bundle: Path) -> Path | None:
    folder = Path(tempfile.mkdtemp(prefix="emsync-media-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        with zipfile.ZipFile(bundle) as packed:
            members = [member for member in packed.infolist() if _is_media(member)]
            room = min(MAX_BYTES, shutil.disk_usage(folder).free // 2)
            if not members or sum(member.file_size for member in members) > room:
                return None
            for member in members:
                target = folder / member.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(member) as content, target.open("wb") as file:
                    left = member.file_size  # what the zip states may lie
                    while left > 0 and (piece := content.read(min(_PIECE, left))):
                        file.write(piece)
                        left -= len(piece)
    except (OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        return None
    return folder


def _is_media(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    safe = (
        not path.is_absolute() and ".." not in path.parts and ":" not in member.filename and "\\" not in member.filename
    )
    return safe and not member.is_dir() and len(path.parts) > 1 and path.parts[0] == "media"
