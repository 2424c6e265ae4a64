"""Training of the generator: one loop for CPU and GPU, resumable, deterministic by seed when counted in steps."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from emsync_bridge.errors import CorpusError
from emsync_bridge.music import checkpoints
from emsync_bridge.music.model import Generator
from emsync_bridge.music.sizes import ModelConfig
from emsync_bridge.music.tokens import CHORD, PAD
from emsync_bridge.training.corpus import read_split
from emsync_bridge.training.excerpts import PLAIN, Augmentation, Batch, Excerpts
from emsync_bridge.training.muon import Muon


@dataclass(frozen=True)
class TrainingPlan:
    """Settings of a run.

    Arguments:
        steps: Optimiser steps.
        minutes: When given, the run ends after so many minutes instead, and its schedule follows the clock.
        batch: Excerpts per step.
        accumulate: Backward passes per step.
        matrix_rate: Step size of Muon for the matrices inside the blocks.
        rate: Step size of AdamW for everything else.
        warmup: Share of the run over which the step size rises.
        decay: Share of the run, at its end, over which it falls to nothing.
        weight_decay: Of both optimisers.
        chord_weight: Weight of the CHORD token in the loss (EMSYNC: 10).
        seed: Of weights, draws and dropout.
        validate_every: Steps between validations.
        validation: Excerpts that a validation reads.
        patience: Validations without progress before the run stops early; 0 means never.
        threads: CPU threads; 0 leaves torch's own choice.
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
    compile: bool = False


def train(
    corpus: Path,
    out: Path,
    config: ModelConfig,
    plan: TrainingPlan,
    *,
    augmentation: Augmentation | None = None,
    card: dict[str, Any] | None = None,
    start_from: Path | None = None,
    progress: Callable[[dict[str, float]], None] | None = None,
) -> dict[str, float]:
    """Train a generator and write its checkpoint, best by validation, to a folder.

    A folder that holds an unfinished run of the same settings is continued.

    Arguments:
        corpus: Folder that ``emsync corpus build`` wrote.
        out: Folder of the checkpoint, its log (``log.jsonl``) and the state to resume from (``state.pt``).
        config: Sizes of the network.
        plan: Settings of the run.
        augmentation: How excerpts are varied.
        card: What the model card says of data and licences.
        start_from: Checkpoint whose weights the run begins with.
        progress: Called with every line of the log.

    Returns:
        The last line of the log.
    """
    if plan.threads:
        torch.set_num_threads(plan.threads)
    torch.manual_seed(plan.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    material = Excerpts(read_split(corpus, "train"), config.context, augmentation or Augmentation())
    heldout = Excerpts(read_split(corpus, "valid"), config.context, PLAIN)
    if not material.pieces or not heldout.pieces:
        raise CorpusError("Training needs pieces in both train and valid", where=corpus)
    exam = heldout.draw(plan.validation, np.random.default_rng(0))

    generator = _started(start_from) if start_from else Generator(config)
    generator.to(device)
    optimisers = _optimisers(generator, plan)
    run = _Run(out, generator, optimisers, {"plan": asdict(plan), "config": asdict(config)})
    step, spent, best = run.resume()
    network = torch.compile(generator) if plan.compile else generator
    stale, line = 0, dict[str, float]()
    began = time.monotonic() - spent
    losses: list[float] = []
    while (done := _share_done(plan, step, time.monotonic() - began)) < 1.0:
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["full_lr"] * _schedule(done, plan)
        generator.train()
        for index in range(plan.accumulate):
            rng = np.random.default_rng((plan.seed, step, index))
            loss, plain = _loss(network, material.draw(plan.batch, rng), device, plan.chord_weight)
            torch.autograd.backward(loss / plan.accumulate)
            losses.append(plain)
        torch.nn.utils.clip_grad_norm_(generator.parameters(), 1.0)
        for optimiser in optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        step += 1
        ends = _share_done(plan, step, time.monotonic() - began) >= 1.0
        if step % plan.validate_every and not ends:
            continue
        score = validate(generator, exam, plan.batch, device)
        spent = time.monotonic() - began
        tokens = step * plan.batch * plan.accumulate * config.context
        line = {"step": step, "seconds": round(spent, 1), "tokens": tokens, "train": float(np.mean(losses)), **score}
        losses.clear()
        stale = 0 if score["valid"] < best else stale + 1
        if score["valid"] < best:
            best = score["valid"]
            said = {**(card or {}), "training": {**asdict(plan), **line}}
            checkpoints.save(generator.config, generator.weights(), said, out)
        run.save(step, spent, best, line)
        if progress:
            progress(line)
        if plan.patience and stale >= plan.patience:
            break
    return line


def validate(generator: Generator, exam: Batch, batch: int, device: str) -> dict[str, float]:
    """Return nats per token on held-out excerpts: of all tokens (``valid``) and of CHORD tokens (``chord``)."""
    generator.eval()
    total, count, chord, chords = 0.0, 0, 0.0, 0
    with torch.inference_mode():
        for begin in range(0, len(exam.tokens), batch):
            part = Batch(*(array[begin : begin + batch] for array in (exam.tokens, exam.scalars, exam.place)))
            each, targets = _token_losses(generator, part, device)
            total += float(each.sum())
            count += int((targets != PAD).sum())
            chord += float(each[targets == CHORD].sum())
            chords += int((targets == CHORD).sum())
    return {"valid": total / max(count, 1), "chord": chord / max(chords, 1)}


def _loss(network: Any, batch: Batch, device: str, chord_weight: float) -> tuple[Tensor, float]:
    with torch.autocast("cuda", torch.bfloat16, enabled=device == "cuda"):
        each, targets = _token_losses(network, batch, device)
    weight = (targets != PAD).float()
    plain = float((each.detach() * weight).sum() / weight.sum())
    weight = torch.where(targets == CHORD, weight * chord_weight, weight)
    return (each * weight).sum() / weight.sum(), plain


def _token_losses(network: Any, batch: Batch, device: str) -> tuple[Tensor, Tensor]:
    tokens = torch.from_numpy(batch.tokens).to(device)
    scores = network(
        tokens[:, :-1], torch.from_numpy(batch.scalars).to(device), torch.from_numpy(batch.place).to(device)
    )
    targets = tokens[:, 1:].flatten()
    return functional.cross_entropy(scores.flatten(0, 1).float(), targets, ignore_index=PAD, reduction="none"), targets


def _optimisers(generator: Generator, plan: TrainingPlan) -> list[torch.optim.Optimizer]:
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


def _started(folder: Path) -> Generator:
    checkpoint = checkpoints.load(folder)
    return Generator.of(checkpoint.config, checkpoint.weights)


def _share_done(plan: TrainingPlan, step: int, seconds: float) -> float:
    return seconds / (plan.minutes * 60) if plan.minutes else step / plan.steps


def _schedule(done: float, plan: TrainingPlan) -> float:
    """Return the share of the full step size: a rise, a plateau, and a cosine fall."""
    if done < plan.warmup:
        return max(done / plan.warmup, 0.02)
    if done <= 1 - plan.decay:
        return 1.0
    return 0.5 + 0.5 * math.cos(math.pi * min(1.0, (done - 1 + plan.decay) / plan.decay))


class _Run:
    """The state of a run on disk."""

    def __init__(
        self, out: Path, generator: Generator, optimisers: list[torch.optim.Optimizer], settings: dict[str, Any]
    ) -> None:
        self.out, self.generator, self.optimisers, self.settings = out, generator, optimisers, settings
        out.mkdir(parents=True, exist_ok=True)

    def resume(self) -> tuple[int, float, float]:
        """Return step, seconds spent and best validation loss of an unfinished run, or those of a new one."""
        path = self.out / "state.pt"
        if not path.exists():
            return 0, 0.0, math.inf
        state = torch.load(path, weights_only=True)
        if state["settings"] != self.settings:
            raise CorpusError(
                "This folder holds a run with other settings", where=self.out, hint="Choose another folder"
            )
        self.generator.load_state_dict(state["weights"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        return state["step"], state["seconds"], state["best"]

    def save(self, step: int, seconds: float, best: float, line: dict[str, float]) -> None:
        state = {
            "settings": self.settings,
            "weights": self.generator.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "step": step,
            "seconds": seconds,
            "best": best,
        }
        draft = self.out / ".state.pt.part"
        torch.save(state, draft)
        draft.replace(self.out / "state.pt")
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")


def read_log(out: Path) -> Iterator[dict[str, float]]:
    """Yield the lines of a run's log."""
    for line in (out / "log.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
