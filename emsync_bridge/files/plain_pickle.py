"""Numbers and texts of a pickle file, read without running anything that the file names.

A pickle is a program that may call any function. Here each name in it stands for a part of this module, as in
*Restricting Globals* of Python's documentation: arrays and scalars of NumPy and tensors of PyTorch are rebuilt from
their bytes, and a file that names anything else is refused.
"""

from __future__ import annotations

import io
import math
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from emsync_bridge.errors import CheckpointError

MAX_DEPTH = 8
"""Containers within each other."""

_NUMBER = re.compile(r"[?b]1?|[fiu](?:1|2|4|8)|c(?:8|16)")

_FAILURES = (
    *(pickle.UnpicklingError, EOFError, AttributeError, IndexError, KeyError, ValueError, TypeError, ImportError),
    *(MemoryError, OverflowError, RecursionError),
)


class _NumberType:
    """Data type of numbers; others, such as objects and records, are refused."""

    def __init__(self, code: str, *_: object) -> None:
        if not isinstance(code, str) or not _NUMBER.fullmatch(code):
            raise pickle.UnpicklingError(f"data of type {str(code)[:20]!r}")
        self.code, self.order = code, "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if state[1] not in ("<", ">", "|", "=") or any(state[2:5]):
            raise pickle.UnpicklingError("data of several columns")
        self.order = str(state[1])

    @property
    def numpy(self) -> np.dtype[Any]:
        return np.dtype(self.order.replace("|", "=") + self.code)


class _Array:
    """Array that is filled from bytes."""

    value: np.ndarray[Any, Any]

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, kind, by_column, data = state
        self.fill(shape, kind, "F" if by_column else "C", data)

    def fill(self, shape: Any, kind: _NumberType, order: Any, data: Any) -> _Array:
        """Take the numbers in the bytes, which must be as many as the shape holds."""
        if isinstance(data, str):  # as old protocols write bytes
            data = data.encode("latin-1")
        if not isinstance(kind, _NumberType) or not isinstance(data, bytes | bytearray | memoryview):
            raise pickle.UnpicklingError("an array of objects")
        sizes = tuple(int(size) for size in shape)
        if min(sizes, default=0) < 0 or math.prod(sizes) * kind.numpy.itemsize != len(data):
            raise pickle.UnpicklingError("an array whose bytes do not fit its shape")
        self.value = np.frombuffer(bytes(data), kind.numpy).reshape(sizes, order="F" if order == "F" else "C")
        return self


def _reconstruct(*_: object) -> _Array:
    return _Array()


def _from_buffer(data: Any, kind: _NumberType, shape: Any, order: Any) -> _Array:
    return _Array().fill(shape, kind, order, data)


def _scalar(kind: _NumberType, data: Any) -> Any:
    return _Array().fill((), kind, "C", data).value.item()


def _encode(text: str, encoding: str) -> bytes:
    if encoding != "latin1" or not isinstance(text, str):
        raise pickle.UnpicklingError("text in an unknown encoding")
    return text.encode("latin-1")


def _no_bytes() -> bytes:
    return b""  # as old protocols write the bytes of an empty array


def _storage(data: bytes) -> Any:
    import torch

    return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)


def _tensor(storage: Any, offset: int, size: Any, stride: Any, *_: object) -> _Array:
    import torch

    if not isinstance(storage, torch.storage.TypedStorage | torch.UntypedStorage):
        raise pickle.UnpicklingError("a tensor without numbers")
    begin, sizes, steps = int(offset), tuple(map(int, size)), tuple(map(int, stride))
    reach = begin + sum((count - 1) * step for count, step in zip(sizes, steps, strict=True))
    if min(begin, *sizes, *steps, 0) < 0 or max(math.prod(sizes), reach) > storage.nbytes():
        raise pickle.UnpicklingError("a tensor larger than its numbers")
    rebuild: Any = torch._utils._rebuild_tensor  # noqa: SLF001  the function that the name stands for
    rebuilt = rebuild(storage, begin, sizes, steps)
    made = _Array()
    made.value = rebuilt.detach().float().numpy().copy()
    return made


class _NamedOnly:
    """Class that the file names and that is never made from it."""


_STANDING_IN: dict[tuple[str, str], Callable[..., Any]] = {
    ("collections", "OrderedDict"): dict,
    ("_codecs", "encode"): _encode,
    ("__builtin__", "bytes"): _no_bytes,
    ("numpy", "ndarray"): _NamedOnly,
    ("numpy", "dtype"): _NumberType,
    **{
        (f"numpy.{core}.{module}", name): made
        for core in ("core", "_core")
        for module, name, made in (
            ("multiarray", "_reconstruct", _reconstruct),
            ("multiarray", "scalar", _scalar),
            ("numeric", "_frombuffer", _from_buffer),
        )
    },
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch.storage", "_load_from_bytes"): _storage,
}
"""Parts of this module by the names in a file that they stand for."""


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for a name; the name itself is never looked up."""
        try:
            return _STANDING_IN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"the name {f'{module}.{name}'[:60]!r}") from None


def read_plain_pickle(path: Path, most: int) -> Any:
    """Return the content of a pickle file that holds only numbers, texts, arrays and containers of these.

    Arguments:
        path: The file.
        most: Greatest number of bytes.

    Returns:
        Dictionaries, lists, numbers and texts as they are; arrays and tensors as arrays of NumPy.

    Raises:
        CheckpointError: It cannot be read, is larger, is damaged, or holds anything else; nothing of it was run.
    """
    try:
        size = path.stat().st_size
        if size > most:
            raise CheckpointError(f"The file has {size:,} bytes; the limit is {most:,}", where=path)
        with path.open("rb") as file:
            return _plain(_Reader(file).load())
    except OSError as problem:
        raise CheckpointError(f"The file cannot be read: {problem.strerror or problem}", where=path) from None
    except _FAILURES as problem:
        known = isinstance(problem, pickle.UnpicklingError)
        what = str(problem)[:120] if known and str(problem) else type(problem).__name__
        raise CheckpointError(
            f"The file is damaged or holds more than numbers and texts: {what}",
            where=path,
            hint="Nothing of it was run. Ask its author for arrays and texts alone",
        ) from None


def _plain(value: Any, depth: int = 0) -> Any:
    if depth > MAX_DEPTH:
        raise pickle.UnpicklingError(f"containers within each other, more than {MAX_DEPTH} deep")
    if isinstance(value, _Array):
        return value.value
    if isinstance(value, dict):
        return {_plain(key, depth + 1): _plain(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_plain(each, depth + 1) for each in value)
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return value
    raise pickle.UnpicklingError(f"a value of kind {type(value).__name__}")
