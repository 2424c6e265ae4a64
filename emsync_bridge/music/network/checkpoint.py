"""Checkpoints on disk: a folder with ``weights.safetensors`` and ``card.json``; nothing is ever unpickled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from emsync_bridge.errors import CheckpointError
from emsync_bridge.files.atomic import publish, staging_folder
from emsync_bridge.files.weights import not_finite, read_limited, tensors_in
from emsync_bridge.music.network.config import ModelConfig, weight_shapes

FORMAT = 1
"""Layout of tokens, conditions and weights; a checkpoint of another one cannot be loaded."""

FOLDER_HINT = "Give a folder with card.json and weights.safetensors, as `emsync train` writes it"

PUBLISHED = "emsync"
"""Layout of the published EMSYNC network, which ``emsync_original.generator`` reads."""

ANTICIPATION = "anticipation"
"""Layout of an Anticipatory Music Transformer, which ``anticipation.generator`` reads."""

COMPOSERS_ASSISTANT = "composers-assistant"
"""Layout of Composer's Assistant 2, which ``composers_assistant.generator`` reads."""

_OTHERS = {
    PUBLISHED: "EMSYNC's own network",
    ANTICIPATION: "The Anticipatory Music Transformer",
    COMPOSERS_ASSISTANT: "Composer's Assistant 2",
}

DEFAULT = "default"

MAX_BYTES = 2**31


@dataclass(frozen=True)
class Checkpoint:
    """A loaded generator.

    Arguments:
        config: Its sizes.
        weights: Weights by name, float32.
        card: Facts about the generator: data, licences, losses, settings.
        name: Its name with a hash of its weights.
    """

    config: ModelConfig
    weights: Mapping[str, np.ndarray]
    card: Mapping[str, Any]
    name: str

    @property
    def parameters(self) -> int:
        """Number of trained values."""
        return sum(weight.size for weight in self.weights.values())


def shipped_folder() -> Path:
    """Return the folder of the checkpoints inside the package."""
    return Path(str(resources.files("emsync_bridge.music"))) / "models"


def load(folder: Path | None = None) -> Checkpoint:
    """Return the generator in a folder; the one that was asked for last is kept for as long as its files stay.

    Arguments:
        folder: A checkpoint folder; None means the one that is shipped.

    Raises:
        CheckpointError: Files are missing, too large or damaged, or belong to another layout.
    """
    folder = folder or shipped_folder() / DEFAULT
    return _load(folder, tuple(_stamp(folder / name) for name in ("weights.safetensors", "card.json")))


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


@lru_cache(maxsize=1)
def _load(folder: Path, _stamps: tuple[tuple[int, ...], ...]) -> Checkpoint:
    card, weights, name = read_files(folder)
    if other := _OTHERS.get(str(card.get("format"))):
        able = "whole pieces and sections" if card["format"] == COMPOSERS_ASSISTANT else "whole pieces"
        unable = "play live" if card["format"] == COMPOSERS_ASSISTANT else "recompose a section, play live"
        raise CheckpointError(
            f"{other} composes {able} only: it cannot {unable} or be evaluated",
            where=folder,
            hint="Use it with `emsync score` or `emsync compose`, or another generator here",
        )
    if card.get("format") != FORMAT:
        raise CheckpointError(
            f"This checkpoint has layout {card.get('format')}, needed is {FORMAT}",
            where=folder,
            hint="Train it again or use the release of emsync that wrote it",
        )
    config = _config(card.get("model"), folder)
    return Checkpoint(config, as_floats(weights, weight_shapes(config), folder), card, name)


def read_files(folder: Path) -> tuple[Mapping[str, Any], dict[str, np.ndarray], str]:
    """Return the card of a generator of any layout, its weights as they lie, and its name with a hash of them.

    Raises:
        CheckpointError: Files are missing, too large or damaged.
    """
    path = folder / "weights.safetensors"
    data = read_limited(path, MAX_BYTES, hint="Give a folder with weights.safetensors and card.json")
    weights = tensors_in(data, path, hint="Copy the folder again")
    card = card_of(folder)
    return card, weights, f"{card.get('name', folder.name)}-{hashlib.sha256(data).hexdigest()[:12]}"


def as_floats(
    weights: Mapping[str, np.ndarray], shapes: Mapping[str, tuple[int, ...]], folder: Path
) -> dict[str, np.ndarray]:
    """Return weights in float32.

    Raises:
        CheckpointError: Names or shapes differ, or a weight is NaN or infinite.
    """
    if {name: weight.shape for name, weight in weights.items()} != shapes:
        raise CheckpointError("Card and weights do not fit together", where=folder, hint="Copy the folder again")
    if not_finite(weights):
        raise CheckpointError("Some weights are NaN or infinite", where=folder, hint="Copy the folder again")
    return {name: np.ascontiguousarray(weight, dtype=np.float32) for name, weight in weights.items()}


def read_card(folder: Path | None = None) -> tuple[Mapping[str, Any], str]:
    """Return the card of a generator, and its name with a hash of its weights, without loading it.

    Arguments:
        folder: A checkpoint folder; None means the one that is shipped.

    Raises:
        CheckpointError: Files are missing or damaged.
    """
    folder = folder or shipped_folder() / DEFAULT
    card = card_of(folder)
    try:
        digest = hashlib.sha256((folder / "weights.safetensors").read_bytes()).hexdigest()[:12]
    except OSError as problem:
        raise CheckpointError(
            f"This checkpoint cannot be read ({problem})", where=folder, hint=FOLDER_HINT, setting="model"
        ) from None
    return card, f"{card.get('name', folder.name)}-{digest}"


def card_of(folder: Path) -> Mapping[str, Any]:
    """Return the card of a generator.

    Raises:
        CheckpointError: The card is missing or damaged.
    """
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise CheckpointError(
            f"This checkpoint cannot be read ({problem})", where=folder, hint=FOLDER_HINT, setting="model"
        ) from None
    if not isinstance(card, dict):
        raise CheckpointError("card.json must hold a JSON object", where=folder)
    return card


def save(config: ModelConfig, weights: Mapping[str, np.ndarray], card: Mapping[str, Any], folder: Path) -> None:
    """Write a generator in half precision with its card.

    Arguments:
        config: Its sizes.
        weights: Weights by name.
        card: Facts about the generator; ``format``, ``model`` and ``parameters`` are filled in here.
        folder: Destination, made when missing; its files are replaced only when the new ones are whole.
    """
    write_files(weights, {**card, "format": FORMAT, "model": asdict(config)}, folder)


def write_files(weights: Mapping[str, np.ndarray], card: Mapping[str, Any], folder: Path) -> None:
    """Write weights of any layout in half precision with their card, to which their number is added.

    Arguments:
        weights: Weights by name.
        card: Facts about them.
        folder: Destination, made when missing; its files are replaced only when the new ones are whole.
    """
    import safetensors.numpy

    folder.mkdir(parents=True, exist_ok=True)
    halves = {name: np.ascontiguousarray(weight, dtype=np.float16) for name, weight in weights.items()}
    document = {**card, "parameters": sum(weight.size for weight in halves.values())}
    with staging_folder(folder) as room:
        (room / "weights.safetensors").write_bytes(safetensors.numpy.save(halves))
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        (room / "card.json").write_text(text, encoding="utf-8")
        for name in ("weights.safetensors", "card.json"):
            publish(room / name, folder / name)


def _config(sizes: Any, folder: Path) -> ModelConfig:
    """Return the sizes that a card gives, refusing absurd ones."""
    known = {field.name for field in fields(ModelConfig)}
    try:
        config = ModelConfig(**{name: value for name, value in sizes.items() if name in known})
        whole = [value for name, value in asdict(config).items() if name != "dropout"]
        sensible = all(isinstance(value, int) and 0 < value <= 2**16 for value in whole) and config.layers <= 256
    except (TypeError, AttributeError):
        sensible = False
    if not sensible or config.width % (2 * config.heads):
        raise CheckpointError("card.json gives impossible sizes of the network", where=folder)
    return config
