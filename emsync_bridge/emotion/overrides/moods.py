"""Named moods on the valence-arousal plane, and the way from the six basic emotions to it and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.cue import Affect, Ekman
from emsync_bridge.emotion.overrides.mood_names import LABELS, PLACED, SYNONYMS
from emsync_bridge.emotion.words.translations import meaning_of
from emsync_bridge.errors import EmotionError, did_you_mean

EMOTIONS: tuple[Ekman, ...] = get_args(Ekman)

Probabilities = Mapping[Ekman, float] | Mapping[str, float]
"""Of the six emotions; missing ones are 0, and they need not sum to 1."""

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
    **PLACED,
}
"""The named moods of directives and options."""


def mood_name(name: str) -> str | None:
    """Return the one of ``MOODS`` that a name or synonym, in English or another language, stands for; None for none.

    Arguments:
        name: Name in any case, such as ``creepy``, ``traurig`` or ``緊張``.
    """
    word = name.strip().lower()
    word = SYNONYMS.get(word, word)
    if word in MOODS:
        return word
    meaning = meaning_of(word) or word
    meaning = SYNONYMS.get(meaning, meaning)
    return meaning if meaning in MOODS else None


def mood(name: str) -> Affect:
    """Return the point on the plane that a mood's name stands for.

    Arguments:
        name: One that ``mood_name`` knows.

    Raises:
        EmotionError: There is no such mood; the message names the nearest one and lists all.
    """
    known = mood_name(name)
    if known is not None:
        return MOODS[known]
    guess = did_you_mean(name, (*MOODS, *SYNONYMS))
    raise EmotionError(f"{name.strip()!r} is not a mood", hint=f"{guess}Moods are {', '.join(sorted(MOODS))}")


def emotion_in(name: str) -> Ekman | None:
    """Return which of the six emotions a mood is, or is a kind of; None where it is none of them.

    Arguments:
        name: One that ``mood_name`` knows, or anything else.
    """
    word = mood_name(name)
    return next((emotion for emotion in EMOTIONS if emotion == word), LABELS.get(word or ""))


@dataclass(frozen=True)
class ClassRule:
    """Rule by which probabilities of the six emotions become valence and arousal.

    Arguments:
        draw: Whether to draw, separately for each axis, one emotion and then a value from its normal distribution,
            instead of taking the mean of all.
        rescale: Whether to stretch the table's means to [-0.8, 0.8] on each axis.
        seed: Source of chance for draws.
    """

    draw: bool = False
    rescale: bool = True
    seed: int = 0


CLASS_RULES: dict[str, ClassRule] = {
    "mean": ClassRule(),
    "draw": ClassRule(draw=True),
    "mean-raw": ClassRule(rescale=False),
    "draw-raw": ClassRule(draw=True, rescale=False),
}
"""The rules by the names that people choose them by."""


def class_rule(name: str) -> ClassRule:
    """Return a rule by its name.

    Raises:
        EmotionError: There is none of this name.
    """
    if name not in CLASS_RULES:
        raise EmotionError(f"There is no rule {name!r} for classes", hint=f"Rules are {', '.join(CLASS_RULES)}")
    return CLASS_RULES[name]


def affect_from_probabilities(
    probabilities: Probabilities,
    rule: ClassRule | None = None,
    *,
    rng: np.random.Generator | None = None,
) -> tuple[Affect, tuple[float, float]]:
    """Return valence and arousal for probabilities of the six emotions, and their standard deviations.

    Arguments:
        probabilities: Probabilities by emotion; missing ones are 0; they need not sum to 1.
        rule: The stretched mean by default.
        rng: Source of chance for draws; from the rule's seed by default.

    Returns:
        The point, clipped to [-1, 1] on each axis, and deviations: of the mixture, sum p (sd^2 + mean^2) minus the
        square of its mean under the root; for a draw those of the emotions drawn.

    Raises:
        EmotionError: An emotion is unknown, or the probabilities are no probabilities.
    """
    rule = rule or ClassRule()
    weights = normalised(probabilities)
    table = np.array([RUSSELL_MEHRABIAN[emotion] for emotion in EMOTIONS])
    means, deviations = table[:, [0, 2]], table[:, [1, 3]]
    if rule.rescale:
        stretch = 2 * REACH / (means.max(axis=0) - means.min(axis=0))
        means, deviations = np.array([RESCALED[emotion] for emotion in EMOTIONS]), deviations * stretch
    if rule.draw:
        rng = rng if rng is not None else np.random.default_rng(rule.seed)
        drawn, axes = rng.choice(len(EMOTIONS), size=2, p=weights), np.arange(2)
        point, sigma = rng.normal(means[drawn, axes], deviations[drawn, axes]), deviations[drawn, axes]
    else:
        point = weights @ means
        sigma = np.sqrt(weights @ (deviations**2 + means**2) - point**2)
    return Affect(float(point[0]), float(point[1])).clipped(), (float(sigma[0]), float(sigma[1]))


def normalised(probabilities: Probabilities) -> NDArray[np.float64]:
    """Return probabilities in the order of ``EMOTIONS``, summing to 1.

    Raises:
        EmotionError: An emotion is unknown, or the probabilities are no probabilities.
    """
    by_name = {str(name): float(value) for name, value in probabilities.items()}
    if unknown := sorted(set(by_name) - set(EMOTIONS)):
        raise EmotionError(f"Unknown emotion {unknown[0]!r}", hint=f"Emotions are {', '.join(EMOTIONS)}")
    weights = np.array([by_name.get(emotion, 0.0) for emotion in EMOTIONS])
    if not np.isfinite(weights).all() or (weights < 0).any() or weights.sum() <= 0:
        raise EmotionError("The probabilities of the emotions must be at least 0 and not all 0")
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def probabilities_from_affect(
    affect: Affect,
    sigma: tuple[float, float] = (0.0, 0.0),
    evidence: Probabilities | None = None,
) -> dict[str, float]:
    """Return how likely each of the six emotions is at a point of the plane.

    Anger, fear and disgust lie close together there and only categorical evidence tells them apart; calm contentment
    is none of the six.

    Arguments:
        affect: The point.
        sigma: Standard error of its valence and arousal.
        evidence: Probabilities of the six from another source, to be multiplied in.

    Returns:
        Probabilities that sum to 1: products of normal densities of the table's raw means and deviations.
    """
    return _softmax(_log_densities(affect, sigma) + (_logs(evidence) if evidence is not None else 0.0))


def reclassified(
    known: Probabilities | None,
    before: tuple[Affect, tuple[float, float]],
    after: tuple[Affect, tuple[float, float]],
) -> dict[str, float]:
    """Return the emotions of a point that was moved, with the categorical evidence that was known of it.

    Arguments:
        known: Probabilities where it was before.
        before: The point that they belong to, and its standard errors.
        after: The point where it is now, and its standard errors.
    """
    evidence = _logs(known) - _log_densities(*before) if known else 0.0
    return _softmax(_log_densities(*after) + evidence)


NAMED_SHARE = 0.9
"""Probability of an emotion that the user named; the other five share the rest."""


def named_probabilities(emotion: Ekman) -> dict[str, float]:
    """Return probabilities of the six emotions where the user named one."""
    rest = (1 - NAMED_SHARE) / (len(EMOTIONS) - 1)
    return {str(other): NAMED_SHARE if other == emotion else rest for other in EMOTIONS}


LEAST_PROBABILITY = 1e-6
"""Nothing is impossible: what has no probability is taken to have this."""


CLEAR = 1 / 3
"""Probability from which the likeliest emotion is worth naming to people."""


def _logs(probabilities: Probabilities) -> NDArray[np.float64]:
    logs: NDArray[np.float64] = np.log(np.maximum(normalised(probabilities), LEAST_PROBABILITY))
    return logs


def _log_densities(affect: Affect, sigma: tuple[float, float]) -> NDArray[np.float64]:
    table = np.array([RUSSELL_MEHRABIAN[emotion] for emotion in EMOTIONS])
    variances = table[:, [1, 3]] ** 2 + np.square(sigma)
    distances = (np.array([affect.valence, affect.arousal]) - table[:, [0, 2]]) ** 2 / variances
    logs: NDArray[np.float64] = -(distances + np.log(variances)).sum(axis=1) / 2
    return logs


def _softmax(logs: NDArray[np.float64]) -> dict[str, float]:
    weights = np.exp(logs - logs.max())
    return {emotion: float(weight) for emotion, weight in zip(EMOTIONS, weights / weights.sum(), strict=True)}
