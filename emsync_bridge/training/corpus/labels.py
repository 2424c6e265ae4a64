"""Valence and arousal per window of a piece, from a CSV file."""

from __future__ import annotations

import csv
import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emsync_bridge.errors import CorpusError
from emsync_bridge.training.corpus.dataset import source_of

_NAMES = ("path_in_zip", "path", "file")
_VALENCE = ("valence_symbolic", "valence")
_AROUSAL = ("arousal_symbolic", "arousal", "energy")


@dataclass(frozen=True)
class LabelWindow:
    """Labels between two moments of a piece, in seconds; valence and arousal as the file has them."""

    start: float
    end: float
    valence: float
    arousal: float


@dataclass(frozen=True)
class Labels:
    """Labelled windows by piece, with the split that a file may give."""

    windows: Mapping[str, tuple[LabelWindow, ...]]
    splits: Mapping[str, str]


def read_labels(path: Path) -> Labels:
    """Return the labels in a CSV file.

    Its columns are a piece's name (``path_in_zip``, ``path`` or ``file``), ``valence_symbolic`` or ``valence``,
    ``arousal_symbolic``, ``arousal`` or ``energy`` (as Spotify has it), and where the piece is labelled in parts
    ``start_s`` and ``end_s``; ``split`` may name its split. The scale is of no matter, since labels become ranks.

    Raises:
        CorpusError: A column is missing or a value is not a number.
    """
    windows: dict[str, list[LabelWindow]] = defaultdict(list)
    splits: dict[str, str] = {}
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        columns = rows.fieldnames or ()
        name, valence, arousal = (_first(names, columns, path) for names in (_NAMES, _VALENCE, _AROUSAL))
        for row in rows:
            try:
                start, end = float(row.get("start_s") or 0), float(row.get("end_s") or math.inf)
                windows[row[name]].append(LabelWindow(start, end, float(row[valence]), float(row[arousal])))
            except (TypeError, ValueError) as problem:
                raise CorpusError(
                    f"Line {rows.line_num} of the labels has a value that is not a number ({problem})", where=path
                ) from None
            if row.get("split"):
                splits[row[name]] = row["split"]
    return Labels({piece: tuple(sorted(rows, key=lambda w: w.start)) for piece, rows in windows.items()}, splits)


def _first(names: tuple[str, ...], columns: Sequence[str], path: Path) -> str:
    found = next((name for name in names if name in columns), None)
    if found is None:
        raise CorpusError(f"The labels have no column {' or '.join(names)}", where=path)
    return found


class RankScale:
    """Maps a label to its rank among all windows, from -1 to 1, so that a request of 0.8 means the top tenth."""

    def __init__(self, values: Iterable[float]) -> None:
        self.sorted = sorted(values)

    def __call__(self, value: float) -> float:
        """Return the rank of a value; the middle of equal ones."""
        below, upto = bisect_left(self.sorted, value), bisect_right(self.sorted, value)
        return (below + upto) / len(self.sorted) - 1.0


def rank_labels(names: Collection[str], labels: Labels, within_source: float) -> dict[str, tuple[LabelWindow, ...]]:
    """Return the labels of some pieces as ranks from -1 to 1.

    Arguments:
        names: The pieces; ranks are among their windows alone.
        labels: Labels as ``read_labels`` returns them.
        within_source: Share of a label that is its rank within its source; the rest is its rank among all.
    """
    used = {name: windows for name, windows in labels.windows.items() if name in names}
    scales = {"": _Scales(used.values())}
    for source in {source_of(name) for name in used}:
        scales[source] = _Scales(windows for name, windows in used.items() if source_of(name) == source)

    def blended(name: str, window: LabelWindow) -> LabelWindow:
        pairs = [(scales[source_of(name)], within_source), (scales[""], 1 - within_source)]
        valence = sum(share * scale.valence(window.valence) for scale, share in pairs)
        arousal = sum(share * scale.arousal(window.arousal) for scale, share in pairs)
        return LabelWindow(window.start, window.end, valence, arousal)

    return {name: tuple(blended(name, window) for window in windows) for name, windows in used.items()}


class _Scales:
    """Ranks of valence and arousal over some windows."""

    def __init__(self, groups: Iterable[Sequence[LabelWindow]]) -> None:
        windows = [window for group in groups for window in group]
        self.valence = RankScale(window.valence for window in windows)
        self.arousal = RankScale(window.arousal for window in windows)


def affect_at(times: np.ndarray, windows: tuple[LabelWindow, ...]) -> np.ndarray:
    """Return valence and arousal at times in seconds, shape (n, 2): those of the nearest window, NaN without any."""
    if not windows:
        return np.full((len(times), 2), np.nan, dtype=np.float16)
    starts = np.array([w.start for w in windows])
    ends = np.array([w.end for w in windows])
    distance = np.maximum(np.maximum(starts[None] - times[:, None], times[:, None] - ends[None]), 0)
    values = np.array([(w.valence, w.arousal) for w in windows], dtype=np.float16)
    nearest: np.ndarray = values[distance.argmin(axis=1)]
    return nearest
