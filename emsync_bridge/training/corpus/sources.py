"""Sources of music for a corpus: folders and zip archives of MIDI files and Lakh piano rolls."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import mido

from emsync_bridge.errors import CorpusError
from emsync_bridge.midi.loading import MAX_BYTES
from emsync_bridge.midi.reader import MidiScore, read_midi
from emsync_bridge.training.corpus.lakh import read_lakh

SUFFIXES = (".mid", ".midi", ".npz")

MIN_ON_GRID = 0.5
"""Share of onsets on eighth triplets or sixteenths below which a file counts as performed without a beat grid.

Onsets at random fall there in a quarter of cases, notated ones in nearly all.
"""

MAX_MEMBERS = 500_000
"""Files in one archive."""

MAX_ARCHIVE_BYTES = 16 * 2**30
"""Bytes of music in one archive once it is unpacked."""


@contextmanager
def music_in(places: Sequence[Path], exclude: Sequence[str] = ()) -> Iterator[list[tuple[str, Path]]]:
    """Lend the names and files of all music in some places; archives are unpacked for as long as they are lent.

    Arguments:
        places: Folders, searched recursively, and ``.zip`` archives. A piece's name is its path below its folder or
            inside its archive.
        exclude: Beginnings of names to leave out.

    Raises:
        CorpusError: There is no music, two places hold a piece of one name, or an archive is damaged or too large.
    """
    with TemporaryDirectory(prefix="emsync-corpus-", ignore_cleanup_errors=True) as room:
        found: dict[str, Path] = {}  # in the order of the places, and of the names within each
        for number, place in enumerate(places):
            folder = place
            if place.is_file():
                folder = Path(room) / str(number)
                _unpack(place, folder, exclude)
            for name, file in sorted(find_music([folder], exclude)):
                if name in found:
                    raise CorpusError(
                        f"Two of the places hold a piece called {name}", where=place, hint="Give only one of them"
                    )
                found[name] = file
        if not found:
            raise CorpusError("No MIDI files found", where=", ".join(map(str, places)))
        yield list(found.items())


def find_music(folders: Sequence[Path], exclude: Sequence[str] = ()) -> Iterator[tuple[str, Path]]:
    """Yield the name (its path below its folder) and file of every piece under some folders."""
    for folder in folders:
        for file in folder.rglob("*"):
            name = file.relative_to(folder).as_posix()
            if _wanted(name, exclude):
                yield name, file


def read_score(file: Path, opened: mido.MidiFile | None = None) -> MidiScore:
    """Return the score in a MIDI file or a Lakh piano roll.

    Arguments:
        file: The MIDI file or piano roll.
        opened: The MIDI file where ``open_midi`` has opened it already.

    Raises:
        EmsyncError: It cannot be read, or was performed without a beat grid.
    """
    score = read_lakh(file) if file.suffix.lower() == ".npz" else read_midi(opened or file)
    if score.on_grid < MIN_ON_GRID:
        raise CorpusError(f"performed without a beat grid: {score.on_grid:.0%} of its onsets are on one")
    return score


def _wanted(name: str, exclude: Sequence[str]) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.startswith(tuple(exclude) or "\0")


def _unpack(archive: Path, folder: Path, exclude: Sequence[str]) -> None:
    """Unpack the music of an archive; names that lead out of the folder are refused."""
    folder.mkdir()
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [one for one in opened.infolist() if not one.is_dir() and _wanted(one.filename, exclude)]
            if len(members) > MAX_MEMBERS or sum(one.file_size for one in members) > MAX_ARCHIVE_BYTES:
                raise CorpusError(
                    f"This archive holds more than {MAX_MEMBERS} pieces or {MAX_ARCHIVE_BYTES >> 30} GB of music",
                    where=archive,
                    hint="Unpack it and give the folder",
                )
            for one in members:
                path = PurePosixPath(one.filename)
                if path.is_absolute() or ".." in path.parts or "\\" in one.filename or ":" in one.filename:
                    raise CorpusError(f"This archive holds the unsafe name {one.filename!r}", where=archive)
                if one.file_size <= MAX_BYTES:
                    opened.extract(one, folder)
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as problem:
        raise CorpusError(f"This archive cannot be read ({problem})", where=archive) from None
