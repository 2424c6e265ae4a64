"""Batches of excerpts in a fixed order, drawn ahead by processes of their own where the network would wait for them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
from torch.utils.data import DataLoader, Dataset

from emsync_bridge.training.generator.excerpts import ExcerptBatch, Excerpts


class _Draws(Dataset[ExcerptBatch]):
    def __init__(self, excerpts: Excerpts, batch: int, key: tuple[int, ...]) -> None:
        self._excerpts, self._batch, self._key = excerpts, batch, key

    def __getitem__(self, index: int) -> ExcerptBatch:
        return self._excerpts.draw(self._batch, np.random.default_rng((*self._key, index)))


def feed(
    excerpts: Excerpts, batch: int, *, seed: int, rank: int = 0, first: int = 0, workers: int = 0
) -> Iterator[ExcerptBatch]:
    """Yield batches for ever; what comes at a place depends on seed, rank and place alone.

    Arguments:
        excerpts: Excerpts that they are drawn from.
        batch: Excerpts in each.
        seed: Seed of the run.
        rank: Rank of the process among those that train together.
        first: Number of the first batch, for a run that is continued.
        workers: Processes that draw ahead; 0 draws here and now.
    """
    places: Any = count(first)
    yield from DataLoader(
        _Draws(excerpts, batch, (seed, rank)), batch_size=None, sampler=places, num_workers=workers, collate_fn=None
    )
