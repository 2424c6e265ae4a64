"""``emsync render``: a MIDI file to audio."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from emsync_bridge.cli.shared.console import print_files, progress_shown, warn
from emsync_bridge.cli.shared.destinations import NewFile, protects_files
from emsync_bridge.cli.shared.numbers import Number
from emsync_bridge.cli.shared.options import A_FILE, options_from
from emsync_bridge.options import RenderOptions

_OF_A_CUE = (
    *("stem_names", "cue_number", "ltc", "editor", "plain"),
    *("ducking", "duck", "music_gain", "dialogue_gain", "original_sound", "certificate", "certificate_key"),
)
"""Options that concern a cut, its movie or its cue, and would do nothing here."""


@click.command()
@click.argument("midi", metavar="FILE.mid", type=A_FILE)
@click.option("--out", "-o", type=NewFile(".wav"), required=True, metavar="FILE.wav", help="The WAV to write.")
@click.option("--duration", type=Number(0.1, 36000), metavar="S", help="Seconds of sound.")
@click.option("--seconds", "earlier_name", type=Number(0.1, 36000), hidden=True)  # until 0.3: as in emsync compose
@options_from(RenderOptions, leave=_OF_A_CUE)
@protects_files
def render(midi: Path, out: Path, duration: float | None, earlier_name: float | None, **options: Any) -> None:
    """Render FILE.mid as a WAV.

    Without --duration the WAV is 3 s longer than the MIDI file, for the last notes to ring on; give the length of the
    picture where it is to be placed in a timeline.

    \b
    Examples:
      emsync render music.mid --out music.wav --stems
      emsync render music.mid --out music.wav --duration 66
    """
    from emsync_bridge.render.files.earlier import remove_earlier
    from emsync_bridge.render.files.metadata import Stamp
    from emsync_bridge.render.render import RING, render_midi
    from emsync_bridge.render.sounding import sounding_of

    if earlier_name is not None:
        if duration is not None:
            raise click.UsageError("--seconds is the earlier name of --duration; give one of them.")
        warn(["--seconds is called --duration now, as in emsync compose; the earlier name goes with version 0.3."])
        duration = earlier_name
    with progress_shown() as progress:
        report = render_midi(
            midi,
            out,
            seconds=duration,
            sounding=sounding_of(RenderOptions(**options)),
            stamp=Stamp(project=midi.stem),
            copy=options["bwf"],
            progress=lambda share: progress("Rendering", share),
        )
    click.echo(f"{report.path}: {report.samples / report.sample_rate:.3f} s, {report.sounds} by {report.engine}")
    if duration is None:
        click.echo(f"  {RING} s of it ring on after the end of the MIDI file; --duration sets the length, as of a cut")
    click.echo(f"  {report.loudness}")
    for warning in report.warnings:
        click.echo(f"  {warning}.")
    beside = (*report.stems, *report.alternates, *((("bwf", report.bwf),) if report.bwf else ()))
    print_files(dict(beside))
    removed, left = remove_earlier(out, [path for _, path in beside])
    if removed:
        click.echo(f"  removed, since they were of the earlier {out.name}: {', '.join(path.name for path in removed)}")
    warn(f"{path.name} does not belong to this {out.name}, and stays as it is" for path in left)
