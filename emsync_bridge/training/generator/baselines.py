"""Baselines of the token loss: models without a network."""

from __future__ import annotations

import numpy as np

from emsync_bridge.music.tokenizer.vocabulary import VOCABULARY
from emsync_bridge.training.corpus.dataset import Split

_DISCOUNT = 0.5  # absolute discounting, Ney, Essen & Kneser 1994


def unigram_loss(train: Split, heldout: Split) -> float:
    """Return nats per token when each is predicted by how often it comes (add-one smoothing)."""
    counts = np.bincount(train.tokens, minlength=VOCABULARY) + 1.0
    return float(-np.log(counts / counts.sum())[np.asarray(heldout.tokens)].mean())


def bigram_loss(train: Split, heldout: Split) -> float:
    """Return nats per token when each is predicted by the one before it, backing off to the unigram."""
    counts = np.bincount(train.tokens, minlength=VOCABULARY) + 1.0
    unigram = counts / counts.sum()
    tokens = np.asarray(train.tokens, dtype=np.int64)
    pairs = np.bincount(tokens[:-1] * VOCABULARY + tokens[1:], minlength=VOCABULARY**2)
    table = pairs.reshape(VOCABULARY, VOCABULARY).astype(np.float64)
    seen = table.sum(axis=1, keepdims=True)
    spared = _DISCOUNT * (table > 0).sum(axis=1, keepdims=True)
    chances = np.where(
        seen > 0,
        (np.maximum(table - _DISCOUNT, 0) + spared * unigram) / np.maximum(seen, 1),
        unigram,
    )
    follow = np.asarray(heldout.tokens, dtype=np.int64)
    return float(-np.log(chances[follow[:-1], follow[1:]]).mean())
