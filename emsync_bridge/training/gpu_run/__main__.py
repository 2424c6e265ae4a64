"""The two ends of a GPU run: ``pack`` before it, ``install`` after it."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from emsync_bridge.errors import CheckpointError, EmsyncError
from emsync_bridge.music.network import checkpoint
from emsync_bridge.music.network.config import ModelConfig
from emsync_bridge.training.gpu_run.bundle import GPU_PLAN, LARGE, RunSettings, pack
from emsync_bridge.training.gpu_run.checkpoint_parts import join_parts


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks and return the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.command == "pack":
            _pack(asked)
        else:
            _install(asked)
    except (EmsyncError, OSError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


def _pack(asked: argparse.Namespace) -> None:
    plan = replace(
        GPU_PLAN,
        minutes=asked.minutes,
        steps=asked.steps or GPU_PLAN.steps,
        batch=asked.batch,
        validate_every=asked.validate_every,
        compile=not asked.no_compile,
    )
    if asked.steps:
        plan = replace(plan, minutes=0.0)
    config = ModelConfig(
        layers=asked.layers,
        width=asked.width,
        heads=asked.heads,
        hidden=4 * asked.width,
        context=asked.context,
        dropout=asked.dropout,
    )
    try:
        card = json.loads(asked.card.read_text(encoding="utf-8")) if asked.card else {}
    except ValueError as problem:
        raise CheckpointError(f"The card is not valid JSON ({problem})", where=asked.card) from None
    size = pack(asked.corpus, asked.out, RunSettings(config, plan, card), start_from=asked.start_from)
    sys.stdout.write(f"{asked.out}: {size / 2**20:.1f} MB; run it with: python {asked.out}/train.py --out OUT\n")


def _install(asked: argparse.Namespace) -> None:
    if asked.to.exists() and not asked.replace:
        raise CheckpointError("There is a checkpoint already", where=asked.to, hint="Give --replace to replace it")
    before = checkpoint.card_of(asked.to).get("losses") if (asked.to / "card.json").is_file() else None
    document = join_parts(asked.result, asked.to)
    now = document["report"].get("losses", {})
    for split, losses in now.items():
        line = f"{split}: {losses['all']:.3f} nats per token"
        if before and split in before:
            line += f" (before {before[split]['all']:.3f}, on its own excerpts)"
        sys.stdout.write(line + "\n")
    if not now:
        sys.stdout.write("The run ended before its evaluation; measure it with `emsync evaluate`.\n")
    sys.stdout.write(f"{asked.to}: {checkpoint.load(asked.to).name}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m emsync_bridge.training.gpu_run", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    packing = commands.add_parser("pack", help="corpus, code and settings into one folder of at most 64 MB")
    packing.add_argument("corpus", type=Path, help="folder that `emsync corpus build` wrote")
    packing.add_argument("out", type=Path, help="folder to write")
    packing.add_argument("--minutes", type=float, default=GPU_PLAN.minutes, help="of the whole run")
    packing.add_argument("--steps", type=int, default=0, help="count steps instead of minutes")
    packing.add_argument("--batch", type=int, default=GPU_PLAN.batch, help="excerpts in a step")
    packing.add_argument("--validate-every", type=int, default=GPU_PLAN.validate_every, help="steps")
    packing.add_argument("--no-compile", action="store_true", help="do without torch.compile")
    for name in ("layers", "width", "heads", "context"):
        packing.add_argument(f"--{name}", type=int, default=getattr(LARGE, name))
    packing.add_argument("--dropout", type=float, default=LARGE.dropout)
    packing.add_argument("--card", type=Path, help="what the model card says of name, data and licences, as JSON")
    packing.add_argument("--start-from", type=Path, help="checkpoint whose sizes and weights the run begins with")
    installing = commands.add_parser("install", help="join, verify and install what came back")
    installing.add_argument("result", type=Path, help="folder with the parts and run.json")
    installing.add_argument("to", type=Path, help="folder of the checkpoint")
    installing.add_argument("--replace", action="store_true", help="replace the checkpoint that is there")
    return parser


if __name__ == "__main__":
    sys.exit(main())
