"""Written scores that pieces are measured beside: the columns of the table."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from emsync_bridge.errors import MusicError
from emsync_bridge.music.analysis.piece import NoteTable, piece_in

KINDS = ("orchestra", "quartet", "lied", "freedoom")
SECONDS = 120.0
"""Length of the beginning of each piece that is measured."""

_MIN_PIECE_SECONDS = 60.0
_COUNTS = {"orchestra": 15, "quartet": 10, "lied": 10, "freedoom": 6}
_FOLDERS = {"quartet": "quartets/", "lied": "lieder/", "freedoom": "freedoom/"}


def written_pieces(folder: Path, kind: str, count: int | None = None) -> Iterator[tuple[str, NoteTable]]:
    """Yield name and beginning of written pieces.

    Orchestral movements are taken evenly from the list, other pieces from the validation and test splits.

    Arguments:
        folder: Folder with ``orchestra_midi.zip``, ``midi_corpus.zip`` and ``manifest.csv``.
        kind: One of ``KINDS``.
        count: Number of pieces; the usual number when None.

    Raises:
        MusicError: The folder does not hold them.
    """
    wanted = count or _COUNTS[kind]
    archive = folder / ("orchestra_midi.zip" if kind == "orchestra" else "midi_corpus.zip")
    try:
        with zipfile.ZipFile(archive) as opened:
            names = _names(folder, kind, opened)
            found = 0
            for name in _spread(names, wanted):
                piece = _piece(opened.read(name))
                if piece is not None:
                    found += 1
                    yield name, piece
                if found == wanted:
                    return
    except (OSError, KeyError, zipfile.BadZipFile) as problem:
        raise MusicError(
            f"The written scores cannot be read ({problem})", where=archive, hint="Give the folder of the corpora"
        ) from None


def _names(folder: Path, kind: str, opened: zipfile.ZipFile) -> list[str]:
    if kind == "orchestra":
        # choral movements are left out: they are scored for voices
        return sorted(n for n in opened.namelist() if n.endswith(".mid") and "BWV.232" not in n)
    rows = csv.DictReader(io.StringIO((folder / "manifest.csv").read_text(encoding="utf-8")))
    held_out = {row["path_in_zip"] for row in rows if row["split"] in ("valid", "test")}
    return sorted(name for name in held_out if name.startswith(_FOLDERS[kind]))


def _spread(names: list[str], wanted: int) -> list[str]:
    """Return all names, those first that lie evenly over the list."""
    first = [names[i * len(names) // wanted] for i in range(min(wanted, len(names)))]
    return list(dict.fromkeys([*first, *names]))


def _piece(midi: bytes) -> NoteTable | None:
    try:
        piece = piece_in(midi)
    except MusicError:
        return None
    return piece.excerpt(0, SECONDS) if piece.seconds >= _MIN_PIECE_SECONDS and len(piece.pitched()) > 100 else None
