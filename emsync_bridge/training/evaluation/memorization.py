"""Memorisation of training data: the longest run of events that a piece shares with the training set."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from emsync_bridge.music.tokenizer import vocabulary as tok

MAX_RUN = 512
"""Events beyond which a run is not followed."""

_FIRST = 8

_KEPT = 6
"""Lengths whose runs are kept at hand, at 8 bytes an event each."""

_BASE = np.uint64(0x9E3779B97F4A7C15)


class NgramIndex:
    """All runs of events of a training set.

    Loudness does not count. Runs are told apart by a polynomial hash modulo 2^64 (Karp and Rabin 1987) of random values
    of the tokens, so that every run of any length costs one multiplication.

    Arguments:
        tokens: The training set, pieces one after the other.
        seed: Seed of the values.
    """

    def __init__(self, tokens: np.ndarray, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.values = rng.integers(0, 2**64, tok.VOCABULARY, dtype=np.uint64)
        self.tokens = without_loudness(tokens)
        self.sums, self.inverse = self._prepared(self.tokens)
        self.sorted: dict[int, np.ndarray] = {}

    def longest_shared(self, tokens: Sequence[int]) -> int:
        """Return the length of the longest run of a piece that occurs anywhere in the training set."""
        own = without_loudness(np.array(tokens, dtype=np.int64))
        sums, inverse = self._prepared(own)
        limit = min(len(own), MAX_RUN)
        low, high = 0, limit
        reach = _FIRST
        while reach <= limit and self._shared(
            sums, inverse, reach
        ):  # a shared run holds shared runs of any less length
            low, reach = reach, 2 * reach
        high = min(high, reach - 1)
        while low < high:
            middle = (low + high + 1) // 2
            if self._shared(sums, inverse, middle):
                low = middle
            else:
                high = middle - 1
        return low

    def _shared(self, sums: np.ndarray, inverse: np.ndarray, length: int) -> bool:
        mine, known = _hashes(sums, inverse, length), self._known(length)
        place = np.searchsorted(known, mine)
        return bool((known[np.minimum(place, len(known) - 1)] == mine).any())

    def _known(self, length: int) -> np.ndarray:
        if length not in self.sorted:
            if len(self.sorted) >= _KEPT:
                self.sorted.pop(max(self.sorted))
            self.sorted[length] = np.sort(_hashes(self.sums, self.inverse, length))
        return self.sorted[length]

    def _prepared(self, tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        with np.errstate(over="ignore"):
            powers = np.cumprod(np.full(len(tokens), _BASE), dtype=np.uint64)
            inverse = np.cumprod(np.full(len(tokens), _inverse(int(_BASE)), dtype=np.uint64), dtype=np.uint64)
            sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(self.values[tokens] * powers, dtype=np.uint64)])
        return sums, inverse


def without_loudness(tokens: np.ndarray) -> np.ndarray:
    """Return the tokens of a sequence that are not VELOCITY."""
    kept: np.ndarray = tokens[(tokens < tok.VELOCITY_0) | (tokens >= tok.ON_0)].astype(np.int64)
    return kept


def _hashes(sums: np.ndarray, inverse: np.ndarray, length: int) -> np.ndarray:
    with np.errstate(over="ignore"):
        found: np.ndarray = (sums[length:] - sums[:-length]) * inverse[: len(sums) - length]
    return found


def _inverse(odd: int) -> int:
    return pow(odd, -1, 2**64)
