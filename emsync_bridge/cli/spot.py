"""``emsync spot``: the hit points of a timeline or of a plain video."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emsync_bridge.cli.shared.console import counted, print_json, print_table, progress_shown, visible, warn
from emsync_bridge.cli.shared.destinations import NewFile, protects_files
from emsync_bridge.cli.shared.options import ANYTHING, options_from, values_of
from emsync_bridge.options import ReadOptions
from emsync_bridge.timeline.spotting.export import FORMATS

if TYPE_CHECKING:
    from emsync_bridge.cue import Spotting


@click.command()
@click.argument("source", metavar="INPUT", type=ANYTHING)
@options_from(ReadOptions, leave=("between",))
@click.option(
    "--export", type=NewFile(*FORMATS), metavar="FILE", help="Write the hit points as .csv, .mid, .edl or .otio."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
@protects_files
def spot(source: Path, export: Path | None, as_json: bool, **options: Any) -> None:
    """List the hit points of INPUT, a timeline or a plain video.

    Changes of picture within 2.5 frames of another are flash frames: they count as one hit point, with a note, and the
    JSON names their frames under "merged". A hit is "thinned" where it lies closer than --min-gap to a heavier or
    earlier one: the music does not answer it. Orders in markers ("emsync: joy") are listed below the hits.

    \b
    Examples:
      emsync spot CUT.otio
      emsync spot CUT.edl --rate 23.976 --json
      emsync spot CUT.xml --markers RED --min-gap 2
      emsync spot CUT.otio --export hits.csv   then edit it, then
      emsync score CUT.otio --edit hits.csv --out music
    """
    from emsync_bridge.scoring import steps
    from emsync_bridge.timeline.source import open_source
    from emsync_bridge.timeline.spotting.spot import spotting_document

    given = values_of(ReadOptions, options)
    opened = open_source(source, sequence=given.sequence, rate=given.rate)
    with progress_shown() as progress:
        spotting = steps.spot(steps.read(opened, given, progress), given)
    if export is not None:
        from emsync_bridge.timeline.spotting.export import export_spotting

        export_spotting(spotting, export)
    document = spotting_document(spotting)
    if as_json:
        print_json(document)
        return
    warn(spotting.warnings)
    name = visible(spotting.name or source.stem)
    click.echo(
        f"{name}: {spotting.duration:.3f} s, {float(spotting.rate):g} frames per second"
        f"{' drop frame' if spotting.drop_frame else ''}, {counted(len(spotting.shots), 'shot')}"
    )
    rows = [
        [hit["timecode"], str(hit["frame"]), hit["kind"], "yes" if hit["answered"] else "thinned", hit["name"]]
        for hit in document["hits"]
    ]
    print_table(rows, ("timecode", "frame", "kind", "answered", "what"))
    if any(row[3] == "thinned" for row in rows):
        click.echo(f"thinned: within {given.min_gap:g} s of a heavier or earlier hit, so not answered (--min-gap)")
    orders = _orders(spotting)
    if orders:
        click.echo()
        print_table(orders, ("timecode", "until", "order", "understood"))


def _orders(spotting: Spotting) -> list[list[str]]:
    """Return a row for each order in the markers of a cut."""
    from emsync_bridge.emotion.overrides.directive_text import parse_directive
    from emsync_bridge.errors import EmotionError
    from emsync_bridge.orders.dialogue import is_dialogue_order

    rows = []
    for directive in spotting.directives:
        verdict = "yes"
        if is_dialogue_order(directive.text):
            verdict = "yes" if directive.end is not None else "no: it needs a length"
        else:
            try:
                parse_directive(directive.text)
            except EmotionError as problem:
                verdict = f"no: {problem}"
        until = "the next order" if directive.end is None else spotting.timecode_at(directive.end)
        rows.append([spotting.timecode_at(directive.start), until, directive.text, verdict])
    return rows
