"""``emsync score``: the main job."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from emsync_bridge.cli.shared.console import (
    counted,
    note_version,
    print_files,
    print_json,
    print_table,
    progress_shown,
    sparkline,
    warn,
)
from emsync_bridge.cli.shared.help_sections import SectionedCommand
from emsync_bridge.cli.shared.options import (
    A_FILE,
    ANYTHING,
    NEW_FOLDER,
    InstrumentNames,
    Range,
    given_in,
    music_options,
    option_name,
    options_from,
    values_of,
)
from emsync_bridge.options import (
    GROUPS,
    EmotionOptions,
    ReadOptions,
    RedoOptions,
    RenderOptions,
    ScoreOptions,
    TakeOptions,
)
from emsync_bridge.options.fields import options_of

if TYPE_CHECKING:
    from emsync_bridge.cue import Cue
    from emsync_bridge.progress import Progress
    from emsync_bridge.scoring.job import ScoringJob, ScoringResult

_PARTS = ("score", "hits", "affect", "form", "theme", "quality", "valence", "energy")
_LEGEND = (
    "score 0 to 1, of: hits met within half a frame, affect near the mood asked for, form (themes that return), theme "
    "(like written melodies), quality (of the writing). valence and energy: what the notes tell of, -1 to 1. "
    "shape: how much sounds from beginning to end."
)
_CELLS = 24
"""Characters of a take's shape."""


@click.command(cls=SectionedCommand)
@click.argument("source", metavar="INPUT", type=ANYTHING)
@click.option("--out", "-o", type=NEW_FOLDER, required=True, metavar="DIR", help="Folder for the results.")
@options_from(TakeOptions, only=("takes",))
@options_from(ReadOptions)
@options_from(EmotionOptions)
@music_options
@options_from(RenderOptions)
@click.option("--keep", type=A_FILE, metavar="CUE", help="A .cue.json to keep: give --redo or --take with it.")
@click.option("--redo", type=Range(), help="Recompose this section of the kept music, and nothing else.")
@options_from(RedoOptions)
@click.option("--take", type=click.IntRange(1), metavar="N", help="Choose this one of the kept takes.")
@click.option("--batch-digest", hidden=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
@click.pass_context
def score(context: click.Context, /, source: Path, out: Path, as_json: bool, **options: Any) -> None:
    """Compose music for INPUT and hand its timeline back with the music on a new track.

    INPUT is a timeline (.otio, .otioz, .otiod, Premiere or Final Cut XML, EDL, AAF) or a plain video. Beside the
    scored timeline DIR gets the music as MIDI and WAV, a picture of what was decided, and the cue as JSON.

    With --redo only one section is recomposed, its edges moved to the nearest hit or bar line; --valence,
    --arousal and --mood then set the mood of that section. Sound and files are as before unless options say otherwise.

    \b
    Examples:
      emsync score CUT.otio --out music
      emsync score CUT.xml --out music --picture REFERENCE.mov
      emsync score MOVIE.mp4 --out music --mood tension --seed 7
      emsync score CUT.otio --out music --takes 4
      emsync score CUT.otio --out music --keep music/CUT.cue.json --take 2
      emsync score CUT.otio --out music --keep music/CUT.cue.json --redo 32.0-58.5 --seed 9
      emsync score CUT.otio --out music --keep music/CUT.cue.json --redo 32.0-58.5 --only melody --seed 9
      emsync score CUT.otio --out music --between 01:00:10:00-01:00:45:00
    """
    keep, section, take = (options.pop(name) for name in ("keep", "redo", "take"))
    if (keep is None) != (section is None and take is None) or (section and take):
        raise click.UsageError("Give --keep together with either --redo or --take.")
    parts = values_of(RedoOptions, options)
    if section is None and (parts.only or parts.lock):
        raise click.UsageError("--only and --lock go with --redo.")
    for name in given_in(context) & {"only", "lock"}:
        if not getattr(parts, name):
            raise click.UsageError(f"--{name} names no part. Name one, or leave the option out.")
    if both := set(parts.only) & set(parts.lock):
        raise click.UsageError(f"{min(both)} is given to both --only and --lock. Give it to one of them.")
    if keep is not None:
        _refuse_without_effect(context, redo=section is not None)
    began = time.monotonic()
    with _batch_job(out, options["batch_digest"]), progress_shown() as progress:
        job = _job(source, out, options, progress)
        if keep is None:
            scored = job.score()
        else:
            from emsync_bridge.cue.cue_file import read_cue
            from emsync_bridge.scoring.settings import sound_as_before

            cue = read_cue(keep)
            job = replace(job, options=sound_as_before(job.options, cue.settings, given_in(context)))
            if section and context.get_parameter_source("seed") is ParameterSource.DEFAULT:
                job = replace(job, options=replace(job.options, takes=TakeOptions(_new_seed(cue))))
            scored = _redo(context, job, cue, section, parts) if section else job.choose(cue, take - 1)
    if not as_json:
        note_version(source, scored.files["audio"])
    _say(scored, as_json, time.monotonic() - began)


def _batch_job(out: Path, digest: str | None) -> AbstractContextManager[None]:
    """Return the lock on a job of a batch; nothing for other jobs."""
    if digest is None:
        return nullcontext()
    from emsync_bridge.batch.scoring_process import hold_job

    return hold_job(out, digest, option_name)


_WITH_TAKE = {
    *("source", "out", "keep", "redo", "take", "as_json", "sequence", "rate", "picture", "media_roots", "model"),
}
"""Parameters that have an effect where a take of a cue is rendered, besides those of the sound."""

_WITH_REDO = {
    *("seed", "valence", "arousal", "mood", "ensemble", "without", "temperature", "top_p", "guidance"),
    *("palette", "lead", "only", "lock"),
}
"""Those that have one besides where a section is recomposed."""


def _refuse_without_effect(context: click.Context, *, redo: bool) -> None:
    """Refuse options that say something of a new score while an old one is kept.

    Raises:
        click.UsageError: One is given; the message says what to do instead.
    """
    sound = {option.name for option in options_of(RenderOptions)}
    obeyed = _WITH_TAKE | sound | (_WITH_REDO if redo else set())
    for parameter in context.command.params:
        name = parameter.name or ""
        if name in obeyed or context.get_parameter_source(name) is ParameterSource.DEFAULT:
            continue
        instead = (
            "Leave --keep out to score the cut with it"
            if redo or name not in _WITH_REDO
            else "Recompose a section with --redo, or leave --keep out to score the cut with it"
        )
        raise click.UsageError(f"{parameter.opts[0]} has no effect on music that is kept. {instead}.")


def _new_seed(cue: Cue) -> int:
    """Return a seed that none of a cue's takes has, so that every section comes out new."""
    return 1 + max(take.seed for take in cue.takes)


def _job(source: Path, out: Path, options: dict[str, Any], progress: Progress) -> ScoringJob:
    """Return the job that the options of the command describe."""
    from emsync_bridge.scoring.job import ScoringJob
    from emsync_bridge.scoring.steps import clock_of
    from emsync_bridge.timecode import parse_position

    between, generator, digest = (options.pop(name) for name in ("between", "model", "batch_digest"))
    asked = ScoreOptions(**{group: values_of(kind, options) for group, kind in GROUPS.items()})
    job = ScoringJob.open(source, out, asked, generator=generator, progress=progress)
    if between:
        clock = clock_of(job.source)
        first, last = (parse_position(text, *clock) for text in between)
        asked = replace(asked, read=replace(asked.read, between=(first, last)))
    return replace(job, options=asked, marks={"batch_digest": digest} if digest else {})


def _redo(
    context: click.Context, job: ScoringJob, cue: Cue, section: tuple[str, str], parts: RedoOptions
) -> ScoringResult:
    """Recompose a section of a cue; its music is as before unless an option says otherwise."""
    from emsync_bridge.emotion.overrides.moods import mood as named_mood
    from emsync_bridge.scoring.job import Section
    from emsync_bridge.timecode import parse_position

    spotting, emotion, music = cue.spotting, job.options.emotion, job.options.music
    clock = (spotting.rate, spotting.start_frame, spotting.drop_frame)
    start, end = (parse_position(text, *clock) for text in section)
    given = given_in(context)
    if not given & {"ensemble", "palette"} and (earlier := cue.settings.get("ensemble")):
        music = replace(music, ensemble=InstrumentNames().convert(earlier, None, context))
    named = named_mood(emotion.mood) if emotion.mood else None
    mood = (
        named.valence if named and emotion.valence is None else emotion.valence,
        named.arousal if named and emotion.arousal is None else emotion.arousal,
    )
    changed = given & {"ensemble", "without", "temperature", "top_p", "guidance", "palette", "lead"}
    return job.redo(cue, Section(start, end, mood, music if changed else None, parts))


def _say(scored: ScoringResult, as_json: bool, spent: float) -> None:
    """Say what came of it."""
    cue = scored.cue
    answers = cue.take.answers
    worst = max((abs(answer.error_ms) for answer in answers if answer.error_ms is not None), default=0.0)
    if as_json:
        files = {kind: str(path) for kind, path in scored.files.items()}
        document = {
            "files": files,
            "hits": len(answers),
            "worst_error_ms": worst,
            "warnings": list(dict.fromkeys(scored.warnings)),
        }
        document["loudness"] = asdict(scored.loudness)
        print_json({**document, "chosen": cue.chosen + 1, "takes": _verdicts(cue)})
        return
    warn(scored.warnings)
    if len(cue.takes) > 1:
        from emsync_bridge.music.take_choice import density_profile

        rows = [
            [*map(str, verdict.values()), sparkline(density_profile(take, _CELLS)), "*" if take is cue.take else ""]
            for take, verdict in zip(cue.takes, _verdicts(cue), strict=True)
        ]
        print_table(rows, ("take", "seed", "key", "notes", *_PARTS, "shape", "chosen"))
        click.echo(_LEGEND)
    duration = cue.spotting.duration
    inner = [hit for hit in cue.spotting.hits if hit.kind not in ("start", "end")]
    left = sum(not hit.answered for hit in inner)
    silent = max(0, len(inner) - left - len(answers))
    hits = f"{len(answers)} of {counted(len(inner), 'hit')}" if left or silent else counted(len(answers), "hit")
    click.echo(
        f"{scored.files['audio'].stem}: {duration:.1f} s of music in {spent:.1f} s, {cue.take.key}, {hits}, "
        f"furthest off {worst:.2f} ms"
    )
    if scored.loudness.text:
        click.echo(f"  {scored.loudness.text}")
    if left:
        gap = cue.settings.get("min_gap", ReadOptions().min_gap)
        those = "1 hit is" if left == 1 else f"{left} hits are"
        table = ", or not answered in the table (--edit)" if "edited" in cue.settings else ""
        click.echo(f"{those} left out: within {gap} s of a heavier or earlier one (--min-gap){table}")
    if silent:
        click.echo(f"{counted(silent, 'hit')} {'lies' if silent == 1 else 'lie'} where the music is silent")
    redone = cue.settings.get("redo")
    if isinstance(redone, str):
        click.echo(f"recomposed: {redone}")
    print_files(scored.files)


def _verdicts(cue: Cue) -> list[dict[str, Any]]:
    """Return what each take of a cue is worth."""
    from emsync_bridge.music.take_choice import judge_take

    found = []
    for number, take in enumerate(cue.takes, 1):
        verdict = judge_take(take, cue.spotting, cue.curve)
        parts = {name: round(getattr(verdict, name), 3) for name in _PARTS}
        found.append({"take": number, "seed": take.seed, "key": take.key, "notes": len(take.notes), **parts})
    return found
