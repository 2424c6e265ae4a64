"""From readings of parts to a curve: smooth within a shot and a scene, free to jump at a hard cut.

Each axis is a stationary Gauss-Markov process (Ornstein-Uhlenbeck) around the prior, filtered and smoothed (Kalman
1960; Rauch, Tung and Striebel 1965). Between moments close together it moves like a random walk. Readings of
neighbouring parts err together, so a reading's precision is shared among the parts that its mood is linked to: ten
alike parts of a shot tell as much as the shot in one piece.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from emsync_bridge.cue import Affect, EmotionSpan
from emsync_bridge.emotion.extractors.interface import ShotPart
from emsync_bridge.emotion.fusion.gaussian import PRIOR_MEAN, PRIOR_SIGMA, GaussianEstimate, mean_classes, sigma
from emsync_bridge.emotion.fusion.sign import NONE, sign_confidence, word_of
from emsync_bridge.emotion.overrides.moods import probabilities_from_affect

WALK = (0.05, 0.10)
"""Deviation that valence and arousal gain per square root of a second."""

SAME_SCENE = 0.75
"""Likeness of two shots' palettes from which they may belong to one scene."""

MAX_CARRIED = 0.8
"""Share of the mood that is carried over a cut within one scene at most."""

SAME_MOOD = 0.12
"""Parts of a shot that differ less than this on both axes become one span."""

MAX_WORDS = 4

NEIGHBOURS = "neighbours"
"""Name under which the influence of the parts around is listed among the contributions."""

LEAST_MOVE = 0.005
"""Contribution below which a cue is not listed."""


@dataclass(frozen=True)
class PartEstimate:
    """Joint estimate of the cues of a part.

    Arguments:
        part: The part.
        readings: Estimates of valence and of arousal.
        reason: Reason in a few words.
        carried: Share of the mood that may carry over from the part before, from 0 to 1, when a cut lies between.
        classes: Evidence on the six emotions, where there is any.
        contributions: Name of each cue, and the shifts of valence and arousal from the prior that it causes.
    """

    part: ShotPart
    readings: tuple[GaussianEstimate, GaussianEstimate]
    reason: str = ""
    carried: float = 0.0
    classes: Mapping[str, float] | None = None
    contributions: tuple[tuple[str, float, float], ...] = ()


def carried_over(alikeness: float | None) -> float:
    """Return the share of the mood that a cut lets through, for the likeness of the palettes on its sides."""
    if alikeness is None:
        return 0.0
    return MAX_CARRIED * max(0.0, (alikeness - SAME_SCENE) / (1 - SAME_SCENE))


def smooth(parts: Sequence[PartEstimate]) -> list[tuple[Affect, tuple[float, float]]]:
    """Return the smoothed affect of each part and its standard errors, the shared error included."""
    links = [[_link(one, other, axis) for one, other in pairwise(parts)] for axis in (0, 1)]
    axes = [_smooth([felt.readings[axis] for felt in parts], links[axis], PRIOR_MEAN[axis]) for axis in (0, 1)]
    return [
        (Affect(valence, arousal).clipped(), (sigma(valence_variance, 0), sigma(arousal_variance, 1)))
        for (valence, valence_variance), (arousal, arousal_variance) in zip(*axes, strict=True)
    ]


def _link(one: PartEstimate, other: PartEstimate, axis: int) -> float:
    """Return the correlation of the true mood in two neighbouring parts."""
    if one.part.shot != other.part.shot:
        return other.carried
    apart = (other.part.start + other.part.end - one.part.start - one.part.end) / 2
    return math.exp(-apart * WALK[axis] ** 2 / (2 * PRIOR_SIGMA**2))


def _smooth(readings: Sequence[GaussianEstimate], links: Sequence[float], mean: float) -> list[tuple[float, float]]:
    spread = PRIOR_SIGMA**2
    shared = _linked(links)
    predicted: list[tuple[float, float]] = []
    filtered: list[tuple[float, float]] = []
    for index, reading in enumerate(readings):
        state, variance = mean, spread
        if index:
            link = links[index - 1]
            state = mean + link * (filtered[-1][0] - mean)
            variance = link**2 * filtered[-1][1] + (1 - link**2) * spread
        predicted.append((state, variance))
        precision = reading.precision / shared[index]
        gain = variance * precision / (variance * precision + 1)
        filtered.append((state + gain * (reading.mean - state), variance * (1 - gain)))
    smoothed = [filtered[-1]]
    for index in range(len(readings) - 2, -1, -1):
        back = filtered[index][1] * links[index] / predicted[index + 1][1]
        state = filtered[index][0] + back * (smoothed[-1][0] - predicted[index + 1][0])
        variance = filtered[index][1] + back**2 * (smoothed[-1][1] - predicted[index + 1][1])
        smoothed.append((state, variance))
    return smoothed[::-1]


def _linked(links: Sequence[float]) -> list[float]:
    """Return for each part how many parts its mood is linked to, itself included: the sum of all correlations."""
    ahead, behind = [1.0], [1.0]
    for link in links:
        ahead.append(1 + link * ahead[-1])
    for link in reversed(links):
        behind.append(1 + link * behind[-1])
    return [one + other - 1 for one, other in zip(ahead, reversed(behind), strict=True)]


def spans(parts: Sequence[PartEstimate]) -> list[EmotionSpan]:
    """Return one span for each shot, or for each stretch of a long shot that feels different.

    Arguments:
        parts: All parts in order.
    """
    if not parts:
        return []
    groups: list[list[tuple[PartEstimate, Affect, tuple[float, float]]]] = []
    for felt, (affect, errors) in zip(parts, smooth(parts), strict=True):
        group = groups[-1] if groups else None
        if group and group[0][0].part.shot == felt.part.shot and _near(_mean(group)[0], affect):
            group.append((felt, affect, errors))
        else:
            groups.append([(felt, affect, errors)])
    return [_span(group) for group in groups]


def _near(one: Affect, other: Affect) -> bool:
    return max(abs(one.valence - other.valence), abs(one.arousal - other.arousal)) < SAME_MOOD


def _mean(group: Sequence[tuple[PartEstimate, Affect, tuple[float, float]]]) -> tuple[Affect, tuple[float, float]]:
    weights = [felt.part.end - felt.part.start for felt, _, _ in group]
    total = sum(weights) or 1.0

    def mean(values: Sequence[float]) -> float:
        return sum(weight * value for weight, value in zip(weights, values, strict=True)) / total

    affect = Affect(mean([a.valence for _, a, _ in group]), mean([a.arousal for _, a, _ in group]))
    return affect, (mean([e[0] for _, _, e in group]), mean([e[1] for _, _, e in group]))


def _span(group: Sequence[tuple[PartEstimate, Affect, tuple[float, float]]]) -> EmotionSpan:
    affect, errors = _mean(group)
    words = list(dict.fromkeys(word for felt, _, _ in group for word in felt.reason.split(", ") if word))[:MAX_WORDS]
    signs = sign_confidence(affect, errors)
    if all(word_of(sign) == NONE for sign in signs):
        words.append("little to go by")
    seen = mean_classes([(felt.classes, felt.part.end - felt.part.start) for felt, _, _ in group])
    return EmotionSpan(
        start=group[0][0].part.start,
        end=group[-1][0].part.end,
        affect=affect,
        sigma=errors,
        confidence=max(signs),
        ekman=probabilities_from_affect(affect, errors, seen),
        reason=", ".join(words),
        contributions=_contributions(group, affect),
    )


def _contributions(
    group: Sequence[tuple[PartEstimate, Affect, tuple[float, float]]], affect: Affect
) -> tuple[tuple[str, float, float], ...]:
    """Return by how much each cue, and the parts around, move a span from the prior, the strongest first."""
    total = sum(felt.part.end - felt.part.start for felt, _, _ in group) or 1.0
    moves: dict[str, tuple[float, float]] = {}
    for felt, _, _ in group:
        share = (felt.part.end - felt.part.start) / total
        for name, valence, arousal in felt.contributions:
            before = moves.get(name, (0.0, 0.0))
            moves[name] = (before[0] + share * valence, before[1] + share * arousal)
    sums = [sum(move[axis] for move in moves.values()) for axis in (0, 1)]
    moves[NEIGHBOURS] = (affect.valence - PRIOR_MEAN[0] - sums[0], affect.arousal - PRIOR_MEAN[1] - sums[1])
    listed = [(name, *move) for name, move in moves.items() if max(map(abs, move)) >= LEAST_MOVE]
    return tuple(sorted(listed, key=lambda move: -math.hypot(move[1], move[2])))
