"""Import of BEATs' published checkpoints: sizes, weights and classes, as settings and safetensors."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emsync_bridge.emotion.pretrained.beats.sizes import BeatsSizes, shapes_of
from emsync_bridge.emotion.pretrained.catalogue import BEATS
from emsync_bridge.errors import CheckpointError, OutputError
from emsync_bridge.files.atomic import publish, staging_folder
from emsync_bridge.files.torch_weights import read_torch

if TYPE_CHECKING:
    from torch import Tensor

IDENTIFIERS = Path(__file__).with_name("audioset_ids.txt")

MAX_BYTES = 2**31

SETTINGS = {
    "patch": "input_patch_size",
    "embedding": "embed_dim",
    "width": "encoder_embed_dim",
    "inner": "encoder_ffn_embed_dim",
    "layers": "encoder_layers",
    "heads": "encoder_attention_heads",
    "position_span": "conv_pos",
    "position_groups": "conv_pos_groups",
    "buckets": "num_buckets",
    "farthest": "max_distance",
}
"""Sizes, by the names that checkpoints give them."""

KIND = {
    "activation_fn": "gelu",
    "layer_norm_first": False,
    "deep_norm": True,
    "conv_bias": False,
    "relative_position_embedding": True,
    "gru_rel_pos": True,
}
"""Settings of the published networks that are the only ones known here."""


@dataclass(frozen=True)
class ImportedBeats:
    """A BEATs network that was imported.

    Arguments:
        folder: Folder of the imported network.
        parameters: Number of weights.
        classes: Number of classes that it tells; 0 where it was not fine-tuned, so that only heads can use it.
        known: Number of these with a mood.
    """

    folder: Path
    parameters: int
    classes: int
    known: int


@lru_cache(maxsize=1)
def class_names() -> dict[str, str]:
    """Return names of AudioSet's classes by their identifiers, of those that have a mood."""
    lines = IDENTIFIERS.read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" ", 1) for line in lines if line and not line.startswith("#"))
    return {identifier: name.strip() for identifier, name in pairs}


def import_beats(place: Path, out: Path) -> ImportedBeats:
    """Check a published checkpoint of BEATs and write it as settings and safetensors.

    Arguments:
        place: The file, such as ``BEATs_iter3_plus_AS2M_finetuned_on_AS2M_cpt2.pt``.
        out: Folder for ``config.json`` and ``model.safetensors``, made when missing.

    Raises:
        CheckpointError: It cannot be read as plain tensors, or is no BEATs network of the published kind.
        OutputError: The files cannot be written.
    """
    content = read_torch(place, MAX_BYTES)
    from safetensors.torch import save

    settings, state = (content.get(name) if isinstance(content, Mapping) else None for name in ("cfg", "model"))
    if not isinstance(settings, Mapping) or not isinstance(state, Mapping):
        raise CheckpointError(
            "This file holds no BEATs network: 'cfg' and 'model' are missing",
            where=place,
            hint="Give a file of github.com/microsoft/unilm, beats, such as BEATs_iter3_plus_AS2M.pt",
        )
    sizes = _sizes(settings, place)
    weights = _weights(sizes, state, place)
    labels = _labels(content.get("label_dict"), sizes.classes)
    document = {"model_type": BEATS.kind, "id2label": dict(enumerate(labels)), "beats": asdict(sizes)}
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise OutputError(f"This folder cannot be made ({problem.strerror})", where=out) from None
    with staging_folder(out) as room:
        (room / "model.safetensors").write_bytes(save(weights))
        (room / "config.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8", newline="\n")
        for name in ("model.safetensors", "config.json"):
            publish(room / name, out / name)
    known = set(class_names().values())
    return ImportedBeats(
        out,
        parameters=sum(math.prod(tensor.shape) for tensor in weights.values()),
        classes=sizes.classes,
        known=sum(label in known for label in labels),
    )


def _sizes(settings: Mapping[Any, Any], place: Path) -> BeatsSizes:
    for name, expected in KIND.items():
        if settings.get(name, expected) != expected:
            raise CheckpointError(
                f"This BEATs network is of an unknown kind: {name} is {str(settings[name])[:40]!r}, not {expected!r}",
                where=place,
                hint="Give one of the networks that its authors published",
            )
    found = {ours: settings.get(theirs) for ours, theirs in SETTINGS.items()}
    if settings.get("finetuned_model"):
        found["classes"] = settings.get("predictor_class")
    return BeatsSizes.checked(found, place)


def _weights(sizes: BeatsSizes, state: Mapping[Any, Any], place: Path) -> dict[str, Tensor]:
    """Return the tensors of the network; the bias of position, which layers share, is kept once."""
    import torch

    found = {}
    for name, shape in shapes_of(sizes).items():
        tensor = state.get(name)
        if not isinstance(tensor, torch.Tensor) or tuple(tensor.shape) != shape:
            said = "is missing" if not isinstance(tensor, torch.Tensor) else f"is {tuple(tensor.shape)}, not {shape}"
            raise CheckpointError(f"These are not the weights of a BEATs network: {name} {said}", where=place)
        found[name] = tensor.detach().float().contiguous().clone()
        if not torch.isfinite(found[name]).all():
            raise CheckpointError(f"The weights of {name} are not all numbers", where=place)
    return found


def _labels(told: object, classes: int) -> list[str]:
    """Return a name for each class; its identifier where it has no mood."""
    given = told if isinstance(told, Mapping) else {}
    identifiers = [str(given.get(i, given.get(str(i), "")))[:40] for i in range(classes)]
    return [class_names().get(identifier, identifier) for identifier in identifiers]
