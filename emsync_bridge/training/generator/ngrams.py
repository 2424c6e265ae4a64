"""An n-gram model of event tokens: what counting alone foretells of music that was not counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emsync_bridge.music.tokenizer.vocabulary import VOCABULARY

ORDER = 5
"""Tokens of the longest run that is counted."""

_DISCOUNT = 0.75
_BASE = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class _Counts:
    """Counts of runs of one length.

    Arguments:
        runs: Hashes of runs, sorted.
        times: Number of times that each comes.
        contexts: Hashes of the runs without their last token, sorted.
        total: Number of times that each context comes.
        kinds: Number of tokens that follow each context.
    """

    runs: np.ndarray
    times: np.ndarray
    contexts: np.ndarray
    total: np.ndarray
    kinds: np.ndarray


class NgramModel:
    """Interpolated absolute discounting (Ney, Essen & Kneser 1994) over runs of up to ``ORDER`` tokens.

    Runs are told apart by a hash of 64 bits.

    Arguments:
        tokens: Tokens that are counted, shape (n,).
        order: Tokens of the longest run.
    """

    def __init__(self, tokens: np.ndarray, order: int = ORDER) -> None:
        counted = np.asarray(tokens, dtype=np.int64)
        single = np.bincount(counted, minlength=VOCABULARY) + 1.0
        self.single = single / single.sum()
        self.counts = [_counted(counted, length) for length in range(2, order + 1)]

    def nats(self, tokens: np.ndarray) -> np.ndarray:
        """Return the nats that each token after the first costs, shape (n - 1,).

        Arguments:
            tokens: Event tokens, shape (n,).
        """
        heard = np.asarray(tokens, dtype=np.int64)
        chances = self.single[heard]
        for length, counts in enumerate(self.counts, start=2):
            whole, context = _hashes(heard, length), _hashes(heard, length - 1)[:-1]
            total = _found(counts.contexts, counts.total, context)
            kinds = _found(counts.contexts, counts.kinds, context)
            times = _found(counts.runs, counts.times, whole)
            shorter = chances[length - 1 :]
            mixed = (np.maximum(times - _DISCOUNT, 0.0) + _DISCOUNT * kinds * shorter) / np.maximum(total, 1)
            chances = np.concatenate([chances[: length - 1], np.where(total > 0, mixed, shorter)])
        found: np.ndarray = -np.log(chances[1:])
        return found


def _counted(tokens: np.ndarray, length: int) -> _Counts:
    runs, first, times = np.unique(_hashes(tokens, length), return_index=True, return_counts=True)
    before = _hashes(tokens, length - 1)[:-1][first]
    contexts, place, kinds = np.unique(before, return_inverse=True, return_counts=True)
    return _Counts(runs, times, contexts, np.bincount(place, weights=times), kinds)


def _hashes(tokens: np.ndarray, length: int) -> np.ndarray:
    """Return a hash of each run of some length, shape (n - length + 1,)."""
    count = max(0, len(tokens) - length + 1)
    found = np.zeros(count, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for step in range(length):
            found = (found ^ (tokens[step : step + count].astype(np.uint64) + np.uint64(1))) * _BASE
            found ^= found >> np.uint64(29)
    return found


def _found(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the values of some keys; 0 for those that are not there."""
    if not len(keys):
        return np.zeros(len(wanted))
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    found: np.ndarray = np.where(keys[place] == wanted, values[place], 0).astype(np.float64)
    return found
