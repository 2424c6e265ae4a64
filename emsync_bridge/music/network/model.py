"""The generator: a decoder-only transformer over event tokens with conditions at every position.

Pre-norm blocks with rotary positions (Su et al. 2021), so that only distances between tokens count and a cache stays
valid while the window slides. Conditions are added to the token embedding at their own position (EMSYNC adds its
boundary offset there and puts valence and arousal in front), so that a change of mood leaves the past as it was.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from emsync_bridge.music.network.config import ModelConfig
from emsync_bridge.music.tokenizer import conditions as cond
from emsync_bridge.music.tokenizer.vocabulary import PAD


class Attention(nn.Module):
    """Causal self-attention with rotary positions and normalised queries and keys."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.qkv = nn.Linear(config.width, 3 * config.width, bias=False)
        self.out = nn.Linear(config.width, config.width, bias=False)
        self.query_norm = nn.RMSNorm(config.width // config.heads, eps=1e-6)
        self.key_norm = nn.RMSNorm(config.width // config.heads, eps=1e-6)

    def project(self, x: Tensor, rotation: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return rotated queries and keys, and values, each (batch, heads, positions, head width)."""
        batch, positions, width = x.shape
        q, k, v = self.qkv(x).view(batch, positions, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        return rotate(self.query_norm(q), rotation), rotate(self.key_norm(k), rotation), v

    def forward(self, x: Tensor, rotation: Tensor) -> Tensor:
        """Return the mixture that each position reads from those before it and itself."""
        q, k, v = self.project(x, rotation)
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        read: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return read


class Block(nn.Module):
    """Attention, then a feed-forward layer (squared ReLU, So et al. 2021), each behind a norm, with a shortcut."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.attention_norm = nn.RMSNorm(config.width, eps=1e-6)
        self.attention = Attention(config)
        self.hidden_norm = nn.RMSNorm(config.width, eps=1e-6)
        self.up = nn.Linear(config.width, config.hidden, bias=False)
        self.down = nn.Linear(config.hidden, config.width, bias=False)
        self.dropout = nn.Dropout(config.dropout)

    def feed(self, x: Tensor) -> Tensor:
        """Return ``x`` plus its feed-forward answer."""
        fed: Tensor = x + self.dropout(self.down(functional.relu(self.up(self.hidden_norm(x))).square()))
        return fed

    def forward(self, x: Tensor, rotation: Tensor) -> Tensor:
        """Return the positions after one block."""
        x = x + self.dropout(self.attention(self.attention_norm(x), rotation))
        return self.feed(x)


class ConditionEmbedding(nn.Module):
    """One vector per position from the scalar conditions and the place in the bar."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.inner = nn.Linear(config.scalars, config.width // 2)
        self.outer = nn.Linear(config.width // 2, config.width)
        self.beat = nn.Embedding(cond.BEATS, config.width)
        self.tick = nn.Embedding(cond.TICKS, config.width)
        self.beats_left = nn.Embedding(cond.BEATS, config.width)

    def forward(self, scalars: Tensor, place: Tensor) -> Tensor:
        """Return the vectors to add to the token embedding."""
        scalar = self.outer(functional.gelu(self.inner(scalars)))
        metrical = self.beat(place[..., cond.BEAT]) + self.tick(place[..., cond.TICK])
        summed: Tensor = scalar + metrical + self.beats_left(place[..., cond.BEATS_LEFT])
        return summed


class GeneratorNetwork(nn.Module):
    """Scores for the next event token, given all before it and what is known of the moment."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.tokens = nn.Embedding(config.vocabulary, config.width, padding_idx=PAD)
        self.conditions = ConditionEmbedding(config)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = nn.RMSNorm(config.width, eps=1e-6)
        self.apply(self._start)
        for name, weight in self.named_parameters():
            if name.endswith(("out.weight", "down.weight")):
                nn.init.normal_(weight, std=0.02 / (2 * config.layers) ** 0.5)

    def embed(self, tokens: Tensor, scalars: Tensor, place: Tensor) -> Tensor:
        """Return what enters the first block; the embedding is scaled because it is tied to the output."""
        scale: float = self.config.width**0.5
        entering: Tensor = self.tokens(tokens) * scale + self.conditions(scalars, place)
        return entering

    def score(self, x: Tensor) -> Tensor:
        """Return token scores (batch, positions, vocabulary) from the last block's output."""
        return functional.linear(self.norm(x), self.tokens.weight)

    def forward(self, tokens: Tensor, scalars: Tensor, place: Tensor) -> Tensor:
        """Return scores of the token after each position.

        Arguments:
            tokens: (batch, positions) integers.
            scalars: (batch, positions, scalars) as ``conditions`` names its columns.
            place: (batch, positions, 3) integers as ``conditions.place_in_bar`` returns them.
        """
        x = self.dropout(self.embed(tokens, scalars, place))
        rotation = rotations(torch.arange(tokens.shape[1], device=x.device), self.config).to(x.dtype)
        for block in self.blocks:
            x = block(x, rotation)
        return self.score(x)

    def weights(self) -> dict[str, np.ndarray]:
        """Return all weights by name, as checkpoints hold them."""
        return {name: weight.detach().to("cpu", torch.float32).numpy() for name, weight in self.state_dict().items()}

    @classmethod
    def of(cls, config: ModelConfig, weights: Mapping[str, np.ndarray]) -> GeneratorNetwork:
        """Return the network with the weights of a checkpoint."""
        network = cls(config)
        network.load_state_dict({name: torch.from_numpy(weight.copy()) for name, weight in weights.items()})
        return network

    @staticmethod
    def _start(module: nn.Module) -> None:
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)


def rotations(positions: Tensor, config: ModelConfig) -> Tensor:
    """Return cosines and sines of the rotary angles, shape (2, positions, head width / 2)."""
    half = config.width // config.heads // 2
    frequencies = 10_000.0 ** (-torch.arange(half, device=positions.device, dtype=torch.float64) / half)
    angles = positions.to(torch.float64)[:, None] * frequencies
    return torch.stack([angles.cos(), angles.sin()]).to(torch.float32)


def rotate(x: Tensor, rotation: Tensor) -> Tensor:
    """Turn each pair of values (i, i + half) of ``x`` by its position's angle."""
    first, second = x.chunk(2, dim=-1)
    cos, sin = rotation[0], rotation[1]
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)
