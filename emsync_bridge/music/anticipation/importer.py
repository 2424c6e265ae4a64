"""Bringing in published weights: from a folder as ``transformers`` writes them to a folder of ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from emsync_bridge.errors import CheckpointError
from emsync_bridge.music.anticipation.generator import checked_sizes, libraries
from emsync_bridge.music.network import checkpoint

LICENCE = "Apache-2.0"
DATA = "Lakh MIDI Dataset"
SELL = "nobody knows"

RIGHTS = (
    "The weights are under Apache-2.0. They were trained on the Lakh MIDI Dataset, transcriptions of songs whose "
    "copyright belongs to others; their authors say that the licence may not reflect the legal status. May you sell "
    "what it writes? Nobody knows."
)


@dataclass(frozen=True)
class ImportedTransformer:
    """An imported network: its folder, and the number of its values."""

    folder: Path
    parameters: int


def bring_in(place: Path, out: Path, *, name: str, accepted: str | None) -> ImportedTransformer:
    """Write an Anticipatory Music Transformer to a folder of ours.

    Arguments:
        place: Folder with ``config.json`` and the weights, as safetensors or as plain PyTorch weights, which are read
            without running any code in them.
        out: Path where it goes; what is there must be of this kind.
        name: Name that it gets here.
        accepted: Licence that the user accepts; has to be that of the weights.

    Raises:
        CheckpointError: The licence is not accepted, or the folder holds no such network.
    """
    if accepted != LICENCE:
        raise CheckpointError(
            f"{RIGHTS.rstrip('.')}",
            where=place,
            hint=f"Accept the licence {LICENCE} to use it all the same",
            setting="accept",
        )
    try:
        config = json.loads((place / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise CheckpointError(f"This folder has no readable config.json ({problem})", where=place) from None
    sizes = checked_sizes(config, place)
    if out.exists() and any(out.iterdir()) and _format_of(out) != checkpoint.ANTICIPATION:
        raise CheckpointError("This folder holds something else", where=out, hint="Choose another one", setting="out")
    _, transformers = libraries(place)
    try:
        network = transformers.GPT2LMHeadModel.from_pretrained(
            place, config=transformers.GPT2Config(**sizes), local_files_only=True
        )
    except Exception as problem:  # noqa: BLE001  whatever a damaged file makes the library raise
        raise CheckpointError(f"These weights cannot be read ({problem})", where=place) from None
    weights = {key: value.float().numpy() for key, value in network.state_dict().items() if key != "lm_head.weight"}
    card = {
        "format": checkpoint.ANTICIPATION,
        "model": sizes,
        "name": name,
        "licence": LICENCE,
        "rights": RIGHTS,
        "caution": f"trained on the {DATA}; may you sell what it writes: {SELL}",
        "data": [{"name": DATA, "source": "colinraffel.com/projects/lmd", "licence": "CC-BY 4.0 for the collection"}],
    }
    checkpoint.write_files(weights, card, out)
    return ImportedTransformer(out, sum(value.size for value in weights.values()))


def _format_of(folder: Path) -> object:
    try:
        return checkpoint.card_of(folder).get("format")
    except CheckpointError:
        return None
