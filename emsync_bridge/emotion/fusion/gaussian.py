"""Weighing estimates against each other: Gaussian fusion with a prior.

Classes are fused twice: the table of the six emotions gives each estimate a place on the plane, and their probabilities
multiply into evidence on which of the six it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from emsync_bridge.emotion.extractors.interface import AffectEstimate
from emsync_bridge.emotion.fusion.calibration import widening
from emsync_bridge.emotion.overrides.moods import (
    EMOTIONS,
    LEAST_PROBABILITY,
    ClassRule,
    Probabilities,
    affect_from_probabilities,
    normalised,
)

PRIOR_MEAN = (0.0, 0.2)
"""Valence and arousal of a film of which nothing is known."""

PRIOR_SIGMA = 0.5
"""Deviation of valence and arousal over films: 0.52 and 0.47 over 100 labelled clips of six classes."""

LEAST_SIGMA = 0.25
"""Error below which no estimate is believed, however many cues agree: their errors are correlated."""

SHARED_CLASSES = 0.8
"""Correlation of the errors of two estimates on classes: n of them count as n / (1 + (n - 1) x this)."""

CALM_JOY = 0.6
"""Error in arousal that joy brings along: the six have no other word for calm contentment."""

LEAST_INFORMATION = 1e-3
"""Share of the most that probabilities can tell, below which they tell nothing."""


@dataclass(frozen=True)
class GaussianEstimate:
    """Joint estimate of all cues of a part, on one axis and before any prior.

    Arguments:
        mean: Mean, weighted by precision; 0 where no cue has an estimate.
        precision: 1 / variance; 0 where no cue has an estimate.
    """

    mean: float
    precision: float


def weigh(estimates: Sequence[AffectEstimate]) -> tuple[GaussianEstimate, GaussianEstimate]:
    """Return the precision-weighted mean of estimates in valence and in arousal."""
    return _weigh(estimates, 0), _weigh(estimates, 1)


def _weigh(estimates: Sequence[AffectEstimate], axis: int) -> GaussianEstimate:
    weights = [1 / estimate.sigma[axis] ** 2 for estimate in estimates]
    precision = sum(weights)
    if precision == 0:
        return GaussianEstimate(0.0, 0.0)
    mean = sum(weight * _value(estimate, axis) for weight, estimate in zip(weights, estimates, strict=True)) / precision
    return GaussianEstimate(mean, precision)


def _value(estimate: AffectEstimate, axis: int) -> float:
    return estimate.affect.valence if axis == 0 else estimate.affect.arousal


def with_class_place(estimate: AffectEstimate, rule: ClassRule | None = None, shot: int = 0) -> AffectEstimate:
    """Return an estimate on classes alone with the place on the plane that its classes have; any other as it is.

    Equal probabilities say nothing: the variance of the mixture is divided by the share of the six emotions' entropy
    that the probabilities take away.

    Arguments:
        estimate: The estimate.
        rule: Rule by which classes become valence and arousal.
        shot: Its shot; all parts of a shot share their luck when values are drawn.
    """
    if estimate.probabilities is None or math.isfinite(min(estimate.sigma)):
        return estimate
    rule = rule or ClassRule()
    shares = normalised(estimate.probabilities)
    entropy = -float((shares * np.log(np.maximum(shares, 1e-300))).sum())
    information = 1 - entropy / math.log(len(EMOTIONS))
    if information < LEAST_INFORMATION:
        return estimate
    affect, (s_v, s_a) = affect_from_probabilities(
        estimate.probabilities, rule, rng=np.random.default_rng([rule.seed, shot]) if rule.draw else None
    )
    joy = 0.0 if rule.draw else float(shares[EMOTIONS.index("joy")])
    widened = (s_v, math.sqrt(s_a**2 + joy * CALM_JOY**2))
    return replace(estimate, affect=affect, sigma=(widened[0] / information**0.5, widened[1] / information**0.5))


def classes(estimates: Sequence[AffectEstimate]) -> dict[str, float] | None:
    """Return the evidence of all estimates on classes together, as probabilities; None when there is none."""
    given = [estimate.probabilities for estimate in estimates if estimate.probabilities is not None]
    if not given:
        return None
    share = 1 / (1 + (len(given) - 1) * SHARED_CLASSES)
    return _joined([(probabilities, share) for probabilities in given])


def mean_classes(weighted: Sequence[tuple[Probabilities | None, float]]) -> dict[str, float] | None:
    """Return the evidence on a stretch of several parts: the mean of its logarithms.

    Arguments:
        weighted: Evidence of each part, and the part's weight.
    """
    known = [(evidence, weight) for evidence, weight in weighted if evidence is not None]
    total = sum(weight for _, weight in weighted)
    return _joined([(evidence, weight / total) for evidence, weight in known]) if known and total > 0 else None


def _joined(weighted: Sequence[tuple[Probabilities, float]]) -> dict[str, float]:
    logs = sum(share * np.log(np.maximum(normalised(evidence), LEAST_PROBABILITY)) for evidence, share in weighted)
    weights = np.exp(logs - np.max(logs))
    return {emotion: float(weight) for emotion, weight in zip(EMOTIONS, weights / weights.sum(), strict=True)}


def sigma(variance: float, axis: int) -> float:
    """Return the standard error of an estimate with this variance, widened to what it is on unseen clips.

    Arguments:
        variance: Variance as fusion gives it.
        axis: 0 for valence, 1 for arousal.
    """
    return widening()[axis] * max(LEAST_SIGMA, math.sqrt(variance))


def contributions(estimates: Sequence[AffectEstimate]) -> list[tuple[AffectEstimate, float, float]]:
    """Return by how much each estimate moves valence and arousal from the prior, the strongest first."""
    totals = [weigh(estimates)[axis].precision + 1 / PRIOR_SIGMA**2 for axis in (0, 1)]
    moves = [
        (
            estimate,
            (estimate.affect.valence - PRIOR_MEAN[0]) / estimate.sigma[0] ** 2 / totals[0],
            (estimate.affect.arousal - PRIOR_MEAN[1]) / estimate.sigma[1] ** 2 / totals[1],
        )
        for estimate in estimates
    ]
    return sorted(moves, key=lambda move: -math.hypot(move[1], move[2]))


def explain(estimates: Sequence[AffectEstimate]) -> str:
    """Return the reasons for people in a few words: events that are only named, then those that weigh most."""
    named = [estimate.reason for estimate in estimates if not math.isfinite(min(estimate.sigma))]
    reasons = [*named, *(estimate.reason for estimate, _, _ in contributions(estimates))]
    return ", ".join(dict.fromkeys(word for reason in reasons if reason for word in reason.split(", ")))
