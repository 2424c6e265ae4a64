"""The trained head's network in torch: the one that ``emotion.fusion.head`` runs in NumPy, with dropout."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from emsync_bridge.emotion.fusion.head import PERIODS
from emsync_bridge.emotion.fusion.head_file import HeadSheet


class CrossAttentionBlock(nn.Module):
    """Attention to a context and a small network, each on normalised input and added to what was there."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm, self.context, self.middle = (nn.LayerNorm(width) for _ in range(3))
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, context: Tensor, known: Tensor) -> Tensor:
        """Return the tokens.

        Arguments:
            x: Tokens of (clips, tokens, width).
            context: Tokens that they attend to, (clips, others, width).
            known: Mask of the others that are there, (clips, others).
        """
        near, far = self.norm(x), self.context(context)
        query, key, value = (
            layer(source).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for layer, source in ((self.query, near), (self.key, far), (self.value, far))
        )
        # a modality that is missing has nothing to attend to; its result is masked later
        mask = known | ~known.any(dim=1, keepdim=True)
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
        x = x + self.drop(self.out(mixed.transpose(1, 2).flatten(2)))
        added: Tensor = self.drop(self.down(torch.relu(self.up(self.middle(x)))))
        return x + added


class HeadNetwork(nn.Module):
    """Temporal attention for each modality, cross-attention of learned queries over all, and linear outputs.

    Arguments:
        sheet: Sheet of the head: what it looks at and tells.
        dropout: Dropout of tokens' parts and of what blocks add.
    """

    def __init__(self, sheet: HeadSheet, dropout: float) -> None:
        super().__init__()
        d = sheet.width
        self.names = [modality.name for modality in sheet.modalities]
        self.project = nn.ModuleDict({m.name: nn.Linear(m.columns, d) for m in sheet.modalities})
        self.modality = nn.ParameterDict({name: nn.Parameter(torch.randn(d) * 0.1) for name in self.names})
        self.temporal = nn.ModuleDict({name: CrossAttentionBlock(d, sheet.heads, dropout) for name in self.names})
        self.time = nn.Linear(2 * len(PERIODS), d)
        self.queries = nn.Parameter(torch.randn(sheet.queries, d) / math.sqrt(d))
        self.fusion = CrossAttentionBlock(d, sheet.heads, dropout)
        self.last = nn.LayerNorm(d)
        self.classes = nn.Linear(sheet.queries * d, len(sheet.labels)) if sheet.labels else None
        self.affect = nn.Linear(sheet.queries * d, 4) if sheet.affect else None
        self.drop = nn.Dropout(dropout)
        self.register_buffer("periods", torch.from_numpy(PERIODS), persistent=False)

    def forward(
        self, values: dict[str, Tensor], times: dict[str, Tensor], known: dict[str, Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Return logits of (clips, labels), and valence, arousal and log variances of (clips, 4).

        Arguments:
            values: Standardised features by modality, (clips, tokens, columns).
            times: Seconds by modality, (clips, tokens).
            known: Mask of the tokens that are there by modality, (clips, tokens).
        """
        periods: Tensor = self.get_buffer("periods")
        seen = []
        for name in self.names:
            angles = 2 * math.pi * times[name].unsqueeze(-1) / periods
            place = self.time(torch.cat([angles.sin(), angles.cos()], dim=-1))
            x = self.project[name](self.drop(values[name])) + place + self.modality[name]
            seen.append(self.temporal[name](x, x, known[name]))
        context, there = torch.cat(seen, dim=1), torch.cat([known[name] for name in self.names], dim=1)
        queries = self.queries.expand(len(context), -1, -1)
        summary = self.last(self.fusion(queries, context, there)).flatten(1)
        logits = self.classes(summary) if self.classes is not None else summary.new_zeros(len(summary), 0)
        return logits, self.affect(summary) if self.affect is not None else summary.new_zeros(len(summary), 4)

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """Return the weights under the names that the head's file gives them."""
        return {name: tensor.detach().cpu().numpy().astype(np.float32) for name, tensor in self.state_dict().items()}
