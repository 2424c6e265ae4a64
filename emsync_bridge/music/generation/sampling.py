"""Sampling of a token from logits: temperature, nucleus (top-p) and a repetition guard."""

from __future__ import annotations

import math

import numpy as np

from emsync_bridge.options import Sampling


class Sampler:
    """Draws tokens, and warms up when it hardly has a choice for long.

    The repetition guard is EMSYNC's: a counter rises by one whenever at most two tokens survive the filter and is
    halved otherwise; the temperature is multiplied by 1 + max(0, guard ln((counter + 1) / 4)).

    Arguments:
        rng: Source of chance.
        sampling: Temperature and nucleus.
    """

    def __init__(self, rng: np.random.Generator, sampling: Sampling) -> None:
        self.rng = rng
        self.sampling = sampling
        self.counter = 0.0

    def draw(self, scores: np.ndarray, mask: np.ndarray) -> int:
        """Return one allowed token.

        Arguments:
            scores: Scores of every token, shape (vocabulary,).
            mask: Mask of the tokens that are allowed; at least one is.
        """
        open_tokens = np.flatnonzero(mask)
        if len(open_tokens) == 1:
            return int(open_tokens[0])  # a lack of choice does not show repetition
        guard = 1.0 + max(0.0, self.sampling.guard * math.log((self.counter + 1) / 4))
        heat = scores[open_tokens].astype(np.float64) / (self.sampling.temperature * guard)
        chances = np.exp(heat - heat.max())
        chances /= chances.sum()
        order = np.argsort(-chances, kind="stable")
        reached = np.cumsum(chances[order])
        kept = max(1, int(np.searchsorted(reached, self.sampling.top_p)))
        self.counter = self.counter + 1 if kept <= 2 else self.counter / 2
        drawn = np.searchsorted(reached[: kept - 1], self.rng.random() * reached[kept - 1], side="right")
        return int(open_tokens[order[drawn]])
