"""``emsync score``: the main job."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from emsync_bridge.cli.console import print_json, steps, warn
from emsync_bridge.cli.options import (
    A_FILE,
    ANYTHING,
    NEW_FOLDER,
    feeling_of,
    looking_of,
    looking_options,
    media_options,
    mood_options,
    music_options,
    sound_options,
    sounding_of,
    wishes_of,
)


@click.command()
@click.argument("source", metavar="INPUT", type=ANYTHING)
@click.option("--out", "-o", type=NEW_FOLDER, required=True, metavar="DIR", help="Folder for the results.")
@click.option("--takes", type=click.IntRange(1, 64), default=1, show_default=True, help="How many pieces to compose.")
@looking_options
@media_options
@mood_options
@music_options
@sound_options
@click.option("--edit", type=A_FILE, metavar="CSV", help="Hit points as edited in a table of `emsync spot --export`.")
@click.option("--curve", type=A_FILE, metavar="CSV", help="Mood as edited in a table of `emsync feel --export`.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
def score(source: Path, out: Path, takes: int, as_json: bool, **options: Any) -> None:
    """Compose music for INPUT and hand its timeline back with the music on a new track.

    INPUT is a timeline (.otio, .otioz, .otiod, Premiere or Final Cut XML, EDL, AAF) or a plain video. Beside the
    scored timeline DIR gets the music as MIDI and WAV, a picture of what was decided, and the cue as JSON.

    \b
    Examples:
      emsync score CUT.otio --out music
      emsync score CUT.xml --out music --picture REFERENCE.mov
      emsync score MOVIE.mp4 --out music --mood tension --seed 7
    """
    from emsync_bridge import scoring

    settings = {name: _plain(value) for name, value in options.items() if value not in (None, (), False)}
    looking, feeling = looking_of(options), feeling_of(options)
    wishes, sounding = wishes_of(options), sounding_of(options)
    began = time.monotonic()
    with steps() as progress:
        scored = scoring.score(
            source,
            out,
            looking=looking,
            feeling=feeling,
            sounding=sounding,
            wishes=wishes,
            seed=options["seed"],
            takes=takes,
            checkpoint=options["model"],
            settings=settings,
            progress=progress,
        )
    answers = scored.cue.take.answers
    worst = max((abs(answer.error_ms) for answer in answers if answer.error_ms is not None), default=0.0)
    if as_json:
        files = {kind: str(path) for kind, path in scored.files.items()}
        print_json({"files": files, "hits": len(answers), "worst_error_ms": worst, "warnings": list(scored.warnings)})
        return
    warn(scored.warnings)
    duration = scored.cue.spotting.duration
    click.echo(
        f"{duration:.1f} s of music in {time.monotonic() - began:.1f} s: {scored.cue.take.key}, "
        f"{len(answers)} hits, furthest off {worst:.2f} ms"
    )
    for kind, path in scored.files.items():
        click.echo(f"  {kind:<10} {path}")


def _plain(value: Any) -> str | int | float | bool | None:
    if isinstance(value, (str, int, float, bool)):
        return value
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
