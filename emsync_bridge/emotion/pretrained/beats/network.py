"""BEATs (Chen et al. 2023, arXiv 2212.09058) as functions of its weights, from sound to tokens and classes.

Written from the published description and the names and shapes of the published weights (github.com/microsoft/unilm,
beats, MIT): a spectrogram of 128 mel bands in patches, a Transformer with DeepNorm (Wang et al. 2022, arXiv 2203.00555)
and a gated bias of relative position (Chi et al. 2022, arXiv 2106.16138), and one linear layer over its tokens.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from emsync_bridge.emotion.pretrained.beats.sizes import BeatsSizes

RATE = 16_000

MEL_BANDS = 128

FRAME, STEP = 400, 160
"""Samples of a frame of the spectrogram, and from one to the next: 25 and 10 ms."""

SPECTRUM = 512
"""Samples that a spectrum is computed of: a frame, filled with zeros."""

SPECTROGRAM_MEAN, SPECTROGRAM_DEVIATION = 15.41663, 6.55582
"""Mean and deviation of the log spectrogram over AudioSet; twice the deviation is divided by, as in training."""


class Beats:
    """A BEATs network, ready to listen.

    Arguments:
        sizes: Its sizes.
        weights: Tensors by their published names, of ``shapes_of``.
    """

    def __init__(self, sizes: BeatsSizes, weights: Mapping[str, Tensor]) -> None:
        self.sizes = sizes
        self._weights = dict(weights)
        first = next(iter(self._weights.values()))
        self.device, self.dtype = first.device, first.dtype

    def __call__(self, spectrogram: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the tokens of sounds, and the probability of each class where it tells classes.

        Arguments:
            spectrogram: Spectrograms of (sounds, frames, bands), as ``spectrogram`` gives them; a rest of a patch is
                not heard.

        Returns:
            Tokens of (sounds, tokens, width), those of one moment after each other from low bands to high; and
            probabilities of (sounds, classes).
        """
        patches = functional.conv2d(
            spectrogram[:, None], self._weights["patch_embedding.weight"], stride=self.sizes.patch
        )
        x = self._norm(patches.flatten(2).transpose(1, 2), "layer_norm")
        if self.sizes.embedding != self.sizes.width:
            x = self._linear(x, "post_extract_proj")
        x = self._norm(x + self._positions(x), "encoder.layer_norm")
        bias = self._relative_bias(x.shape[1])
        residual = (2 * self.sizes.layers) ** 0.25  # DeepNorm's alpha for an encoder of so many layers
        for layer in (f"encoder.layers.{i}" for i in range(self.sizes.layers)):
            x = self._norm(residual * x + self._attention(x, bias, layer), f"{layer}.self_attn_layer_norm")
            inner = functional.gelu(self._linear(x, f"{layer}.fc1"))
            x = self._norm(residual * x + self._linear(inner, f"{layer}.fc2"), f"{layer}.final_layer_norm")
        if not self.sizes.classes:
            return x, None
        return x, self._linear(x, "predictor").mean(dim=1).sigmoid()

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return functional.linear(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _norm(self, x: Tensor, name: str) -> Tensor:
        return functional.layer_norm(x, x.shape[-1:], self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _positions(self, x: Tensor) -> Tensor:
        """Return what a convolution over neighbours tells of each token's position."""
        direction = self._weights["encoder.pos_conv.0.weight_v"]
        length = direction.norm(dim=(0, 1), keepdim=True)
        kernel = self._weights["encoder.pos_conv.0.weight_g"] * direction / length
        told = functional.conv1d(
            x.transpose(1, 2),
            kernel,
            self._weights["encoder.pos_conv.0.bias"],
            padding=self.sizes.position_span // 2,
            groups=self.sizes.position_groups,
        )
        return functional.gelu(told[..., : x.shape[1]].transpose(1, 2))  # an even kernel gives one too many

    def _relative_bias(self, tokens: int) -> Tensor:
        """Return the bias of (heads, tokens, tokens) of the distance from the first index to the second."""
        places = torch.arange(tokens, device=self.device)
        distance = places[None, :] - places[:, None]
        table = self._weights["encoder.layers.0.self_attn.relative_attention_bias.weight"]
        return table[buckets(distance, self.sizes.buckets, self.sizes.farthest)].permute(2, 0, 1)

    def _attention(self, x: Tensor, bias: Tensor, layer: str) -> Tensor:
        query, key, value = (
            self._linear(x, f"{layer}.self_attn.{name}_proj").view(*x.shape[:2], self.sizes.heads, -1).transpose(1, 2)
            for name in ("q", "k", "v")
        )
        gates = self._linear(query, f"{layer}.self_attn.grep_linear")
        gates = gates.reshape(*gates.shape[:-1], 2, -1).sum(dim=-1).sigmoid()
        update, reset = gates[..., :1], gates[..., 1:]
        gated = (update * (reset * self._weights[f"{layer}.self_attn.grep_a"] - 1) + 2) * bias
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=gated)
        return self._linear(mixed.transpose(1, 2).flatten(2), f"{layer}.self_attn.out_proj")


def buckets(distance: Tensor, count: int, farthest: int) -> Tensor:
    """Return the bucket of each relative position: half of them for each direction, exact near by, logarithmic farther.

    As in T5 (Raffel et al. 2020, arXiv 1910.10683).

    Arguments:
        distance: Whole numbers, negative for what comes before.
        count: Number of buckets.
        farthest: Distance from which all share the last one.
    """
    half = count // 2
    exact = half // 2
    size = distance.abs()
    scale = torch.log(size.clamp(min=1).float() / exact) / math.log(farthest / exact)
    far = (exact + (scale * (half - exact)).long()).clamp(max=half - 1)
    return torch.where(size < exact, size, far) + (distance > 0).long() * half


def spectrogram(sounds: Sequence[NDArray[Any]]) -> Tensor:
    """Return spectrograms as the network was trained on: Kaldi's filter bank of 128 mel bands, scaled.

    Arguments:
        sounds: Sounds of equal length, at least a frame, at 16 kHz with full scale 1.

    Returns:
        Of (sounds, frames, bands).
    """
    from transformers import audio_utils

    made = [
        audio_utils.spectrogram(
            np.asarray(sound, np.float64) * 2**15,  # Kaldi counts in 16-bit steps
            audio_utils.window_function(FRAME, "povey", periodic=False),
            frame_length=FRAME,
            hop_length=STEP,
            fft_length=SPECTRUM,
            power=2.0,
            center=False,
            preemphasis=0.97,
            mel_filters=_mel_filters(),
            log_mel="log",
            mel_floor=np.finfo(np.float32).eps,
            remove_dc_offset=True,
        ).T
        for sound in sounds
    ]
    scaled = (np.stack(made) - SPECTROGRAM_MEAN) / (2 * SPECTROGRAM_DEVIATION)
    return torch.from_numpy(scaled.astype(np.float32))


@lru_cache(maxsize=1)
def _mel_filters() -> NDArray[Any]:
    from transformers.audio_utils import mel_filter_bank

    made: NDArray[Any] = mel_filter_bank(
        num_frequency_bins=SPECTRUM // 2 + 1,
        num_mel_filters=MEL_BANDS,
        min_frequency=20,
        max_frequency=RATE // 2,
        sampling_rate=RATE,
        mel_scale="kaldi",
        triangularize_in_mel_space=True,
    )
    return made
