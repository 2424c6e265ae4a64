"""Running the generator one token at a time, with a key-value cache that slides."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from emsync_bridge.music.model import Block, Generator, rotations

_TABLE = 4096  # rotary angles are worked out for so many positions at a time


class Decoder:
    """One piece in the making: scores of the next token from the last one and all that is remembered.

    The network looks back on ``context`` positions. The cache holds twice as many, so that the window moves to its
    front once in ``context`` steps; rotary positions only count distances, so that nothing in it goes stale.

    Arguments:
        generator: The network, in evaluation mode.
    """

    def __init__(self, generator: Generator) -> None:
        config = generator.config
        self.generator = generator
        self.context = config.context
        shape = (config.layers, 2, 1, config.heads, 2 * config.context, config.width // config.heads)
        self.cache = torch.zeros(shape)
        self.filled = 0
        self.position = 0
        self.table = torch.empty(0)

    @torch.inference_mode()
    def step(self, token: int, scalars: np.ndarray, place: np.ndarray) -> np.ndarray:
        """Return the scores of the token after this one.

        Arguments:
            token: The latest token.
            scalars: Its scalar conditions, shape (``conditions.SCALARS``,).
            place: Its place in the bar, shape (3,).

        Returns:
            Scores, shape (vocabulary,).
        """
        if self.filled == self.cache.shape[4]:
            keep = self.context - 1
            self.cache[..., :keep, :] = self.cache[..., -keep:, :].clone()
            self.filled = keep
        x = self.generator.embed(
            torch.tensor([[token]]), torch.from_numpy(scalars)[None, None], torch.from_numpy(place).long()[None, None]
        )
        rotation = self._rotation()
        span = slice(max(0, self.filled + 1 - self.context), self.filled + 1)
        for layer, block in enumerate(self.generator.blocks):
            assert isinstance(block, Block)  # noqa: S101  narrows nn.Module for the type checker
            x = x + self._attend(block, layer, x, rotation, span)
            x = block.feed(x)
        self.filled += 1
        self.position += 1
        scores: np.ndarray = self.generator.score(x)[0, 0].numpy()
        return scores

    def _attend(self, block: Block, layer: int, x: Tensor, rotation: Tensor, span: slice) -> Tensor:
        q, k, v = block.attention.project(block.attention_norm(x), rotation)
        keys, values = self.cache[layer]
        keys[:, :, self.filled], values[:, :, self.filled] = k[:, :, 0], v[:, :, 0]
        mixed = functional.scaled_dot_product_attention(q, keys[:, :, span], values[:, :, span])
        read: Tensor = block.attention.out(mixed.transpose(1, 2).flatten(2))
        return read

    def _rotation(self) -> Tensor:
        offset = self.position % _TABLE
        if offset == 0:
            positions = torch.arange(self.position, self.position + _TABLE)
            self.table = rotations(positions, self.generator.config)
        return self.table[:, offset : offset + 1]
