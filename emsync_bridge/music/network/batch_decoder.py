"""Running the generator for several pieces side by side: the weights are read once for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from emsync_bridge.music.network.config import ModelConfig
from emsync_bridge.music.network.decoder import (
    Layer,
    gelu,
    matrices_of,
    rotate,
    rotation,
    squared_relu,
    unit_vectors,
)
from emsync_bridge.music.tokenizer import conditions as cond


class BatchDecoder:
    """As many pieces in the making as there are rows, all at the same position; see ``decoder.Decoder``.

    Sums are taken in another order than for a piece alone, so that scores agree to rounding, not to the bit.

    Arguments:
        config: Sizes of the network.
        weights: Its weights by name, in float32.
        rows: Number of pieces.
    """

    def __init__(self, config: ModelConfig, weights: Mapping[str, np.ndarray], rows: int) -> None:
        self.config = config
        self.weights = weights
        self.layers, self.scores = matrices_of(config, weights)
        self.depth = config.width // config.heads
        shape = (config.layers, 2, rows, config.heads, 2 * config.context, self.depth)
        self.cache = np.zeros(shape, dtype=np.float32)
        self.filled = 0
        self.position = 0

    def keep(self, rows: Sequence[int]) -> None:
        """Go on with some of the rows only, in this order."""
        self.cache = np.ascontiguousarray(self.cache[:, :, list(rows)])

    def step(self, tokens: Sequence[int], scalars: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Return the scores of the tokens after these.

        Arguments:
            tokens: The latest token of each row.
            scalars: Their scalar conditions, shape (rows, ``conditions.SCALARS``).
            places: Their places in the bar, shape (rows, 3).

        Returns:
            Scores, shape (rows, vocabulary).
        """
        if self.filled == self.cache.shape[4]:
            keep = self.config.context - 1
            self.cache[..., :keep, :] = self.cache[..., -keep:, :].copy()
            self.filled = keep
        turn = rotation(self.position, self.depth)
        x = self._embed(tokens, scalars, places)
        for layer, cache in zip(self.layers, self.cache, strict=True):
            x += self._attend(layer, cache, x, turn)
            x += squared_relu(unit_vectors(x) @ layer.up) @ layer.down
        self.filled += 1
        self.position += 1
        scores: np.ndarray = unit_vectors(x) @ self.scores
        return scores

    def _embed(self, tokens: Sequence[int], scalars: np.ndarray, places: np.ndarray) -> np.ndarray:
        weights = self.weights
        inner = scalars @ weights["conditions.inner.weight"].T + weights["conditions.inner.bias"]
        x = gelu(inner) @ weights["conditions.outer.weight"].T + weights["conditions.outer.bias"]
        x += weights["conditions.beat.weight"][places[:, cond.BEAT]]
        x += weights["conditions.tick.weight"][places[:, cond.TICK]]
        x += weights["conditions.beats_left.weight"][places[:, cond.BEATS_LEFT]]
        entering: np.ndarray = x + weights["tokens.weight"][list(tokens)] * np.float32(self.config.width**0.5)
        return entering

    def _attend(self, layer: Layer, cache: np.ndarray, x: np.ndarray, turn: np.ndarray) -> np.ndarray:
        rows = len(x)
        qkv = (unit_vectors(x) @ layer.qkv).reshape(rows, 3, self.config.heads, self.depth)
        query, key = rotate(unit_vectors(qkv[:, :2]) * layer.head_gain, turn).swapaxes(0, 1)
        keys, values = cache
        keys[:, :, self.filled] = key
        values[:, :, self.filled] = qkv[:, 2]
        span = slice(max(0, self.filled + 1 - self.config.context), self.filled + 1)
        heat = (keys[:, :, span] @ query[..., None])[..., 0]
        heat -= heat.max(axis=2, keepdims=True)
        chances = np.exp(heat, out=heat)
        mixed = (chances[:, :, None, :] @ values[:, :, span])[:, :, 0]
        mixed /= chances.sum(axis=2, keepdims=True)
        read: np.ndarray = mixed.reshape(rows, -1) @ layer.out
        return read
