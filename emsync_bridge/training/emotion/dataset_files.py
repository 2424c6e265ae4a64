"""Labelled clips, and the files in which data sets list them: tables, JSON and lists of splits."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from emsync_bridge.cue import Affect
from emsync_bridge.errors import CorpusError
from emsync_bridge.picture.relink import MOVIES

Split = Literal["train", "valid", "test"]

SPLITS: tuple[Split, ...] = ("train", "valid", "test")

MAX_BYTES = 64 * 2**20

SPLIT_WORDS: dict[str, Split] = {
    "train": "train",
    "trn": "train",
    "training": "train",
    "learning": "train",
    "val": "valid",
    "valid": "valid",
    "validation": "valid",
    "dev": "valid",
    "test": "test",
    "tst": "test",
    "testing": "test",
}


@dataclass(frozen=True)
class LabelledClip:
    """One labelled clip.

    Arguments:
        path: The movie.
        labels: Its classes; one, several, or none.
        affect: Its valence and arousal, where rated.
        split: Split that it belongs to; None leaves that to chance.
        group: Clips of one group, such as those of one film, are never split.
    """

    path: Path
    labels: tuple[str, ...] = ()
    affect: Affect | None = None
    split: Split | None = None
    group: str = ""


def movies(folder: Path) -> Iterator[Path]:
    """Yield the movies in a folder at any depth."""
    return (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in MOVIES and path.is_file())


def split_lists(folder: Path) -> dict[str, Split]:
    """Return what clips are for by the lists in a folder, by ``folder/name`` and by name alone, in lower case.

    A list is a text or a table with a split's word in its name, such as ``trainlist.txt`` or ``test.csv``, and a clip
    at the start of each line; or a table with a column ``split``, ``subset`` or ``set`` beside the clip's name.
    """
    found: dict[str, Split] = {}
    for path in sorted(folder.glob("*.txt")):
        word = _split_word(path.stem)
        for line in text_of(path).splitlines() if word else ():
            name = re.sub(r"[\s,;]+\d+$", "", line.strip())
            _note(found, name, word)
    for path in sorted(path for path in folder.glob("*.csv") if path.name.lower() != "labels.csv"):
        word = _split_word(path.stem)
        lines = list(csv.reader(text_of(path).splitlines()))
        head = [cell.strip().lower() for cell in lines[0]] if lines else []
        column = next((head.index(name) for name in ("split", "subset", "set") if name in head), None)
        for cells in lines[1:] if column is not None else lines if word else ():
            if cells and column is None:
                _note(found, cells[0].strip(), word)
            elif column is not None and len(cells) > column:
                _note(found, cells[0].strip(), known_split(cells[column], path))
    return found


def known_split(word: str, path: Path) -> Split:
    """Return the split that a data set's own word means.

    Raises:
        CorpusError: The word is not known, so that clips for testing might end up in training.
    """
    split = SPLIT_WORDS.get(word.strip().lower())
    if split is None:
        raise CorpusError(
            f"The split {word.strip()!r} is not understood",
            where=path,
            hint=f"Call splits {', '.join(SPLIT_WORDS)}, or remove this file to have clips drawn by chance",
        )
    return split


def _split_word(stem: str) -> Split | None:
    word = re.search(r"train|trn|valid|val(?!ence)|test|tst", stem.lower())
    return SPLIT_WORDS[word[0]] if word else None


def _note(found: dict[str, Split], name: str, split: Split | None) -> None:
    name = name.replace("\\", "/").lower()
    if split and Path(name).name:
        stem = Path(name).with_suffix("") if Path(name).suffix.lower() in MOVIES else Path(name)
        found["/".join(stem.parts[-2:])] = split


def find_files(folder: Path, name: str) -> list[Path]:
    """Return the files of a name in a folder at any depth."""
    return sorted(path for path in folder.rglob("*") if path.name.lower() == name.lower() and path.is_file())


def single_file(folder: Path, name: str) -> Path:
    """Return the file of a name in a folder.

    Raises:
        CorpusError: There is none.
    """
    found = find_files(folder, name)
    if not found:
        raise CorpusError(f"The file {name} is missing", where=folder)
    return found[0]


def text_of(path: Path) -> str:
    """Return the text of a file.

    Raises:
        CorpusError: It cannot be read.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CorpusError("The file is too large", where=path)
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise CorpusError(f"The file cannot be read: {problem}", where=path) from None


def rows(path: Path, delimiter: str) -> Iterator[Mapping[str, str]]:
    """Yield the rows of a table by the names of its columns, in lower case.

    Raises:
        CorpusError: It cannot be read.
    """
    try:
        reader = csv.DictReader(text_of(path).splitlines(), delimiter=delimiter)
        for row in reader:
            yield {(key or "").strip().lower(): str(value or "").strip() for key, value in row.items()}
    except csv.Error as problem:
        raise CorpusError(f"The table cannot be read: {problem}", where=path) from None


def json_of(path: Path) -> object:
    """Return the content of a JSON file.

    Raises:
        CorpusError: It cannot be read.
    """
    try:
        found: object = json.loads(text_of(path))
    except (ValueError, RecursionError):
        raise CorpusError("The file is not JSON", where=path) from None
    return found


def number(path: Path, row: Mapping[str, str], name: str, low: float, high: float) -> float:
    """Return a number of a row.

    Raises:
        CorpusError: It is missing or out of bounds.
    """
    try:
        value = float(row.get(name, "").replace(",", "."))
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise CorpusError(
            f"{row.get('name') or row.get('file')}: {name} must be a number from {low:g} to {high:g}", where=path
        )
    return value
