"""Training of the generator: one loop for CPU and GPU, resumable, deterministic by seed when counted in steps."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from emsync_bridge.errors import CorpusError
from emsync_bridge.music.network import checkpoint as checkpoints
from emsync_bridge.music.network.config import ModelConfig
from emsync_bridge.music.network.model import GeneratorNetwork
from emsync_bridge.music.tokenizer.vocabulary import CHORD, PAD
from emsync_bridge.training.corpus.dataset import read_split
from emsync_bridge.training.generator.device_excerpts import DeviceBatch, DeviceExcerpts
from emsync_bridge.training.generator.distributed import ProcessGroup
from emsync_bridge.training.generator.excerpts import PLAIN, Augmentation, ExcerptBatch, Excerpts
from emsync_bridge.training.generator.loader import feed
from emsync_bridge.training.generator.muon import Muon
from emsync_bridge.training.generator.run_state import TrainingState
from emsync_bridge.training.generator.stopping import StopRequest, stoppable

SAVE_EVERY = 300.0
"""Seconds between two saved states where no validation comes before."""


@dataclass(frozen=True)
class TrainingPlan:
    """Settings of a run.

    Arguments:
        steps: Optimiser steps.
        minutes: Minutes after which the run ends instead, when given; its schedule follows the clock.
        batch: Excerpts per step.
        accumulate: Backward passes per step.
        matrix_rate: Step size of Muon for the matrices inside the blocks.
        rate: Step size of AdamW for everything else.
        warmup: Share of the run over which the step size rises.
        decay: Share of the run, at its end, over which it falls to nothing.
        weight_decay: Weight decay of both optimisers.
        chord_weight: Weight of the CHORD token in the loss (EMSYNC: 10).
        seed: Seed of weights, draws and dropout.
        validate_every: Steps between validations.
        validation: Excerpts that a validation reads.
        patience: Validations without progress before the run stops early; 0 means never.
        threads: CPU threads; 0 leaves torch's own choice.
        workers: Processes that draw excerpts ahead; 0 draws between the steps.
        on_device: Whether the corpus is kept, and excerpts drawn, on the device that trains.
        compile: Whether torch.compile is used.
    """

    steps: int = 2000
    minutes: float = 0.0
    batch: int = 8
    accumulate: int = 1
    matrix_rate: float = 0.02
    rate: float = 2e-3
    warmup: float = 0.03
    decay: float = 0.4
    weight_decay: float = 0.01
    chord_weight: float = 3.0
    seed: int = 1
    validate_every: int = 200
    validation: int = 48
    patience: int = 0
    threads: int = 0
    workers: int = 0
    on_device: bool = False
    compile: bool = False


@dataclass(frozen=True)
class TrainingRun:
    """One run: what it reads, what it writes and by which settings.

    Arguments:
        corpus: Folder that ``emsync corpus build`` wrote.
        out: Folder of the checkpoint, its log (``log.jsonl``, ``loss.png``) and the state to resume from
            (``state.pt``).
        config: Sizes of the network.
        plan: Settings of the run.
        augmentation: Augmentation of excerpts.
        card: Contents of the model card on data and licences.
        start_from: Checkpoint whose weights the run begins with.
    """

    corpus: Path
    out: Path
    config: ModelConfig
    plan: TrainingPlan
    augmentation: Augmentation = field(default_factory=Augmentation)
    card: Mapping[str, Any] = field(default_factory=dict)
    start_from: Path | None = None


def train(
    run: TrainingRun,
    *,
    progress: Callable[[dict[str, float]], None] | None = None,
    tell: Callable[[str, float], None] | None = None,
) -> dict[str, float]:
    """Train a generator and write its checkpoint, best by validation, to a folder.

    A folder that holds an unfinished run of the same settings is continued. The state is saved every few minutes, and
    when the run is interrupted, which it is after the step it is in. Under ``torchrun`` the processes share the
    work: each reads ``batch`` excerpts, and their gradients are averaged.

    Arguments:
        run: The corpus, the folder and the settings.
        progress: Function called with every line of the log.
        tell: Function called with a step's name and the share of it that is done.

    Returns:
        The last line of the log.

    Raises:
        CorpusError: The corpus or the folder cannot be used.
        KeyboardInterrupt: The run was interrupted; its state is saved.
    """
    plan = run.plan
    if plan.threads:
        torch.set_num_threads(plan.threads)
    torch.manual_seed(plan.seed)
    processes = ProcessGroup.from_environment()
    try:
        with stoppable() as stop:
            said = _Listeners(progress or (lambda _line: None), tell or (lambda _step, _share: None), stop)
            return _train(run, said, processes)
    finally:
        processes.close()


@dataclass(frozen=True)
class _Listeners:
    """Callbacks of a run, and the request that may end it."""

    progress: Callable[[dict[str, float]], None]
    tell: Callable[[str, float], None]
    stop: StopRequest


def _train(run: TrainingRun, said: _Listeners, processes: ProcessGroup) -> dict[str, float]:
    config, plan, device = run.config, run.plan, processes.device
    material = Excerpts(read_split(run.corpus, "train"), config.context, run.augmentation)
    heldout = Excerpts(read_split(run.corpus, "valid"), config.context, PLAIN)
    if not material.pieces or not heldout.pieces:
        raise CorpusError(
            "Training needs pieces in both train and valid",
            where=run.corpus,
            hint="Build the corpus from more pieces, or give their splits in a column named split of its labels",
        )
    exam = heldout.draw(plan.validation, np.random.default_rng(0))

    generator = _started(run.start_from) if run.start_from else GeneratorNetwork(config)
    generator.to(device)
    optimisers = _optimisers(generator, plan)
    state = TrainingState(run.out, generator, optimisers, {"plan": asdict(plan), "config": asdict(config)})
    step, spent, best = state.resume(device)
    batches = _batches(material, plan, processes, step * plan.accumulate)
    network = torch.compile(generator) if plan.compile else generator
    stale, line = 0, dict[str, float]()
    began = time.monotonic() - spent
    losses: list[Tensor] = []
    saved = time.monotonic()
    said.tell("Training", 0.0)
    while (done := processes.broadcast(_share_done(plan, step, time.monotonic() - began))) < 1.0:
        for group in (group for optimiser in optimisers for group in optimiser.param_groups):
            group["lr"] = group["full_lr"] * _schedule(done, plan)
        generator.train()
        losses += [_backward(network, next(batches), device, plan) for _ in range(plan.accumulate)]
        processes.average(generator.parameters())
        torch.nn.utils.clip_grad_norm_(generator.parameters(), 1.0)
        for optimiser in optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        step += 1
        if processes.is_main and (said.stop.asked or time.monotonic() - saved > SAVE_EVERY):
            state.save(step, time.monotonic() - began, best)
            saved = time.monotonic()
        said.stop.obey()
        said.tell("Training", _share_done(plan, step, time.monotonic() - began))
        ends = processes.broadcast(_share_done(plan, step, time.monotonic() - began)) >= 1.0
        if step % plan.validate_every and not ends:
            continue
        if processes.is_main:
            score = validate(generator, exam, plan.batch, device)
            spent = time.monotonic() - began
            tokens = step * plan.batch * plan.accumulate * config.context * processes.size
            line = {"step": step, "seconds": round(spent, 1), "tokens": tokens, "train": _mean(losses), **score}
            stale = 0 if score["valid"] < best else stale + 1
            if score["valid"] < best:
                best = score["valid"]
                checkpoints.save(
                    generator.config, generator.weights(), {**run.card, "training": {**asdict(plan), **line}}, run.out
                )
            state.save(step, spent, best, line)
            saved = time.monotonic()
            said.progress(line)
        losses.clear()
        if processes.broadcast(float(bool(plan.patience) and stale >= plan.patience)):
            break
    return line


def validate(generator: GeneratorNetwork, exam: ExcerptBatch, batch: int, device: str) -> dict[str, float]:
    """Return nats per token on held-out excerpts: of all tokens (``valid``) and of CHORD tokens (``chord``)."""
    generator.eval()
    total, count, chord, chords = 0.0, 0, 0.0, 0
    with torch.inference_mode():
        for begin in range(0, len(exam.tokens), batch):
            part = ExcerptBatch(*(array[begin : begin + batch] for array in (exam.tokens, exam.scalars, exam.place)))
            each, targets = _token_losses(generator, part, device)
            total += float(each.sum())
            count += int((targets != PAD).sum())
            chord += float(each[targets == CHORD].sum())
            chords += int((targets == CHORD).sum())
    return {"valid": total / max(count, 1), "chord": chord / max(chords, 1)}


def _batches(
    material: Excerpts, plan: TrainingPlan, processes: ProcessGroup, first: int
) -> Iterator[ExcerptBatch | DeviceBatch]:
    if plan.on_device:
        held = DeviceExcerpts(material.split, material.length, material.augmentation, processes.device)
        return held.feed(plan.batch, seed=plan.seed, rank=processes.rank, first=first)
    return feed(material, plan.batch, seed=plan.seed, rank=processes.rank, first=first, workers=plan.workers)


def _mean(losses: list[Tensor]) -> float:
    return float(torch.stack(losses).mean())


def _backward(network: Any, batch: ExcerptBatch | DeviceBatch, device: str, plan: TrainingPlan) -> Tensor:
    """Add the gradients of a batch; return its plain loss."""
    loss, plain = _loss(network, batch, device, plan.chord_weight)
    torch.autograd.backward(loss / plan.accumulate)
    return plain


def _loss(network: Any, batch: ExcerptBatch | DeviceBatch, device: str, chord_weight: float) -> tuple[Tensor, Tensor]:
    """Return the loss to learn from and the plain one in nats per token, both left on the device."""
    with torch.autocast("cuda", torch.bfloat16, enabled=device.startswith("cuda")):
        each, targets = _token_losses(network, batch, device)
    weight = (targets != PAD).float()
    plain = (each.detach() * weight).sum() / weight.sum()
    weight = torch.where(targets == CHORD, weight * chord_weight, weight)
    return (each * weight).sum() / weight.sum(), plain


def _token_losses(network: Any, batch: ExcerptBatch | DeviceBatch, device: str) -> tuple[Tensor, Tensor]:
    tokens, scalars, place = (
        torch.as_tensor(part, device=device) for part in (batch.tokens, batch.scalars, batch.place)
    )
    scores = network(tokens[:, :-1], scalars, place)
    targets = tokens[:, 1:].flatten()
    return functional.cross_entropy(scores.flatten(0, 1).float(), targets, ignore_index=PAD, reduction="none"), targets


def _optimisers(generator: GeneratorNetwork, plan: TrainingPlan) -> list[torch.optim.Optimizer]:
    """Return Muon (Jordan et al. 2024) for the matrices inside the blocks and AdamW for the rest."""
    matrices = [weight for weight in generator.blocks.parameters() if weight.ndim == 2]
    chosen = {id(weight) for weight in matrices}
    others = [weight for weight in generator.parameters() if id(weight) not in chosen]
    found: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(others, lr=plan.rate, betas=(0.9, 0.98), weight_decay=plan.weight_decay),
        Muon(matrices, lr=plan.matrix_rate, momentum=0.95, weight_decay=plan.weight_decay),
    ]
    for optimiser in found:
        for group in optimiser.param_groups:
            group["full_lr"] = group["lr"]
    return found


def _started(folder: Path) -> GeneratorNetwork:
    checkpoint = checkpoints.load(folder)
    return GeneratorNetwork.of(checkpoint.config, checkpoint.weights)


def _share_done(plan: TrainingPlan, step: int, seconds: float) -> float:
    return seconds / (plan.minutes * 60) if plan.minutes else step / plan.steps


def _schedule(done: float, plan: TrainingPlan) -> float:
    """Return the share of the full step size: a rise, a plateau, and a cosine fall."""
    if done < plan.warmup:
        return max(done / plan.warmup, 0.02)
    if done <= 1 - plan.decay:
        return 1.0
    return 0.5 + 0.5 * math.cos(math.pi * min(1.0, (done - 1 + plan.decay) / plan.decay))
