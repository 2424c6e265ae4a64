"""Gain and contrast of a curve: matters of taste, for music that should make more of the mood or of its changes.

Hanjalic and Xu 2005 (IEEE Transactions on Multimedia 7(1):143-154) normalise arousal within each film; ``contrast``
does the same for both axes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from emsync_bridge.cue import Affect, EmotionSpan
from emsync_bridge.emotion.overrides.moods import reclassified

SPREAD = 0.3
"""Deviation over time that the stretched curve has."""

MAX_GAIN = 3.0

LEAST_SPREAD = 0.02
"""Deviation below which a curve counts as flat and is left as it is."""


def raise_contrast(spans: Sequence[EmotionSpan]) -> tuple[list[EmotionSpan], tuple[float, float]]:
    """Return the curve stretched around its mean, and by how much in valence and in arousal.

    Errors grow with it and confidence stays as it was: nothing is known better for being said louder.

    Arguments:
        spans: Spans as they are felt, before any order.
    """
    weights = [span.end - span.start for span in spans]
    centre, gain = zip(
        _centre_and_gain([span.affect.valence for span in spans], weights),
        _centre_and_gain([span.affect.arousal for span in spans], weights),
        strict=True,
    )

    if gain == (1.0, 1.0):
        return list(spans), gain

    def stretched(span: EmotionSpan) -> EmotionSpan:
        affect = Affect(
            centre[0] + gain[0] * (span.affect.valence - centre[0]),
            centre[1] + gain[1] * (span.affect.arousal - centre[1]),
        ).clipped()
        errors = (span.sigma[0] * gain[0], span.sigma[1] * gain[1])
        ekman = reclassified(span.ekman, (span.affect, span.sigma), (affect, errors))
        return replace(span, affect=affect, sigma=errors, ekman=ekman)

    return [stretched(span) for span in spans], (gain[0], gain[1])


def with_gain(spans: Sequence[EmotionSpan], gain: float) -> list[EmotionSpan]:
    """Return the curve with valence and arousal, and their errors, so many times as far from neutral.

    Arguments:
        spans: The estimate, before any order.
        gain: 2 for twice as strong, 0.5 for half.
    """

    def scaled(span: EmotionSpan) -> EmotionSpan:
        affect = Affect(gain * span.affect.valence, gain * span.affect.arousal).clipped()
        errors = (gain * span.sigma[0], gain * span.sigma[1])
        ekman = reclassified(span.ekman, (span.affect, span.sigma), (affect, errors))
        moves = tuple((name, gain * valence, gain * arousal) for name, valence, arousal in span.contributions)
        return replace(span, affect=affect, sigma=errors, ekman=ekman, contributions=moves)

    return [scaled(span) for span in spans]


def _centre_and_gain(values: Sequence[float], weights: Sequence[float]) -> tuple[float, float]:
    total = sum(weights)
    if total <= 0:
        return 0.0, 1.0
    mean = sum(weight * value for weight, value in zip(weights, values, strict=True)) / total
    deviation = math.sqrt(
        sum(weight * (value - mean) ** 2 for weight, value in zip(weights, values, strict=True)) / total
    )
    if deviation < LEAST_SPREAD:
        return mean, 1.0
    return mean, min(MAX_GAIN, max(1.0, SPREAD / deviation))
