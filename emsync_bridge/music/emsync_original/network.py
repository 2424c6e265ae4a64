"""The published network in NumPy: post-norm blocks with relative global attention, and its window on the music.

Attention is that of Music Transformer (Huang et al. 2018, arXiv 1809.04281): to the score of a query and a key at a
distance is added the product of the query with a learned vector for that distance; in one pass over many positions the
products are brought into place by the paper's skewing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emsync_bridge.cue import Affect
from emsync_bridge.music.emsync_original import vocabulary as tok
from emsync_bridge.music.emsync_original.config import PREFIX, Conventions, OriginalConfig, hop

_EPSILON = np.float32(1e-5)

_ANOTHER = 0.02
"""Distance on an axis from which a mood is another one; nobody feels less, and every change costs a refill."""

HORIZON = 8.0
"""Seconds at which a boundary is out of sight; the network is given 8 s minus its distance."""


@dataclass(frozen=True)
class _Linear:
    """A linear layer, its matrix turned to (in, out)."""

    weight: np.ndarray
    bias: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        result: np.ndarray = x @ self.weight + self.bias
        return result


@dataclass(frozen=True)
class _Norm:
    """A layer norm."""

    gain: np.ndarray
    bias: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + _EPSILON)
        result: np.ndarray = centred / spread * self.gain + self.bias
        return result


@dataclass(frozen=True)
class _Layer:
    """A block; the scale of the attention's scores is multiplied into its queries."""

    qkv: _Linear
    relative: np.ndarray  # (context, depth), the last row for distance 0
    out: _Linear
    attention_norm: _Norm
    up: _Linear
    down: _Linear
    hidden_norm: _Norm


@dataclass(frozen=True)
class _Condition:
    """Valence or arousal: a value becomes a vector, and a missing one has a vector of its own."""

    inner: _Linear
    outer: _Linear
    missing: np.ndarray

    def __call__(self, value: float | None) -> np.ndarray:
        return self.missing if value is None else _two(self.inner, self.outer, np.array([value], dtype=np.float32))


class Network:
    """The weights as they are used, shared by all windows.

    Arguments:
        sizes: Sizes of the network.
        weights: Weights by name, as ``tensor_names.shapes`` lists them, in float32.
        conventions: Way in which they were trained.
    """

    def __init__(self, sizes: OriginalConfig, weights: Mapping[str, np.ndarray], conventions: Conventions) -> None:
        self.sizes, self.conventions = sizes, conventions

        def linear(name: str) -> _Linear:
            return _Linear(np.ascontiguousarray(weights[f"{name}.weight"].T), weights[f"{name}.bias"])

        def norm(name: str) -> _Norm:
            return _Norm(weights[f"{name}.weight"], weights[f"{name}.bias"])

        def layer(name: str) -> _Layer:
            query, key, value = (linear(f"{name}.{word}") for word in ("query", "key", "value"))
            scale = np.float32(sizes.depth**-0.5)
            return _Layer(
                qkv=_Linear(
                    np.hstack([query.weight * scale, key.weight, value.weight]),
                    np.hstack([query.bias * scale, key.bias, value.bias]),
                ),
                relative=weights[f"{name}.relative"],
                out=linear(f"{name}.out"),
                attention_norm=norm(f"{name}.attention_norm"),
                up=linear(f"{name}.up"),
                down=linear(f"{name}.down"),
                hidden_norm=norm(f"{name}.hidden_norm"),
            )

        self.layers = [layer(f"layers.{number}") for number in range(sizes.layers)]
        self.tokens = weights["tokens.weight"] * np.float32(sizes.width**0.5)
        self.positions = weights["positions.weight"]
        self.offset = linear("offset.inner"), linear("offset.outer")
        self.valence, self.arousal = (
            _Condition(linear(f"{name}.inner"), linear(f"{name}.outer"), weights[f"{name}.missing"])
            for name in ("valence", "arousal")
        )
        self.scores = linear("scores")

    def prefix(self, affect: Affect | None, instruments: int) -> np.ndarray:
        """Return the vectors before the music, shape (3, width).

        Arguments:
            affect: Valence and arousal; None where nothing is said of them.
            instruments: The token for more or fewer instruments.
        """
        valence = self.valence(None if affect is None else affect.valence)
        arousal = self.arousal(None if affect is None else affect.arousal)
        scale = np.float32(self.sizes.width**0.5 if self.conventions.scaled_prefix else 1.0)
        return np.stack([valence * scale, arousal * scale, self.tokens[instruments]])

    def placed(self, vectors: np.ndarray, offsets: Sequence[float], first: int) -> np.ndarray:
        """Return vectors with their offsets and positions added.

        Arguments:
            vectors: Shape (positions, width).
            offsets: Seconds to the next boundary, one for each.
            first: Position of the first in the window.
        """
        near = HORIZON - np.clip(np.array(offsets, dtype=np.float32), 0.0, HORIZON)[:, None]
        told = [_two(*self.offset, near), self.positions[first : first + len(vectors)]]
        placed: np.ndarray = vectors + np.hstack(told if self.conventions.offset_first else told[::-1])
        return placed


class ContextWindow:
    """One piece in the making: the newest tokens that the network looks back on, and what it remembers of them.

    Arguments:
        network: The network.
        affect: Valence and arousal; None leaves the network free.
        instruments: The token for more or fewer instruments.
    """

    def __init__(self, network: Network, affect: Affect | None, instruments: int) -> None:
        sizes = network.sizes
        self.network, self.affect, self.instruments = network, affect, instruments
        self.tokens: list[int] = []
        self.offsets: list[float] = []
        self.cache = np.zeros((sizes.layers, 2, sizes.heads, sizes.context, sizes.depth), dtype=np.float32)
        self.filled = 0

    def tell(self, affect: Affect) -> None:
        """Ask for another valence and arousal from now on, unless it is hardly another.

        The whole cache is computed again, since it comes after them in the window.
        """
        before = self.affect
        if before is None:
            return
        if max(abs(affect.valence - before.valence), abs(affect.arousal - before.arousal)) >= _ANOTHER:
            self.affect, self.filled = affect, 0

    def read(self, token: int, offset: float) -> np.ndarray:
        """Return the scores of the token after this one, shape (vocabulary,).

        Arguments:
            token: The latest token.
            offset: Seconds from its end to the next boundary.
        """
        if len(self.tokens) + PREFIX == self.network.sizes.context:
            passed = hop(self.network.sizes)
            del self.tokens[:passed], self.offsets[:passed]
            self.filled = 0
        self.tokens.append(token)
        self.offsets.append(offset)
        if self.filled:
            x = self.network.placed(self.network.tokens[[token]], [offset], self.filled)
        else:
            x = self._entering()
        return self.network.scores(self._through(x)[-1])

    def read_instead(self, token: int, offset: float) -> np.ndarray:
        """Return the scores of the token after this one, which takes the place of the one read last."""
        del self.tokens[-1], self.offsets[-1]
        self.filled = max(0, self.filled - 1)  # 0 where another mood was just asked for
        return self.read(token, offset)

    def read_all(self, tokens: Sequence[int], offsets: Sequence[float]) -> np.ndarray:
        """Start over with some music and return the scores after each token, shape (tokens, vocabulary).

        Arguments:
            tokens: Tokens to read, no more than the window holds.
            offsets: Seconds to the next boundary after each.
        """
        self.tokens, self.offsets, self.filled = list(tokens), list(offsets), 0
        return self.network.scores(self._through(self._entering())[PREFIX:])

    def _entering(self) -> np.ndarray:
        """Return what enters the first layer for the whole window."""
        prefix = self.network.prefix(self.affect, self.instruments)
        vectors = np.vstack([prefix, self.network.tokens[self.tokens]])
        return self.network.placed(vectors, [self.offsets[0]] * PREFIX + self.offsets, 0)

    def _through(self, x: np.ndarray) -> np.ndarray:
        """Return what leaves the last layer for new positions, and remember them."""
        for layer, (keys, values) in zip(self.network.layers, self.cache, strict=True):
            x = layer.attention_norm(x + layer.out(self._attend(layer, keys, values, x)))
            x = layer.hidden_norm(x + layer.down(np.maximum(layer.up(x), 0.0)))
        self.filled += len(x)
        return x

    def _attend(self, layer: _Layer, keys: np.ndarray, values: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Return what new positions read from all up to themselves, and remember their keys and values."""
        sizes, start, end = self.network.sizes, self.filled, self.filled + len(x)
        query, key, value = layer.qkv(x).reshape(len(x), 3, sizes.heads, sizes.depth).transpose(1, 2, 0, 3)
        keys[:, start:end], values[:, start:end] = key, value
        relative = layer.relative[-end:].T
        mixed = np.empty((len(x), sizes.heads, sizes.depth), dtype=np.float32)
        later = np.triu(np.ones((end, end), dtype=bool), 1) if start == 0 else None
        for head in range(sizes.heads):
            heat = query[head] @ keys[head, :end].T
            by_distance = query[head] @ relative
            heat += by_distance if start else skew(by_distance)
            if later is not None:
                heat[later] = -np.inf
            heat -= heat.max(axis=1, keepdims=True)
            chances = np.exp(heat, out=heat)
            mixed[:, head] = chances @ values[head, :end] / chances.sum(axis=1, keepdims=True)
        return mixed.reshape(len(x), sizes.width)


def skew(by_distance: np.ndarray) -> np.ndarray:
    """Return products of queries and distances as products of queries and keys.

    Arguments:
        by_distance: Shape (n, n), the last column for distance 0, the one before it for the key before.

    Returns:
        Shape (n, n); what lies above the diagonal means nothing.
    """
    n = len(by_distance)
    return np.pad(by_distance, ((0, 0), (1, 0))).reshape(n + 1, n)[1:]


def instruments_token(count: int) -> int:
    """Return the token for so many instruments: more from three on."""
    return tok.MORE_INSTRUMENTS if count >= 3 else tok.LESS_INSTRUMENTS


def _two(inner: _Linear, outer: _Linear, x: np.ndarray) -> np.ndarray:
    return outer(np.maximum(inner(x), 0.0))
