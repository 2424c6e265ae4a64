"""Valence and arousal per window of a piece, from a CSV file."""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emsync_bridge.errors import CorpusError

_COLUMNS = ("start_s", "end_s", "valence_symbolic", "arousal_symbolic")


@dataclass(frozen=True)
class Window:
    """Labels between two moments of a piece, in seconds; valence and arousal as the file has them."""

    start: float
    end: float
    valence: float
    arousal: float


@dataclass(frozen=True)
class Labels:
    """Labelled windows by piece, with the split that a file may give."""

    windows: Mapping[str, tuple[Window, ...]]
    splits: Mapping[str, str]


def read_labels(path: Path) -> Labels:
    """Return the labels in a CSV file with the columns path_in_zip, start_s, end_s, valence_symbolic, arousal_symbolic.

    Raises:
        CorpusError: A column is missing or a value is no number.
    """
    windows: dict[str, list[Window]] = defaultdict(list)
    splits: dict[str, str] = {}
    with path.open(newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            try:
                name = row["path_in_zip"]
                windows[name].append(Window(*(float(row[column]) for column in _COLUMNS)))
            except (KeyError, ValueError) as problem:
                raise CorpusError(f"A label row lacks {problem}", where=path) from None
            if row.get("split"):
                splits[name] = row["split"]
    return Labels({name: tuple(sorted(rows, key=lambda w: w.start)) for name, rows in windows.items()}, splits)


class RankScale:
    """Maps a label to its rank among all windows, from -1 to 1, so that a request of 0.8 means the top tenth."""

    def __init__(self, values: Iterable[float]) -> None:
        self.sorted = sorted(values)

    def __call__(self, value: float) -> float:
        """Return the rank of a value; the middle of equal ones."""
        below = bisect_left(self.sorted, value)
        upto = below + sum(1 for other in self.sorted[below : below + 1000] if other == value)
        return (below + upto) / len(self.sorted) - 1.0


def affect_at(times: np.ndarray, windows: tuple[Window, ...]) -> np.ndarray:
    """Return valence and arousal at times in seconds, shape (n, 2): those of the nearest window, NaN without any."""
    if not windows:
        return np.full((len(times), 2), np.nan, dtype=np.float16)
    starts = np.array([w.start for w in windows])
    ends = np.array([w.end for w in windows])
    distance = np.maximum(np.maximum(starts[None] - times[:, None], times[:, None] - ends[None]), 0)
    values = np.array([(w.valence, w.arousal) for w in windows], dtype=np.float16)
    nearest: np.ndarray = values[distance.argmin(axis=1)]
    return nearest
