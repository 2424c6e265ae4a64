"""Features of videos as the EMSYNC authors publish them: ``features.pkl`` with labels, and ``splits.json``.

The layout is that of their notes on MovieNet's trailers (Sulun, Viana and Davies 2024, arXiv 2410.19760): ``samples``
by name, each with ``features`` by kind (``clip``, ``beats``, ``face_emotion``, ``asr_sentiment``, ``ocr_sentiment``;
rows of numbers, or nothing) and a vector ``label`` or ``labels``; ``idx_to_label`` names its places. A head that
learns from them is measured as one on videos is; it works on videos only where the same features are measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emsync_bridge.cue import Affect
from emsync_bridge.emotion.fusion.head_tokens import MAX_TOKENS, Tokens
from emsync_bridge.emotion.overrides.moods import EMOTIONS
from emsync_bridge.errors import CorpusError
from emsync_bridge.files.plain_pickle import read_plain_pickle
from emsync_bridge.training.emotion.data import usable_clips
from emsync_bridge.training.emotion.dataset_files import LabelledClip
from emsync_bridge.training.emotion.features import SeenClip
from emsync_bridge.training.emotion.movienet import read_splits

FILE = "features.pkl"

MAX_BYTES = 16 * 2**30

MAX_COLUMNS = 8192

LAYOUT = "a folder with features.pkl (samples, idx_to_label) and perhaps splits.json"

SAID = "published by the authors of EMSYNC (arXiv 2410.19760)"


@dataclass(frozen=True)
class PublishedFeature:
    """A kind of published features, for the sheet of a head.

    Arguments:
        name: Its name in a head, apart from the names of extractors.
        version: Version of its measurement; unknown.
        origin: Source, for reports.
    """

    name: str
    version: str
    origin: str


def read_published_features(
    folder: Path, *, without: Iterable[str] = (), seed: int = 1
) -> tuple[list[SeenClip], list[PublishedFeature]]:
    """Return the clips of published features, each as one part, and the kinds of features that they have.

    Arguments:
        folder: Folder with ``features.pkl`` and perhaps ``splits.json``.
        without: Names of clips to leave out.
        seed: Source of chance where no split is given.

    Raises:
        CheckpointError: The file cannot be read as plain numbers and texts; nothing of it was run.
        CorpusError: It has another layout, or too few clips.
    """
    path = folder / FILE
    content = read_plain_pickle(path, MAX_BYTES)
    samples, names = (content.get(key) if isinstance(content, dict) else None for key in ("samples", "idx_to_label"))
    if not isinstance(samples, dict) or not isinstance(names, dict) or not samples:
        raise CorpusError("The file lacks samples or idx_to_label", where=path, hint=f"Give {LAYOUT}")
    splits = read_splits(folder)
    tokens: dict[Path, dict[str, Tokens]] = {}
    clips = []
    for key, sample in samples.items():
        name = str(key)
        split = splits.get(name)
        if not isinstance(sample, dict) or (splits and split is None):
            continue
        place = path / name
        labels = _labels(sample, names, path, name)
        tokens[place] = _tokens(sample, path, name)
        if labels and tokens[place]:
            clips.append(LabelledClip(place, labels, split=split))
    widths: dict[str, set[int]] = {}
    for kinds in tokens.values():
        for kind, found in kinds.items():
            widths.setdefault(kind, set()).add(found.values.shape[1])
    if uneven := [kind for kind, found in widths.items() if len(found) > 1]:
        raise CorpusError(f"The features {uneven[0]!r} are not equally wide in all samples", where=path)
    even = (1 / len(EMOTIONS),) * len(EMOTIONS)
    chosen = usable_clips(clips, folder, LAYOUT, without=without, seed=seed)
    seen = [SeenClip(clip, (0.0,), (tokens[clip.path],), even, Affect(0.0, 0.0)) for clip in chosen]
    return seen, [PublishedFeature(kind, "published", f"{kind}, {SAID}") for kind in sorted(widths)]


def _labels(sample: Mapping[str, Any], names: Mapping[Any, Any], path: Path, name: str) -> tuple[str, ...]:
    vector = np.asarray(sample.get("label", sample.get("labels", ())))
    if vector.dtype.kind not in "fiub" or vector.size not in (0, len(names)):
        raise CorpusError(f"The labels of {name!r} are not {len(names)} numbers", where=path)
    found = []
    for place in np.flatnonzero(vector.ravel() > 0):
        label = names.get(int(place), names.get(str(place)))
        if label is None:
            raise CorpusError(f"The label {place} of {name!r} has no name", where=path)
        found.append(str(label))
    return tuple(found)


def _tokens(sample: Mapping[str, Any], path: Path, name: str) -> dict[str, Tokens]:
    features = sample.get("features")
    if not isinstance(features, dict):
        raise CorpusError(f"The sample {name!r} has no features", where=path)
    made = {}
    for kind, rows in features.items():
        if not isinstance(rows, np.ndarray) or not rows.size:
            continue  # nothing was said, read or seen there
        values = np.atleast_2d(rows)
        if values.ndim != 2 or values.dtype.kind not in "fiu" or values.shape[1] > MAX_COLUMNS:
            raise CorpusError(f"The features {kind!r} of {name!r} are not rows of numbers", where=path)
        kept = np.linspace(0, len(values) - 1, min(len(values), MAX_TOKENS)).round().astype(np.intp)
        times = np.arange(len(kept), dtype=np.float32) + np.float32(0.5)
        made[f"emsync-{kind}"] = Tokens(times, values[kept].astype(np.float32))
    return made
