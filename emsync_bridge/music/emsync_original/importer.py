"""From the published files to a folder that ``emsync score --model`` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emsync_bridge.errors import CheckpointError, OutputError
from emsync_bridge.files import manifest
from emsync_bridge.music.emsync_original import convention_search, tensor_names, weight_files
from emsync_bridge.music.emsync_original import generator as stored
from emsync_bridge.music.emsync_original.config import PUBLISHED, OriginalConfig
from emsync_bridge.music.emsync_original.tensor_names import shapes
from emsync_bridge.music.emsync_original.token_map import find_token_map, read_token_map
from emsync_bridge.music.network import checkpoint

RIGHTS = (
    "The weights of this generator are those of EMSYNC (Sulun, Viana and Davies, arXiv 2502.10154). Under which "
    "licence its authors publish them is not known to emsync-bridge, which neither contains nor passes them on: to use "
    "them, and to publish what they write, you need the authors' leave."
)

_MAX_HALF_PRECISION = 65504.0
"""Largest number in half precision."""


@dataclass(frozen=True)
class ImportedGenerator:
    """Result of an import.

    Arguments:
        folder: Folder in which it lies now.
        parameters: Number of trained values.
        source: The file that it came from.
        sha256: SHA-256 of that file.
        cost: Nats per token of plain music; ``convention_search.CHANCE`` is chance.
        notes: Remarks on the import, for the user.
    """

    folder: Path
    parameters: int
    source: Path
    sha256: str
    cost: float
    notes: tuple[str, ...]


def import_generator(
    place: Path,
    folder: Path,
    *,
    name: str = "emsync",
    token_map: Path | None = None,
    table: Path | None = None,
    progress: Callable[[float], None] | None = None,
) -> ImportedGenerator:
    """Read the published weights and write them as a generator folder of emsync.

    Arguments:
        place: Folder of the published files, or the file of weights itself.
        folder: Folder where the generator goes.
        name: Name.
        token_map: File that numbers the tokens; looked for beside the weights when None.
        table: JSON file of our names of tensors by theirs, for names that are not guessed.
        progress: Function called with the share of readings that have been tried, from 0 to 1.

    Raises:
        CheckpointError: The files are missing, damaged, hold code, or another network.
        OutputError: The folder holds something else, or cannot be written to.
    """
    _refuse_foreign(folder)
    source = weight_files.find_weights(place)
    tensors = weight_files.read_tensors(source)
    sizes, weights = _taken(tensors, source, _told(table))
    found = (read_token_map(token_map), token_map) if token_map else find_token_map(source.parent, source)
    orders = {f"as {found[1].name} says": found[0]} if found else convention_search.usual_orders()
    chosen = convention_search.likeliest_reading(sizes, weights, orders, progress)
    for part in ("tokens.weight", "scores.weight", "scores.bias"):
        weights[part] = weights[part][chosen.numbers]
    generator = stored.PublishedGenerator(sizes, weights, chosen.conventions, name)
    parameters = sum(weight.size for weight in weights.values())
    notes = tuple(_notes(sizes, parameters, chosen, known=found is not None))
    digest = manifest.digest(source)
    stored.save(generator, _card(name, source, digest, chosen, notes), folder)
    return ImportedGenerator(folder, parameters, source, digest, chosen.cost, notes)


def _taken(
    tensors: Mapping[str, Any], source: Path, told: Mapping[str, str]
) -> tuple[OriginalConfig, dict[str, np.ndarray]]:
    """Return the sizes of the network in a file, and its weights by our names."""
    found = {theirs: tuple(tensor.shape) for theirs, tensor in tensors.items()}
    sizes = tensor_names.sizes_in(found)
    sizes = sizes if stored.is_possible(sizes) else PUBLISHED
    try:
        places = tensor_names.match_tensors(found, sizes, told)
    except CheckpointError as problem:
        raise CheckpointError(problem.what, where=source, hint=problem.hint, setting=problem.setting) from None
    weights = {}
    for ours, shape in shapes(sizes).items():
        theirs, part = places[ours]
        array = weight_files.as_array(tensors[theirs], source)
        if np.abs(array).max(initial=0.0) > _MAX_HALF_PRECISION:
            raise CheckpointError(f"{theirs} has values that no trained network has", where=source)
        weights[ours] = np.ascontiguousarray(array.reshape(-1, *shape)[part])
    return sizes, weights


def _told(table: Path | None) -> Mapping[str, str]:
    """Return the user's own table of names."""
    if table is None:
        return {}
    told = weight_files.read_any(table, weight_files.MAX_TABLE_BYTES) if table.suffix == ".json" else None
    if not isinstance(told, dict) or not all(isinstance(ours, str) for ours in told.values()):
        raise CheckpointError("This is not a table of names", where=table, hint="Give JSON: {their name: our name}")
    return told


def _notes(sizes: OriginalConfig, parameters: int, chosen: convention_search.Reading, *, known: bool) -> list[str]:
    """Return what is to be said of an import."""
    notes = ["The licence of these weights is not known; to use them you need their authors' leave"]
    if sizes != PUBLISHED:
        notes.append(f"These are {parameters:,} values, and the published network has 37,178,355")
    if not known:
        notes.append(f"No token map was found; the tokens are taken to be in this order: {chosen.order}")
    if chosen.cost > convention_search.POOR:
        notes.append(
            f"Plain music costs {chosen.cost:.1f} nats per token, hardly less than the "
            f"{convention_search.CHANCE:.1f} of chance: these weights know nothing, or their tokens or tensors are "
            "not what they are taken for"
        )
    return notes


def _card(
    name: str, source: Path, digest: str, chosen: convention_search.Reading, notes: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "name": name,
        "what": "The published EMSYNC network, imported: decoder-only transformer over 1,011 event tokens of 8 ms with "
        "relative global attention, conditioned on valence and arousal and on seconds to the next boundary.",
        "licence": "not known",
        "caution": "its licence is not known, and its authors' leave is needed",
        "rights": RIGHTS,
        "data": [
            {
                "name": "Lakh Pianoroll, LPD-5 full",
                "source": "as its authors describe it",
                "licence": "transcriptions of songs that have owners of their own",
            }
        ],
        "imported": {
            "file": source.name,
            "sha256": digest,
            "token_order": chosen.order,
            "plain_music_nats": round(chosen.cost, 3),
            "notes": list(notes),
        },
    }


def _refuse_foreign(folder: Path) -> None:
    """Refuse to write over anything but an earlier import.

    Raises:
        OutputError: The folder holds something else.
    """
    if not folder.exists():
        return
    try:
        earlier = folder.is_dir() and (
            not any(folder.iterdir()) or checkpoint.card_of(folder).get("format") == checkpoint.PUBLISHED
        )
    except CheckpointError:
        earlier = False
    if not earlier:
        raise OutputError(
            "There is something else here, which is not written over",
            where=folder,
            hint="Choose another output folder",
            setting="out",
        )
