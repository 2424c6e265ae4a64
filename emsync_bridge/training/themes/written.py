"""Written melodies of the corpus: the top lines of its pieces, bar lines and keys."""

from __future__ import annotations

import csv
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from emsync_bridge.cue import Note
from emsync_bridge.errors import EmsyncError
from emsync_bridge.midi.reader import MidiScore, read_midi
from emsync_bridge.music.analysis import keys


@dataclass(frozen=True)
class KeyedPiece:
    """One piece of the corpus with its key.

    Arguments:
        path: Path inside the archive.
        score: Notes and tempo map.
        tonic: Pitch class.
        minor: Mode.
    """

    path: str
    score: MidiScore
    tonic: int
    minor: bool

    @property
    def bar_lines(self) -> list[int]:
        """Ticks of the bar lines, and the end."""
        return [*self.score.tempo_map.bar_lines(self.score.end), self.score.end]


def pieces(data: Path, source: str, *, split: str = "train", most: int = 10**6) -> Iterator[KeyedPiece]:
    """Yield the pieces of one source of the corpus.

    Arguments:
        data: Folder with ``manifest.csv`` and ``midi_corpus.zip``.
        source: Source, such as ``OpenScore Lieder``.
        split: Split of the manifest.
        most: Pieces at most, spread evenly over the source.
    """
    with (data / "manifest.csv").open(encoding="utf-8", newline="") as table:
        paths = [
            row["path_in_zip"] for row in csv.DictReader(table) if row["source"] == source and row["split"] == split
        ]
    step = max(1, len(paths) // most)
    with zipfile.ZipFile(data / "midi_corpus.zip") as archive, tempfile.TemporaryDirectory() as room:
        for path in paths[::step][:most]:
            file = Path(room) / "piece.mid"
            file.write_bytes(archive.read(path))
            try:
                score = read_midi(file)
            except EmsyncError:
                continue
            tonic, minor = key_of(score.notes)
            yield KeyedPiece(path, score, tonic, minor)


def key_of(notes: tuple[Note, ...]) -> tuple[int, bool]:
    """Return pitch class of the tonic, and whether the mode is minor."""
    major, minor = keys.key_correlations(keys.pitch_class_profile(notes))
    if major.max() >= minor.max():
        return int(major.argmax()), False
    return int(minor.argmax()), True
