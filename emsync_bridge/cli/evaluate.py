"""``emsync evaluate``: how well a generator predicts music that it has not seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from emsync_bridge.cli.console import print_json, print_table
from emsync_bridge.cli.options import A_FOLDER


@click.command()
@click.argument("corpus", metavar="CORPUS", type=A_FOLDER)
@click.option("--model", type=A_FOLDER, help="Checkpoint folder; the one that comes with emsync otherwise.")
@click.option("--split", type=click.Choice(["valid", "test"]), default="test", show_default=True)
@click.option("--excerpts", type=click.IntRange(1), default=200, show_default=True, help="How many to read.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
def evaluate(corpus: Path, model: Path | None, split: str, excerpts: int, as_json: bool) -> None:
    """Measure a generator on CORPUS, a folder that `emsync corpus build` wrote.

    \b
    Example:
      emsync evaluate tokens --split test
    """
    import numpy as np

    from emsync_bridge.music.checkpoints import load
    from emsync_bridge.music.model import Generator
    from emsync_bridge.training.baselines import bigram_loss, unigram_loss
    from emsync_bridge.training.corpus import read_split
    from emsync_bridge.training.excerpts import PLAIN, Excerpts
    from emsync_bridge.training.trainer import validate

    checkpoint = load(model)
    network = Generator.of(checkpoint.config, checkpoint.weights)
    train, heldout = read_split(corpus, "train"), read_split(corpus, split)
    losses = {}
    for name, rule in (("generator", PLAIN), ("generator, boundaries untold", replace(PLAIN, no_offsets=1.0))):
        drawn = Excerpts(heldout, checkpoint.config.context, rule).draw(excerpts, np.random.default_rng(0))
        losses[name] = validate(network, drawn, 8, "cpu")
    table = {
        "unigram": unigram_loss(train, heldout),
        "bigram": bigram_loss(train, heldout),
        "generator": losses["generator"]["valid"],
        "CHORD token, offsets told": losses["generator"]["chord"],
        "CHORD token, offsets untold": losses["generator, boundaries untold"]["chord"],
    }
    if as_json:
        print_json({"model": checkpoint.name, "split": split, "nats_per_token": table})
        return
    click.echo(f"{checkpoint.name} on {split}")
    print_table([[name, f"{loss:.3f}"] for name, loss in table.items()], ("", "nats per token"))
