"""Confidence in the sign of valence and arousal, as a number and in a word."""

from __future__ import annotations

import math

from emsync_bridge.cue import Affect

NONE, FAINT, CLEAR = "none", "faint", "clear"

FAINT_FROM = math.erf(0.5 / math.sqrt(2))
"""Confidence at half a standard error from zero, from which a sign is faint: right about 7 times in 10."""

CLEAR_FROM = math.erf(1.0 / math.sqrt(2))
"""Confidence at one standard error from zero, from which a sign is clear: right about 17 times in 20."""


def sign_confidence(affect: Affect, sigma: tuple[float, float]) -> tuple[float, float]:
    """Return how sure the signs of valence and arousal are.

    Arguments:
        affect: The estimate.
        sigma: Its standard errors.

    Returns:
        2 P - 1 for each axis, where P is the probability that the sign is right: 0 at even chances, 1 when certain.
    """
    pairs = ((affect.valence, sigma[0]), (affect.arousal, sigma[1]))
    valence, arousal = (math.erf(abs(value) / (error * math.sqrt(2))) if error > 0 else 1.0 for value, error in pairs)
    return valence, arousal


def word_of(confidence: float) -> str:
    """Return ``none``, ``faint`` or ``clear``."""
    return CLEAR if confidence >= CLEAR_FROM else FAINT if confidence >= FAINT_FROM else NONE
