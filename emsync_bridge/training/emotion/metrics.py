"""Metrics of an emotion head: accuracy, macro-F1, average precision, log loss, calibration, and a temperature."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TEMPERATURES = np.geomspace(0.05, 20.0, 241)

PRIOR_SPREAD = 0.35
"""Deviation of a temperature's logarithm before any clip is seen."""

BINS = 10


def probabilities(logits: Floats, several: bool, temperature: float = 1.0) -> Floats:
    """Return probabilities of (clips, labels) for logits: sigmoid where several labels may hold, else softmax."""
    scaled = logits / temperature
    if several:
        return np.asarray(1 / (1 + np.exp(-np.clip(scaled, -60, 60))))
    weights = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def log_loss(chances: Floats, truth: Floats, several: bool) -> float:
    """Return the mean negative logarithm of the truth's probability, in nats: per clip, or per clip and label."""
    kept = np.clip(chances, 1e-9, 1 - 1e-9)
    if several:
        return float(-(truth * np.log(kept) + (1 - truth) * np.log(1 - kept)).mean())
    return float(-(truth * np.log(kept)).sum(axis=1).mean())


def best_temperature(logits: Floats, truth: Floats, several: bool) -> float:
    """Return the temperature with the lowest log loss (Guo et al. 2017, arXiv 1706.04599).

    A few clips that are all told rightly would ask for a temperature of nearly 0, so that one stays near 1 by a normal
    prior on its logarithm.

    Arguments:
        logits: Logits of (clips, labels).
        truth: 1 where a label holds, (clips, labels).
        several: Whether several labels may hold.
    """
    losses = [log_loss(probabilities(logits, several, t), truth, several) for t in TEMPERATURES]
    prior = np.log(TEMPERATURES) ** 2 / (2 * PRIOR_SPREAD**2) / len(truth)
    return float(TEMPERATURES[int(np.argmin(losses + prior))])


def average_precision(scores: Floats, holds: Floats) -> float:
    """Return the average precision of one label: the mean precision at each clip that it holds for.

    Clips with equal scores are counted at once, so that equal scores for all give the label's share.

    Arguments:
        scores: One for each clip.
        holds: 1 where the label holds.
    """
    order = np.argsort(-scores, kind="stable")
    hits, ranked = holds[order], scores[order]
    last = np.searchsorted(-ranked, -ranked, side="right") - 1
    precision = (np.cumsum(hits) / np.arange(1, len(hits) + 1))[last]
    return float((precision * hits).sum() / hits.sum()) if hits.sum() else math.nan


def calibration_error(chances: Floats, truth: Floats) -> float:
    """Return the expected calibration error: how far confidence is from accuracy, on average over ten bins."""
    confidence, right = chances.max(axis=1), truth[np.arange(len(truth)), chances.argmax(axis=1)]
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs(confidence[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins)]
    return float(sum(gaps))


def confusion(chances: Floats, truth: Floats) -> list[list[int]]:
    """Return how many clips of each class (rows) were taken for each class (columns)."""
    count = chances.shape[1]
    table = np.zeros((count, count), int)
    np.add.at(table, (truth.argmax(axis=1), chances.argmax(axis=1)), 1)
    return [[int(cell) for cell in row] for row in table]


def class_metrics(chances: Floats, truth: Floats, several: bool) -> dict[str, float]:
    """Return accuracy, macro-F1, mean average precision, log loss and, for single labels, calibration error.

    Where several labels may hold, a label is predicted when its probability is at least a half; accuracy is the share
    of clip and label pairs that are predicted rightly.
    """
    if several:
        told = (chances >= 0.5).astype(float)
        accuracy = float((told == truth).mean())
    else:
        told = np.eye(chances.shape[1])[chances.argmax(axis=1)]
        accuracy = float((told * truth).sum(axis=1).mean())
    both, either = (told * truth).sum(axis=0), told.sum(axis=0) + truth.sum(axis=0)
    f1 = np.where(either > 0, 2 * both / np.maximum(either, 1), np.nan)
    precisions = [average_precision(chances[:, i], truth[:, i]) for i in range(chances.shape[1])]
    found = {
        "accuracy": accuracy,
        "macro_f1": float(np.nanmean(f1)),
        "map": float(np.nanmean(precisions)),
        "log_loss": log_loss(chances, truth, several),
    }
    return found if several else {**found, "calibration_error": calibration_error(chances, truth)}


def affect_metrics(told: Floats, truth: Floats, sigma: Floats | None = None) -> dict[str, list[float]]:
    """Return Pearson's r, the concordance coefficient (Lin 1989), the root mean squared error and rms(error / sigma).

    Arguments:
        told: Valence and arousal of each clip, (clips, 2).
        truth: The same as rated.
        sigma: Standard errors that were claimed.
    """
    error = told - truth
    found: dict[str, list[float]] = {"r": [], "ccc": [], "rmse": np.sqrt((error**2).mean(axis=0)).tolist()}
    for axis in (0, 1):
        one, other = told[:, axis], truth[:, axis]
        spread = one.std() * other.std()
        shared = float(((one - one.mean()) * (other - other.mean())).mean())
        found["r"].append(shared / spread if spread > 1e-9 else 0.0)
        found["ccc"].append(2 * shared / max(1e-9, one.var() + other.var() + (one.mean() - other.mean()) ** 2))
    if sigma is not None:
        found["rms_error_over_sigma"] = np.sqrt(((error / sigma) ** 2).mean(axis=0)).tolist()
    return found


def confusion_lines(table: Sequence[Sequence[int]], labels: Sequence[str]) -> list[str]:
    """Return a confusion matrix as lines of text: what it was, in rows, and what it was taken for, in columns."""
    wide = max(len(label) for label in labels)
    cell = max(5, len(str(max(map(max, table)))) + 1)
    head = " " * wide + "".join(label[: cell - 1].rjust(cell) for label in labels)
    return [
        head,
        *(f"{label:<{wide}}" + "".join(f"{n:>{cell}}" for n in row) for label, row in zip(labels, table, strict=True)),
    ]
