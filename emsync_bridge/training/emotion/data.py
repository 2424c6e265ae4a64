"""Labelled clips: the folder layouts of public data sets, and a plain table for one's own."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from emsync_bridge.cue import Affect
from emsync_bridge.emotion.fusion.head import emotion_of
from emsync_bridge.errors import CorpusError
from emsync_bridge.picture.relink import MOVIES

Split = Literal["train", "valid", "test"]

SPLITS: tuple[Split, ...] = ("train", "valid", "test")

SHARES = (0.70, 0.15, 0.15)
"""Of clips for training, validation and test, where a data set does not say."""

MOST_BYTES = 64 * 2**20

_SPLIT_WORDS: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "learning": "train",
    "val": "valid",
    "valid": "valid",
    "validation": "valid",
    "dev": "valid",
    "test": "test",
    "testing": "test",
}


@dataclass(frozen=True)
class Clip:
    """One labelled clip.

    Arguments:
        path: The movie.
        labels: Its classes; one, several, or none.
        affect: Its valence and arousal, where rated.
        split: What it is for; None leaves that to chance.
        group: Clips of one group, such as those of one film, are never split.
    """

    path: Path
    labels: tuple[str, ...] = ()
    affect: Affect | None = None
    split: Split | None = None
    group: str = ""


def read_ekman6(folder: Path) -> list[Clip]:
    """Return the clips of a folder like that of Ekman-6 (Xu et al. 2018, IEEE Trans. Affective Computing 9:255-270).

    One folder for each emotion, ``anger`` to ``surprise`` in any case, with movies in it at any depth. Folders
    ``train``, ``val`` and ``test`` above or below them, or text files such as ``trainlist.txt`` and ``test.txt`` with
    a movie's path or name at the start of each line, say what a clip is for.
    """
    clips = []
    listed = _split_lists(folder)
    for path in _movies(folder):
        steps = [step.lower() for step in path.relative_to(folder).parts[:-1]]
        emotions = [emotion for step in steps if (emotion := emotion_of(step))]
        if emotions:
            split = next((_SPLIT_WORDS[step] for step in steps if step in _SPLIT_WORDS), None)
            split = split or listed.get("/".join((steps[-1], path.stem.lower()))) or listed.get(path.stem.lower())
            clips.append(Clip(path, (emotions[-1],), split=split))
    return clips


def read_liris(folder: Path) -> list[Clip]:
    """Return the clips of LIRIS-ACCEDE (Baveye et al. 2015, IEEE Trans. Affective Computing 6:43-55).

    ``ACCEDEranking.txt`` (tab-separated: id, name, valenceRank, arousalRank, valenceValue, arousalValue and two
    variances, values from 1 to 5) and, where it is there, ``ACCEDEsets.txt`` (id, name, set: 0 test, 1 learning,
    2 validation; the sets share no film) lie anywhere in the folder, as do the movies.
    """
    movies = {path.name.lower(): path for path in _movies(folder)}
    sets: dict[str, Split] = {}
    for row in _rows(_one(folder, "ACCEDEsets.txt"), "\t") if _find(folder, "ACCEDEsets.txt") else ():
        split: Split | None = {"0": SPLITS[2], "1": SPLITS[0], "2": SPLITS[1]}.get(row.get("set", ""))
        if split:
            sets[row.get("name", "").lower()] = split
    clips = []
    ranking = _one(folder, "ACCEDEranking.txt")
    for row in _rows(ranking, "\t"):
        name = row.get("name", "").lower()
        if name in movies:
            ratings = (_number(ranking, row, "valencevalue", 1, 5), _number(ranking, row, "arousalvalue", 1, 5))
            affect = Affect(*((rating - 3) / 2 for rating in ratings))
            clips.append(Clip(movies[name], affect=affect, split=sets.get(name)))
    return clips


def read_movienet(folder: Path) -> list[Clip]:
    """Return trailers with several labels each, as of MovieNet (Huang et al. 2020, ECCV, arXiv 2007.10937).

    Movies are named by their IMDb number (``tt0120338.mp4``); for each there is a JSON document of that name
    (``meta/tt0120338.json``) whose ``genres`` are its labels. A JSON document with ``split`` in its name that holds
    lists ``train``, ``val`` and ``test`` of these names says what they are for.
    """
    movies = {path.stem.lower(): path for path in _movies(folder)}
    splits: dict[str, Split] = {}
    for path in sorted(folder.rglob("*split*.json")):
        document = _json(path)
        for word, names in document.items() if isinstance(document, dict) else ():
            if isinstance(names, list) and word.lower() in _SPLIT_WORDS:
                splits |= {str(name).lower(): _SPLIT_WORDS[word.lower()] for name in names}
    clips = []
    for path in sorted(folder.rglob("*.json")):
        document = _json(path) if path.stem.lower() in movies else None
        labels = document.get("genres") if isinstance(document, dict) else None
        if isinstance(labels, list):
            named = tuple(dict.fromkeys(str(label) for label in labels if label))
            clips.append(Clip(movies[path.stem.lower()], named, split=splits.get(path.stem.lower())))
    return clips


def read_table(folder: Path) -> list[Clip]:
    """Return the clips that a table ``labels.csv`` in the folder lists.

    Columns: ``file``; ``labels`` (several with ``|`` between) or ``valence`` and ``arousal`` from -1 to 1, or all of
    them; ``split`` and ``group`` where wanted.
    """
    table = _one(folder, "labels.csv")
    clips = []
    for row in _rows(table, ","):
        path = table.parent / row.get("file", "")
        if not row.get("file") or not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
            raise CorpusError(f"There is no clip {row.get('file')!r} in the folder", where=table)
        affect = None
        if row.get("valence") and row.get("arousal"):
            affect = Affect(*(_number(table, row, axis, -1, 1) for axis in ("valence", "arousal")))
        labels = tuple(label.strip() for label in row.get("labels", "").split("|") if label.strip())
        split = _SPLIT_WORDS.get(row.get("split", "").lower())
        clips.append(Clip(path, labels, affect, split, row.get("group", "")))
    return clips


LAYOUTS: dict[str, Callable[[Path], list[Clip]]] = {
    "ekman6": read_ekman6,
    "liris": read_liris,
    "movienet": read_movienet,
    "table": read_table,
}


def read_clips(folder: Path, layout: str, *, without: Iterable[str] = (), seed: int = 1) -> list[Clip]:
    """Return the labelled clips of a folder, each with what it is for.

    Arguments:
        folder: The data set.
        layout: One of ``LAYOUTS``.
        without: Names of clips, with or without their endings, to leave out, such as those known to be mislabelled.
        seed: Source of chance where the data set does not say what a clip is for.

    Raises:
        CorpusError: No clips are found, or some split has none.
    """
    left_out = {Path(name.strip()).stem.lower() for name in without if name.strip()}
    clips = [clip for clip in LAYOUTS[layout](folder) if clip.path.stem.lower() not in left_out]
    clips = [clip for clip in clips if clip.labels or clip.affect]
    if len(clips) < 12:
        what = (LAYOUTS[layout].__doc__ or "").split("\n\n")[1]
        raise CorpusError(
            f"Only {len(clips)} labelled clips are found, which is too few to learn from",
            where=folder,
            hint=f"The layout {layout!r} needs: {' '.join(what.replace('``', '').split()).rstrip('.')}",
            setting="layout",
        )
    clips = _divided(clips, seed)
    for split in SPLITS:
        if not any(clip.split == split for clip in clips):
            raise CorpusError(f"No clips are left for {split}", where=folder)
    return clips


def _divided(clips: list[Clip], seed: int) -> list[Clip]:
    """Return the clips with a split each: what is given stays, and what is missing is drawn group by group."""
    given = {clip.split for clip in clips if clip.split}
    missing = [split for split in SPLITS if split not in given]
    # a data set with training and test clips alone lends some of the training clips for validation
    open_ones = [clip for clip in clips if clip.split is None or (missing and given and clip.split == "train")]
    if not open_ones:
        return clips
    rng = np.random.default_rng(seed)
    wanted = {split: share for split, share in zip(SPLITS, SHARES, strict=True) if not given or split in missing}
    if given:
        wanted["train"] = 1 - sum(wanted.values())
    place: dict[tuple[str, str], Split] = {}
    for label in sorted({clip.labels[0] if clip.labels else "" for clip in open_ones}):
        keys = sorted({_key(clip) for clip in open_ones if (clip.labels[0] if clip.labels else "") == label})
        free = [key for key in keys if key not in place]
        rng.shuffle(free)
        ends = np.cumsum([round(share * len(free)) for share in list(wanted.values())[1:]])
        for index, key in enumerate(free):
            after = int(np.searchsorted(ends, index, side="right"))
            names = [*list(wanted)[1:], next(iter(wanted))]
            place[key[0], key[1]] = names[after]
    drawn = {clip.path for clip in open_ones}
    return [replace(clip, split=place[_key(clip)]) if clip.path in drawn else clip for clip in clips]


def _key(clip: Clip) -> tuple[str, str]:
    return ("group", clip.group) if clip.group else ("clip", str(clip.path))


def _movies(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in MOVIES and path.is_file())


def _split_lists(folder: Path) -> dict[str, Split]:
    found: dict[str, Split] = {}
    for path in sorted(folder.glob("*.txt")):
        word = next((word for word in re.findall(r"train|valid|val|test", path.stem.lower())), None)
        for line in _text(path).splitlines() if word else ():
            name = re.sub(r"[\s,;]+\d+$", "", line.strip()).replace("\\", "/").lower()
            if word and Path(name).name:
                pieces = Path(name).with_suffix("").parts
                found["/".join(pieces[-2:])] = _SPLIT_WORDS[word]
    return found


def _find(folder: Path, name: str) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.name.lower() == name.lower() and path.is_file())


def _one(folder: Path, name: str) -> Path:
    found = _find(folder, name)
    if not found:
        raise CorpusError(f"The file {name} is missing", where=folder)
    return found[0]


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CorpusError("The file is too large", where=path)
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise CorpusError(f"The file cannot be read: {problem}", where=path) from None


def _rows(path: Path, delimiter: str) -> Iterator[Mapping[str, str]]:
    try:
        reader = csv.DictReader(_text(path).splitlines(), delimiter=delimiter)
        for row in reader:
            yield {(key or "").strip().lower(): str(value or "").strip() for key, value in row.items()}
    except csv.Error as problem:
        raise CorpusError(f"This is no table: {problem}", where=path) from None


def _json(path: Path) -> object:
    try:
        found: object = json.loads(_text(path))
    except (ValueError, RecursionError):
        raise CorpusError("This is no JSON", where=path) from None
    return found


def _number(path: Path, row: Mapping[str, str], name: str, low: float, high: float) -> float:
    try:
        value = float(row.get(name, "").replace(",", "."))
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise CorpusError(
            f"{row.get('name') or row.get('file')}: {name} must be a number from {low:g} to {high:g}", where=path
        )
    return value
