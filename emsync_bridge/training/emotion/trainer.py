"""Training the head that tells emotions from frozen features, and saying how well it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from emsync_bridge.emotion.fusion.head import LEAST_LOG_VARIANCE, MAX_LOG_VARIANCE
from emsync_bridge.emotion.fusion.head_file import HeadSheet, Modality, write_head
from emsync_bridge.emotion.fusion.head_tokens import CUTTING, CUTTING_COLUMNS, CUTTING_VERSION
from emsync_bridge.errors import CorpusError, OutputError
from emsync_bridge.training.emotion.batches import (
    ClipBatch,
    batch_of,
    measure_scale,
    random_stretch,
    scaled,
    stretch_of,
)
from emsync_bridge.training.emotion.features import SeenClip
from emsync_bridge.training.emotion.network import HeadNetwork
from emsync_bridge.training.emotion.report import calibrate, report

CLIP_NORM = 1.0

SMOOTHING = 0.05
"""Share of a single label's weight that goes to the others (Szegedy et al. 2016, arXiv 1512.00567)."""


@dataclass(frozen=True)
class HeadPlan:
    """Settings of the training of a head.

    Arguments:
        width: Numbers in a token.
        heads: Attention heads.
        queries: Learned queries.
        dropout: Dropout of what blocks add, and of features.
        modality_dropout: Chance that a modality is left out of a clip while training.
        rate: Step size of AdamW.
        decay: Weight decay.
        epochs: Passes over the training clips at most.
        patience: Passes without progress on the validation clips before stopping.
        batch: Clips per step.
        seed: Source of chance.
        threads: CPU threads; 0 leaves the choice to torch.
    """

    width: int = 64
    heads: int = 4
    queries: int = 4
    dropout: float = 0.2
    modality_dropout: float = 0.3
    rate: float = 1e-3
    decay: float = 0.05
    epochs: int = 100
    patience: int = 15
    batch: int = 32
    seed: int = 1
    threads: int = 0


class FeatureSource(Protocol):
    """Source of features: an extractor, or published features."""

    @property
    def name(self) -> str:
        """Name, which is that of its modality."""

    @property
    def version(self) -> str:
        """Version, which changes with the meaning of the features."""

    @property
    def origin(self) -> str:
        """Model, source and licence, for reports."""


@dataclass(frozen=True)
class Epoch:
    """One pass over the training clips: its number and the losses on training and validation clips."""

    number: int
    train: float
    valid: float


def train_head(
    clips: Sequence[SeenClip],
    extractors: Sequence[FeatureSource],
    out: Path,
    plan: HeadPlan,
    *,
    data: str,
    progress: Callable[[Epoch], None] | None = None,
) -> HeadSheet:
    """Train a head, calibrate it on the validation clips, try it on the test clips, and write it.

    Arguments:
        clips: Labelled clips of all three splits, looked at.
        extractors: Sources of their features.
        out: Folder for head.safetensors and head.json; made when missing.
        plan: Settings of the training.
        data: Description of the clips in a few words, for the model card.
        progress: Function called after each pass.

    Returns:
        The sheet as written, with its metrics.

    Raises:
        CorpusError: The clips teach nothing.
        OutputError: The head cannot be written.
    """
    by_split = {name: [clip for clip in clips if clip.clip.split == name] for name in ("train", "valid", "test")}
    sheet = _blank_sheet(by_split["train"], extractors, plan, data)
    known = set(sheet.labels)
    for name, group in by_split.items():
        by_split[name] = [c for c in group if c.clip.affect or (c.clip.labels and set(c.clip.labels) <= known)]
        if not by_split[name]:
            raise CorpusError(f"No clips that can be used are left for {name}")
    scale = measure_scale(sheet.modalities, by_split["train"])
    train, valid = (scaled(by_split[name], sheet.modalities, scale) for name in ("train", "valid"))
    network = _fit(sheet, train, valid, plan, progress)
    tensors = {**network.tensors(), **scale}
    sheet = calibrate(sheet, tensors, by_split["valid"], by_split["train"])
    metrics = report(sheet, tensors, by_split["test"])
    metrics["clips"] = {name: len(group) for name, group in by_split.items()}
    sheet = sheet.model_copy(update={"metrics": metrics, "card": _card(sheet, plan)})
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise OutputError(f"This folder cannot be made ({problem.strerror})", where=out) from None
    write_head(out, sheet, tensors)
    return sheet


def _blank_sheet(
    clips: Sequence[SeenClip], extractors: Sequence[FeatureSource], plan: HeadPlan, data: str
) -> HeadSheet:
    columns = {name: tokens.values.shape[1] for clip in clips for part in clip.parts for name, tokens in part.items()}
    cut = Modality(name=CUTTING, version=CUTTING_VERSION, columns=CUTTING_COLUMNS, origin="lengths of shots")
    modalities = [cut] if CUTTING in columns else []
    modalities += [
        Modality(name=e.name, version=e.version, columns=columns[e.name], origin=e.origin)
        for e in extractors
        if e.name in columns
    ]
    labels = tuple(sorted({label for clip in clips for label in clip.clip.labels}))
    affect = any(clip.clip.affect for clip in clips)
    if len(labels) == 1 and not affect:
        raise CorpusError(f"All clips have the label {labels[0]!r}, which teaches nothing")
    return HeadSheet(
        modalities=tuple(modalities),
        labels=labels if len(labels) > 1 else (),
        several=any(len(clip.clip.labels) > 1 for clip in clips),
        affect=affect,
        width=plan.width,
        heads=plan.heads,
        queries=plan.queries,
        temperature={"part": 1.0, "clip": 1.0},
        data=data,
    )


def _fit(
    sheet: HeadSheet,
    train: Sequence[SeenClip],
    valid: Sequence[SeenClip],
    plan: HeadPlan,
    progress: Callable[[Epoch], None] | None,
) -> HeadNetwork:
    """Return the network as it was when it did best on the validation clips."""
    rng = np.random.default_rng(plan.seed)
    before = torch.get_num_threads()
    if plan.threads:
        torch.set_num_threads(plan.threads)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(plan.seed)
        network = HeadNetwork(sheet, plan.dropout)
        optimiser = torch.optim.AdamW(network.parameters(), lr=plan.rate, weight_decay=plan.decay, foreach=True)
        # whole clips, and one part of each, the same ones in every pass
        exams = [
            [stretch_of(clip) for clip in valid],
            [stretch_of(clip, at, at + 1) for clip in valid for at in [int(rng.integers(len(clip.parts)))]],
        ]
        papers = [batch_of(valid, exam, sheet.modalities, sheet.labels) for exam in exams]
        best, best_state, waited = float("inf"), deepcopy(network.state_dict()), 0
        for number in range(1, plan.epochs + 1):
            learnt = _pass(network, optimiser, sheet, train, plan, rng)
            network.eval()
            with torch.inference_mode():
                tried = float(np.mean([float(_loss(network, paper, sheet, 0.0)) for paper in papers]))
            if progress is not None:
                progress(Epoch(number, learnt, tried))
            waited += 1
            if tried < best - 1e-4:
                best, best_state, waited = tried, deepcopy(network.state_dict()), 0
            if waited >= plan.patience:
                break
    torch.set_num_threads(before)
    network.load_state_dict(best_state)
    return network.eval()


def _pass(
    network: HeadNetwork,
    optimiser: torch.optim.Optimizer,
    sheet: HeadSheet,
    train: Sequence[SeenClip],
    plan: HeadPlan,
    rng: np.random.Generator,
) -> float:
    network.train()
    losses = []
    order = rng.permutation(len(train))
    for first in range(0, len(order), plan.batch):
        chosen = [train[i] for i in order[first : first + plan.batch]]
        batch = batch_of(
            chosen,
            [random_stretch(clip, rng) for clip in chosen],
            sheet.modalities,
            sheet.labels,
            dropped=plan.modality_dropout,
            rng=rng,
        )
        loss = _loss(network, batch, sheet, SMOOTHING)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), CLIP_NORM)
        optimiser.step()
        losses.append(loss.item())
    return float(np.mean(losses))


def _loss(network: HeadNetwork, batch: ClipBatch, sheet: HeadSheet, smoothing: float) -> Tensor:
    """Return cross-entropy of the labels plus the Gaussian log loss of valence and arousal, where they are known."""
    logits, affect = network(batch.values, batch.times, batch.known)
    total = logits.new_zeros(())
    if sheet.labels and batch.labelled.any():
        told, truth = logits[batch.labelled], batch.labels[batch.labelled]
        if sheet.several:
            total = total + nn.functional.binary_cross_entropy_with_logits(told, truth)
        else:
            total = total + nn.functional.cross_entropy(told, truth.argmax(dim=1), label_smoothing=smoothing)
    rated = batch.affect.isfinite().all(dim=1)
    if sheet.affect and rated.any():
        logs = affect[rated, 2:].clamp(LEAST_LOG_VARIANCE, MAX_LOG_VARIANCE)
        error = (affect[rated, :2] - batch.affect[rated]) ** 2
        total = total + (error / logs.exp() + logs).mean() / 2
    loss: Tensor = total
    return loss


def _card(sheet: HeadSheet, plan: HeadPlan) -> dict[str, object]:
    return {
        "what": "fusion head of emsync-bridge: temporal attention within each modality, learned queries across all",
        "for": "a cautious estimate on the mood of a shot, to be weighed with others and overruled by people",
        "not_for": "judging people: it looks at pictures and sound as a whole, and its labels are those of its data",
        "trained_on": sheet.data,
        "features": {modality.name: modality.origin for modality in sheet.modalities},
        "rights": "the head takes on the terms of its data and of the features' models; whether a use is allowed is "
        "for its user to judge",
        "plan": asdict(plan),
    }
