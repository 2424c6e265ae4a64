"""``emsync feel``: the emotion curve of a cut."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emsync_bridge.cli.shared.console import print_json, print_table, progress_shown, warn
from emsync_bridge.cli.shared.destinations import NewFile, protects_files
from emsync_bridge.cli.shared.options import A_FILE, ANYTHING, options_from, values_of
from emsync_bridge.options import EmotionOptions, ReadOptions

if TYPE_CHECKING:
    from emsync_bridge.cue import EmotionSpan


@click.command()
@click.argument("source", metavar="INPUT", type=ANYTHING)
@options_from(ReadOptions, leave=("edited", "between"))
@options_from(EmotionOptions)
@click.option("--edit", "earlier_name", type=A_FILE, hidden=True)  # until 0.3: --edit is hits everywhere else
@click.option("--export", type=NewFile(".csv"), metavar="FILE.csv", help="Write the curve as a table to edit.")
@click.option("--plot", type=NewFile(".png"), metavar="FILE.png", help="Draw the curve under pictures of the shots.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
@protects_files
def feel(source: Path, export: Path | None, plot: Path | None, as_json: bool, **options: Any) -> None:
    """Estimate the mood of every shot of INPUT, a timeline or a plain video.

    Valence runs from -1 (unpleasant) to 1 (pleasant), arousal from -1 (calm) to 1 (excited). "sure" says whether the
    picture tells the sign of each: none, faint, clear, or yours where you set it. "most like" is the nearest of the six
    basic emotions, or calm, or unclear where none stands out.

    \b
    Examples:
      emsync feel CUT.otio
      emsync feel CUT.xml --picture REFERENCE.mov --plot mood.png
      emsync feel CUT.otio --set shot2=joy --set 00:15-00:24=tense --set 'shots7-9=calm -> fear'
      emsync feel CUT.otio --set shot4=darker --set 'all=v+=0.1' --gain 1.5
      emsync feel CUT.otio --export mood.csv   then edit it, then
      emsync score CUT.otio --curve mood.csv --out music
    """
    from emsync_bridge.cue.serialization import to_document
    from emsync_bridge.emotion.overrides.curve_csv import shots_of
    from emsync_bridge.emotion.reasons import certainty_text, label_of
    from emsync_bridge.scoring import steps
    from emsync_bridge.timeline.source import open_source

    if (edited := options.pop("earlier_name")) is not None:
        if options["curve"] is not None:
            raise click.UsageError("--edit is the earlier name of --curve; give one of them.")
        warn(["--edit is called --curve now, as in emsync score; the earlier name goes with version 0.3."])
        options["curve"] = edited
    read, emotion = values_of(ReadOptions, options), values_of(EmotionOptions, options)
    opened = open_source(source, sequence=read.sequence, rate=read.rate)
    steps.check_picture(emotion)
    with progress_shown() as progress:
        shared = steps.shared_decode(opened, read, emotion)
        model = steps.read(opened, read, progress, shared)
        spotting = steps.spot(model, read)
        relinked = steps.find_media(opened, spotting, emotion)
        curve, felt = steps.feel(spotting, relinked, emotion, progress, shared)
    notes = (*steps.picture_notes(opened, model, emotion), *felt)
    if export is not None:
        from emsync_bridge.emotion.overrides.curve_csv import write_curve_csv

        write_curve_csv(curve, export, spotting)
    if plot is not None:
        from emsync_bridge.emotion.plot import plot_curve

        plot_curve(spotting, relinked, curve, plot)
    if as_json:
        print_json({**to_document(curve), "missing": list(relinked.missing), "warnings": list(notes)})
        return
    warn([*spotting.warnings, *steps.missing_media_warning(relinked), *notes])
    rows = [
        [
            shots_of(spotting, span),
            spotting.timecode_at(span.start),
            f"{span.start:.2f}",
            f"{span.end:.2f}",
            "silence" if span.silence else f"{span.affect.valence:+.2f}",
            "" if span.silence else f"{span.affect.arousal:+.2f}",
            "" if span.silence else certainty_text(span),
            "" if span.silence else label_of(span),
            _why(span),
        ]
        for span in curve.spans
    ]
    print_table(rows, ("shot", "timecode", "from s", "to s", "valence", "arousal", "sure", "most like", "why"))


def _why(span: EmotionSpan) -> str:
    from emsync_bridge.emotion.reasons import numbers_text

    numbers = "" if span.silence else numbers_text(span)
    return f"{span.reason} ({numbers})" if numbers and span.reason else numbers or span.reason
