"""Writing of an OpenTimelineIO document in a container like its own, with all other members kept."""

from __future__ import annotations

import copy
import shutil
import zipfile
import zlib
from collections.abc import Collection, Mapping
from pathlib import Path

from emsync_bridge.errors import OutputError
from emsync_bridge.files.atomic import replacing
from emsync_bridge.timeline.formats import ZIPPED as CONTENT
from emsync_bridge.timeline.formats import Format

MEDIA = "media/"
_PIECE = 1 << 20


def members(source: Path, kind: Format) -> set[str]:
    """Return the names of all files in a bundle, with slashes; none for a plain file.

    Arguments:
        source: The user's file, zip or folder.
        kind: Format: one of the three.
    """
    if kind is Format.OTIOZ:
        with zipfile.ZipFile(source) as bundle:
            return set(bundle.namelist())
    if kind is Format.OTIOD:
        return {path.relative_to(source).as_posix() for path in source.rglob("*")}
    return set()


def save(
    source: Path, output: Path, kind: Format, data: bytes, *, audio: Mapping[str, Path], gone: Collection[str]
) -> None:
    """Write a document into a new container like the one that it came in.

    Arguments:
        source: The user's file, zip or folder.
        output: Path of the new container.
        kind: Format: one of the three.
        data: The document.
        audio: New members of a bundle by name, with the files that they are copies of.
        gone: Members of the bundle that are left out.

    Raises:
        OutputError: It cannot be written, or the bundle cannot be read to its end.
    """
    try:
        with replacing(output) as temporary:
            if kind is Format.OTIOZ:
                _save_zip(source, temporary, data, audio, gone)
            elif kind is Format.OTIOD:
                _save_folder(source, temporary, data, audio, gone)
            else:
                temporary.write_bytes(data)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as problem:
        raise OutputError(f"The bundle cannot be copied: {problem}", where=source, hint="Export it again") from None


def _save_zip(source: Path, temporary: Path, data: bytes, audio: Mapping[str, Path], gone: Collection[str]) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(temporary, "w", allowZip64=True) as new:
        for info in old.infolist():
            if info.filename in gone or info.filename in audio:
                continue
            fresh = copy.copy(info)  # name, date, compression and attributes stay
            if info.filename == CONTENT:
                new.writestr(fresh, data)
                continue
            with (
                old.open(info) as reader,
                new.open(fresh, "w", force_zip64=info.file_size > zipfile.ZIP64_LIMIT) as writer,
            ):
                shutil.copyfileobj(reader, writer, _PIECE)
        for name, wav in audio.items():
            new.write(wav, name, zipfile.ZIP_STORED)


def _save_folder(source: Path, temporary: Path, data: bytes, audio: Mapping[str, Path], gone: Collection[str]) -> None:
    shutil.copytree(source, temporary, symlinks=True)
    for name in gone:
        if name.startswith(MEDIA) and ".." not in name:
            (temporary / name).unlink(missing_ok=True)
    for name, wav in audio.items():
        (temporary / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(wav, temporary / name)
    (temporary / CONTENT).write_bytes(data)
