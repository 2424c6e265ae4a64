"""``emsync render``: a MIDI file to audio."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from emsync_bridge.cli.console import steps
from emsync_bridge.cli.destinations import NewFile, protects_files
from emsync_bridge.cli.options import A_FILE, options_from
from emsync_bridge.options import RenderOptions


@click.command()
@click.argument("midi", metavar="FILE.mid", type=A_FILE)
@click.option("--out", "-o", type=NewFile(".wav"), required=True, metavar="FILE.wav", help="The WAV to write.")
@click.option("--seconds", type=click.FloatRange(0.1, 36000), metavar="S", help="Length of the output in seconds.")
@options_from(RenderOptions)
@protects_files
def render(midi: Path, out: Path, seconds: float | None, **options: Any) -> None:
    """Play FILE.mid into a 48 kHz, 24-bit WAV.

    \b
    Example:
      emsync render music.mid --out music.wav --stems
    """
    from fractions import Fraction

    from emsync_bridge.render.render import render_midi

    with steps() as progress:
        report = render_midi(
            midi,
            out,
            seconds=seconds,
            soundfont=options["soundfont"],
            engine=options["engine"],
            stems=options["stems"],
            bwf_start=Fraction(0) if options["bwf"] else None,
            progress=lambda share: progress("Rendering", share),
        )
    loudness = "silence" if report.loudness_lufs is None else f"{report.loudness_lufs:.1f} LUFS"
    click.echo(f"{report.path}: {report.samples / report.sample_rate:.3f} s, {loudness}, by {report.engine}")
    for name, path in (*report.stems, *((("bwf", report.bwf),) if report.bwf else ())):
        click.echo(f"  {name:<10} {path}")
