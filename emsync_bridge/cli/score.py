"""``emsync score``: the main job."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from emsync_bridge.cli.console import print_json, print_table, steps, warn
from emsync_bridge.cli.options import (
    A_FILE,
    ANYTHING,
    NEW_FOLDER,
    Instruments,
    Range,
    music_options,
    options_from,
    values_of,
)
from emsync_bridge.options import EmotionOptions, MusicOptions, ReadOptions, RenderOptions, TakeOptions

if TYPE_CHECKING:
    from emsync_bridge.cue import Cue
    from emsync_bridge.scoring.job import Progress, Scored


@click.command()
@click.argument("source", metavar="INPUT", type=ANYTHING)
@click.option("--out", "-o", type=NEW_FOLDER, required=True, metavar="DIR", help="Folder for the results.")
@options_from(TakeOptions, only=("takes",))
@options_from(ReadOptions)
@options_from(EmotionOptions)
@music_options
@options_from(RenderOptions)
@click.option("--keep", type=A_FILE, metavar="CUE", help="A .cue.json to keep: give --redo or --take with it.")
@click.option("--redo", type=Range(), help="Recompose this section of the kept music, and nothing else.")
@click.option("--take", type=click.IntRange(1), metavar="N", help="Choose this one of the kept takes.")
@click.option("--batch-digest", hidden=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
@click.pass_context
def score(context: click.Context, /, source: Path, out: Path, takes: int, as_json: bool, **options: Any) -> None:
    """Compose music for INPUT and hand its timeline back with the music on a new track.

    INPUT is a timeline (.otio, .otioz, .otiod, Premiere or Final Cut XML, EDL, AAF) or a plain video. Beside the
    scored timeline DIR gets the music as MIDI and WAV, a picture of what was decided, and the cue as JSON.

    With --redo only one section is composed anew, its edges moved to the nearest hit or bar line; --valence,
    --arousal and --mood then set the mood of that section.

    \b
    Examples:
      emsync score CUT.otio --out music
      emsync score CUT.xml --out music --picture REFERENCE.mov
      emsync score MOVIE.mp4 --out music --mood tension --seed 7
      emsync score CUT.otio --out music --takes 4
      emsync score CUT.otio --out music --keep music/CUT.cue.json --take 2
      emsync score CUT.otio --out music --keep music/CUT.cue.json --redo 32.0-58.5 --seed 9
      emsync score CUT.otio --out music --between 01:00:10:00-01:00:45:00
    """
    keep, section, take = (options.pop(name) for name in ("keep", "redo", "take"))
    if (keep is None) != (section is None and take is None) or (section and take):
        raise click.UsageError("Give --keep together with either --redo or --take.")
    began = time.monotonic()
    with steps() as progress:
        if keep is not None:
            scored = _again(context, source, out, keep, section, take, options, progress)
        else:
            scored = _anew(source, out, takes, options, progress)
    _say(scored, as_json, time.monotonic() - began)


def _anew(source: Path, out: Path, takes: int, options: dict[str, Any], progress: Progress) -> Scored:
    from emsync_bridge.scoring import job
    from emsync_bridge.trimming import moment

    settings = {name: _plain(value) for name, value in options.items() if value not in (None, (), False)}
    between = options.pop("between")
    looking, feeling = values_of(ReadOptions, options), values_of(EmotionOptions, options)
    if between:
        clock = job.clock_of(source, looking)
        looking = replace(looking, between=(moment(between[0], *clock), moment(between[1], *clock)))
    return job.score(
        source,
        out,
        looking=looking,
        feeling=feeling,
        wishes=values_of(MusicOptions, options),
        sounding=values_of(RenderOptions, options),
        seed=options["seed"],
        takes=takes,
        checkpoint=options["model"],
        settings=settings,
        progress=progress,
    )


def _again(
    context: click.Context,
    source: Path,
    out: Path,
    keep: Path,
    section: tuple[str, str] | None,
    take: int | None,
    options: dict[str, Any],
    progress: Progress,
) -> Scored:
    """Start again from a cue: with one section composed anew, or with another of its takes."""
    from emsync_bridge.emotion.overrides.moods import mood as named_mood
    from emsync_bridge.live.cue_file import read_cue
    from emsync_bridge.scoring import job
    from emsync_bridge.trimming import moment

    cue = read_cue(keep)
    given = {name for name in options if context.get_parameter_source(name) is not ParameterSource.DEFAULT}
    played_otherwise = given & {"ensemble", "without", "temperature", "top_p", "guidance"}
    options.pop("between")
    feeling = values_of(EmotionOptions, options)
    more: dict[str, Any] = {
        "looking": values_of(ReadOptions, options),
        "feeling": feeling,
        "sounding": values_of(RenderOptions, options),
        "progress": progress,
    }
    if section is None:
        return job.choose(source, cue, out, take=(take or 1) - 1, checkpoint=options["model"], **more)
    spotting = cue.spotting
    start, end = (moment(text, spotting.rate, spotting.start_frame, spotting.drop_frame) for text in section)
    if "ensemble" not in given and (earlier := cue.settings.get("ensemble")):
        options["ensemble"] = Instruments().convert(earlier, None, None)
    named = named_mood(feeling.mood) if feeling.mood else None
    return job.redo(
        source,
        cue,
        out,
        start=start,
        end=end,
        seed=options["seed"],
        wishes=values_of(MusicOptions, options) if played_otherwise else None,
        mood=(
            named.valence if named and feeling.valence is None else feeling.valence,
            named.arousal if named and feeling.arousal is None else feeling.arousal,
        ),
        checkpoint=options["model"],
        **more,
    )


def _say(scored: Scored, as_json: bool, spent: float) -> None:
    """Say what came of it."""
    cue = scored.cue
    answers = cue.take.answers
    worst = max((abs(answer.error_ms) for answer in answers if answer.error_ms is not None), default=0.0)
    if as_json:
        files = {kind: str(path) for kind, path in scored.files.items()}
        document = {"files": files, "hits": len(answers), "worst_error_ms": worst, "warnings": list(scored.warnings)}
        document["loudness"] = asdict(scored.loudness)
        print_json({**document, "chosen": cue.chosen + 1, "takes": _verdicts(cue)})
        return
    warn(scored.warnings)
    if len(cue.takes) > 1:
        rows = [
            [*map(str, verdict.values()), "*" if verdict["take"] == cue.chosen + 1 else ""]
            for verdict in _verdicts(cue)
        ]
        print_table(rows, ("take", "seed", "key", "notes", "score", "hits", "affect", "quality", "chosen"))
    duration = cue.spotting.duration
    click.echo(
        f"{duration:.1f} s of music in {spent:.1f} s: {cue.take.key}, {len(answers)} hits, furthest off {worst:.2f} ms"
    )
    redone = cue.settings.get("redo")
    if isinstance(redone, str):
        click.echo(f"composed anew: {redone}")
    for kind, path in scored.files.items():
        click.echo(f"  {kind:<10} {path}")


def _verdicts(cue: Cue) -> list[dict[str, Any]]:
    """Return what each take of a cue is worth."""
    from emsync_bridge.music.analysis.take_score import judge

    found = []
    for number, take in enumerate(cue.takes, 1):
        verdict = judge(take, cue.spotting, cue.curve)
        parts = {name: round(getattr(verdict, name), 3) for name in ("score", "hits", "affect", "quality")}
        found.append({"take": number, "seed": take.seed, "key": take.key, "notes": len(take.notes), **parts})
    return found


def _plain(value: Any) -> str | int | float | bool | None:
    if isinstance(value, (str, int, float, bool)):
        return value
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
