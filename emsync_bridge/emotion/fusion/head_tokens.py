"""From measured rows to what a trained head looks at: about one token a second for each modality."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.emotion.extractors.interface import Extractor, Rows, ShotPart, features

CUTTING = "cutting"
"""Modality of the cut itself, which needs no extractor."""

CUTTING_VERSION = "1"

CUTTING_COLUMNS = 3

MAX_TOKENS = 32
"""Tokens of one modality that a head looks at together; of more, some at equal distances are kept."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Tokens:
    """Features of one modality over a stretch of picture.

    Arguments:
        times: Seconds from the stretch's start, one for each token.
        values: One row for each token; not a number where something was not to be had.
    """

    times: Floats
    values: Floats


Stretch = dict[str, Tokens]
"""Tokens by modality; a modality that was not to be had is missing."""


def tokens_of(part: ShotPart, rows: Mapping[str, Rows], extractors: Sequence[Extractor]) -> Stretch:
    """Return the tokens of a part.

    Arguments:
        part: The part.
        rows: Measurements of the part, by the extractor's name.
        extractors: Extractors that measured it.
    """
    length = part.end - part.start
    pace = [math.log2(max(part.pace, 0.04) / 5), math.log2(max(length, 0.04) / 5), part.speed]
    made = {CUTTING: Tokens(np.array([length / 2], np.float32), np.array([pace], np.float32))}
    for extractor in extractors:
        measured = rows.get(extractor.name)
        if measured is None or not len(measured):
            continue
        seen = features(extractor, measured)
        count = min(len(seen), max(1, round(length)))
        places = [indices.mean() for indices in np.array_split(np.arange(len(seen)), count)]
        values = np.stack([_mean(piece) for piece in np.array_split(seen, count)])
        times = (np.array(places) + 0.5) / len(seen) * length
        made[extractor.name] = Tokens(times.astype(np.float32), values.astype(np.float32))
    return made


def _mean(rows: Rows) -> Floats:
    """Return the mean of each column over what is a number there."""
    known = np.isfinite(rows)
    count = known.sum(axis=0)
    total = np.where(known, rows, 0.0).sum(axis=0, dtype=np.float64)
    mean: Floats = np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
    return mean


def joined(stretches: Sequence[Stretch], starts: Sequence[float]) -> Stretch:
    """Return the tokens of several parts as one stretch.

    Arguments:
        stretches: Tokens of each part.
        starts: Seconds at which each part starts; the first is where the stretch starts.
    """
    names = list(dict.fromkeys(name for stretch in stretches for name in stretch))
    made = {}
    for name in names:
        pieces = [
            (s[name].times + np.float32(at - starts[0]), s[name].values)
            for s, at in zip(stretches, starts, strict=True)
            if name in s
        ]
        times, values = np.concatenate([t for t, _ in pieces]), np.concatenate([v for _, v in pieces])
        if len(times) > MAX_TOKENS:
            kept = np.linspace(0, len(times) - 1, MAX_TOKENS).round().astype(np.intp)
            times, values = times[kept], values[kept]
        made[name] = Tokens(times, values)
    return made
