"""The card of a generator: what it learned from and how, and how well it foretells music that it has not seen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emsync_bridge.errors import CorpusError
from emsync_bridge.music.network import checkpoint
from emsync_bridge.training.corpus.dataset import SPLITS, SplitStatistics, read_split

_EXCERPTS = 60
"""Excerpts of each split that the losses are measured on."""


def begin_card(corpus: Path, said: Mapping[str, Any], start_from: Path | None = None) -> dict[str, Any]:
    """Return the card that a run begins with.

    Arguments:
        corpus: Folder that ``emsync corpus build`` wrote.
        said: Facts that nobody but people knows: name, data, licences, rights, limits.
        start_from: Checkpoint whose weights the run begins with.

    Raises:
        CorpusError: There is no corpus.
        CheckpointError: There is no such checkpoint.
    """
    card = {
        **said,
        "splits": {split: vars(SplitStatistics.of(read_split(corpus, split).pieces)) for split in SPLITS},
        "corpus_sha256": digest(corpus),
    }
    if named := credits_of(corpus):
        card["credits"] = named
    if start_from is not None:
        earlier, name = checkpoint.read_card(start_from)
        card["started_from"] = {"name": name, "training": earlier.get("training", {})}
        if "started_from" in earlier:
            card["started_from"]["started_from"] = earlier["started_from"]
    return card


def credits_of(corpus: Path) -> list[dict[str, Any]]:
    """Return who is to be credited for a corpus, by source and licence; empty where its build was given no catalogue.

    Raises:
        CorpusError: What the build noted is damaged.
    """
    try:
        noted = json.loads((corpus / "statistics.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise CorpusError(f"The statistics of this corpus cannot be read ({problem})", where=corpus) from None
    return [one for one in noted.get("credits", []) if one["licence"]]


def finish_card(folder: Path, corpus: Path, device: str = "cpu") -> dict[str, dict[str, float]]:
    """Add to a checkpoint's card what it loses on each split, and return it.

    Arguments:
        folder: The checkpoint.
        corpus: Corpus that it was trained on.
        device: Device to measure on.

    Returns:
        Nats per token by split: of all tokens (``all``), of CHORD tokens (``chord``).
    """
    trained = checkpoint.load(folder)
    found = losses(trained, corpus, device)
    checkpoint.save(trained.config, trained.weights, {**trained.card, "losses": found}, folder)
    return found


def losses(trained: checkpoint.Checkpoint, corpus: Path, device: str = "cpu") -> dict[str, dict[str, float]]:
    """Return what a generator loses on each split of a corpus, on excerpts that are the same for all generators.

    Arguments:
        trained: The generator.
        corpus: Folder that ``emsync corpus build`` wrote.
        device: Device to measure on.
    """
    from emsync_bridge.music.network.model import GeneratorNetwork
    from emsync_bridge.training.generator.excerpts import PLAIN, Excerpts
    from emsync_bridge.training.generator.trainer import validate

    network = GeneratorNetwork.of(trained.config, trained.weights).to(device)
    found = {}
    for split in SPLITS:
        material = Excerpts(read_split(corpus, split), trained.config.context, PLAIN)
        if material.pieces:
            exam = material.draw(_EXCERPTS, np.random.default_rng(0))
            score = validate(network, exam, 8, device)
            found[split] = {"all": round(score["valid"], 4), "chord": round(score["chord"], 4)}
    return found


def digest(corpus: Path) -> str:
    """Return a hash of all tokens of a corpus with their moods."""
    mixed = hashlib.sha256()
    for split in SPLITS:
        held = read_split(corpus, split)
        mixed.update(json.dumps([piece.name for piece in held.pieces]).encode())
        for array in (held.tokens, held.affect):
            mixed.update(np.ascontiguousarray(array).tobytes())
    return mixed.hexdigest()
