"""Files of weights as PyTorch saves them, read as tensors and plain values alone."""

from __future__ import annotations

import pickle
import re
import warnings
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from emsync_bridge.errors import CheckpointError


def read_torch(path: Path, most: int) -> Any:
    """Return what PyTorch's reader of plain weights makes of a file; it knows tensors and plain values, and no code.

    Arguments:
        path: The file.
        most: Greatest number of bytes, packed and unpacked.

    Raises:
        CheckpointError: The file cannot be read, is larger, is damaged or asks to run code, or PyTorch is missing.
    """
    try:
        size = path.stat().st_size
    except OSError as problem:
        raise CheckpointError(f"This file cannot be read ({problem.strerror})", where=path) from None
    if size > most:
        raise CheckpointError(f"This file is larger than {most // 2**20} MB", where=path)
    if find_spec("torch") is None:
        raise CheckpointError(
            f"A {path.suffix} file needs PyTorch, which is not installed",
            where=path,
            hint='Install it with: pip install "emsync-bridge[train]", or give the weights as .safetensors',
        )
    import torch

    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                if sum(member.file_size for member in archive.infolist()) > most:
                    raise CheckpointError(f"What this file unpacks to is larger than {most // 2**20} MB", where=path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of formats that it may not read; it says so where it does not
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as problem:
        asked = re.search(r"GLOBAL ([\w.]+)", str(problem))
        raise CheckpointError(
            f"This file asks to run code ({asked[1]})" if asked else "This file is damaged or asks to run code",
            where=path,
            hint="Give the weights alone (a state_dict), or as .safetensors",
        ) from None
    except CheckpointError:
        raise
    except Exception as problem:  # noqa: BLE001  a damaged file makes the reader fail in any way
        said = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise CheckpointError(f"This file is damaged ({said[:200]})", where=path) from None
