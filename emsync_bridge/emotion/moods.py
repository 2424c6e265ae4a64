"""Named moods on the valence-arousal plane, and the way from the six basic emotions to it and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from difflib import get_close_matches
from typing import get_args

import numpy as np

from emsync_bridge.cue import Affect, Ekman
from emsync_bridge.errors import EmotionError

EMOTIONS: tuple[Ekman, ...] = get_args(Ekman)

RUSSELL_MEHRABIAN: dict[Ekman, tuple[float, float, float, float]] = {
    "anger": (-0.51, 0.20, 0.59, 0.29),
    "disgust": (-0.60, 0.20, 0.35, 0.41),
    "fear": (-0.64, 0.20, 0.60, 0.32),
    "joy": (0.76, 0.22, 0.48, 0.26),
    "sadness": (-0.63, 0.23, -0.27, 0.34),
    "surprise": (0.40, 0.30, 0.67, 0.27),
}
"""Mean and deviation of valence, then of arousal: Russell and Mehrabian 1977, J. Research in Personality 11:273-294."""

REACH = 0.8
"""Rescaled means span from minus this to this on either axis."""


def _rescaled() -> dict[Ekman, tuple[float, float]]:
    means = np.array([[row[0], row[2]] for row in RUSSELL_MEHRABIAN.values()])
    low, high = means.min(axis=0), means.max(axis=0)
    scaled = (means - low) / (high - low) * 2 * REACH - REACH
    return {emotion: (float(v), float(a)) for emotion, (v, a) in zip(RUSSELL_MEHRABIAN, scaled, strict=True)}


RESCALED = _rescaled()
"""Valence and arousal of the six emotions, stretched to the span that EMSYNC conditions music on (arXiv 2502.10154)."""

MOODS: dict[str, Affect] = {
    **{emotion: Affect(round(v, 3), round(a, 3)) for emotion, (v, a) in RESCALED.items()},
    # placed after the circumplex of Russell 1980, J. Personality and Social Psychology 39:1161-1178
    "action": Affect(0.1, 0.85),
    "boredom": Affect(-0.35, -0.7),
    "calm": Affect(0.4, -0.6),
    "content": Affect(0.65, -0.35),
    "dread": Affect(-0.7, 0.2),
    "dreamy": Affect(0.3, -0.45),
    "epic": Affect(0.4, 0.75),
    "excitement": Affect(0.6, 0.8),
    "gloom": Affect(-0.65, -0.45),
    "grief": Affect(-0.85, -0.4),
    "hope": Affect(0.45, 0.2),
    "loneliness": Affect(-0.5, -0.55),
    "love": Affect(0.7, 0.1),
    "melancholy": Affect(-0.4, -0.45),
    "menace": Affect(-0.65, 0.35),
    "mystery": Affect(-0.25, 0.05),
    "neutral": Affect(0.0, 0.0),
    "nostalgia": Affect(0.15, -0.35),
    "peace": Affect(0.55, -0.75),
    "playful": Affect(0.6, 0.4),
    "relief": Affect(0.5, -0.2),
    "suspense": Affect(-0.4, 0.4),
    "tenderness": Affect(0.55, -0.25),
    "tension": Affect(-0.5, 0.6),
    "triumph": Affect(0.8, 0.7),
    "wonder": Affect(0.5, 0.35),
}
"""Moods that a directive or ``--mood`` may name."""

SYNONYMS: dict[str, str] = {
    "afraid": "fear",
    "angry": "anger",
    "bored": "boredom",
    "bright": "joy",
    "chase": "action",
    "contented": "content",
    "dark": "gloom",
    "dreamlike": "dreamy",
    "excited": "excitement",
    "funny": "playful",
    "gloomy": "gloom",
    "happy": "joy",
    "heroic": "triumph",
    "hopeful": "hope",
    "horror": "fear",
    "joyful": "joy",
    "lonely": "loneliness",
    "melancholic": "melancholy",
    "mysterious": "mystery",
    "nostalgic": "nostalgia",
    "peaceful": "peace",
    "relaxed": "calm",
    "romance": "love",
    "romantic": "love",
    "sad": "sadness",
    "scary": "fear",
    "serene": "peace",
    "surprised": "surprise",
    "tender": "tenderness",
    "tense": "tension",
    "triumphant": "triumph",
}


def mood(name: str) -> Affect:
    """Return the point on the plane that a mood's name stands for.

    Arguments:
        name: One of ``MOODS`` or ``SYNONYMS``, in any case.

    Raises:
        EmotionError: There is no such mood; the message names the nearest one and lists all.
    """
    word = name.strip().lower()
    found = MOODS.get(SYNONYMS.get(word, word))
    if found is not None:
        return found
    nearest = get_close_matches(word, [*MOODS, *SYNONYMS], n=1)
    guess = f"Did you mean {nearest[0]}? " if nearest else ""
    raise EmotionError(f"There is no mood called {name.strip()!r}", hint=f"{guess}Moods are {', '.join(sorted(MOODS))}")


def affect_from_probabilities(
    probabilities: Mapping[str, float],
    *,
    rescale: bool = True,
    probabilistic: bool = False,
    rng: np.random.Generator | None = None,
) -> Affect:
    """Return valence and arousal for probabilities of the six emotions.

    Arguments:
        probabilities: By emotion; missing ones are 0; they need not sum to 1.
        rescale: Whether to stretch the table's means to [-0.8, 0.8] on each axis.
        probabilistic: Whether to draw, separately for each axis, one emotion and then a value from its normal
            distribution, instead of taking the mean.
        rng: Source of chance for ``probabilistic``.

    Returns:
        The point, clipped to [-1, 1] on each axis.

    Raises:
        EmotionError: An emotion is unknown, or the probabilities are no probabilities.
    """
    unknown = sorted(set(probabilities) - set(EMOTIONS))
    weights = np.array([float(probabilities.get(emotion, 0.0)) for emotion in EMOTIONS])
    if unknown:
        raise EmotionError(f"Unknown emotion {unknown[0]!r}", hint=f"Emotions are {', '.join(EMOTIONS)}")
    if not np.isfinite(weights).all() or (weights < 0).any() or weights.sum() <= 0:
        raise EmotionError("The probabilities of the emotions must be at least 0 and not all 0")
    weights /= weights.sum()
    table = np.array([RUSSELL_MEHRABIAN[emotion] for emotion in EMOTIONS])
    means = np.array([RESCALED[emotion] for emotion in EMOTIONS]) if rescale else table[:, [0, 2]]
    if not probabilistic:
        valence, arousal = weights @ means
        return Affect(float(valence), float(arousal)).clipped()
    rng = rng if rng is not None else np.random.default_rng()
    stretch = (means.max(axis=0) - means.min(axis=0)) / (table[:, [0, 2]].max(axis=0) - table[:, [0, 2]].min(axis=0))
    deviations = table[:, [1, 3]] * stretch
    drawn = rng.choice(len(EMOTIONS), size=2, p=weights)
    valence, arousal = (rng.normal(means[drawn[axis], axis], deviations[drawn[axis], axis]) for axis in (0, 1))
    return Affect(float(valence), float(arousal)).clipped()


def probabilities_from_affect(affect: Affect, sigma: tuple[float, float] = (0.0, 0.0)) -> dict[str, float]:
    """Return how likely each of the six emotions is at a point of the plane.

    Anger, fear and disgust lie close together there and cannot be told apart; calm contentment is none of the six.

    Arguments:
        affect: The point.
        sigma: Standard error of its valence and arousal.

    Returns:
        Probabilities that sum to 1: products of normal densities of the table's raw means and deviations.
    """
    logs = []
    for valence, valence_sd, arousal, arousal_sd in (RUSSELL_MEHRABIAN[emotion] for emotion in EMOTIONS):
        v, a = valence_sd**2 + sigma[0] ** 2, arousal_sd**2 + sigma[1] ** 2
        distance = (affect.valence - valence) ** 2 / v + (affect.arousal - arousal) ** 2 / a
        logs.append(-(distance + math.log(v * a)) / 2)
    weights = np.exp(np.array(logs) - max(logs))
    return {emotion: float(weight) for emotion, weight in zip(EMOTIONS, weights / weights.sum(), strict=True)}
