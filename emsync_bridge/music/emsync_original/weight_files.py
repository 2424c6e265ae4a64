"""Files of weights as their authors wrote them, read as numbers alone: nothing in them is ever run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emsync_bridge.errors import CheckpointError
from emsync_bridge.files.torch_weights import read_torch
from emsync_bridge.files.weights import read_limited, tensors_in

WEIGHTS = (".safetensors", ".pt", ".pth", ".bin", ".ckpt")

MAX_BYTES = 2**31
"""Bytes of a file of weights; with its optimiser the published network would have half a gigabyte."""

MAX_TABLE_BYTES = 16 * 2**20
"""Bytes of a token map or a table of names."""

_DEEPEST = 4
"""Greatest depth of dictionaries around a tensor."""

_USUAL = ("model", "weights", "pytorch_model", "checkpoint", "state_dict")


def find_weights(place: Path) -> Path:
    """Return the file of weights in a folder, or the file itself.

    Raises:
        CheckpointError: There is none, or several of which none has a usual name.
    """
    if place.is_file():
        return place
    if not place.is_dir():
        raise CheckpointError("File or folder not found", where=place)
    found = sorted(path for path in place.iterdir() if path.suffix.lower() in WEIGHTS and path.is_file())
    if not found:
        raise CheckpointError(f"This folder holds no weights ({', '.join(WEIGHTS)})", where=place)
    usual = [path for path in found if path.stem in _USUAL] if len(found) > 1 else found
    if not usual or len({path.stem for path in usual}) > 1:
        names = ", ".join(path.name for path in found)
        raise CheckpointError(f"Any of these may be the weights: {names}", where=place, hint="Name the file itself")
    return min(usual, key=lambda path: WEIGHTS.index(path.suffix.lower()))


def read_tensors(path: Path) -> dict[str, Any]:
    """Return the tensors of a file by name, as NumPy's or PyTorch's own.

    They may lie inside dictionaries, as under ``state_dict`` or ``model``; names are those inside.

    Arguments:
        path: A safetensors file; or one of PyTorch, which PyTorch's reader of plain weights opens.

    Raises:
        CheckpointError: The file is missing, too large, damaged, holds more than weights, or needs PyTorch.
    """
    tensors = _innermost(read_any(path, MAX_BYTES))
    if not tensors:
        raise CheckpointError("This file holds no tensors by name", where=path)
    return tensors


def as_array(tensor: Any, where: Path) -> np.ndarray:
    """Return a tensor as an array of 32-bit floats.

    Raises:
        CheckpointError: It holds no plain numbers.
    """
    try:
        if not isinstance(tensor, np.ndarray):
            tensor = tensor.detach().float().numpy()
        array = np.asarray(tensor, dtype=np.float32)
    except (RuntimeError, TypeError, ValueError, NotImplementedError) as problem:
        raise CheckpointError(f"A tensor of this file holds no plain numbers ({problem})", where=where) from None
    if not np.isfinite(array).all():
        raise CheckpointError("Some weights are NaN or infinite", where=where, hint="Copy the file again")
    return array


def read_any(path: Path, most: int) -> Any:
    """Return what a JSON, safetensors or PyTorch file holds.

    Raises:
        CheckpointError: The file is missing, too large, damaged, holds more than plain values, or needs PyTorch.
    """
    try:
        size = path.stat().st_size
    except OSError as problem:
        raise CheckpointError(f"This file cannot be read ({problem.strerror})", where=path) from None
    if size > most:
        raise CheckpointError(f"This file is larger than {most // 2**20} MB", where=path)
    if path.suffix.lower() == ".safetensors":
        return tensors_in(read_limited(path, most), path)
    if path.suffix.lower() == ".json":
        try:
            return json.loads(read_limited(path, most))
        except (ValueError, RecursionError) as problem:
            raise CheckpointError(f"This file is not JSON: {problem}", where=path) from None
    return read_torch(path, most)


def _innermost(content: Any) -> dict[str, Any]:
    """Return the largest dictionary of tensors among those inside each other."""
    return max(_dictionaries(content, _DEEPEST), key=len, default={})


def _dictionaries(content: Any, deep: int) -> Iterator[dict[str, Any]]:
    if not isinstance(content, Mapping) or not deep:
        return
    tensors = {name: value for name, value in content.items() if isinstance(name, str) and hasattr(value, "shape")}
    if tensors:
        yield tensors
    for value in content.values():
        yield from _dictionaries(value, deep - 1)
