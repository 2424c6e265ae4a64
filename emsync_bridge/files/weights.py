"""Weights of networks as safetensors files, read within a limit of size; nothing is ever unpickled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from emsync_bridge.errors import CheckpointError

if TYPE_CHECKING:
    import numpy as np


def read_limited(path: Path, most: int, *, hint: str = "") -> bytes:
    """Return the content of a file of weights, or of one beside it.

    Arguments:
        path: The file.
        most: Greatest number of bytes.
        hint: Advice for when it cannot be read.

    Raises:
        CheckpointError: It is missing, cannot be read, or is larger.
    """
    try:
        size = path.stat().st_size
        if size > most:
            raise CheckpointError(
                f"The file has {size:,} bytes; the limit is {most:,}",
                where=path,
                hint=hint or "Give another file",
            )
        return path.read_bytes()
    except OSError as problem:
        raise CheckpointError(
            f"The file cannot be read: {problem.strerror or problem}", where=path, hint=hint
        ) from None


def tensors_in(data: bytes, where: Path, *, hint: str = "") -> dict[str, np.ndarray]:
    """Return the tensors of a safetensors file by name.

    Arguments:
        data: The file's content.
        where: The file, for messages.
        hint: Advice for when it is damaged.

    Raises:
        CheckpointError: The content is damaged, or of a type that NumPy has not.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return dict(load(data))
    except (SafetensorError, ValueError, KeyError, TypeError) as problem:
        raise CheckpointError(f"The weights are damaged: {problem}", where=where, hint=hint) from None


def read_tensors(path: Path, most: int, *, hint: str = "") -> dict[str, np.ndarray]:
    """Return the tensors of a safetensors file by name.

    Arguments:
        path: The file.
        most: Greatest number of bytes.
        hint: Advice for when it cannot be read.

    Raises:
        CheckpointError: The file is missing, larger, or damaged.
    """
    return tensors_in(read_limited(path, most, hint=hint), path, hint=hint)


def not_finite(tensors: Mapping[str, np.ndarray]) -> list[str]:
    """Return the names of tensors that hold NaN or infinite values."""
    import numpy as np

    return [name for name, tensor in tensors.items() if not np.isfinite(tensor).all()]
