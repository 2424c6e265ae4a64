"""Trailers with genres, as of MovieNet, by the files of its authors and by those of the EMSYNC thesis."""

from __future__ import annotations

import ast
from pathlib import Path

from emsync_bridge.errors import CorpusError
from emsync_bridge.training.emotion.dataset_files import (
    LabelledClip,
    Split,
    find_files,
    json_of,
    known_split,
    movies,
    rows,
)

EVERYTHING = frozenset(("full", "all"))
"""Lists of a split file that say nothing of what a clip is for."""

GENRES = "trailers_genres_clean.csv"


def read_movienet(folder: Path) -> list[LabelledClip]:
    """Return trailers with several labels each, as of MovieNet (Huang et al. 2020, ECCV, arXiv 2007.10937).

    Movies are named by their IMDb number (``tt0120338.mp4``) or YouTube id; labels are the ``genres`` of JSON
    documents named by the IMDb number (``meta/tt0120338.json``), or of a table ``trailers_genres_clean.csv`` with
    columns ``imdb_id``, ``youtube_id`` and ``genres``. A JSON document with ``split`` in its name that holds lists
    ``train``, ``val`` and ``test``, or ``trn``, ``val`` and ``tst``, of these names says what they are for; clips in
    none of its lists are left out.
    """
    here = {path.stem: path for path in movies(folder)}
    here |= {stem.lower(): path for stem, path in here.items() if stem.lower() not in here}
    labels, same = _labels(folder)
    splits = read_splits(folder)
    clips = []
    for name in labels:
        path = here.get(name)
        names = [name, *same.get(name, ())]
        if path is None or not labels[name]:
            continue
        split = next((splits[other] for other in names if other in splits), None)
        if split is not None or not splits:
            clips.append(LabelledClip(path, labels[name], split=split))
    return sorted(clips, key=lambda clip: clip.path)


def _labels(folder: Path) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Return genres by a movie's name, and other names of the same movie."""
    labels: dict[str, tuple[str, ...]] = {}
    same: dict[str, tuple[str, ...]] = {}
    for path in sorted(folder.rglob("*.json")):
        document = json_of(path) if "split" not in path.stem.lower() else None
        genres = document.get("genres") if isinstance(document, dict) else None
        if isinstance(genres, list):
            labels[path.stem.lower()] = tuple(dict.fromkeys(str(genre) for genre in genres if genre))
    for table in find_files(folder, GENRES):
        for row in rows(table, ","):
            names = [name for name in (row.get("youtube_id", ""), row.get("imdb_id", "")) if name]
            genres = _list(row.get("genres", ""), table)
            for name in names:
                labels[name] = genres
                same[name] = tuple(other for other in names if other != name)
    return labels, same


def _list(text: str, table: Path) -> tuple[str, ...]:
    """Return the texts of a list as Python writes it."""
    try:
        found = ast.literal_eval(text) if text else []
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise CorpusError(f"The genres {text[:40]!r} are not a list of names", where=table)
    return tuple(dict.fromkeys(found))


def read_splits(folder: Path) -> dict[str, Split]:
    """Return the split of each name by the split files in a folder; nothing where there are none."""
    splits: dict[str, Split] = {}
    for path in sorted(folder.rglob("*split*.json")):
        document = json_of(path)
        if not isinstance(document, dict):
            raise CorpusError("A split file holds lists of names by split", where=path)
        for word, names in document.items():
            if not isinstance(names, list) or word.lower() in EVERYTHING:
                continue
            split = known_split(word, path)
            for name in map(str, names):
                splits[name] = splits[name.lower()] = split
    return splits
