"""``emsync evaluate --pieces``: the table of whole pieces beside written scores and aims."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emsync_bridge.cli.shared.console import print_json, print_table, progress_shown

if TYPE_CHECKING:
    from emsync_bridge.options import Style
    from emsync_bridge.training.evaluation.pieces.fixed_cuts import FixedCut
    from emsync_bridge.training.evaluation.pieces.table import Aim, Column


def whole_pieces(model: Path | None, options: dict[str, Any], *, as_json: bool) -> None:
    """Compose for the fixed cuts, measure and print.

    Arguments:
        model: Folder of the generator; the one that is shipped when None.
        options: Options of the command: ``written``, ``styles``, ``cuts``, ``seeds``, ``no_sound``, ``alike``,
            ``listen``.
        as_json: Whether one JSON document is printed instead of tables.
    """
    from emsync_bridge.training.evaluation.pieces.fixed_cuts import FIXED_CUTS
    from emsync_bridge.training.evaluation.pieces.table import AIMS, TableSize, table

    wanted = options["cuts"]
    cuts = tuple(cut for cut in FIXED_CUTS if not wanted or any(name in cut.name for name in wanted))
    if not cuts:
        raise click.BadParameter(f"Choose from {', '.join(cut.name for cut in FIXED_CUTS)}.", param_hint="--cut")
    styles: Sequence[Style] = options["styles"] or ("orchestra", "network")
    if options["listen"] is not None:
        click.echo(str(_blind_page(options["listen"], cuts, model)))
        return
    if options["alike"]:
        _print_likeness(styles, options["written"], model, as_json=as_json)
        return
    seeds = tuple(range(1, options["seeds"] + 1))
    extent = TableSize(cuts, seeds, render=not options["no_sound"], density=not wanted)
    with progress_shown() as progress:
        columns = table(styles, extent, options["written"], model, progress)
    if as_json:
        print_json({"aims": {aim.measure: aim.text for aim in AIMS}, "columns": [_document(c) for c in columns]})
        return
    print_aims(AIMS, columns)
    for column in columns:
        if column.farthest:
            apart = ", ".join(f"{name} {z:+.1f}" for name, z in column.farthest)
            click.echo(f"\n{column.name}, farthest from orchestral scores in sd: {apart}")


def _blind_page(folder: Path, cuts: Sequence[FixedCut], model: Path | None) -> Path:
    from emsync_bridge.scoring.outputs import make_folder
    from emsync_bridge.training.evaluation.pieces.blind_page import pairs, write_blind_page

    make_folder(folder)
    with progress_shown() as progress:
        return write_blind_page(folder, pairs(("orchestra", "network"), cuts), model, progress)


def motif_page(folder: Path, sources: tuple[str, str]) -> Path:
    """Write a page to compare the motifs of two sources blind; return it.

    Arguments:
        folder: Folder of the page and its sounds, made when missing.
        sources: Sources as the option ``--motifs`` names them.

    Raises:
        EmsyncError: A source cannot be read, or the page cannot be written.
    """
    from emsync_bridge.scoring.outputs import make_folder
    from emsync_bridge.training.evaluation.pieces.motif_pairs import motif_pairs, motifs_from, write_motif_page

    first, second = map(motifs_from, sources)
    found = motif_pairs(first, second, sources)
    if not found:
        raise click.UsageError(f"{sources[0]} and {sources[1]} have no two motifs of one mode that differ.")
    make_folder(folder)
    with progress_shown() as progress:
        return write_motif_page(folder, found, progress)


def _print_likeness(styles: Sequence[Style], written: Path | None, model: Path | None, *, as_json: bool) -> None:
    from emsync_bridge.training.evaluation.pieces.variety import compare

    with progress_shown() as progress:
        found = compare(styles, written, model=model, progress=progress)
    if as_json:
        print_json(found)
        return
    names = list(next(iter(found.values())))
    rows = [[name.replace("_", " "), *(f"{column[name]:.3f}" for column in found.values())] for name in names]
    print_table(rows, ("what a pair of pieces shares", *found))


def print_aims(aims: Sequence[Aim], columns: Sequence[Column]) -> None:
    """Print a row for each aim with the value of each column, and whether composed ones meet it."""
    rows = []
    for aim in aims:
        cells = []
        for column in columns:
            value = column.value(aim.measure)
            met = aim.met(value) if column.trials else None
            mark = "" if met is None else " ok" if met else " --"
            cells.append("-" if not math.isfinite(value) else f"{value:.{aim.digits}f}{mark}")
        rows.append([aim.label, *cells, aim.text])
    print_table(rows, ("measure", *(column.name for column in columns), "aim"))


def _document(column: Column) -> dict[str, Any]:
    pieces: list[dict[str, Any]] = [
        {"cut": trial.cut.name, "seed": trial.seed, **_finite(trial.measures)} for trial in column.trials
    ]
    pieces = pieces or [dict(_finite(piece)) for piece in column.pieces]
    return {"name": column.name, "together": _finite(column.extra), "pieces": pieces, "farthest": column.farthest}


def _finite(measures: dict[str, float]) -> dict[str, float | None]:
    return {name: float(value) if math.isfinite(value) else None for name, value in measures.items()}
