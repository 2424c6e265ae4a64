"""Weighing opinions against each other: Gaussian fusion with a prior and an error that all opinions share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from emsync_bridge.emotion.opinions import Opinion

PRIOR_MEAN = (0.0, 0.1)
"""Valence and arousal of a film of which nothing is known."""

PRIOR_SIGMA = 0.6

SHARED_SIGMA = 0.35
"""Error that opinions have in common: they err together (correlation about 0.8 on rated pictures)."""


@dataclass(frozen=True)
class Reading:
    """What all opinions on a part say together, on one axis and before any prior.

    Arguments:
        mean: Mean, weighted by precision; 0 when nothing was said.
        precision: 1 / variance; 0 when nothing was said.
    """

    mean: float
    precision: float


def weigh(opinions: Sequence[Opinion]) -> tuple[Reading, Reading]:
    """Return the precision-weighted mean of opinions in valence and in arousal."""
    return _weigh(opinions, 0), _weigh(opinions, 1)


def _weigh(opinions: Sequence[Opinion], axis: int) -> Reading:
    weights = [1 / opinion.sigma[axis] ** 2 for opinion in opinions]
    precision = sum(weights)
    if precision == 0:
        return Reading(0.0, 0.0)
    mean = sum(weight * _value(opinion, axis) for weight, opinion in zip(weights, opinions, strict=True)) / precision
    return Reading(mean, precision)


def _value(opinion: Opinion, axis: int) -> float:
    return opinion.affect.valence if axis == 0 else opinion.affect.arousal


def sigma(variance: float) -> float:
    """Return the standard error of an estimate, the shared error included."""
    return math.sqrt(variance + SHARED_SIGMA**2)


def evidence(error: float) -> float:
    """Return how much was learnt beyond the prior, from 0 (nothing) to 1 (everything), for a standard error."""
    return max(0.0, 1 - error**2 / (PRIOR_SIGMA**2 + SHARED_SIGMA**2))


def contributions(opinions: Sequence[Opinion]) -> list[tuple[Opinion, float, float]]:
    """Return by how much each opinion moves valence and arousal from the prior, the strongest first."""
    totals = [weigh(opinions)[axis].precision + 1 / PRIOR_SIGMA**2 for axis in (0, 1)]
    moves = [
        (
            opinion,
            (opinion.affect.valence - PRIOR_MEAN[0]) / opinion.sigma[0] ** 2 / totals[0],
            (opinion.affect.arousal - PRIOR_MEAN[1]) / opinion.sigma[1] ** 2 / totals[1],
        )
        for opinion in opinions
    ]
    return sorted(moves, key=lambda move: -math.hypot(move[1], move[2]))


def explain(opinions: Sequence[Opinion]) -> str:
    """Return why, in a few words for people: the reasons of the opinions that weigh most."""
    reasons = [opinion.reason for opinion, _, _ in contributions(opinions) if opinion.reason]
    return ", ".join(dict.fromkeys(word for reason in reasons for word in reason.split(", ")))
