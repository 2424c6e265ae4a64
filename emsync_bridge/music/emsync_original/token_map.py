"""Numbers that a published file gives to the tokens, read from its own map in any of the shapes in use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emsync_bridge.errors import CheckpointError
from emsync_bridge.music.emsync_original import vocabulary as tok
from emsync_bridge.music.emsync_original.weight_files import MAX_TABLE_BYTES, read_any

_DEEPEST = 4

_FILES = (".json", ".pt", ".pth", ".bin")


def find_token_map(folder: Path, weights: Path) -> tuple[np.ndarray, Path] | None:
    """Return the first token map in the files of a folder beside its weights, and the file it is in; None without.

    Returns:
        The number that the published file gives to each of our tokens, shape (vocabulary,).
    """
    for path in sorted(folder.iterdir()):
        if path != weights and path.suffix in _FILES and path.is_file() and path.stat().st_size <= MAX_TABLE_BYTES:
            try:
                return read_token_map(path), path
            except CheckpointError:
                continue  # it is about something else
    return None


def read_token_map(path: Path) -> np.ndarray:
    """Return the number that a published file gives to each of our tokens, shape (vocabulary,).

    Arguments:
        path: JSON, or plain values as PyTorch writes them: names in order, numbers by name or names by number. A name
            is such as ``ON_PIANO_60`` or its parts in a list; shifts are in milliseconds.

    Raises:
        CheckpointError: It is unreadable, or no map of all 1,011 tokens.
    """
    for numbers in _maps(read_any(path, MAX_TABLE_BYTES), _DEEPEST):
        if sorted(numbers) == list(range(tok.VOCABULARY)) and sorted(numbers.values()) == list(range(tok.VOCABULARY)):
            return np.array([numbers[token] for token in range(tok.VOCABULARY)])
    raise CheckpointError(
        f"This file holds no map of the {tok.VOCABULARY:,} published tokens",
        where=path,
        hint="Give a JSON list of their names in order, such as <PAD>, TIMESHIFT_8, ON_PIANO_60",
    )


def token_of(name: Any) -> int | None:
    """Return the token that a name in a published map means; None for a name that the vocabulary lacks.

    Arguments:
        name: Text, or a sequence of parts such as ``("ON_PIANO", 60)``.
    """
    parts = name if isinstance(name, (tuple, list)) else (name,)
    text = "_".join(str(part) for part in parts).upper()
    words = re.findall(r"[A-Z]+|\d+", text)
    return _NAMES.get("_".join(word for word in words if word != "NOTE"))


def _key(token: int) -> str:
    return "_".join(re.findall(r"[A-Z]+|\d+", tok.name_of(token)))


_NAMES = {_key(token): token for token in range(tok.VOCABULARY)}
for _other in ("TIME_SHIFT", "SHIFT"):
    _NAMES |= {name.replace("TIMESHIFT", _other): token for name, token in _NAMES.items()}


def _maps(content: Any, deep: int) -> Iterator[dict[int, int]]:
    """Yield every dictionary or list in a document as numbers by our tokens; other names are left out."""
    if not deep:
        return
    if isinstance(content, Mapping):
        pairs = list(content.items())
    elif isinstance(content, (list, tuple)):
        pairs = list(enumerate(content))
    else:
        return
    if len(pairs) >= tok.VOCABULARY:
        yield _numbers((name, number) for name, number in pairs)
        yield _numbers((name, number) for number, name in pairs)
    for _, value in pairs if len(pairs) < tok.VOCABULARY else ():
        yield from _maps(value, deep - 1)


def _numbers(pairs: Iterator[tuple[Any, Any]]) -> dict[int, int]:
    found: dict[int, int] = {}
    for name, number in pairs:
        token = token_of(name)
        if token is not None and isinstance(number, (int, str)) and str(number).isdecimal():
            found[token] = int(number)
    return found
