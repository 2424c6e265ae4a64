"""From the classes of other people's classifiers to the six emotions, and from these to an estimate.

Classes of GoEmotions are grouped as its authors do (Demszky et al. 2020, ACL, table of Ekman's taxonomy); those of
face-expression data (FER2013) and of the common six- and seven-class sets are the six themselves and a neutral one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.cue import Affect
from emsync_bridge.emotion.extractors.interface import AffectEstimate
from emsync_bridge.emotion.overrides.moods import EMOTIONS, RUSSELL_MEHRABIAN
from emsync_bridge.errors import CheckpointError

NEUTRAL = "neutral"

GROUPS = {
    "anger": ("anger", "angry", "annoyance", "disapproval"),
    "disgust": ("disgust", "disgusted"),
    "fear": ("fear", "fearful", "nervousness", "scared"),
    "joy": (
        *("joy", "happy", "happiness", "admiration", "amusement", "approval", "caring", "desire", "excitement"),
        *("gratitude", "love", "optimism", "pride", "relief"),
    ),
    "sadness": ("sadness", "sad", "disappointment", "embarrassment", "grief", "remorse"),
    "surprise": ("surprise", "surprised", "confusion", "curiosity", "realization"),
    NEUTRAL: (NEUTRAL,),
}
"""Names of classes by the emotion that they count for."""

COLUMNS = (*EMOTIONS, NEUTRAL)


def grouping(labels: Sequence[str]) -> NDArray[np.float32]:
    """Return a matrix of (labels, 7) that adds up a classifier's classes to the six emotions and neutral.

    Arguments:
        labels: Names of the classes, in any case.

    Raises:
        CheckpointError: They are not the classes of a classifier of emotions.
    """
    matrix = np.zeros((len(labels), len(COLUMNS)), np.float32)
    for row, label in enumerate(labels):
        for column, emotion in enumerate(COLUMNS):
            if label.strip().lower() in GROUPS[emotion]:
                matrix[row, column] = 1.0
    if (matrix[:, : len(EMOTIONS)].sum(axis=0) > 0).sum() < 3 or not matrix.any(axis=1).all():
        known = ", ".join(labels[:4]) or "none"
        raise CheckpointError(f"Its classes are no emotions that this program knows ({known})")
    return matrix


def shares(scores: NDArray[np.float32], matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the shares of the six emotions and neutral, which add up to 1.

    Arguments:
        scores: Scores of (..., labels); of a classifier with several answers they may add up to more or less than 1,
            and what is missing counts as neutral.
        matrix: Matrix that ``grouping`` returned.
    """
    found: NDArray[np.float32] = scores @ matrix
    found = found / np.maximum(found.sum(axis=-1, keepdims=True), 1.0)
    found[..., -1] += np.maximum(0.0, 1.0 - found.sum(axis=-1))
    return found


def estimate_of_shares(
    name: str,
    found: NDArray[np.float32],
    error: tuple[float, float],
    *,
    coverage: float = 1.0,
    subject: str = "",
) -> AffectEstimate:
    """Return the estimate that shares of emotions give.

    Valence and arousal are the mean of the mixture by the table of Russell and Mehrabian, with neutral in the middle;
    their variance is the mixture's plus that of the classifier, over the share of the part that was judged at all.

    Arguments:
        name: Name of the extractor.
        found: Shares of the six emotions and neutral, together 1.
        error: One standard deviation of the classifier's error in valence and arousal; infinite where it says nothing.
        coverage: Share of the part that was judged, over 0 and up to 1.
        subject: Subject that was looked at, for the reason.
    """
    table = np.array([*RUSSELL_MEHRABIAN.values(), (0.0, 0.2, 0.0, 0.2)])
    means, deviations = table[:, (0, 2)], table[:, (1, 3)]
    mean = found @ means
    variance = found @ (deviations**2 + means**2) - mean**2
    sigma = [math.sqrt((v + e**2) / coverage) for v, e in zip(variance, error, strict=True)]
    leading = int(np.argmax(found))
    plain = found[-1] / len(EMOTIONS)
    reason = f"{subject}: {COLUMNS[leading]}" if subject and leading < len(EMOTIONS) and found[leading] > 0.4 else ""
    even = (1 - coverage) / len(EMOTIONS)
    return AffectEstimate(
        name,
        Affect(float(mean[0]), float(mean[1])),
        (sigma[0], sigma[1]),
        reason,
        {e: float((found[i] + plain) * coverage + even) for i, e in enumerate(EMOTIONS)},
    )
