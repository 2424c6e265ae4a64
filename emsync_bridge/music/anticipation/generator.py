"""The network itself: a GPT-2 in an imported folder, through ``transformers``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emsync_bridge.errors import CheckpointError
from emsync_bridge.music.anticipation.vocabulary import VOCABULARY
from emsync_bridge.music.network import checkpoint
from emsync_bridge.music.network.transformers_folder import cache_word, libraries

_MAX_SIZES = {"n_layer": 128, "n_embd": 2**14, "n_head": 256, "n_positions": 2**14, "vocab_size": VOCABULARY}
"""Greatest sizes of a network that are accepted, by the names that ``transformers`` gives them in its config."""
_MIN_POSITIONS = 64


@dataclass
class AnticipationGenerator:
    """The network, ready to say what may come next.

    Arguments:
        network: A ``GPT2LMHeadModel``.
        context: Tokens that it can see.
        name: Its name with a hash of its weights.
    """

    network: Any
    context: int
    name: str

    def reader(self) -> CachedReader:
        """Return a reader that has read nothing."""
        return CachedReader(self)


class CachedReader:
    """Reads a sequence that mostly grows, and keeps what it has worked out of its beginning."""

    def __init__(self, generator: AnticipationGenerator) -> None:
        self._generator = generator
        self._read: list[int] = []
        self._past: Any = None

    def scores(self, tokens: Sequence[int]) -> np.ndarray:
        """Return the scores of the token after a sequence, shape (vocabulary,).

        Arguments:
            tokens: Tokens so far, at least one and at most as many as the network can see.
        """
        import torch
        import transformers

        network, known = self._generator.network, len(self._read)
        if self._past is None or known >= len(tokens) or self._read != list(tokens[:known]):
            self._past, known = transformers.DynamicCache(), 0  # filled in place
        fresh = torch.tensor([list(tokens[known:])])
        with torch.inference_mode():
            out = network(fresh, use_cache=True, **{cache_word(self._generator.network): self._past})
        self._read = list(tokens)
        found: np.ndarray = out.logits[0, -1].float().numpy()
        return found


def load(folder: Path) -> AnticipationGenerator:
    """Return the network from a folder.

    Raises:
        CheckpointError: Files are missing, damaged or of another kind, or the libraries are not installed.
    """
    card, weights, name = checkpoint.read_files(folder)
    if card.get("format") != checkpoint.ANTICIPATION:
        raise CheckpointError("This is not an Anticipatory Music Transformer", where=folder)
    sizes = checked_sizes(card.get("model"), folder)
    torch, transformers = libraries(folder)
    network = transformers.GPT2LMHeadModel(transformers.GPT2Config(**sizes))
    network.tie_weights()
    wanted = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    wanted.pop("lm_head.weight", None)  # shared with the embedding
    floats = checkpoint.as_floats(weights, wanted, folder)
    network.load_state_dict({key: torch.from_numpy(value) for key, value in floats.items()}, strict=False)
    network.eval()
    return AnticipationGenerator(network, sizes["n_positions"], name)


def checked_sizes(said: Any, where: Path) -> dict[str, int]:
    """Return the sizes of a network that a card or a configuration gives, refusing absurd ones.

    Raises:
        CheckpointError: They are those of no such network.
    """
    found: dict[str, int] = {}
    for name, most in _MAX_SIZES.items():
        value = said.get(name) if isinstance(said, Mapping) else None
        if type(value) is int and 0 < value <= most:
            found[name] = value
    if len(found) < len(_MAX_SIZES) or found["vocab_size"] != VOCABULARY or found["n_positions"] < _MIN_POSITIONS:
        raise CheckpointError("The sizes are not those of an Anticipatory Music Transformer", where=where)
    if found["n_embd"] % found["n_head"]:
        raise CheckpointError("The width of this network does not divide by its heads", where=where)
    return found
