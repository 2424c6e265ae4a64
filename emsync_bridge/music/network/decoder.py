"""Running the generator one token at a time, in NumPy, with a key-value cache that slides.

A step of a network this small is a few matrix-vector products; a tensor library would spend more time on its own
bookkeeping than on them, and seconds on being imported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import erf

import numpy as np

from emsync_bridge.music.network.config import ModelConfig
from emsync_bridge.music.tokenizer import conditions as cond

_EPSILON = 1e-6

_BLOCK = 1024
"""Positions whose rotary angles are worked out together."""


@dataclass(frozen=True)
class Layer:
    """Weights of one block, matrices as (in, out).

    The gains of the norms before them are multiplied into them, and so is the scale of the scores into ``head_gain``.
    The two values of queries and keys that a rotary angle turns together lie side by side, as a complex number does.

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
        self.layers, self.scores = matrices_of(config, weights)
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
        turn = rotation(self.position, self.depth)
        x = self._embed(token, scalars, place)
        for layer, cache in zip(self.layers, self.cache, strict=True):
            x += self._attend(layer, cache, x, turn)
            x += squared_relu(_unit(x) @ layer.up) @ layer.down
        self.filled += 1
        self.position += 1
        scores: np.ndarray = _unit(x) @ self.scores
        return scores

    def rewind(self, position: int) -> None:
        """Go back to where so many tokens had been read, and forget those after them.

        What the window has moved past since stays forgotten, so that less may be looked back on than the first time.

        Arguments:
            position: Number of tokens that had been read; no more than now.
        """
        self.filled = max(0, self.filled - (self.position - position))
        self.position = position

    def _embed(self, token: int, scalars: np.ndarray, place: np.ndarray) -> np.ndarray:
        weights = self.weights
        inner = weights["conditions.inner.weight"] @ scalars + weights["conditions.inner.bias"]
        x = weights["conditions.outer.weight"] @ gelu(inner) + weights["conditions.outer.bias"]
        x += weights["conditions.beat.weight"][place[cond.BEAT]]
        x += weights["conditions.tick.weight"][place[cond.TICK]]
        x += weights["conditions.beats_left.weight"][place[cond.BEATS_LEFT]]
        entering: np.ndarray = x + weights["tokens.weight"][token] * np.float32(self.config.width**0.5)
        return entering

    def _attend(self, layer: Layer, cache: np.ndarray, x: np.ndarray, turn: np.ndarray) -> np.ndarray:
        qkv = (_unit(x) @ layer.qkv).reshape(3, self.config.heads, self.depth)
        query, key = rotate(unit_vectors(qkv[:2]) * layer.head_gain, turn)
        keys, values = cache
        keys[:, self.filled] = key
        values[:, self.filled] = qkv[2]
        span = slice(max(0, self.filled + 1 - self.config.context), self.filled + 1)
        heat = (keys[:, span] @ query[:, :, None])[:, :, 0]
        heat -= heat.max(axis=1, keepdims=True)
        chances = np.exp(heat, out=heat)
        mixed = (chances[:, None, :] @ values[:, span])[:, 0]
        mixed /= chances.sum(axis=1, keepdims=True)
        read: np.ndarray = mixed.ravel() @ layer.out
        return read


def rotation(position: int, depth: int) -> np.ndarray:
    """Return the rotary angles of a position as complex numbers of length 1, shape (head width / 2,)."""
    block, place = divmod(position, _BLOCK)
    found: np.ndarray = _rotations(block, depth)[place]
    return found


@lru_cache(maxsize=4)
def _rotations(block: int, depth: int) -> np.ndarray:
    """Return the rotations of a block of positions, which are quicker worked out together."""
    half = depth // 2
    positions = np.arange(block * _BLOCK, (block + 1) * _BLOCK)
    angles = positions[:, None] * 10_000.0 ** (-np.arange(half) / half)
    return (np.cos(angles) + 1j * np.sin(angles)).astype(np.complex64)


def rotate(x: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """Return queries or keys turned by the angles of their position, the values of a pair side by side."""
    turned_pairs: np.ndarray = (x.view(np.complex64) * turn).view(np.float32)
    return turned_pairs


def matrices_of(config: ModelConfig, weights: Mapping[str, np.ndarray]) -> tuple[list[Layer], np.ndarray]:
    """Return the blocks of a network, and the matrix that the scores come from, as they are used."""
    layers = [_layer_of(weights, f"blocks.{number}.", config.heads) for number in range(config.layers)]
    scores = _turned(weights["tokens.weight"], weights["norm.weight"])
    placed = _in_one_piece([*(matrix for la in layers for matrix in (la.qkv, la.out, la.up, la.down)), scores])
    fours = zip(*(placed[first:-1:4] for first in range(4)), strict=True)
    return [
        replace(layer, qkv=qkv, out=out, up=up, down=down)
        for layer, (qkv, out, up, down) in zip(layers, fours, strict=True)
    ], placed[-1]


def _in_one_piece(matrices: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return matrices one behind the other in one piece of memory, the longer side of each in order.

    A system gives large pages to large pieces alone, and reading from small ones takes a tenth longer; along the longer
    side a product with a vector takes a third less time.
    """
    block = np.empty(sum(matrix.size for matrix in matrices), dtype=np.float32)
    placed, begin = [], 0
    for matrix in matrices:
        upright = matrix.shape[0] > matrix.shape[1]
        rows = matrix.T if upright else matrix
        part = block[begin : begin + matrix.size].reshape(rows.shape)
        part[:] = rows
        placed.append(part.T if upright else part)
        begin += matrix.size
    return placed


def _turned(weight: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Return a matrix as (in, out) and as it is applied to a vector of length 1, where a norm with a gain comes first.

    Such a norm gives a root mean square of 1, which is a length of the root of the width.
    """
    across: np.ndarray = (weight * gain * np.float32(len(gain) ** 0.5)).T
    return across


def _layer_of(weights: Mapping[str, np.ndarray], prefix: str, heads: int) -> Layer:
    query, key = (weights[f"{prefix}attention.{name}_norm.weight"] for name in ("query", "key"))
    depth = len(query)
    paired = np.arange(depth).reshape(2, -1).T.ravel()  # value i of the first half, then of the second
    parts = weights[f"{prefix}attention.qkv.weight"].reshape(3, heads, depth, -1)
    qkv = np.concatenate([parts[:2, :, paired], parts[2:]]).reshape(3 * heads * depth, -1)
    # lengths of 1 become root mean squares of 1, and the query's is divided by the root of the head's width again
    gains = np.stack([query, key * np.float32(depth**0.5)])[:, None, paired]
    return Layer(
        qkv=_turned(qkv, weights[f"{prefix}attention_norm.weight"]),
        head_gain=gains,
        out=weights[f"{prefix}attention.out.weight"].T,
        up=_turned(weights[f"{prefix}up.weight"], weights[f"{prefix}hidden_norm.weight"]),
        down=weights[f"{prefix}down.weight"].T,
    )


def _unit(x: np.ndarray) -> np.ndarray:
    """Return a vector with length 1."""
    scaled: np.ndarray = x * (float(x @ x) + len(x) * _EPSILON) ** -0.5
    return scaled


def unit_vectors(x: np.ndarray) -> np.ndarray:
    """Return vectors, the last axis of ``x``, each with length 1."""
    lengths = np.sqrt(np.einsum("...d,...d->...", x, x) + x.shape[-1] * _EPSILON)
    scaled: np.ndarray = x / lengths[..., None]
    return scaled


def squared_relu(x: np.ndarray) -> np.ndarray:
    """Return the squares of what is positive, 0 for the rest, in the place of ``x``."""
    np.maximum(x, 0.0, out=x)
    x *= x
    return x


def gelu(x: np.ndarray) -> np.ndarray:
    """Return the Gaussian error linear unit, to a few millionths."""
    places, shares = _normal_distribution()
    result: np.ndarray = (x * np.interp(x, places, shares)).astype(np.float32)
    return result


@lru_cache(maxsize=1)
def _normal_distribution() -> tuple[np.ndarray, np.ndarray]:
    """Return places and the standard normal distribution there, so near that between two it bends by 5e-7 at most."""
    places = np.arange(-6.0, 6.0, 1 / 256)
    return places, np.array([0.5 + 0.5 * erf(place * 2**-0.5) for place in places.tolist()])
