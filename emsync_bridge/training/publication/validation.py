"""Agreement of labels with people's ratings of the same pieces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emsync_bridge.errors import CorpusError
from emsync_bridge.training.corpus.labels import Labels, LabelWindow
from emsync_bridge.training.evaluation.mood_response import spearman

MIN_PIECES = 10


@dataclass(frozen=True)
class Agreement:
    """Correlations over pieces.

    Arguments:
        pieces: Number of pieces that have both.
        pearson: Pearson's correlation of the means of the pieces; 0 where one side never varies.
        spearman: Spearman's correlation of their ranks.
    """

    pieces: int
    pearson: float
    spearman: float


def agreement(labels: Labels, rated: Labels) -> dict[str, Agreement]:
    """Return how labels agree with ratings, by axis.

    Arguments:
        labels: Labels of windows; a piece counts with the mean of its windows, weighted by their length.
        rated: Ratings by people, of the same pieces by name.

    Raises:
        CorpusError: Fewer than ten pieces have both.
    """
    names = sorted(set(labels.windows) & set(rated.windows))
    if len(names) < MIN_PIECES:
        raise CorpusError(
            f"Only {len(names)} pieces are both labelled and rated, {MIN_PIECES} are needed",
            hint="Label the rated pieces with `emsync corpus label`",
        )
    found = {}
    for axis in ("valence", "arousal"):
        ours = [_mean(labels.windows[name], axis) for name in names]
        theirs = [_mean(rated.windows[name], axis) for name in names]
        varied = np.std(ours) > 0 and np.std(theirs) > 0
        pearson = float(np.corrcoef(ours, theirs)[0, 1]) if varied else 0.0
        found[axis] = Agreement(len(names), pearson, spearman(theirs, ours))
    return found


def _mean(windows: tuple[LabelWindow, ...], axis: str) -> float:
    lengths = np.array([window.end - window.start for window in windows])
    weights = lengths if np.isfinite(lengths).all() else np.ones(len(windows))
    return float(np.average([getattr(window, axis) for window in windows], weights=weights))
