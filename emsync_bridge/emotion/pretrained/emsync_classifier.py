"""Import of the EMSYNC authors' classifier of video emotion, as far as published facts describe it.

Published (arXiv 2410.21303, 2502.10154 and their configuration): four streams of features, of speech (1 x 768), sound
by BEATs (16 x 768), pictures by CLIP (16 x 512) and faces (16 x 768), each scaled to its range over the training
clips; fusion by attention, width 512, 4 heads, 1 layer; six classes of Ekman-6. Names of tensors, the ranges of the
features and the order of the classes are not published, so the weights are checked, converted to safetensors and
described; they do not run before these are known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.errors import CheckpointError, OutputError
from emsync_bridge.files.atomic import publish, staging_folder
from emsync_bridge.files.torch_weights import read_torch
from emsync_bridge.files.weights import read_tensors

FEATURE_WIDTHS = {"speech": 768, "sound (BEATs)": 768, "picture (CLIP)": 512, "faces": 768}
"""Width of each published stream of features."""

WIDTH = 512
"""Width of the fusion."""

CLASSES = 6

MAX_BYTES = 2 * 2**30

ENDINGS = (".safetensors", ".pt", ".pth", ".ckpt", ".bin")

UNKNOWN = (
    "the minimum and maximum of each feature over the training clips",
    "the order of the six classes",
    "the order in which the streams are joined",
)
"""Facts that have to be known before the classifier can be used."""

Tensors = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class ImportedClassifier:
    """A classifier that was checked and converted.

    Arguments:
        tensors: Number of tensors.
        parameters: Number of weights.
        agrees: Published facts that the weights agree with.
        differs: Published facts that they do not show.
        unknown: Facts that are needed to use it and are not published.
    """

    tensors: int
    parameters: int
    agrees: tuple[str, ...]
    differs: tuple[str, ...]
    unknown: tuple[str, ...] = UNKNOWN


def import_classifier(place: Path, out: Path) -> ImportedClassifier:
    """Check the weights of the authors' classifier and write them as safetensors with a description.

    Arguments:
        place: Folder of the classifier, or its file of weights.
        out: Folder for ``weights.safetensors`` and ``card.json``.

    Raises:
        CheckpointError: There are no weights, they cannot be read as plain tensors, or they are not those of a
            classifier of six classes with a fusion of width 512.
        OutputError: The files cannot be written.
    """
    from safetensors.numpy import save

    source = _weights_file(place)
    tensors = _read(source)
    found = examine_classifier(tensors, source)
    card = {"what": "EMSYNC's classifier of video emotion, converted", "from": source.name, **asdict(found)}
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise OutputError(f"This folder cannot be made ({problem.strerror})", where=out) from None
    with staging_folder(out) as room:
        (room / "weights.safetensors").write_bytes(save(tensors))
        (room / "card.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8", newline="\n")
        for name in ("weights.safetensors", "card.json"):
            publish(room / name, out / name)
    return found


def examine_classifier(tensors: Mapping[str, NDArray[Any]], source: Path) -> ImportedClassifier:
    """Return how far tensors agree with what is published of the classifier.

    Raises:
        CheckpointError: They are not those of a classifier of six classes with a fusion of width 512.
    """
    matrices = [tensor.shape for tensor in tensors.values() if tensor.ndim == 2]
    outputs = [shape for shape in matrices if shape[0] == CLASSES]
    wide = [shape for shape in matrices if WIDTH in shape]
    if not outputs or not wide:
        lacking = "no layer with six outputs" if not outputs else "no layer of width 512"
        raise CheckpointError(
            f"These are not the weights of EMSYNC's classifier: {lacking}",
            where=source,
            hint="Give the folder of the classifier, not that of the music network",
        )
    attention = any(shape in ((3 * WIDTH, WIDTH), (WIDTH, WIDTH)) for shape in matrices)
    facts = {
        "six classes": True,
        "fusion of width 512": True,
        "attention in the fusion": attention,
        **{f"a layer for {name}, {width} wide": _takes(matrices, width) for name, width in FEATURE_WIDTHS.items()},
    }
    return ImportedClassifier(
        tensors=len(tensors),
        parameters=sum(int(tensor.size) for tensor in tensors.values()),
        agrees=tuple(fact for fact, shown in facts.items() if shown),
        differs=tuple(fact for fact, shown in facts.items() if not shown),
    )


def _takes(matrices: list[tuple[int, ...]], width: int) -> bool:
    return any(shape[1] == width and shape[0] not in (CLASSES,) for shape in matrices)


def _weights_file(place: Path) -> Path:
    files = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.suffix in ENDINGS)
    files = [path for path in files if path.is_file()]
    if len(files) != 1:
        names = ", ".join(path.name for path in files[:6])
        raise CheckpointError(
            f"There are {len(files)} files of weights here: {names}" if files else "There are no weights here",
            where=place,
            hint=f"Give one file that ends with {', '.join(ENDINGS)}",
        )
    if files[0].stat().st_size > MAX_BYTES:
        raise CheckpointError(f"The weights are larger than {MAX_BYTES // 2**30} GB", where=files[0])
    return files[0]


def _read(path: Path) -> Tensors:
    """Return the tensors of a file, without running code that it may hold."""
    if path.suffix == ".safetensors":
        return read_tensors(path, MAX_BYTES)
    content = read_torch(path, MAX_BYTES)
    import torch

    found: Tensors = {}
    for name, value in _flat(content):
        if isinstance(value, torch.Tensor):
            found[name] = np.ascontiguousarray(value.detach().float().numpy())
    return found


def _flat(content: Any, prefix: str = "", depth: int = 0) -> list[tuple[str, Any]]:
    if not isinstance(content, Mapping) or depth > 4:
        return [(prefix, content)]
    return [
        pair
        for name, value in content.items()
        for pair in _flat(value, f"{prefix}.{name}" if prefix else str(name), depth + 1)
    ]
