"""``emsync corpus``: music to a tokenised corpus with labels."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

from emsync_bridge.cli.shared.console import counted, print_table, progress_shown
from emsync_bridge.cli.shared.destinations import NewFile, NewFolder, protects_files
from emsync_bridge.cli.shared.numbers import Number
from emsync_bridge.cli.shared.options import A_FILE, A_FOLDER, ANYTHING, Decorator

_PLACES = click.argument("places", metavar="FOLDER|ZIP...", type=ANYTHING, nargs=-1, required=True)
_EXCLUDE = click.option("--exclude", multiple=True, metavar="PREFIX", help="Leave out pieces whose path begins so.")
_JOBS = click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes.")


def _corpus_folder(words: str) -> Decorator[Any]:
    """Return the option for the folder of a new corpus."""
    kind = NewFolder("statistics.json", "*/pieces.json", "*/instruments.json", "*/*.npy")
    return click.option("--out", "-o", type=kind, required=True, metavar="DIR", help=words)


@click.group()
def corpus() -> None:
    """Prepare music for training the generator.

    \b
    Examples:
      emsync corpus label midis --out labels.csv
      emsync corpus build midis --labels labels.csv --out tokens
      emsync corpus show tokens
    """


@corpus.command()
@_PLACES
@click.option("--labels", type=A_FILE, metavar="CSV", help="Valence and arousal, of pieces or of windows in them.")
@click.option(
    "--catalogue",
    "tables",
    type=A_FILE,
    multiple=True,
    metavar="CSV",
    help="Works, licences and editors of pieces: splits by work, drops duplicates, lists credits.",
)
@click.option(
    "--within-source",
    type=Number(0, 1),
    default=0.5,
    show_default=True,
    help="Share of a label that is its rank within its top folder; the rest is its rank among all.",
)
@_EXCLUDE
@_JOBS
@_corpus_folder("Folder for the corpus.")
@protects_files
def build(
    places: tuple[Path, ...],
    labels: Path | None,
    tables: tuple[Path, ...],
    within_source: float,
    exclude: tuple[str, ...],
    jobs: int,
    out: Path,
) -> None:
    """Tokenise all MIDI files and Lakh piano rolls in FOLDER... or ZIP... for `emsync train`.

    A build that was cut off is continued. Pieces go to train, valid or test by their folder, one by one where that
    would leave one of them empty, or as the column split of a table has it. Labels are a table with the columns path,
    valence and arousal (or energy), and where a piece is labelled in parts start_s and end_s; `emsync corpus label`
    makes one. A catalogue has the column path, and any of work, licence, title, composer, editor and split. Of two
    collections that hold a work, the one named first keeps it.

    \b
    Examples:
      emsync corpus build midi --labels labels.csv --exclude pop909 --out tokens
      emsync corpus build quartets.zip piano.zip --catalogue quartets.csv --catalogue piano.csv --out tokens
      emsync corpus build lpd_5_full --labels spotify.csv --jobs 8 --out tokens
    """
    from emsync_bridge.training.corpus.build import BuildOptions
    from emsync_bridge.training.corpus.build import build as build_corpus
    from emsync_bridge.training.corpus.catalogue import read_catalogues
    from emsync_bridge.training.corpus.dataset import SPLITS
    from emsync_bridge.training.corpus.labels import read_labels

    options = BuildOptions(
        labels=read_labels(labels) if labels else None,
        catalogue=read_catalogues(tables),
        within_source=within_source,
        exclude=exclude,
        jobs=jobs,
    )
    with progress_shown() as progress:
        statistics = build_corpus(places, out, options, progress=progress)
    for split in SPLITS:
        row = statistics.splits[split]
        click.echo(
            f"{split:<6} {row.pieces:>6} pieces  {row.hours:>7.2f} h  {row.tokens:>10} tokens  {row.notes:>9} notes  "
            f"{row.long_chords_per_minute:.2f} long chords a minute"
        )
    click.echo(f"left out: {len(statistics.left_out)} (reasons in {out / 'statistics.json'})")
    for credit in statistics.credits:
        named = f", {len(credit.editors)} editors to be named" if credit.editors else ""
        licence = credit.licence or "licence unknown"
        click.echo(f"{credit.source}: {counted(credit.pieces, 'piece')}, {credit.hours:.1f} h, {licence}{named}")


@corpus.command()
@_PLACES
@_EXCLUDE
@_JOBS
@click.option(
    "--out", "-o", type=NewFile(".csv"), required=True, metavar="FILE.csv", help="Table for `emsync corpus build`."
)
@protects_files
def label(places: tuple[Path, ...], exclude: tuple[str, ...], jobs: int, out: Path) -> None:
    """Give valence and arousal to all music in FOLDER... or ZIP..., by key, mode, notes per second, tempo and velocity.

    \b
    Example:
      emsync corpus label midi --out labels.csv
    """
    from emsync_bridge.training.corpus.labelling import label as label_corpus

    with progress_shown() as progress:
        done = label_corpus(
            places,
            out,
            exclude=exclude,
            jobs=jobs,
            progress=lambda count, total: progress("Labelling", count / total),
        )
    click.echo(f"{out}: {counted(done.windows, 'window')} in {counted(done.pieces, 'piece')}")
    for name, reason in done.left_out.items():
        click.echo(f"left out: {name}: {reason}", err=True)


@corpus.command()
@click.argument("folder", metavar="CORPUS", type=A_FOLDER)
@_corpus_folder("Folder for the corpus of lead sheets.")
@protects_files
def themes(folder: Path, out: Path) -> None:
    """Reduce CORPUS to lead sheets, a melody over block chords, to train a generator of themes on.

    \b
    Examples:
      emsync corpus themes tokens --out themes
      emsync train themes --layers 3 --width 192 --out theme-model --minutes 150
    """
    from emsync_bridge.training.corpus.dataset import SPLITS
    from emsync_bridge.training.instruments.lead_sheets import build_lead_sheets

    with progress_shown() as progress:
        statistics = build_lead_sheets(folder, out, progress=progress)
    for split in SPLITS:
        row = statistics.splits[split]
        click.echo(
            f"{split:<6} {row.pieces:>6} pieces  {row.hours:>7.2f} h  {row.tokens:>10} tokens  {row.notes:>9} notes"
        )
    click.echo(f"left out: {len(statistics.left_out)} (reasons in {out / 'statistics.json'})")


@corpus.command()
@_PLACES
@click.option("--labels", type=A_FILE, required=True, metavar="CSV", help="Of `emsync corpus label`.")
@click.option("--catalogue", "tables", type=A_FILE, multiple=True, required=True, metavar="CSV", help="As for build.")
@click.option(
    "--licence",
    "licences",
    multiple=True,
    metavar="NAME",
    help="Publish pieces under this licence as the catalogue has it; CC0-1.0 and BSD-3-Clause when not given.",
)
@click.option("--card", type=A_FILE, metavar="JSON", help="Name, description and sources with their revisions.")
@click.option("--rated", type=A_FILE, metavar="CSV", help="People's ratings of labelled pieces, to report agreement.")
@_JOBS
@click.option("--out", "-o", type=NewFolder(whole=True), required=True, metavar="DIR", help="Folder for the data set.")
@protects_files
def publish(
    places: tuple[Path, ...],
    labels: Path,
    tables: tuple[Path, ...],
    card: Path | None,
    rated: Path | None,
    out: Path,
    **more: Any,
) -> None:
    """Write the free part of labelled music in FOLDER... or ZIP... as a data set that others can load.

    It holds the MIDI files, valence and arousal per window, splits by work, a card, licences and checksums.

    \b
    Examples:
      emsync corpus publish music.zip --labels labels.csv --catalogue music.csv --out emotion-corpus
      emsync corpus publish midi --labels labels.csv --catalogue midi.csv --licence CC-BY --out credited
    """
    import json

    from emsync_bridge.errors import CorpusError
    from emsync_bridge.training.corpus.catalogue import read_catalogues
    from emsync_bridge.training.corpus.labels import read_labels
    from emsync_bridge.training.publication.publish import FREE, Publication
    from emsync_bridge.training.publication.publish import publish as write
    from emsync_bridge.training.publication.validation import agreement

    try:
        said = json.loads(card.read_text(encoding="utf-8")) if card else {}
    except ValueError as problem:
        raise CorpusError(f"The card is not valid JSON ({problem})", where=card) from None
    labelled = read_labels(labels)
    publication = Publication(
        labels=labelled,
        catalogue=read_catalogues(tables),
        licences=more["licences"] or FREE,
        said=said,
        agreement=agreement(labelled, read_labels(rated)) if rated else {},
        jobs=more["jobs"],
    )
    with progress_shown() as progress:
        done = write(places, out, publication, progress=progress)
    for split, count in done.pieces.items():
        click.echo(f"{split:<6} {count:>6} pieces  {done.windows[split]:>7} windows")
    for axis, found in publication.agreement.items():
        click.echo(f"{axis}: r {found.pearson:.2f} with {found.pieces} rated pieces (ranks {found.spearman:.2f})")
    click.echo(f"left out: {len(done.left_out)} (reasons in {out / 'left_out.json'})")


@corpus.command()
@click.argument("folder", metavar="CORPUS", type=A_FOLDER)
@click.option(
    "--split",
    type=click.Choice(["train", "valid", "test"]),
    default="train",
    show_default=True,
    help="Part of the corpus.",
)
@click.option("--plot", type=NewFile(".png"), metavar="FILE.png", help="Draw moods, boundaries and instruments.")
@click.option("--instruments", is_flag=True, help="Show which instrument has which role, instead.")
@protects_files
def show(folder: Path, split: str, plot: Path | None, instruments: bool) -> None:
    """Show what CORPUS, a folder that `emsync corpus build` wrote, is like.

    A long chord, the music's own boundary, is three or more pitched notes of 0.8 s or longer that start together, 2 s
    apart from the last one.

    \b
    Example:
      emsync corpus show tokens --plot tokens.png
    """
    import numpy as np

    if instruments:
        from emsync_bridge.training.instruments.statistics import roles_table

        print_table(*roles_table(folder, split))
        return
    from emsync_bridge.training.corpus.dataset import read_split
    from emsync_bridge.training.corpus.statistics import draw_statistics, survey

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
                "" if math.isnan(one.regularity) else f"{one.regularity:.2f}",
                ", ".join(f"{name} {share:.0%}" for name, share in one.notes.items() if share >= 0.005),
            ]
        )
    head = ("source", "hours", "long chords a minute", "seconds apart (quartiles)", "variation", "notes")
    print_table(rows, head)
    if plot:
        draw_statistics(surveys, plot)
