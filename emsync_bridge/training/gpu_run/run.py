"""The run itself, on the machine with the GPU: unpack, train, evaluate, and write parts as it goes."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from emsync_bridge.errors import CorpusError
from emsync_bridge.music.network import checkpoint
from emsync_bridge.training.generator import model_card
from emsync_bridge.training.generator.trainer import TrainingRun, train
from emsync_bridge.training.gpu_run.bundle import unpack
from emsync_bridge.training.gpu_run.checkpoint_parts import write_parts

EVALUATION = 0.06
"""Share of the minutes that is kept for evaluation and for writing."""


def run(folder: Path, out: Path, *, minutes: float | None = None, part_bytes: int | None = None) -> dict[str, Any]:
    """Train what a folder was packed for, and return the report that is also in the manifest.

    Arguments:
        folder: Folder that ``bundle.pack`` wrote.
        out: Folder of the checkpoint's parts and manifest, written from the first validation on.
        minutes: Minutes of the whole run; the packed settings' when None.
        part_bytes: Size of a part at most.

    Raises:
        CorpusError: The folder is damaged, or the minutes are too few to train at all.
    """
    began = time.monotonic()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    sizes = {} if part_bytes is None else {"part_bytes": part_bytes}
    with tempfile.TemporaryDirectory(prefix="emsync-run-", ignore_cleanup_errors=True) as place:
        room = Path(place)
        settings, corpus, start = unpack(folder, room / "corpus")
        plan, report = settings.plan, dict[str, Any](device=_device_name(device), log=[])
        if start is not None:
            report["start"] = model_card.losses(checkpoint.load(start), corpus, device)
        whole = plan.minutes if minutes is None else minutes
        if whole:
            left = whole * (1 - EVALUATION) - (time.monotonic() - began) / 60
            if left <= 0:
                raise CorpusError(f"{whole:g} minutes leave no time to train", hint="Give more minutes")
            plan = replace(plan, minutes=left)
        trained = room / "checkpoint"

        def tell(line: dict[str, float]) -> None:
            report["log"].append(line)
            report["tokens_per_second"] = round(line["tokens"] / max(line["seconds"], 1e-9))
            write_parts(trained, out, report, **sizes)
            sys.stderr.write(json.dumps(line) + "\n")

        train(TrainingRun(corpus, trained, settings.config, plan, card=settings.card, start_from=start), progress=tell)
        report["losses"] = model_card.finish_card(trained, corpus, device)
        report["seconds"] = round(time.monotonic() - began, 1)
        write_parts(trained, out, report, **sizes)
    return report


def main(folder: Path) -> None:
    """Run what the command line asks, for the folder that the script lies in."""
    parser = argparse.ArgumentParser(description="Train the generator that this folder was packed for.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the checkpoint's parts")
    parser.add_argument("--minutes", type=float, help="minutes of the whole run, evaluation included")
    asked = parser.parse_args()
    report = run(folder, asked.out, minutes=asked.minutes)
    told = {name: value for name, value in report.items() if name != "log"}
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


def _device_name(device: str) -> str:
    return torch.cuda.get_device_name() if device == "cuda" else "CPU"
