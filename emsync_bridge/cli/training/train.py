"""``emsync train``: train the generator on a tokenised corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from emsync_bridge.cli.shared.console import progress_shown as progress_of
from emsync_bridge.cli.shared.destinations import NewFolder, protects_files
from emsync_bridge.cli.shared.numbers import Number
from emsync_bridge.cli.shared.options import A_FILE, A_FOLDER


@click.command()
@click.argument("corpus", metavar="CORPUS", type=A_FOLDER)
@click.option(
    "--out",
    "-o",
    type=NewFolder("card.json", "weights.safetensors", "state.pt", "log.jsonl", "loss.png"),
    required=True,
    metavar="DIR",
    help="Folder for the checkpoint.",
)
@click.option("--layers", type=click.IntRange(1, 64), default=4, show_default=True, help="Transformer blocks.")
@click.option(
    "--width", type=click.IntRange(32, 4096), default=256, show_default=True, help="Numbers in a token's vector."
)
@click.option("--heads", type=click.IntRange(1, 64), default=4, show_default=True, help="Attention heads.")
@click.option("--context", type=click.IntRange(64, 8192), default=512, show_default=True, help="Tokens looked back on.")
@click.option(
    "--dropout", type=Number(0, 0.9), default=0.0, show_default=True, help="Share of values dropped in training."
)
@click.option(
    "--steps", type=click.IntRange(1), default=2000, show_default=True, help="Optimiser steps of the whole run."
)
@click.option("--minutes", type=Number(0), default=0.0, help="Stop after so long instead of counting steps.")
@click.option("--batch", type=click.IntRange(1), default=8, show_default=True, help="Excerpts per backward pass.")
@click.option("--accumulate", type=click.IntRange(1), default=1, show_default=True, help="Backward passes per step.")
@click.option("--matrix-rate", type=Number(0), default=0.02, show_default=True, help="Step size of Muon.")
@click.option("--learning-rate", "rate", type=Number(0), default=3e-3, show_default=True, help="Step size of AdamW.")
@click.option("--seed", type=int, default=1, show_default=True, help="Random seed of weights and excerpts.")
@click.option("--threads", type=click.IntRange(0), default=0, help="CPU threads; 0 leaves the choice to torch.")
@click.option("--workers", type=click.IntRange(0), default=0, help="Processes that draw excerpts ahead, for a GPU.")
@click.option("--patience", type=click.IntRange(0), default=0, help="Validations without progress before stopping.")
@click.option(
    "--validate-every",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    metavar="STEPS",
    help="Steps between validations.",
)
@click.option("--compile", is_flag=True, help="Use torch.compile.")
@click.option("--start-from", type=A_FOLDER, metavar="CHECKPOINT", help="Begin with the weights of a checkpoint.")
@click.option("--card", type=A_FILE, metavar="JSON", help="Name, data and licences for the model card.")
@protects_files
def train(corpus: Path, out: Path, start_from: Path | None, card: Path | None, **options: Any) -> None:
    """Train the generator on CORPUS, a folder that `emsync corpus build` wrote.

    A folder that holds an unfinished run with the same settings is continued. Counted in steps, a run is the same
    every time on the same machine.

    \b
    Examples:
      emsync train tokens --out checkpoint --minutes 90 --threads 1
      emsync train tokens --out checkpoint --layers 12 --width 512 --heads 8 --batch 64 --compile --workers 8
      torchrun --nproc-per-node 4 -m emsync_bridge train tokens --out checkpoint --batch 64 --steps 5000
    """
    import json

    from emsync_bridge.errors import CorpusError
    from emsync_bridge.music.network.config import ModelConfig
    from emsync_bridge.training.generator import model_card
    from emsync_bridge.training.generator.trainer import TrainingPlan, TrainingRun
    from emsync_bridge.training.generator.trainer import train as run

    sizes = {name: options.pop(name) for name in ("layers", "width", "heads", "context", "dropout")}
    if sizes["width"] % (2 * sizes["heads"]):
        raise click.BadParameter("must be a multiple of twice --heads.", param_hint="--width")
    try:
        said = json.loads(card.read_text(encoding="utf-8")) if card else {}
    except ValueError as problem:
        raise CorpusError(f"The card is not valid JSON ({problem})", where=card) from None
    with progress_of() as shown:

        def tell(line: dict[str, float]) -> None:
            shown.close()
            _print_line(line)

        try:
            last = run(
                TrainingRun(
                    corpus,
                    out,
                    ModelConfig(**sizes, hidden=4 * sizes["width"]),
                    TrainingPlan(**options),
                    card=model_card.begin_card(corpus, said, start_from),
                    start_from=start_from,
                ),
                progress=tell,
                tell=shown,
            )
        except KeyboardInterrupt:
            shown.close()
            if (out / "state.pt").exists():
                click.echo(f"{out}: the state is saved; the same command goes on from here", err=True)
            raise
    if last:  # of several processes, one speaks
        model_card.finish_card(out, corpus)
        click.echo(f"{out}: {last['valid']:.3f} nats per token on held-out music")


def _print_line(line: dict[str, float]) -> None:
    click.echo(
        f"step {line['step']:>6.0f}  {line['seconds']:>8.0f} s  {line['tokens'] / 1e6:>7.2f} M tokens  "
        f"train {line['train']:.3f}  valid {line['valid']:.3f}  chord {line['chord']:.3f}",
        err=True,
    )
