"""``emsync corpus``: MIDI files to a tokenised corpus."""

from __future__ import annotations

from pathlib import Path

import click

from emsync_bridge.cli.console import steps
from emsync_bridge.cli.options import A_FILE, A_FOLDER, NEW_FOLDER


@click.group()
def corpus() -> None:
    """Prepare music for training the generator."""


@corpus.command()
@click.argument("folders", metavar="FOLDER...", type=A_FOLDER, nargs=-1, required=True)
@click.option("--labels", type=A_FILE, metavar="CSV", help="Valence and arousal per window of a piece.")
@click.option(
    "--within-source",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Share of a label that is its rank within its top folder; the rest is its rank among all.",
)
@click.option("--exclude", multiple=True, metavar="PREFIX", help="Leave out pieces whose path begins so.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
@click.option("--out", "-o", type=NEW_FOLDER, required=True, metavar="DIR", help="Folder for the corpus.")
def build(
    folders: tuple[Path, ...],
    labels: Path | None,
    within_source: float,
    exclude: tuple[str, ...],
    jobs: int,
    out: Path,
) -> None:
    """Tokenise all MIDI files under FOLDER... for `emsync train`.

    \b
    Example:
      emsync corpus build midi --labels labels.csv --exclude pop909 --out tokens
    """
    from emsync_bridge.training.building import build as build_corpus
    from emsync_bridge.training.corpus import SPLITS
    from emsync_bridge.training.labels import read_labels

    with steps() as progress:
        statistics = build_corpus(
            folders,
            out,
            labels=read_labels(labels) if labels else None,
            within_source=within_source,
            exclude=exclude,
            jobs=jobs,
            progress=lambda done, total: progress("Tokenising", done / total),
        )
    for split in SPLITS:
        row = statistics.splits[split]
        click.echo(
            f"{split:<6} {row.pieces:>6} pieces  {row.hours:>7.2f} h  {row.tokens:>10} tokens  {row.notes:>9} notes  "
            f"{row.long_chords_per_minute:.2f} long chords a minute"
        )
    click.echo(f"left out: {len(statistics.left_out)} (reasons in {out / 'statistics.json'})")
