"""The network itself: a T5 in an imported folder, through ``transformers``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emsync_bridge.errors import CheckpointError
from emsync_bridge.music.composers_assistant import vocabulary as tok
from emsync_bridge.music.network import checkpoint
from emsync_bridge.music.network.transformers_folder import cache_word, libraries

_MAX_SIZES = {
    "d_model": 2**12,
    "d_kv": 2**10,
    "d_ff": 2**14,
    "num_layers": 64,
    "num_decoder_layers": 64,
    "num_heads": 128,
    "relative_attention_num_buckets": 2**13,
    "relative_attention_max_distance": 2**13,
    "vocab_size": tok.VOCABULARY,
}
"""Greatest sizes of a network that are accepted, by the names that ``transformers`` gives them in its config."""

_ACTIVATIONS = ("relu", "gated-gelu")
_SHARED = frozenset({"encoder.embed_tokens.weight", "decoder.embed_tokens.weight"})
_HEAD = "lm_head.weight"


@dataclass
class ComposersAssistant:
    """The network, ready to fill blanks.

    Arguments:
        network: A ``T5ForConditionalGeneration``.
        name: Its name with a hash of its weights.
    """

    network: Any
    name: str

    def session(self, asked: Sequence[int]) -> InfillSession:
        """Return a session that has read a request and nothing of its answer.

        Arguments:
            asked: Tokens of a score with blanks.
        """
        return InfillSession(self, asked)


class InfillSession:
    """Generation session of one answer: what is asked is worked out once, and each token of the answer read once.

    Arguments:
        generator: The network.
        asked: Tokens of a score with blanks.
    """

    def __init__(self, generator: ComposersAssistant, asked: Sequence[int]) -> None:
        import torch
        import transformers

        self._generator = generator
        with torch.inference_mode():
            self._encoded = generator.network.encoder(input_ids=torch.tensor([list(asked)]))
        self._past = transformers.EncoderDecoderCache(transformers.DynamicCache(), transformers.DynamicCache())
        self.scores = np.zeros(0, dtype=np.float32)
        """Of the token after the last one read, shape (vocabulary,)."""
        self.read(tok.PAD)

    def read(self, token: int) -> None:
        """Take note of the next token of the answer."""
        import torch

        with torch.inference_mode():
            out = self._generator.network(
                encoder_outputs=self._encoded,
                decoder_input_ids=torch.tensor([[token]]),
                use_cache=True,
                **{cache_word(self._generator.network): self._past},
            )
        self.scores = out.logits[0, -1].float().numpy()


def load(folder: Path) -> ComposersAssistant:
    """Return the network from a folder.

    Raises:
        CheckpointError: Files are missing, damaged or of another kind, or the libraries are not installed.
    """
    card, weights, name = checkpoint.read_files(folder)
    if card.get("format") != checkpoint.COMPOSERS_ASSISTANT:
        raise CheckpointError("This is not Composer's Assistant 2", where=folder)
    config = checked_config(card.get("model"), folder)
    torch, transformers = libraries(folder)
    network = transformers.T5ForConditionalGeneration(transformers.T5Config(**config))
    network.tie_weights()
    wanted = {key: tuple(value.shape) for key, value in network.state_dict().items() if not is_shared(key, config)}
    floats = checkpoint.as_floats(weights, wanted, folder)
    network.load_state_dict({key: torch.from_numpy(value) for key, value in floats.items()}, strict=False)
    network.eval()
    return ComposersAssistant(network, name)


def is_shared(key: str, config: Mapping[str, Any]) -> bool:
    """Tell whether a tensor is another name of the embedding of the tokens."""
    return key in _SHARED or (key == _HEAD and bool(config["tie_word_embeddings"]))


def checked_config(said: Any, where: Path) -> dict[str, Any]:
    """Return the configuration of a network that a card or a file gives, refusing absurd ones.

    Raises:
        CheckpointError: It is that of no such network.
    """
    read = said if isinstance(said, Mapping) else {}
    if type(read.get("vocab_size")) is int and read["vocab_size"] != tok.VOCABULARY:
        raise CheckpointError(
            f"This network has {read['vocab_size']} tokens, needed are {tok.VOCABULARY}",
            where=where,
            hint="Give the folder models/unjoined/infill/finetuned_epoch_49_0/model of the release; the other network "
            "reads a vocabulary of merged tokens, which emsync does not know",
        )
    found: dict[str, Any] = {}
    for name, most in _MAX_SIZES.items():
        value = read.get(name)
        if type(value) is int and 0 < value <= most:
            found[name] = value
    activation, tied = read.get("feed_forward_proj"), read.get("tie_word_embeddings", True)
    if len(found) < len(_MAX_SIZES) or activation not in _ACTIVATIONS or type(tied) is not bool:
        raise CheckpointError("The sizes are not those of Composer's Assistant 2", where=where)
    return {**found, "feed_forward_proj": activation, "tie_word_embeddings": tied}
