"""Import of published weights, from a folder that ``transformers`` writes to a generator folder of emsync."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emsync_bridge.errors import CheckpointError
from emsync_bridge.music.composers_assistant.generator import checked_config, is_shared
from emsync_bridge.music.network import checkpoint
from emsync_bridge.music.network.transformers_folder import (
    libraries,
    published_config,
    published_network,
    refuse_other_contents,
)

LICENCE = "MIT"
DATA = "music in the public domain, under CC0 and CC-BY, and files used with their authors' leave"
SELL = "yes"

RIGHTS = (
    "The weights are under MIT. They were trained on music in the public domain, under CC0 and CC-BY, and on files "
    "whose authors gave leave. Their author claims no rights to what they write, and leaves it to you that it repeats "
    "nobody else's music. May you sell what it writes? Yes."
)


@dataclass(frozen=True)
class ImportedAssistant:
    """An imported network: its folder, and the number of its values."""

    folder: Path
    parameters: int


def import_generator(place: Path, out: Path, *, name: str) -> ImportedAssistant:
    """Write Composer's Assistant 2 as a generator folder of emsync.

    Arguments:
        place: Folder with ``config.json`` and the weights of the network without merged tokens, as safetensors or as
            plain PyTorch weights, which are read without running any code in them.
        out: Path where it goes; what is there must be of this kind.
        name: Name that it gets here.

    Raises:
        CheckpointError: The folder holds no such network.
    """
    said = published_config(place)
    config = checked_config(said, place)
    refuse_other_contents(out, checkpoint.COMPOSERS_ASSISTANT)
    _, transformers = libraries(place)
    network = published_network(place, transformers.T5ForConditionalGeneration, transformers.T5Config(**config))
    weights = {key: value.float().numpy() for key, value in network.state_dict().items() if not is_shared(key, config)}
    halves = max(float(np.abs(value).max()) for value in weights.values())
    if not halves <= float(np.finfo(np.float16).max):
        raise CheckpointError("Some weights are infinite in half precision", where=place)
    card = {
        "format": checkpoint.COMPOSERS_ASSISTANT,
        "model": config,
        "name": name,
        "licence": LICENCE,
        "rights": RIGHTS,
        "caution": f"trained on {DATA}; may you sell what it writes: {SELL}",
        "data": [
            {
                "name": "MIDI files listed by its author",
                "source": "github.com/m-malandro/composers-assistant-REAPER, acknowledgments.html",
                "licence": "public domain, CC0, CC-BY, or with leave",
            }
        ],
    }
    checkpoint.write_files(weights, card, out)
    return ImportedAssistant(out, sum(value.size for value in weights.values()))
