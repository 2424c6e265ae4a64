"""The published network as imported: a folder with half-precision weights under emsync's names, and a card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emsync_bridge.errors import CheckpointError
from emsync_bridge.music.emsync_original.config import PREFIX, Conventions, OriginalConfig
from emsync_bridge.music.emsync_original.tensor_names import shapes
from emsync_bridge.music.emsync_original.vocabulary import VOCABULARY
from emsync_bridge.music.network import checkpoint

_MAX_SIZE = 2**16
"""Greatest size of anything in a network that is loaded."""


@dataclass(frozen=True)
class PublishedGenerator:
    """The published network as it was imported.

    Arguments:
        sizes: Sizes of the network.
        weights: Weights by our names, float32; tokens in our order.
        conventions: Conventions of their use.
        name: Its name with a hash of its weights.
    """

    sizes: OriginalConfig
    weights: Mapping[str, np.ndarray]
    conventions: Conventions
    name: str


def load(folder: Path) -> PublishedGenerator:
    """Return the published network from a folder.

    Raises:
        CheckpointError: Files are missing, too large or damaged, or belong to another layout.
    """
    card, weights, name = checkpoint.read_files(folder)
    if card.get("format") != checkpoint.PUBLISHED:
        raise CheckpointError("This is not EMSYNC's own network", where=folder)
    try:
        sizes, conventions = OriginalConfig(**card["model"]), Conventions(**card["conventions"])
    except (KeyError, TypeError):
        sizes, conventions = OriginalConfig(layers=0), Conventions()
    if not is_possible(sizes) or not all(isinstance(value, bool) for value in asdict(conventions).values()):
        raise CheckpointError("The card gives impossible sizes of the network", where=folder)
    return PublishedGenerator(sizes, checkpoint.as_floats(weights, shapes(sizes), folder), conventions, name)


def save(generator: PublishedGenerator, card: Mapping[str, Any], folder: Path) -> None:
    """Write the published network in half precision with its card.

    Arguments:
        generator: The network.
        card: Facts about the network; what loading needs is filled in here.
        folder: Destination, made when missing; its files are replaced only when the new ones are whole.
    """
    filled = {"model": asdict(generator.sizes), "conventions": asdict(generator.conventions)}
    checkpoint.write_files(generator.weights, {**card, "format": checkpoint.PUBLISHED, **filled}, folder)


def is_possible(sizes: OriginalConfig) -> bool:
    """Tell whether a network can have these sizes."""
    whole = all(isinstance(value, int) and 0 < value <= _MAX_SIZE for value in asdict(sizes).values())
    return (
        whole
        and sizes.layers <= 256
        and sizes.width % 4 == sizes.width % sizes.heads == 0
        and sizes.context >= 2 * PREFIX
        and sizes.vocabulary == VOCABULARY
    )
