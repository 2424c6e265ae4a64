"""``emsync place``: any WAV onto a new track of a timeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from emsync_bridge.cli.shared.console import warn
from emsync_bridge.cli.shared.destinations import NewFile, protects_files
from emsync_bridge.cli.shared.options import A_FILE, ANYTHING, Rate
from emsync_bridge.cli.shared.texts import PatternText

TIMELINES = (".otio", ".otioz", ".otiod", ".xml", ".fcpxml", ".fcpxmld")


@click.command()
@click.argument("source", metavar="INPUT", type=ANYTHING)
@click.option("--audio", type=A_FILE, required=True, metavar="FILE.wav", help="The sound to place.")
@click.option("--out", "-o", type=NewFile(*TIMELINES), required=True, metavar="FILE", help="The timeline to write.")
@click.option("--sequence", metavar="NAME", help="Name of the sequence, where a file holds several.")
@click.option("--rate", type=Rate(), help="Frame rate, for lists that do not state theirs.")
@click.option(
    "--for",
    "editor",
    type=click.Choice(["same", "premiere"]),
    default="same",
    show_default=True,
    help="Editor to write for: the one that INPUT is from, or Premiere as a new .otio.",
)
@click.option(
    "--track",
    type=PatternText(r"[^\x00-\x1f\x7f]{1,200}", "a name of up to 200 characters in one line"),
    default="AI Music",
    show_default=True,
    metavar="NAME",
    help="Name of the new track.",
)
@protects_files
def place(source: Path, audio: Path, out: Path, track: str, **reading: Any) -> None:
    """Put a WAV onto a new audio track of INPUT and write the timeline as FILE.

    Everything else in the timeline stays as it was, and INPUT itself is not touched. An EDL or AAF cannot take music:
    for these, FILE is a new .otio timeline with the picture on one track.

    \b
    Examples:
      emsync place CUT.otio --audio music.wav --out CUT.scored.otio
      emsync place CUT.edl --rate 23.976 --audio music.wav --out CUT.scored.otio
      emsync place CUT.fcpxml --audio music.wav --for premiere --out CUT.premiere.otio
    """
    from emsync_bridge.timeline.insertion import REWRITTEN
    from emsync_bridge.timeline.insertion import place as place_audio
    from emsync_bridge.timeline.placement import placement_of_wav
    from emsync_bridge.timeline.reading import read_timeline
    from emsync_bridge.timeline.source import open_source

    timeline = open_source(source, sequence=reading["sequence"], rate=reading["rate"])
    if reading["editor"] == "same" and timeline.format in REWRITTEN and out.suffix.lower() != timeline.suffix.lower():
        raise click.BadParameter(
            f"'{out.name}' does not end in {timeline.suffix}, as the timeline does.", param_hint="--out"
        )
    model = read_timeline(timeline)
    placement = placement_of_wav(audio, model.rate, track)
    warn(place_audio(timeline, out, placement, editor=reading["editor"]))
    if placement.frames > model.duration * model.rate + 1:
        warn([f"emsync render --duration {float(model.duration):.3f} makes music that ends with the picture"])
    click.echo(f"{out}: {audio.name} on the track {track}")
