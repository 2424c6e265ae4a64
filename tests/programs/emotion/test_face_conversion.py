"""Conversion of the face networks: a made package gives ONNX files that compute what TensorFlow would."""

from __future__ import annotations

import io
import json
import tarfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

pytest.importorskip("onnx")
torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402
from torch.nn import functional  # noqa: E402

from emsync_bridge.emotion.extractors.face_networks import CROP, EXPRESSIONS  # noqa: E402
from emsync_bridge.training.emotion.face_network import MODELS, main  # noqa: E402

Shapes = dict[str, tuple[int, ...]]
Weights = dict[str, tuple[NDArray[np.uint8], float, float]]


def separable(name: str, before: int, after: int) -> Shapes:
    return {
        f"{name}/depthwise_filter": (3, 3, before, 1),
        f"{name}/pointwise_filter": (1, 1, before, after),
        f"{name}/bias": (after,),
    }


def detector_shapes() -> Shapes:
    widths = [4, 6, 6, 8, 8, 10]
    shapes: Shapes = {"conv0/filters": (3, 3, 3, 4), "conv0/bias": (4,)}
    for stage, (before, after) in enumerate(pairwise(widths), start=1):
        shapes |= separable(f"conv{stage}", before, after)
    return {**shapes, "conv8/filters": (1, 1, 10, 25), "conv8/bias": (25,)}


def expression_shapes() -> Shapes:
    widths, shapes = [3, 4, 6, 8, 10], Shapes()
    for stage, (before, after) in enumerate(pairwise(widths)):
        name = f"dense{stage}"
        first = {f"{name}/conv0/filters": (3, 3, before, after), f"{name}/conv0/bias": (after,)}
        shapes |= separable(f"{name}/conv0", before, after) if stage else first
        for number in (1, 2, 3):
            shapes |= separable(f"{name}/conv{number}", after, after)
    return {**shapes, "fc/weights": (10, len(EXPRESSIONS)), "fc/bias": (len(EXPRESSIONS),)}


def made_weights(shapes: Shapes, rng: np.random.Generator) -> Weights:
    """Weights in 8 bits, about as large as keeps signals at their level."""
    made = {}
    for name, shape in shapes.items():
        fan = 9 if "depthwise" in name else int(np.prod(shape[:-1])) if len(shape) > 1 else 40
        reach = 1.7 * fan**-0.5
        made[name] = (rng.integers(0, 256, shape).astype(np.uint8), 2 * reach / 255, -reach)
    return made


def package(path: Path, weights: dict[str, Weights]) -> Path:
    with tarfile.open(path, "w:gz") as out:

        def add(name: str, content: bytes) -> None:
            info = tarfile.TarInfo(f"package/model/{name}")
            info.size = len(content)
            out.addfile(info, io.BytesIO(content))

        for model, tensors in weights.items():
            entries = [
                {"name": name, "shape": list(values.shape), "dtype": "float32"}
                | {"quantization": {"dtype": "uint8", "scale": scale, "min": least}}
                for name, (values, scale, least) in tensors.items()
            ]
            add(f"{model}-weights_manifest.json", json.dumps([{"weights": entries}]).encode())
            add(f"{model}.bin", b"".join(values.tobytes() for values, _, _ in tensors.values()))
    return path


class Reference:
    """Layers as TensorFlow defines them: (rows, columns, in, out), padding SAME."""

    def __init__(self, weights: Weights) -> None:
        self._weights = {n: torch.from_numpy(v.astype(np.float32) * s + o) for n, (v, s, o) in weights.items()}

    def same(self, x: Tensor, size: int, stride: int) -> Tensor:
        pads = []
        for side in (x.shape[3], x.shape[2]):
            total = max((-(-side // stride) - 1) * stride + size - side, 0)
            pads += [total // 2, total - total // 2]
        return functional.pad(x, pads)

    def convolve(self, x: Tensor, name: str, stride: int = 1) -> Tensor:
        filters = self._weights[f"{name}/filters"].permute(3, 2, 0, 1)
        return functional.conv2d(self.same(x, filters.shape[2], stride), filters, self._weights[f"{name}/bias"], stride)

    def separable(self, x: Tensor, name: str, stride: int = 1) -> Tensor:
        depthwise = self._weights[f"{name}/depthwise_filter"].permute(2, 3, 0, 1)
        x = functional.conv2d(self.same(x, 3, stride), depthwise, None, stride, groups=len(depthwise))
        pointwise = self._weights[f"{name}/pointwise_filter"].permute(3, 2, 0, 1)
        return functional.conv2d(x, pointwise, self._weights[f"{name}/bias"])

    def faces(self, x: Tensor) -> Tensor:
        x = functional.leaky_relu(self.convolve(x, "conv0"), 0.1)
        for stage in range(1, 6):
            x = functional.leaky_relu(self.separable(functional.max_pool2d(x, 2, 2), f"conv{stage}"), 0.1)
        # TensorFlow pads a maximum with nothing at all, which minus infinity is
        padded = functional.pad(x, (0, 1, 0, 1), value=-torch.inf)
        return self.convolve(functional.max_pool2d(padded, 2, 1), "conv8")

    def expressions(self, x: Tensor) -> Tensor:
        for stage in range(4):
            name = f"dense{stage}"
            one = functional.relu((self.separable if stage else self.convolve)(x, f"{name}/conv0", 2))
            two = one + self.separable(one, f"{name}/conv1")
            three = two + self.separable(functional.relu(two), f"{name}/conv2")
            x = functional.relu(three + self.separable(functional.relu(three), f"{name}/conv3"))
        logits = x.mean(dim=(2, 3)) @ self._weights["fc/weights"] + self._weights["fc/bias"]
        return logits.softmax(dim=1)


def test_converted_networks_compute_what_the_package_describes(tmp_path: Path) -> None:
    import cv2

    rng = np.random.default_rng(7)
    weights = {MODELS[0]: made_weights(detector_shapes(), rng), MODELS[1]: made_weights(expression_shapes(), rng)}
    source = package(tmp_path / "face-api.tgz", weights)
    result = CliRunner().invoke(main, ["--package", str(source), "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    card = json.loads((tmp_path / "face_networks.json").read_text())
    assert card["expressions"] == list(EXPRESSIONS)
    detector, expression = (name for name in card["sha256"])
    picture = rng.normal(0, 0.4, (1, 3, 416, 416)).astype(np.float32)
    face = rng.normal(0, 0.4, (1, 3, CROP, CROP)).astype(np.float32)
    with torch.inference_mode():
        wanted = [
            Reference(weights[MODELS[0]]).faces(torch.from_numpy(picture)).numpy(),
            Reference(weights[MODELS[1]]).expressions(torch.from_numpy(face)).numpy(),
        ]
    for name, given, expected in zip((detector, expression), (picture, face), wanted, strict=True):
        network = cv2.dnn.readNetFromONNX(str(tmp_path / name))
        network.setInput(given)
        found = network.forward()
        assert found.shape == expected.shape
        assert expected.std() > 1e-3, "the made network tells inputs apart"
        assert np.abs(found - expected).max() < 0.02 * np.abs(expected).max()


@pytest.mark.parametrize("damage", ["no file", "short", "no bias", "not a package"])
def test_damaged_packages_are_refused(tmp_path: Path, damage: str) -> None:
    rng = np.random.default_rng(8)
    weights = {MODELS[0]: made_weights(detector_shapes(), rng), MODELS[1]: made_weights(expression_shapes(), rng)}
    if damage == "no file":
        del weights[MODELS[1]]
    if damage == "no bias":
        del weights[MODELS[0]]["conv3/bias"]
    source = package(tmp_path / "face-api.tgz", weights)
    if damage == "short":
        source.write_bytes(source.read_bytes()[:2000])
    if damage == "not a package":
        source.write_bytes(b"nothing")
    result = CliRunner().invoke(main, ["--package", str(source), "--out", str(tmp_path)])
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "face" in result.output
    assert not list(tmp_path.glob("*.onnx"))
