"""Import of published weights, from a folder that ``transformers`` writes to a generator folder of emsync."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from emsync_bridge.errors import CheckpointError
from emsync_bridge.music.anticipation.generator import checked_sizes
from emsync_bridge.music.network import checkpoint
from emsync_bridge.music.network.transformers_folder import (
    libraries,
    published_config,
    published_network,
    refuse_other_contents,
)

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


def import_generator(place: Path, out: Path, *, name: str, accepted: str | None) -> ImportedTransformer:
    """Write an Anticipatory Music Transformer as a generator folder of emsync.

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
    config = published_config(place)
    sizes = checked_sizes(config, place)
    refuse_other_contents(out, checkpoint.ANTICIPATION)
    _, transformers = libraries(place)
    network = published_network(place, transformers.GPT2LMHeadModel, transformers.GPT2Config(**sizes))
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
