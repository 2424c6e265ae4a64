"""Labelled clips of a folder: the layouts of public data sets, and a plain table for others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from emsync_bridge.cue import Affect
from emsync_bridge.emotion.fusion.head import emotion_of
from emsync_bridge.errors import CorpusError
from emsync_bridge.training.emotion.annotated import read_annotations, read_vce
from emsync_bridge.training.emotion.dataset_files import (
    SPLIT_WORDS,
    SPLITS,
    LabelledClip,
    Split,
    find_files,
    known_split,
    movies,
    number,
    rows,
    single_file,
    split_lists,
)
from emsync_bridge.training.emotion.movienet import read_movienet

SHARES = (0.70, 0.15, 0.15)
"""Of clips for training, validation and test, where a data set does not say."""


def read_ekman6(folder: Path) -> list[LabelledClip]:
    """Return the clips of a folder like that of Ekman-6 (Xu et al. 2018, IEEE Trans. Affective Computing 9:255-270).

    One folder for each emotion, ``anger`` to ``surprise`` in any case, with movies in it at any depth. Folders
    ``train``, ``val`` and ``test`` above or below them, or text files such as ``trainlist.txt`` and ``test.txt`` with
    a movie's path or name at the start of each line, say what a clip is for.
    """
    clips = []
    others: set[str] = set()
    listed = split_lists(folder)
    for path in movies(folder):
        steps = [step.lower() for step in path.relative_to(folder).parts[:-1]]
        emotions = [emotion for step in steps if (emotion := emotion_of(step))]
        if not emotions:
            others.add(steps[-1] if steps else ".")
        else:
            split = next((SPLIT_WORDS[step] for step in steps if step in SPLIT_WORDS), None)
            split = split or listed.get("/".join((steps[-1], path.stem.lower()))) or listed.get(path.stem.lower())
            clips.append(LabelledClip(path, (emotions[-1],), split=split))
    if clips and others:
        raise CorpusError(
            f"Movies lie in folders that are none of the six emotions: {', '.join(sorted(others)[:8])}",
            where=folder,
            hint="Take the layout folders, which makes a label of every folder, or move these movies elsewhere",
            setting="layout",
        )
    return clips


def read_folders(folder: Path) -> list[LabelledClip]:
    """Return the clips of a folder that has one folder for each label, as VideoEmotion-8 has (Jiang et al. 2014, AAAI).

    The folder in which a movie lies is its label, whatever it is called; folders ``train``, ``val`` and ``test`` and
    lists such as ``trainlist.txt`` or ``split.csv`` say what a clip is for.
    """
    clips = []
    listed = split_lists(folder)
    for path in movies(folder):
        steps = [step.lower() for step in path.relative_to(folder).parts[:-1]]
        labels = [step for step in steps if step not in SPLIT_WORDS]
        if labels:
            split = next((SPLIT_WORDS[step] for step in steps if step in SPLIT_WORDS), None)
            split = split or listed.get(f"{labels[-1]}/{path.stem.lower()}") or listed.get(path.stem.lower())
            clips.append(LabelledClip(path, (emotion_of(labels[-1]) or labels[-1],), split=split))
    return clips


def read_liris(folder: Path) -> list[LabelledClip]:
    """Return the clips of LIRIS-ACCEDE (Baveye et al. 2015, IEEE Trans. Affective Computing 6:43-55).

    ``ACCEDEranking.txt`` (tab-separated: id, name, valenceRank, arousalRank, valenceValue, arousalValue and two
    variances, values from 1 to 5) and, where it is there, ``ACCEDEsets.txt`` (id, name, set: 0 test, 1 learning,
    2 validation; the sets share no film) lie anywhere in the folder, as do the movies.
    """
    here = {path.name.lower(): path for path in movies(folder)}
    sets: dict[str, Split] = {}
    for row in rows(single_file(folder, "ACCEDEsets.txt"), "\t") if find_files(folder, "ACCEDEsets.txt") else ():
        split: Split | None = {"0": SPLITS[2], "1": SPLITS[0], "2": SPLITS[1]}.get(row.get("set", ""))
        if split:
            sets[row.get("name", "").lower()] = split
    clips = []
    ranking = single_file(folder, "ACCEDEranking.txt")
    for row in rows(ranking, "\t"):
        name = row.get("name", "").lower()
        if name in here:
            ratings = (number(ranking, row, "valencevalue", 1, 5), number(ranking, row, "arousalvalue", 1, 5))
            affect = Affect(*((rating - 3) / 2 for rating in ratings))
            clips.append(LabelledClip(here[name], affect=affect, split=sets.get(name)))
    return clips


def read_table(folder: Path) -> list[LabelledClip]:
    """Return the clips that a table ``labels.csv`` in the folder lists.

    Columns: ``file``; ``labels`` (several with ``|`` between) or ``valence`` and ``arousal`` from -1 to 1, or all of
    them; ``split`` and ``group`` where wanted.
    """
    table = single_file(folder, "labels.csv")
    clips = []
    for row in rows(table, ","):
        path = table.parent / row.get("file", "")
        if not row.get("file") or not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
            raise CorpusError(f"The folder has no clip {row.get('file')!r}", where=table)
        affect = None
        if row.get("valence") and row.get("arousal"):
            affect = Affect(*(number(table, row, axis, -1, 1) for axis in ("valence", "arousal")))
        labels = tuple(label.strip() for label in row.get("labels", "").split("|") if label.strip())
        split = known_split(row["split"], table) if row.get("split") else None
        clips.append(LabelledClip(path, labels, affect, split, row.get("group", "")))
    return clips


FEWEST = 12
"""Labelled clips below which nothing is learnt."""

LAYOUTS: dict[str, Callable[[Path], list[LabelledClip]]] = {
    "ekman6": read_ekman6,
    "folders": read_folders,
    "liris": read_liris,
    "movienet": read_movienet,
    "annotations": read_annotations,
    "vce": read_vce,
    "table": read_table,
}


def read_clips(folder: Path, layout: str, *, without: Iterable[str] = (), seed: int = 1) -> list[LabelledClip]:
    """Return the labelled clips of a folder, each with what it is for.

    Arguments:
        folder: The data set.
        layout: One of ``LAYOUTS``.
        without: Names of clips, with or without their endings, to leave out, such as those known to be mislabelled.
        seed: Source of chance where the data set does not say what a clip is for.

    Raises:
        CorpusError: No clips are found, or some split has none.
    """
    needs = " ".join((LAYOUTS[layout].__doc__ or "").split("\n\n")[1].replace("``", "").split()).rstrip(".")
    return usable_clips(LAYOUTS[layout](folder), folder, needs, without=without, seed=seed)


def usable_clips(
    found: Iterable[LabelledClip], folder: Path, needs: str, *, without: Iterable[str] = (), seed: int = 1
) -> list[LabelledClip]:
    """Return the clips that have labels, each with its split.

    Arguments:
        found: All clips of a data set.
        folder: The data set, for messages.
        needs: Description of its layout, for messages.
        without: Names of clips, with or without their endings, to leave out.
        seed: Source of chance where the data set does not give a split.

    Raises:
        CorpusError: They are too few, or some split has none.
    """
    left_out = {Path(name.strip()).stem.lower() for name in without if name.strip()}
    clips = [clip for clip in found if clip.path.stem.lower() not in left_out and (clip.labels or clip.affect)]
    if len(clips) < FEWEST:
        raise CorpusError(
            f"Only {len(clips)} labelled clips are found, which is too few to learn from",
            where=folder,
            hint=f"This layout needs: {needs}",
            setting="layout",
        )
    clips = _divided(clips, seed)
    for split in SPLITS:
        if not any(clip.split == split for clip in clips):
            raise CorpusError(f"No clips are left for {split}", where=folder)
    return clips


def _divided(clips: list[LabelledClip], seed: int) -> list[LabelledClip]:
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


def _key(clip: LabelledClip) -> tuple[str, str]:
    return ("group", clip.group) if clip.group else ("clip", str(clip.path))
