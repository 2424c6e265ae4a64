"""Names and paths that Premiere's OpenTimelineIO import can read.

Premiere 26 was reported to read clips of schema version 1 only and to fail on paths with dashes other than the hyphen,
``$`` and apostrophes; other reports have it read version 2. A document with version 1, plain ASCII names and bare paths
is read in either case (not measured with Premiere itself).
"""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from emsync_bridge.files.atomic import replacing
from emsync_bridge.files.urls import to_path
from emsync_bridge.timeline.placement import Placement

_UNSAFE = re.compile(r"[^A-Za-z0-9 ._()+-]+")
_UNSAFE_PATH = re.compile(r"[^\x20-\x7e]|[$'`]")


def ascii_name(name: str) -> str:
    """Return a name in ASCII letters, digits and a few signs; accents go, other characters become ``_``.

    Arguments:
        name: Name of a file or of media.
    """
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return _UNSAFE.sub("_", plain).strip(" _") or "media"


def with_safe_audio(placement: Placement, folder: Path) -> tuple[Placement, list[str]]:
    """Return a placement whose audio files have ASCII names, and a note for each that was copied to get one.

    Arguments:
        placement: The music.
        folder: Folder of the copies.

    Raises:
        OutputError: A copy cannot be written.
    """
    notes: list[str] = []

    def safe(wav: Path) -> Path:
        name = ascii_name(wav.stem) + ".wav"
        if name == wav.name:
            return wav
        copy = free_path(folder / name)
        with replacing(copy) as temporary:
            shutil.copyfile(wav, temporary)
        notes.append(f"{wav.name} was copied to {copy.name}, because Premiere does not import other than plain names")
        return copy

    audio = safe(placement.audio)
    stems = tuple((name, safe(wav)) for name, wav in placement.stems)
    return replace(placement, audio=audio, stems=stems), notes


def free_path(path: Path) -> Path:
    """Return a path at which nothing is yet: the one given, or one with a number before its suffixes.

    Arguments:
        path: The file that is to be written.
    """
    stem, dot, suffixes = path.name.partition(".")
    number = 1
    while path.exists():
        number += 1
        path = path.with_name(f"{stem} {number}{dot}{suffixes}")
    return path


def path_notes(urls: Iterable[str]) -> list[str]:
    """Return a note on media whose paths Premiere may not import.

    Arguments:
        urls: Paths and URLs of the document's media.
    """
    odd = sorted({path for url in urls if _UNSAFE_PATH.search(path := to_path(url))})
    if not odd:
        return []
    what = "have characters outside ASCII, $ or an apostrophe in their paths"
    return [f"Premiere may not find {len(odd)} of the media, which {what}, such as {odd[0]}"]
