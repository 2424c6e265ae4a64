"""Conversion of the two face networks of the package @vladmandic/face-api to ONNX.

The package (MIT; Vladimir Mandic 2020-2025, after face-api.js by Vincent Muehler, MIT) holds weights in 8 bits for
TensorFlow.js: a detector of faces, a small relative of Tiny YOLO v2 with separable convolutions, and a classifier of
seven expressions. They are stored in 16 bits here, and widened when the file is read.

    npm pack @vladmandic/face-api
    python -m emsync_bridge.training.emotion.face_network --package FILE.tgz --out emsync_bridge/emotion/extractors
"""

from __future__ import annotations

import hashlib
import json
import tarfile
import zlib
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from emsync_bridge.emotion.extractors.face_networks import CROP, DETECTOR, EXPRESSION, EXPRESSIONS
from emsync_bridge.errors import CorpusError, EmsyncError
from emsync_bridge.files.atomic import publish, staging_folder

MODELS = ("tiny_face_detector_model", "face_expression_model")

MAX_BYTES = 4 * 2**20
"""Size of a member of the package above which it is not read."""

DETECTOR_SIDE = 416
"""Pixels of the side for which the detector's file is declared; the network takes any multiple of 32."""


class QuantizedTensor:
    """A tensor in 8 bits with its scale and offset, or in full precision.

    Arguments:
        values: The numbers as stored.
        scale: Value of a step of 8 bits; 1 in full precision.
        offset: Value of 0; 0 in full precision.
    """

    def __init__(self, values: NDArray[Any], scale: float = 1.0, offset: float = 0.0) -> None:
        self.values, self.scale, self.offset = values, scale, offset

    def reordered(self, *axes: int) -> QuantizedTensor:
        """Return the tensor with its axes in another order."""
        return QuantizedTensor(np.ascontiguousarray(self.values.transpose(axes)), self.scale, self.offset)

    def numbers(self) -> NDArray[np.float32]:
        """Return the numbers that the tensor stands for."""
        found: NDArray[np.float32] = (self.values.astype(np.float64) * self.scale + self.offset).astype(np.float32)
        return found


def read_package(path: Path) -> dict[str, dict[str, QuantizedTensor]]:
    """Return the tensors of both networks by name, from the package as npm gives it.

    Arguments:
        path: The ``.tgz`` file; nothing is unpacked to disk, and no code in it is run.

    Raises:
        CorpusError: It cannot be read, or a network is missing or damaged.
    """
    try:
        with tarfile.open(path, "r:gz") as package:
            return {name: _tensors(package, name) for name in MODELS}
    except (OSError, EOFError, zlib.error, tarfile.TarError, KeyError, ValueError, TypeError) as problem:
        raise CorpusError(
            f"The face networks cannot be read from this package: {problem or type(problem).__name__}",
            where=path,
            hint="Fetch it with: npm pack @vladmandic/face-api",
        ) from None


def _tensors(package: tarfile.TarFile, name: str) -> dict[str, QuantizedTensor]:
    manifest = json.loads(_member(package, f"package/model/{name}-weights_manifest.json"))
    content = _member(package, f"package/model/{name}.bin")
    found, place = {}, 0
    for entry in (entry for group in manifest for entry in group["weights"]):
        count = int(np.prod(entry["shape"]))
        quantization = entry.get("quantization")
        kind = np.dtype(np.uint8 if quantization else "<f4")
        values = np.frombuffer(content, kind, count, place).reshape(entry["shape"])
        place += count * kind.itemsize
        steps = (float(quantization["scale"]), float(quantization["min"])) if quantization else (1.0, 0.0)
        found[entry["name"]] = QuantizedTensor(values, *steps)
    if place != len(content):
        raise ValueError(f"{name}.bin holds {len(content)} bytes where {place} are declared")
    return found


def _member(package: tarfile.TarFile, name: str) -> bytes:
    info = package.getmember(name)
    file = package.extractfile(info)
    if file is None or info.size > MAX_BYTES:
        raise ValueError(f"{name} is not a file of usual size")
    return file.read()


class _Graph:
    """An ONNX graph in the making."""

    def __init__(self, tensors: dict[str, QuantizedTensor]) -> None:
        self._tensors = tensors
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._count = 0

    def node(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        """Add a node; return its output."""
        from onnx import helper

        self._count += 1
        out = f"{kind.lower()}{self._count}"
        self.nodes.append(helper.make_node(kind, inputs, [out], name=out, **attributes))
        return out

    def weight(self, name: str, *axes: int) -> str:
        """Add a tensor as the package has it, widened when the file is read; return its output."""
        tensor = self._tensors[name]
        if axes:
            tensor = tensor.reordered(*axes)
        # OpenCV before 5 misreads weights of 8 bits, and widens those of 16 as it should
        return self.node("Cast", [self.constant(f"{name}.half", tensor.numbers().astype(np.float16))], to=1)

    def constant(self, name: str, value: Any) -> str:
        """Add a constant; return its name."""
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def convolve(self, x: str, name: str, stride: int = 1) -> str:
        """Add a convolution with bias; return its output."""
        size = self._tensors[f"{name}/filters"].values.shape[0]
        inputs = [x, self.weight(f"{name}/filters", 3, 2, 0, 1), self.weight(f"{name}/bias")]
        return self.node("Conv", inputs, kernel_shape=[size, size], strides=[stride] * 2, pads=_pads(size, stride))

    def separable(self, x: str, name: str, stride: int = 1) -> str:
        """Add a depthwise and a pointwise convolution with bias; return their output."""
        channels = self._tensors[f"{name}/depthwise_filter"].values.shape[2]
        depthwise = [x, self.weight(f"{name}/depthwise_filter", 2, 3, 0, 1)]
        x = self.node(
            "Conv", depthwise, kernel_shape=[3, 3], strides=[stride] * 2, pads=_pads(3, stride), group=channels
        )
        pointwise = [x, self.weight(f"{name}/pointwise_filter", 3, 2, 0, 1), self.weight(f"{name}/bias")]
        return self.node("Conv", pointwise, kernel_shape=[1, 1])

    def file(self, name: str, sizes: tuple[list[int], list[int]]) -> bytes:
        """Return the graph as an ONNX file; its last node is the output.

        Arguments:
            name: Name of the graph.
            sizes: Shapes of the input ``picture`` and of the output.
        """
        from onnx import TensorProto, checker, helper

        last = self.nodes[-1].output[0]
        network = helper.make_model(
            helper.make_graph(
                self.nodes,
                name,
                [helper.make_tensor_value_info("picture", TensorProto.FLOAT, sizes[0])],
                [helper.make_tensor_value_info(last, TensorProto.FLOAT, sizes[1])],
                self.constants,
            ),
            # fixed, so that the file does not depend on the library's version
            opset_imports=[helper.make_opsetid("", 13)],
            ir_version=8,
            producer_name="emsync-bridge",
        )
        checker.check_model(network)
        content: bytes = network.SerializeToString(deterministic=True)
        return content


def _pads(size: int, stride: int) -> list[int]:
    """Return the padding ``SAME`` of TensorFlow for an even side, which puts the odd pixel at the far side."""
    return [0] * 4 if size == 1 else [1] * 4 if stride == 1 else [0, 0, 1, 1]


def convert_detector(tensors: dict[str, QuantizedTensor]) -> bytes:
    """Return the detector as an ONNX file.

    It takes a picture of (1, 3, 32 n, 32 m), red, green and blue less their means over 255, to (1, 25, n, m): for each
    of five anchors x, y, width, height and score before their sigmoid or exponential.

    Raises:
        CorpusError: A tensor is missing.
    """
    graph = _Graph(tensors)
    try:
        x = graph.node("LeakyRelu", [graph.convolve("picture", "conv0")], alpha=0.1)
        for stage in range(1, 6):
            x = graph.node("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2])
            x = graph.node("LeakyRelu", [graph.separable(x, f"conv{stage}")], alpha=0.1)
        x = graph.node("MaxPool", [x], kernel_shape=[2, 2], strides=[1, 1], pads=[0, 0, 1, 1])
        graph.convolve(x, "conv8")
    except KeyError as missing:
        raise CorpusError(f"The weights of the face detector lack {missing}") from None
    cells = DETECTOR_SIDE // 32
    return graph.file("face detector", ([1, 3, DETECTOR_SIDE, DETECTOR_SIDE], [1, 25, cells, cells]))


def convert_expression(tensors: dict[str, QuantizedTensor]) -> bytes:
    """Return the classifier of expressions as an ONNX file.

    It takes a face of (1, 3, CROP, CROP), red, green and blue less their means over 255, to probabilities of (1, 7).

    Raises:
        CorpusError: A tensor is missing.
    """
    graph = _Graph(tensors)
    x = "picture"
    try:
        for stage in range(4):
            name = f"dense{stage}"
            first = graph.separable if stage else graph.convolve
            one = graph.node("Relu", [first(x, f"{name}/conv0", 2)])
            two = graph.node("Add", [one, graph.separable(one, f"{name}/conv1")])
            three = graph.node("Add", [two, graph.separable(graph.node("Relu", [two]), f"{name}/conv2")])
            four = graph.separable(graph.node("Relu", [three]), f"{name}/conv3")
            x = graph.node("Relu", [graph.node("Add", [three, four])])
        x = graph.node("Flatten", [graph.node("GlobalAveragePool", [x])], axis=1)
        x = graph.node("Gemm", [x, graph.weight("fc/weights"), graph.weight("fc/bias")])
        graph.node("Softmax", [x], axis=1)
    except KeyError as missing:
        raise CorpusError(f"The weights of the expression classifier lack {missing}") from None
    return graph.file("face expression", ([1, 3, CROP, CROP], [1, len(EXPRESSIONS)]))


def make_face_networks(package: Path, out: Path) -> dict[str, str]:
    """Write both networks and their model card into a folder.

    Arguments:
        package: The package as npm gives it.
        out: Folder for the two ``.onnx`` files and ``face_networks.json``.

    Returns:
        SHA-256 by file name.

    Raises:
        CorpusError: The package cannot be read.
        OutputError: The files cannot be written.
    """
    tensors = read_package(package)
    contents = {
        DETECTOR.name: convert_detector(tensors[MODELS[0]]),
        EXPRESSION.name: convert_expression(tensors[MODELS[1]]),
    }
    marks = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    card = {
        "what": "A detector of faces and a classifier of seven facial expressions",
        "made_by": "python -m emsync_bridge.training.emotion.face_network",
        "from": f"tiny_face_detector_model and face_expression_model of {package.name}, the npm package "
        "@vladmandic/face-api, copyright Vladimir Mandic, after face-api.js, copyright 2018 Vincent Muehler",
        "licence": "MIT; the text is in face_networks.LICENSE",
        "changed": "converted from TensorFlow.js to ONNX; weights of 8 bits rounded to 16",
        "expressions": list(EXPRESSIONS),
        "sha256": marks,
    }
    with staging_folder(out) as room:
        for name, content in contents.items():
            (room / name).write_bytes(content)
        (room / "face_networks.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8", newline="\n")
        for name in (*contents, "face_networks.json"):
            publish(room / name, out / name)
    return marks


@click.command(help="Convert the two face networks of the npm package @vladmandic/face-api to ONNX.")
@click.option("--package", type=click.Path(dir_okay=False, exists=True, path_type=Path), required=True)
@click.option("--out", type=click.Path(file_okay=False, exists=True, path_type=Path), required=True)
def main(package: Path, out: Path) -> None:
    """Convert from the command line."""
    try:
        for name, mark in make_face_networks(package, out).items():
            click.echo(f"{mark}  {name}")
    except EmsyncError as problem:
        raise click.ClickException(str(problem)) from None


if __name__ == "__main__":
    main()
