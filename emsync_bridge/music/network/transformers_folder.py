"""Networks of ``transformers``: the libraries, published folders, and the generator folders that imports write."""

from __future__ import annotations

import json
from inspect import signature
from pathlib import Path
from typing import Any

from emsync_bridge.errors import CheckpointError
from emsync_bridge.music.network import checkpoint


def libraries(where: Path) -> tuple[Any, Any]:
    """Return torch and transformers.

    Raises:
        CheckpointError: They are not installed.
    """
    try:
        import torch
        import transformers
    except ImportError:
        raise CheckpointError(
            "This generator needs PyTorch and transformers",
            where=where,
            hint='Install them with: pip install "emsync-bridge[pretrained]"',
        ) from None
    return torch, transformers


def cache_word(network: Any) -> str:
    """Return the name of the cache's argument in the installed release of transformers; 5.24 renamed it."""
    return "cache" if "cache" in signature(network.forward).parameters else "past_key_values"


def published_config(place: Path) -> Any:
    """Return what ``config.json`` of a published folder says.

    Raises:
        CheckpointError: It is missing or damaged.
    """
    try:
        return json.loads((place / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise CheckpointError(f"This folder has no readable config.json ({problem})", where=place) from None


def published_network(place: Path, kind: Any, config: Any) -> Any:
    """Return a network with the weights of a published folder, read without running any code in them.

    Arguments:
        place: The folder.
        kind: Class of the network in ``transformers``.
        config: Configuration of the network in ``transformers``.

    Raises:
        CheckpointError: The weights are missing or damaged.
    """
    try:
        return kind.from_pretrained(place, config=config, local_files_only=True)
    except Exception as problem:  # noqa: BLE001  whatever a damaged file makes the library raise
        raise CheckpointError(f"These weights cannot be read ({problem})", where=place) from None


def refuse_other_contents(out: Path, form: str) -> None:
    """Refuse a generator folder that holds something else than a network of a format.

    Arguments:
        out: The folder; it may be missing or empty.
        form: The format, as its card names it.

    Raises:
        CheckpointError: It holds something else.
    """
    if out.exists() and any(out.iterdir()) and _format_of(out) != form:
        raise CheckpointError("This folder holds something else", where=out, hint="Choose another one", setting="out")


def _format_of(folder: Path) -> object:
    try:
        return checkpoint.card_of(folder).get("format")
    except CheckpointError:
        return None
