"""Finding the media behind a timeline on this machine, wherever the timeline was made."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from pathlib import Path, PurePosixPath, PureWindowsPath

from emsync_bridge.cue import Shot
from emsync_bridge.files.portable import portable_name
from emsync_bridge.files.urls import media_paths

MAX_FILES = 200_000
"""Files that are looked at under one root before the search gives up."""

MAX_DEPTH = 12
"""Folders within folders that the search descends into."""

_ENDINGS = "avi braw m2ts m4v mkv mov mp4 mpg mts mxf r3d ts webm wmv"

MOVIES = frozenset(f".{ending}" for ending in _ENDINGS.split())
"""Endings of files that a clip's name without an ending may mean."""

_NUMBER = re.compile(r"%0?\d*d")


@dataclass(frozen=True)
class MediaSpan:
    """The stretch of a file that shows in a shot.

    Arguments:
        path: An existing file.
        start: Seconds from the file's first frame to the start of the shot.
        end: Seconds from the file's first frame to the end of the shot; None for the file's own end. Less than
            ``start`` when it plays backwards, equal when it is frozen.
    """

    path: Path
    start: float
    end: float | None


@dataclass(frozen=True)
class Relinked:
    """Media found for the shots.

    Arguments:
        sources: One for each shot; None where there is nothing to see or it was not found.
        missing: Media that the shots name and that was not found, each once.
    """

    sources: tuple[MediaSpan | None, ...]
    missing: tuple[str, ...] = ()


def relink(
    shots: Sequence[Shot],
    *,
    timeline: Path,
    media_roots: Sequence[Path] = (),
    picture: Path | None = None,
) -> Relinked:
    """Return the file and range that each shot shows.

    A name is tried as it stands, then relative to the timeline's folder and to each root with ever fewer of its
    leading folders, then by its bare file name anywhere below them. A sequence of pictures is stood for by its middle
    one.

    Arguments:
        shots: The shots.
        timeline: The timeline's file.
        media_roots: More folders to look into.
        picture: A rendering of the whole timeline, to be used for all shots instead.
    """
    if picture is not None:
        return Relinked(tuple(MediaSpan(picture, shot.start, shot.end) for shot in shots))
    finder = _Finder((timeline.absolute().parent, *media_roots))
    found = {media: finder.find(media) for media in dict.fromkeys(shot.media for shot in shots) if media}
    return Relinked(
        tuple(_source(shot, found.get(shot.media) if shot.media else None) for shot in shots),
        tuple(media for media, path in found.items() if path is None),
    )


def _source(shot: Shot, path: Path | None) -> MediaSpan | None:
    if path is None:
        return None
    start = shot.source_start if shot.source_start is not None else 0.0
    end = shot.source_end
    if end is None and shot.source_start is not None:
        end = start + shot.duration
    return MediaSpan(path, start, end)


class _Finder:
    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = tuple(dict.fromkeys(root.absolute() for root in roots))

    def find(self, name: str) -> Path | None:
        candidates = media_paths(name)
        for path in candidates:
            if found := self._as_it_stands(path) or self._below_roots(path):
                return found
        return next((found for path in candidates if (found := self._by_name(path))), None)

    def _as_it_stands(self, path: PurePosixPath | PureWindowsPath) -> Path | None:
        """Return the file if the path is absolute here.

        Shares of other hosts are left alone: opening one makes Windows log in there, and a timeline may come
        from anybody.
        """
        if not path.is_absolute() or isinstance(path, PureWindowsPath) != (os.name == "nt"):
            return None
        if isinstance(path, PureWindowsPath) and path.drive.startswith("\\\\"):
            return None
        return _file(Path(path))

    def _below_roots(self, path: PurePosixPath | PureWindowsPath) -> Path | None:
        parts = path.relative_to(path.anchor).parts
        for root in self._roots:
            for first in range(len(parts)):
                if ".." in parts[first:] and first:
                    continue
                if found := _file(root.joinpath(*parts[first:])):
                    return found
        return None

    def _by_name(self, path: PurePosixPath | PureWindowsPath) -> Path | None:
        def likeness(found: Path) -> int:
            pairs = zip(reversed(found.parts), reversed(path.parts), strict=False)
            return sum(1 for _ in takewhile(lambda pair: _folded(pair[0]) == _folded(pair[1]), pairs))

        # edit lists often name clips without the ending of their files
        index = self._index if path.suffix else self._stems
        return max(index.get(_folded(path.name), ()), key=likeness, default=None)

    @cached_property
    def _index(self) -> dict[str, list[Path]]:
        index: dict[str, list[Path]] = {}
        for root in self._roots:
            for _, path in zip(range(MAX_FILES), _walk(root), strict=False):
                index.setdefault(_folded(path.name), []).append(path)
        return index

    @cached_property
    def _stems(self) -> dict[str, list[Path]]:
        stems: dict[str, list[Path]] = {}
        for path in (path for paths in self._index.values() for path in paths):
            if path.suffix.lower() in MOVIES:
                stems.setdefault(_folded(path.stem), []).append(path)
        return stems


def _walk(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        depth = len(Path(folder).relative_to(root).parts)
        folders[:] = sorted(name for name in folders if not name.startswith(".")) if depth < MAX_DEPTH else []
        for name in sorted(files):
            yield Path(folder, name)


def _file(path: Path) -> Path | None:
    try:
        if path.is_file():
            return path
        return _frame_of_sequence(path) if _NUMBER.search(path.name) else None
    except (OSError, ValueError):  # names that this system cannot have
        return None


def _frame_of_sequence(pattern: Path) -> Path | None:
    """Return the middle file of a sequence of pictures that is named like ``shot.%04d.exr``."""
    before, after = (re.escape(part) for part in _NUMBER.split(pattern.name, maxsplit=1))
    name = re.compile(rf"{before}\d+{after}")
    frames = sorted(path for path in pattern.parent.iterdir() if name.fullmatch(path.name))
    return frames[len(frames) // 2] if frames else None


def _folded(name: str) -> str:
    """Return a name as it is compared: a copy that went through another system may have lost signs."""
    return portable_name(unicodedata.normalize("NFC", name)).casefold()
