"""``emsync evaluate``: all that can be measured of a generator, beside held-out music."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emsync_bridge.cli.shared.console import print_json, print_table, progress_shown
from emsync_bridge.cli.shared.destinations import NewFolder, protects_files
from emsync_bridge.cli.shared.options import A_FOLDER
from emsync_bridge.cli.training.evaluate_pieces import motif_page, whole_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emsync_bridge.training.evaluation.evaluate import Evaluation
    from emsync_bridge.training.evaluation.hit_cost import HitCost


@click.command()
@click.argument("corpus", metavar="[CORPUS]", type=A_FOLDER, required=False)
@click.option("--model", type=A_FOLDER, help="Checkpoint folder; the one that comes with emsync otherwise.")
@click.option(
    "--split", type=click.Choice(["valid", "test"]), default="test", show_default=True, help="Part of the corpus."
)
@click.option("--quick", is_flag=True, help="A smaller run: two minutes instead of ten on one core.")
@click.option("--sound", is_flag=True, help="Render the response to mood as well, and measure how it sounds.")
@click.option(
    "--listen",
    type=NewFolder("listening.html"),
    metavar="DIR",
    help="Write a page to listen to eight pieces, and stop; with --pieces a blind comparison of both styles, with "
    "--motifs one of two sources of motifs.",
)
@click.option(
    "--motifs",
    nargs=2,
    metavar="A B",
    help="With --listen: what is compared; each a bank as motifs.json, the folder of a generator or theme model, "
    '"bank" or "generator".',
)
@click.option("--pieces", is_flag=True, help="Measure whole pieces instead: twelve fixed cuts, three seeds.")
@click.option("--written", type=A_FOLDER, metavar="DIR", help="With --pieces: written scores to set beside them.")
@click.option(
    "--style",
    "styles",
    type=click.Choice(["orchestra", "network"]),
    multiple=True,
    help="With --pieces: only this style; may be repeated.",
)
@click.option("--cut", "cuts", multiple=True, metavar="NAME", help="With --pieces: only cuts whose name holds this.")
@click.option("--seeds", type=click.IntRange(1, 99), default=3, show_default=True, help="With --pieces: seeds a cut.")
@click.option(
    "--alike", is_flag=True, help="With --pieces: how alike the pieces of 30 seeds for 30 cuts are, and stop."
)
@click.option("--no-sound", is_flag=True, help="With --pieces: measure notes alone.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@protects_files
def evaluate(  # noqa: PLR0913 - click hands over every option of the command by name
    corpus: Path | None,
    model: Path | None,
    split: str,
    quick: bool,
    sound: bool,
    listen: Path | None,
    motifs: tuple[str, str] | None,
    as_json: bool,
    **pieces: Any,
) -> None:
    """Measure a generator on CORPUS, a folder that `emsync corpus build` wrote, or whole pieces with --pieces.

    Measured are: the loss per token; how chords meet hits, with exact hits, with hits that the network is only told
    of, and without; how far the tempo bends and what exact hits change in the music; how it follows valence and
    arousal; MusPy's measures beside those of held-out music; runs of events shared with the training set; and failures,
    which must be none.

    \b
    Examples:
      emsync evaluate tokens
      emsync evaluate tokens --quick --split valid --json
      emsync evaluate tokens --sound
      emsync evaluate tokens --listen page
      emsync evaluate --pieces --written corpora
      emsync evaluate --pieces --listen page
      emsync evaluate --motifs theme-model generator --listen page
      emsync evaluate --pieces --style orchestra --cut 02_calm --seeds 1 --no-sound
    """
    if motifs is not None:
        if listen is None:
            raise click.UsageError("Give --listen DIR with --motifs: a folder for the page.")
        click.echo(str(motif_page(listen, motifs)))
        return
    if pieces["pieces"]:
        whole_pieces(model, {**pieces, "listen": listen}, as_json=as_json)
        return
    if corpus is None:
        raise click.UsageError("Give CORPUS, or --pieces to measure whole pieces.")
    from emsync_bridge.music.network.checkpoint import load
    from emsync_bridge.training.evaluation.evaluate import QUICK, EvaluationSize
    from emsync_bridge.training.evaluation.evaluate import evaluate as measure

    checkpoint = load(model)
    with progress_shown() as progress:
        if listen is not None:
            from emsync_bridge.training.evaluation.listening_page import write_page

            page = write_page(checkpoint, listen, progress)
        else:
            import torch  # noqa: F401  it is missing before anything else is

            from emsync_bridge.render.synth import synthesise

            extent = QUICK if quick else EvaluationSize()
            found = measure(checkpoint, corpus, split, extent, progress, synthesise if sound else None)
    if listen is not None:
        click.echo(str(page))
    elif as_json:
        visible = {other: [cost.name for cost in found.costs if cost.visible(other)] for other in found.costs[0].apart}
        told = {"model": checkpoint.name, "split": split, "quick": quick, **asdict(found), "visible_cost": visible}
        print_json(told)
    else:
        click.echo(f"{checkpoint.name} on {split}{', quick' if quick else ''}\n")
        _tables(found)


def _tables(found: Evaluation) -> None:
    print_table([[name, f"{loss:.3f}"] for name, loss in found.losses.items()], ("loss", "nats per token"))
    click.echo()
    rows = [
        [way, tolerance, *(f"{share:.0%}" for share in (m.rate, m.chance_rate, m.precision, m.chance_precision))]
        for way, by_tolerance in found.hits.items()
        for tolerance, m in by_tolerance.items()
    ]
    print_table(rows, ("hits", "within", "met", "chance", "precision", "chance"))
    click.echo()
    bend = found.bend
    rows = [[f"{bend.mean:.1%}", f"{bend.most:.1%}", f"{bend.drift:.1%}"]]
    print_table(rows, ("tempo bends by, in the mean", "at most", "base tempo off the mood's"))
    click.echo()
    _costs(found.costs)
    names = list(next(iter(found.responses.values())).measured)
    rows = [[name, *(f"{r.measured[name]:+.2f}" for r in found.responses.values())] for name in names]
    rows.append(["pieces", *(str(r.pieces) for r in found.responses.values())])
    print_table(rows, ("Spearman with what was asked", *found.responses))
    if found.recipe is not None:
        valence, arousal = found.recipe.predicted
        click.echo(
            f"(valence and arousal are heard by a recipe that foretells the labels of written music it was not learned "
            f"from at {valence:+.2f} and {arousal:+.2f}, of {found.recipe.windows} windows)"
        )
    click.echo()
    rows = [
        [m.name, f"{m.composed:.3f}", f"{m.written:.3f}", f"{m.spread:.3f}", f"{m.apart:+.1f}"] for m in found.measures
    ]
    print_table(rows, ("measure", "composed", "written", "its spread", "apart"))
    click.echo()
    copying = found.copying
    rows = [[name, f"{median:g}", str(most)] for name, (median, most) in
            (("composed", copying.composed), ("written, held out", copying.written))]  # fmt: skip
    print_table(rows, ("longest run shared with the training set", "median", "most"))
    click.echo()
    failed = found.failures
    print_table(
        [[str(failed.pieces), str(failed.stuck), str(failed.silent), str(failed.out_of_range)]],
        ("pieces", "stuck", "silent", "out of range"),
    )


def _costs(costs: Sequence[HitCost]) -> None:
    """Print what exact hits change in the music, and say whether it is for the worse."""
    from emsync_bridge.training.evaluation.hit_cost import VISIBLE

    ways, others = list(costs[0].means), list(costs[0].apart)
    rows = [
        [
            cost.name,
            *(f"{cost.means[way]:.3f}" for way in ways),
            f"{cost.written:.3f}",
            f"{cost.spread:.3f}",
            *(f"{cost.apart[other]:+.2f} ± {cost.error[other]:.2f}" for other in others),
        ]
        for cost in costs
    ]
    print_table(rows, ("same prompts", *ways, "written", "its spread", *(f"exact - {other}" for other in others)))
    for other in others:
        seen = [cost for cost in costs if cost.visible(other)]
        names = ", ".join(cost.name + ("" if cost.certain(other) else " (within chance)") for cost in seen)
        click.echo(f"Exact hits against {other}: " + (f"visible in {names}" if seen else "no visible cost"))
    click.echo(f"(in its spreads; visible is {VISIBLE:g} of them or more, away from written music)\n")
