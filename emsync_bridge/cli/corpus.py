"""``emsync corpus``: music to a tokenised corpus with labels."""

from __future__ import annotations

from pathlib import Path

import click

from emsync_bridge.cli.console import print_table, steps
from emsync_bridge.cli.options import A_FILE, A_FOLDER, NEW_FILE, NEW_FOLDER

_FOLDERS = click.argument("folders", metavar="FOLDER...", type=A_FOLDER, nargs=-1, required=True)
_EXCLUDE = click.option("--exclude", multiple=True, metavar="PREFIX", help="Leave out pieces whose path begins so.")
_JOBS = click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes.")


@click.group()
def corpus() -> None:
    """Prepare music for training the generator."""


@corpus.command()
@_FOLDERS
@click.option("--labels", type=A_FILE, metavar="CSV", help="Valence and arousal, of pieces or of windows in them.")
@click.option(
    "--within-source",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Share of a label that is its rank within its top folder; the rest is its rank among all.",
)
@_EXCLUDE
@_JOBS
@click.option("--out", "-o", type=NEW_FOLDER, required=True, metavar="DIR", help="Folder for the corpus.")
def build(
    folders: tuple[Path, ...],
    labels: Path | None,
    within_source: float,
    exclude: tuple[str, ...],
    jobs: int,
    out: Path,
) -> None:
    """Tokenise all MIDI files and Lakh piano rolls under FOLDER... for `emsync train`.

    A build that was cut off is continued. Labels are a table with the columns path, valence and arousal (or energy),
    and where a piece is labelled in parts start_s and end_s; `emsync corpus label` makes one.

    \b
    Examples:
      emsync corpus build midi --labels labels.csv --exclude pop909 --out tokens
      emsync corpus build lpd_5_full --labels spotify.csv --jobs 8 --out tokens
    """
    from emsync_bridge.training.corpus.build import build as build_corpus
    from emsync_bridge.training.corpus.dataset import SPLITS
    from emsync_bridge.training.corpus.labels import read_labels

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


@corpus.command()
@_FOLDERS
@_EXCLUDE
@_JOBS
@click.option("--out", "-o", type=NEW_FILE, required=True, metavar="CSV", help="Table for `emsync corpus build`.")
def label(folders: tuple[Path, ...], exclude: tuple[str, ...], jobs: int, out: Path) -> None:
    """Give valence and arousal to all music under FOLDER..., by key, mode, notes per second, tempo and velocity.

    \b
    Example:
      emsync corpus label midi --out labels.csv
    """
    from emsync_bridge.training.corpus.labelling import label as label_corpus

    with steps() as progress:
        done = label_corpus(
            folders,
            out,
            exclude=exclude,
            jobs=jobs,
            progress=lambda count, total: progress("Labelling", count / total),
        )
    click.echo(f"{out}: {done.windows} windows in {done.pieces} pieces")
    for name, reason in done.left_out.items():
        click.echo(f"left out: {name}: {reason}", err=True)


@corpus.command()
@click.argument("folder", metavar="CORPUS", type=A_FOLDER)
@click.option("--split", type=click.Choice(["train", "valid", "test"]), default="train", show_default=True)
@click.option("--plot", type=NEW_FILE, metavar="PNG", help="Draw moods, boundaries and instruments.")
def show(folder: Path, split: str, plot: Path | None) -> None:
    """Show what CORPUS, a folder that `emsync corpus build` wrote, is like.

    A long chord, the music's own boundary, is three or more pitched notes of 0.8 s or longer that start together, 2 s
    apart from the last one.

    \b
    Example:
      emsync corpus show tokens --plot tokens.png
    """
    import numpy as np

    from emsync_bridge.training.corpus.dataset import read_split
    from emsync_bridge.training.corpus.statistics import draw, survey

    surveys = survey(read_split(folder, split))
    rows = []
    for source, one in surveys.items():
        quarters = [f"{q:.1f}" for q in np.quantile(one.chord_gaps, [0.25, 0.5, 0.75])] if len(one.chord_gaps) else []
        rows.append(
            [
                source,
                f"{one.hours:.1f}",
                f"{one.chords_per_minute:.1f}",
                " / ".join(quarters),
                f"{one.regularity:.2f}",
                ", ".join(f"{name} {share:.0%}" for name, share in one.notes.items() if share >= 0.005),
            ]
        )
    head = ("source", "hours", "long chords a minute", "seconds apart (quartiles)", "variation", "notes")
    print_table(rows, head)
    if plot:
        draw(surveys, plot)
