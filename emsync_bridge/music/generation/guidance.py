"""Classifier-free guidance: mixing the logits of a network that knows the mood with those of one that does not.

Source: Ho and Salimans 2022, "Classifier-Free Diffusion Guidance", arXiv 2207.12598, applied to logits.
"""

from __future__ import annotations

import numpy as np


def guided_logits(conditioned: np.ndarray, unconditioned: np.ndarray, scale: float) -> np.ndarray:
    """Return logits that follow the condition by a scale.

    Arguments:
        conditioned: Logits with the mood, of any shape.
        unconditioned: Logits without it, of the same shape.
        scale: 0 ignores the mood, 1 is the network as it is, above 1 follows the mood more closely.
    """
    mixed: np.ndarray = unconditioned + np.float32(scale) * (conditioned - unconditioned)
    return mixed
