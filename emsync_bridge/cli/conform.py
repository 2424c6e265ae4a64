"""``emsync conform``: a cue carried over to a changed cut."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emsync_bridge.cli.shared.console import note_version, print_files, print_json, progress_shown, visible, warn
from emsync_bridge.cli.shared.help_sections import SectionedCommand
from emsync_bridge.cli.shared.options import A_FILE, ANYTHING, NEW_FOLDER, given_in, options_from, values_of
from emsync_bridge.options import EmotionOptions, ReadOptions, RenderOptions, ScoreOptions

if TYPE_CHECKING:
    from emsync_bridge.cue import Cue, Spotting
    from emsync_bridge.scoring.conform.conform import Conformed
    from emsync_bridge.scoring.conform.report import HitReport, SectionReport, State
    from emsync_bridge.scoring.job import ScoringResult

NAMED = 10
"""Hits of a state that are named at most."""


@click.command(cls=SectionedCommand)
@click.argument("source", metavar="NEW", type=ANYTHING)
@click.option("--keep", type=A_FILE, required=True, metavar="CUE", help="The .cue.json of the old cut.")
@click.option("--out", "-o", type=NEW_FOLDER, required=True, metavar="DIR", help="Folder for the results.")
@options_from(ReadOptions)
@options_from(EmotionOptions)
@click.option("--model", type=click.Path(path_type=Path), metavar="DIR", help="Generator, for --style network.")
@options_from(RenderOptions)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
@click.pass_context
def conform(
    context: click.Context, /, source: Path, keep: Path, out: Path, model: Path | None, *, as_json: bool, **options: Any
) -> None:
    """Carry the music of an old cut over to the changed cut NEW.

    Bars whose picture and hits did not move against each other are kept, moved with the picture where it moved; the
    rest is recomposed with the same themes. Old and new timeline may differ in format. Beside the usual results DIR
    gets the list of changes as CSV and as a change EDL. Sound and files are as before unless options say otherwise.

    \b
    Examples:
      emsync conform CUT_v2.otio --keep music/CUT.cue.json --out music
      emsync conform CUT_v2.xml --keep music/CUT.cue.json --out music --stems
    """
    from emsync_bridge.cue.cue_file import read_cue
    from emsync_bridge.scoring.job import ScoringJob
    from emsync_bridge.scoring.settings import sound_as_before

    options.pop("between", None)
    began = time.monotonic()
    with progress_shown() as progress:
        cue = read_cue(keep)
        asked = ScoreOptions(
            read=values_of(ReadOptions, options),
            emotion=values_of(EmotionOptions, options),
            render=values_of(RenderOptions, options),
        )
        asked = sound_as_before(asked, cue.settings, given_in(context))
        job = ScoringJob.open(source, out, asked, generator=model, progress=progress)
        scored, result = job.conform(cue)
    if not as_json:
        note_version(source, scored.files["audio"])
    _say(cue, result, scored, time.monotonic() - began, as_json=as_json)


def _say(cue: Cue, result: Conformed, scored: ScoringResult, spent: float, *, as_json: bool) -> None:
    from emsync_bridge.scoring.conform.changes import as_text
    from emsync_bridge.scoring.conform.document import conform_document

    report, files = result.report, {kind: str(path) for kind, path in scored.files.items()}
    if as_json:
        print_json({"files": files, **conform_document(result), "warnings": list(dict.fromkeys(scored.warnings))})
        return
    warn(scored.warnings)
    click.echo(as_text(result.changes, cue.spotting, result.spotting))
    seconds = f"{report.seconds_kept:.1f} of {result.spotting.duration:.1f} s"
    notes = f"{report.notes_kept} of {report.notes} notes"
    click.echo(f"{seconds} and {notes} are identical; conformed in {spent:.1f} s")
    if report.notes_refitted:
        click.echo(f"{report.seconds_refitted:.1f} s more have the same {report.notes_refitted} notes at another tempo")
    click.echo(f"hits: {_counts(report.hits)}")
    _name_hits("new", [(hit.new, hit.name) for hit in report.hits if hit.state == "new"], result.spotting)
    _name_hits("lost", [(hit.old, hit.name) for hit in report.hits if hit.state == "lost"], cue.spotting)
    click.echo(f"sections: {_counts(report.sections)}")
    print_files(files)


def _counts(states: Sequence[HitReport | SectionReport]) -> str:
    """Return how many are in each state."""
    from emsync_bridge.scoring.conform.document import STATES

    counts = Counter(each.state for each in states)
    return ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state]) or "none"


def _name_hits(state: State, hits: Sequence[tuple[float | None, str]], cut: Spotting) -> None:
    """Print the first hits of a state with their timecodes in the cut that has them, and how many more there are."""
    for seconds, name in hits[:NAMED]:
        click.echo(visible(f"  {state:<4}  {cut.timecode_at(seconds or 0.0)}  {name}".rstrip()))
    if len(hits) > NAMED:
        click.echo(f"  and {len(hits) - NAMED} more {state}")
