"""Themes that are given: melodies read from MIDI files, and the themes of a programme kept as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from emsync_bridge.cue import TICKS_PER_QUARTER, Note, Theme, ThemeNote
from emsync_bridge.cue.serialization import from_document, to_document
from emsync_bridge.errors import MusicError
from emsync_bridge.files.atomic import replacing
from emsync_bridge.midi.reader import read_midi
from emsync_bridge.music.analysis import keys

MAIN = "A"
"""Name of the main theme."""

MAX_BARS = 8
"""Bars of a melody that are used."""

_MIN_NOTES = 3
_GRID = TICKS_PER_QUARTER // 6
_BAR = 4 * TICKS_PER_QUARTER
_MAX_BYTES = 4 * 2**20
_SCALES = {False: (0, 2, 4, 5, 7, 9, 11), True: (0, 2, 3, 5, 7, 8, 10)}

_BOOK_HINT = "Give a new name, or a file that emsync wrote"


@dataclass(frozen=True)
class ThemeBook:
    """The themes of a programme.

    Arguments:
        themes: Themes in the order in which they were first used.
        version: Version of this document's layout.
    """

    themes: tuple[Theme, ...] = ()
    version: int = 1


def read_theme(path: Path, name: str = MAIN) -> Theme:
    """Return the melody of a MIDI file as a theme: its highest notes, at most eight bars, in degrees of its key.

    Arguments:
        path: Standard MIDI File; chords and accompaniment may lie below the melody.
        name: Name of the theme.

    Raises:
        MusicError: The file is damaged or holds no melody.
    """
    score = read_midi(path)
    notes = [note for note in score.notes if note.instrument != "drums"]
    line = _top_line(notes)
    if len(line) < _MIN_NOTES:
        raise MusicError("This MIDI file holds no melody", where=path, hint="Give one of three notes or more")
    lines = score.tempo_map.bar_lines(line[0].start + 1)
    first = lines[-1]
    inside = [note for note in line if note.start < first + MAX_BARS * _BAR]
    tonic, minor = _key_of(notes)
    length = -(-(max(note.start for note in inside) + 1 - first) // _BAR) * _BAR
    starts = [note.start for note in inside] + [first + length]
    degrees = [_degree(note.pitch, tonic, minor=minor) for note in inside]
    octave = 7 * round((float(np.mean([degree for degree, _ in degrees])) - 3) / 7)
    return Theme(
        name=name,
        notes=tuple(
            ThemeNote(note.start - first, max(1, min(note.end, following) - note.start), degree - octave, alter)
            for note, following, (degree, alter) in zip(inside, starts[1:], degrees, strict=True)
        ),
        length=length,
        minor=minor,
        source="file",
    )


def read_themes(paths: Sequence[Path], names: Sequence[str] = ()) -> tuple[Theme, ...]:
    """Return the melodies of some MIDI files as themes.

    A file whose name is that of a theme that the cut asks for is that theme; the first of the others is the main one.

    Arguments:
        paths: The files.
        names: Names of themes that markers ask for.

    Raises:
        MusicError: A file is damaged or holds no melody.
    """
    wanted = {name.casefold(): name for name in names}
    themes: list[Theme] = []
    for path in paths:
        name = wanted.get(path.stem.casefold())
        taken = any(theme.name == MAIN for theme in themes)
        themes.append(read_theme(path, name or (path.stem if taken else MAIN)))
    return tuple(themes)


def load_book(path: Path) -> ThemeBook:
    """Return the themes of a programme; an empty book where there is no such file yet.

    Raises:
        MusicError: The file is too large or no document of themes.
        EmsyncError: A field of it is invalid.
    """
    if not path.exists():
        return ThemeBook()
    if path.stat().st_size > _MAX_BYTES:
        raise MusicError("This file of themes is larger than 4 MB", where=path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise MusicError(
            "This file of themes is not JSON",
            where=path,
            hint="Give a new name, or a file that emsync wrote",
            setting="theme_book",
        ) from None
    if not isinstance(data, dict) or "themes" not in data:
        raise MusicError(
            "This file holds no themes",
            where=path,
            hint="Give a new name, or a file that emsync wrote",
            setting="theme_book",
        )
    return from_document(ThemeBook, data, where=str(path))


def save_book(book: ThemeBook, path: Path) -> None:
    """Write the themes of a programme, whole or not at all.

    Raises:
        OutputError: The file cannot be written.
    """
    with replacing(path) as draft:
        draft.write_text(json.dumps(to_document(book), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def with_new_themes(book: ThemeBook, themes: Sequence[Theme]) -> ThemeBook:
    """Return a book with those of some themes that it does not know by name."""
    known = {theme.name for theme in book.themes}
    return replace(book, themes=(*book.themes, *(theme for theme in themes if theme.name not in known)))


def _top_line(notes: Sequence[Note]) -> list[Note]:
    """Return the notes that are the highest to begin and to sound, on a grid of 24ths of a quarter."""
    line: list[Note] = []
    for note in sorted(notes, key=lambda note: (note.start, -note.pitch)):
        if line and note.start - line[-1].start < _GRID and note.pitch <= line[-1].pitch:
            continue
        if line and line[-1].end >= note.end and line[-1].pitch > note.pitch:
            continue
        line.append(note)
    return line


def _key_of(notes: Sequence[Note]) -> tuple[int, bool]:
    major, minor = keys.key_correlations(keys.pitch_class_profile(notes))
    is_minor = bool(minor.max() > major.max())
    return int((minor if is_minor else major).argmax()), is_minor


def _degree(pitch: int, tonic: int, *, minor: bool) -> tuple[int, int]:
    """Return the degree of a pitch above the tonic of the middle octave, and by how many semitones it is raised."""
    octave, step = divmod(pitch - 60 - tonic, 12)
    scale = _SCALES[minor]
    below = max(i for i, semitones in enumerate(scale) if semitones <= step)
    return 7 * octave + below, step - scale[below]
