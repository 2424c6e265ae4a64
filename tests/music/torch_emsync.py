"""EMSYNC's network as a textbook would write it in PyTorch: whole windows, no cache; and files of weights like its."""

import math

import torch
from torch import nn

from emsync_bridge.music.emsync_original.config import Conventions, OriginalConfig
from emsync_bridge.music.emsync_original.tensor_names import match_tensors, shapes

TINY = OriginalConfig(layers=2, width=32, heads=4, hidden=48, context=40)


class RelativeAttention(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.heads = sizes.heads
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            setattr(self, name, nn.Linear(sizes.width, sizes.width))
        self.Er = nn.Parameter(torch.randn(sizes.context, sizes.depth))
        self.register_buffer("mask", torch.tril(torch.ones(sizes.context, sizes.context)))

    def forward(self, x):
        length, width = x.shape
        q, k, v = (
            layer(x).view(length, self.heads, -1).transpose(0, 1) for layer in (self.q_proj, self.k_proj, self.v_proj)
        )
        by_distance = torch.einsum("hqd,rd->hqr", q, self.Er[-length:])
        padded = torch.cat([torch.zeros(self.heads, length, 1), by_distance], dim=2)
        relative = padded.reshape(self.heads, length + 1, length)[:, 1:]
        heat = (q @ k.transpose(1, 2) + relative) / math.sqrt(width // self.heads)
        heat = heat.masked_fill(self.mask[:length, :length] == 0, float("-inf"))
        mixed = torch.softmax(heat, dim=2) @ v
        return self.out_proj(mixed.transpose(0, 1).reshape(length, width))


class Block(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.self_attn = RelativeAttention(sizes)
        self.linear1, self.linear2 = nn.Linear(sizes.width, sizes.hidden), nn.Linear(sizes.hidden, sizes.width)
        self.norm1, self.norm2 = nn.LayerNorm(sizes.width), nn.LayerNorm(sizes.width)

    def forward(self, x):
        x = self.norm1(x + self.self_attn(x))
        return self.norm2(x + self.linear2(torch.relu(self.linear1(x))))


def two(first, inner, last):
    return nn.Sequential(nn.Linear(first, inner), nn.ReLU(), nn.Linear(inner, last))


class Emsync(nn.Module):
    """The network as its authors describe it, with either reading of what they leave open."""

    def __init__(self, sizes=TINY, conventions=None):
        super().__init__()
        self.conventions = conventions or Conventions()
        self.sizes = sizes
        d = sizes.width
        self.embedding = nn.Embedding(sizes.vocabulary, d)
        self.pos_embedding = nn.Embedding(sizes.context, d // 2)
        self.chord_offset = two(1, d // 4, d // 2)
        self.valence, self.arousal = two(1, d // 2, d), two(1, d // 2, d)
        self.missing_valence, self.missing_arousal = nn.Parameter(torch.randn(d)), nn.Parameter(torch.randn(d))
        self.layers = nn.ModuleList(Block(sizes) for _ in range(sizes.layers))
        self.fc_out = nn.Linear(d, sizes.vocabulary)

    def forward(self, tokens, offsets, affect, instruments):
        """Return the scores after every token of a window; ``affect`` holds numbers or None."""
        missing = (self.missing_valence, self.missing_arousal)
        prefix = [
            empty if value is None else network(torch.tensor([value]))
            for network, value, empty in zip((self.valence, self.arousal), affect, missing, strict=True)
        ]
        music = self.embedding(torch.tensor([instruments, *tokens])) * math.sqrt(self.sizes.width)
        scale = math.sqrt(self.sizes.width) if self.conventions.scaled_prefix else 1.0
        x = torch.cat([torch.stack(prefix) * scale, music])
        seconds = torch.tensor([offsets[0]] * 3 + list(offsets)).clamp(0, 8)
        told = self.chord_offset(8 - seconds[:, None])
        parts = [told, self.pos_embedding(torch.arange(len(x)))]
        x = x + torch.cat(parts if self.conventions.offset_first else parts[::-1], dim=1)
        for layer in self.layers:
            x = layer(x)
        return self.fc_out(x)[3:]


def network(sizes=TINY, seed=3):
    """Return an untrained network, far enough from zero that a mistake shows."""
    torch.manual_seed(seed)
    made = Emsync(sizes).eval()
    with torch.no_grad():
        for weight in made.parameters():
            weight.copy_(torch.randn_like(weight) * (0.3 if weight.dim() > 1 else 0.5))
    return made


def ours(made):
    """Return the weights of a network by our names."""
    weights = {name: weight.numpy() for name, weight in made.state_dict().items()}
    places = match_tensors({name: weight.shape for name, weight in weights.items()}, made.sizes)
    return {
        name: weights[theirs].reshape(-1, *shape)[part]
        for name, shape in shapes(made.sizes).items()
        for theirs, part in [places[name]]
    }


def renamed(weights, *pairs):
    """Return weights with parts of their names replaced."""
    for old, new in pairs:
        weights = {name.replace(old, new): weight for name, weight in weights.items()}
    return weights
