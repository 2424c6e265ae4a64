"""Clips labelled by one JSON document: the annotations of VAANet and CTEN, and the intensities of VCE."""

from __future__ import annotations

from pathlib import Path

from emsync_bridge.emotion.fusion.head import emotion_of
from emsync_bridge.errors import CorpusError
from emsync_bridge.training.emotion.dataset_files import LabelledClip, Split, json_of, known_split, movies


def read_annotations(folder: Path) -> list[LabelledClip]:
    """Return clips by a document as VAANet (Zhao et al. 2020, AAAI) and CTEN (Zhang et al. 2023, CVPR) read it.

    A JSON document holds ``database``; in it for each movie, by its name or ``label/name``, ``subset`` (``training``,
    ``validation`` or ``testing``) and ``annotations`` with ``label``. The movies themselves lie anywhere in the folder.
    """
    here = _by_name(folder)
    clips: dict[Path, LabelledClip] = {}
    for path in sorted(folder.rglob("*.json")):
        document = json_of(path)
        database = document.get("database") if isinstance(document, dict) else None
        for name, entry in database.items() if isinstance(database, dict) else ():
            annotations = entry.get("annotations") if isinstance(entry, dict) else None
            label = annotations.get("label") if isinstance(annotations, dict) else None
            if not isinstance(label, str) or not isinstance(entry.get("subset"), str):
                raise CorpusError(f"{name!r} has no label or no subset", where=path)
            movie = here.get(_key(name)) or here.get(_key(name).rpartition("/")[2])
            if movie is not None:
                clips[movie] = LabelledClip(
                    movie, (emotion_of(label) or label.lower(),), split=known_split(entry["subset"], path)
                )
    return list(clips.values())


def read_vce(folder: Path) -> list[LabelledClip]:
    """Return clips of VCE (Mazeika et al. 2022, NeurIPS, arXiv 2210.10039), each with its strongest emotion.

    ``train_labels.json`` and ``test_labels.json`` hold for each movie (``00000.mp4``) ``emotions``: 27 intensities by
    name. V2V, which compares clips, has no labels to learn classes from.
    """
    here = _by_name(folder)
    clips = []
    for path in sorted(folder.rglob("*labels.json")):
        split: Split = known_split(path.stem.split("_")[0], path)
        document = json_of(path)
        if not isinstance(document, dict) or not all(isinstance(entry, dict) for entry in document.values()):
            raise CorpusError(
                "This document holds no intensities of emotions",
                where=path,
                hint="V2V compares clips with each other and cannot be used; take the labels of VCE",
            )
        for name, entry in document.items():
            told = entry.get("emotions")
            pairs = told.items() if isinstance(told, dict) else ()
            known = {str(word): float(value) for word, value in pairs if isinstance(value, int | float)}
            if not known:
                raise CorpusError(f"{name!r} has no intensities of emotions", where=path)
            movie = here.get(_key(name))
            if movie is not None:
                strongest = max(known, key=known.__getitem__)
                clips.append(LabelledClip(movie, (emotion_of(strongest) or strongest.lower(),), split=split))
    return clips


def _by_name(folder: Path) -> dict[str, Path]:
    """Return movies by name and by ``folder/name``, in lower case without their endings."""
    found: dict[str, Path] = {}
    for path in movies(folder):
        found.setdefault(path.stem.lower(), path)
        found[f"{path.parent.name}/{path.stem}".lower()] = path
    return found


def _key(name: str) -> str:
    name = name.replace("\\", "/").lower()
    ending = name.rpartition(".")[2]
    return name.removesuffix(f".{ending}") if 2 <= len(ending) <= 4 and "/" not in ending else name
