"""Running the generator one token at a time, in NumPy, with a key-value cache that slides.

A step of a network this small is a few matrix-vector products; a tensor library would spend more time on its own
bookkeeping than on them, and seconds on being imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from emsync_bridge.music import conditions as cond
from emsync_bridge.music.sizes import ModelConfig

_EPSILON = 1e-6


@dataclass(frozen=True)
class Layer:
    """Weights of one block; matrices are turned to (in, out), which a vector-matrix product reads in order.

    The gains of the norms before them are multiplied into them, and so is the scale of the scores into ``head_gain``.

    Arguments:
        qkv: Query, key and value.
        head_gain: Gains of the norms of queries and keys, shape (2, 1, head width).
        out: Output of the attention.
        up: First matrix of the feed-forward layer.
        down: Second matrix of the feed-forward layer.
    """

    qkv: np.ndarray
    head_gain: np.ndarray
    out: np.ndarray
    up: np.ndarray
    down: np.ndarray


class Decoder:
    """One piece in the making: scores of the next token from the last one and all that is remembered.

    The network looks back on ``context`` positions. The cache holds twice as many, so that the window moves to its
    front once in ``context`` steps; rotary positions only count distances, so that nothing in it goes stale.

    Arguments:
        config: Sizes of the network.
        weights: Its weights by name, as ``model.Generator`` names them, in float32.
    """

    def __init__(self, config: ModelConfig, weights: Mapping[str, np.ndarray]) -> None:
        self.config = config
        self.weights = weights
        self.scores = turned(weights["tokens.weight"], weights["norm.weight"])
        self.layers = [layer_of(weights, f"blocks.{number}.") for number in range(config.layers)]
        self.depth = config.width // config.heads
        shape = (config.layers, 2, config.heads, 2 * config.context, self.depth)
        self.cache = np.zeros(shape, dtype=np.float32)
        self.filled = 0
        self.position = 0

    def step(self, token: int, scalars: np.ndarray, place: np.ndarray) -> np.ndarray:
        """Return the scores of the token after this one.

        Arguments:
            token: The latest token.
            scalars: Its scalar conditions, shape (``conditions.SCALARS``,).
            place: Its place in the bar, shape (3,).

        Returns:
            Scores, shape (vocabulary,).
        """
        if self.filled == self.cache.shape[3]:
            keep = self.config.context - 1
            self.cache[..., :keep, :] = self.cache[..., -keep:, :].copy()
            self.filled = keep
        self.cosines, self.sines = rotary_angles(self.position, self.depth)
        x = self._embed(token, scalars, place)
        for layer, cache in zip(self.layers, self.cache, strict=True):
            x = x + self._attend(layer, cache, x)
            hidden = np.maximum(_norm(x) @ layer.up, 0.0)
            x = x + (hidden * hidden) @ layer.down
        self.filled += 1
        self.position += 1
        scores: np.ndarray = _norm(x) @ self.scores
        return scores

    def rewind(self, position: int) -> None:
        """Go back to where so many tokens had been read, and forget those after them.

        What the window has moved past since stays forgotten, so that less may be looked back on than the first time.

        Arguments:
            position: How many tokens had been read; no more than now.
        """
        self.filled = max(0, self.filled - (self.position - position))
        self.position = position

    def _embed(self, token: int, scalars: np.ndarray, place: np.ndarray) -> np.ndarray:
        weights = self.weights
        inner = weights["conditions.inner.weight"] @ scalars + weights["conditions.inner.bias"]
        x = weights["conditions.outer.weight"] @ gelu(inner) + weights["conditions.outer.bias"]
        x = (
            x
            + weights["conditions.beat.weight"][place[cond.BEAT]]
            + weights["conditions.tick.weight"][place[cond.TICK]]
        )
        x = x + weights["conditions.beats_left.weight"][place[cond.BEATS_LEFT]]
        entering: np.ndarray = x + weights["tokens.weight"][token] * np.float32(self.config.width**0.5)
        return entering

    def _attend(self, layer: Layer, cache: np.ndarray, x: np.ndarray) -> np.ndarray:
        qkv = (_norm(x) @ layer.qkv).reshape(3, self.config.heads, self.depth)
        query, key = self._rotated(norms(qkv[:2]) * layer.head_gain)
        keys, values = cache
        keys[:, self.filled] = key
        values[:, self.filled] = qkv[2]
        span = slice(max(0, self.filled + 1 - self.config.context), self.filled + 1)
        heat = (keys[:, span] @ query[:, :, None])[:, :, 0]
        chances = np.exp(heat - heat.max(axis=1, keepdims=True))
        mixed = (chances[:, None, :] @ values[:, span])[:, 0] / chances.sum(axis=1, keepdims=True)
        read: np.ndarray = mixed.ravel() @ layer.out
        return read

    def _rotated(self, x: np.ndarray) -> np.ndarray:
        half = self.depth // 2
        first, second = x[..., :half], x[..., half:]
        result = np.empty_like(x)
        result[..., :half] = first * self.cosines - second * self.sines
        result[..., half:] = second * self.cosines + first * self.sines
        return result


def rotary_angles(position: int, depth: int) -> tuple[np.ndarray, np.ndarray]:
    """Return cosines and sines of the rotary angles of a position, each (head width / 2,)."""
    half = depth // 2
    angles = position * 10_000.0 ** (-np.arange(half) / half)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def turned(weight: np.ndarray, gain: np.ndarray | None = None) -> np.ndarray:
    """Return a matrix as (in, out), the gain of the norm before it multiplied into it."""
    return np.ascontiguousarray(weight.T if gain is None else (weight * gain).T)


def layer_of(weights: Mapping[str, np.ndarray], prefix: str) -> Layer:
    """Return the weights of one block as they are used."""
    query, key = (weights[f"{prefix}attention.{name}_norm.weight"] for name in ("query", "key"))
    return Layer(
        qkv=turned(weights[f"{prefix}attention.qkv.weight"], weights[f"{prefix}attention_norm.weight"]),
        head_gain=np.stack([query * np.float32(len(query) ** -0.5), key])[:, None],
        out=turned(weights[f"{prefix}attention.out.weight"]),
        up=turned(weights[f"{prefix}up.weight"], weights[f"{prefix}hidden_norm.weight"]),
        down=turned(weights[f"{prefix}down.weight"]),
    )


def _norm(x: np.ndarray) -> np.ndarray:
    """Return a vector with root mean square 1."""
    scaled: np.ndarray = x * np.float32((float(x @ x) / len(x) + _EPSILON) ** -0.5)
    return scaled


def norms(x: np.ndarray) -> np.ndarray:
    """Return vectors, the last axis of ``x``, each with root mean square 1."""
    squares = np.einsum("...d,...d->...", x, x) / x.shape[-1]
    scaled: np.ndarray = x * ((squares + _EPSILON) ** -0.5)[..., None]
    return scaled


def gelu(x: np.ndarray) -> np.ndarray:
    """Return the Gaussian error linear unit, exact to float32."""
    from math import erf

    flat = [0.5 * value * (1.0 + erf(value * 2**-0.5)) for value in x.ravel().tolist()]
    return np.array(flat, dtype=np.float32).reshape(x.shape)
