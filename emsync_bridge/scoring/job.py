"""The main job on one page: read, spot, feel, compose, render, write back; and starting again from what is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from emsync_bridge.cue import Cue, EmotionCurve, Spotting
from emsync_bridge.errors import MusicError
from emsync_bridge.files.atomic import publish, staging_folder
from emsync_bridge.files.manifest import refuse_foreign
from emsync_bridge.options import EmotionOptions, ReadOptions, RenderOptions
from emsync_bridge.progress import Progress, no_progress
from emsync_bridge.scoring.outputs import Names, draw, listing, write_back
from emsync_bridge.scoring.steps import (
    Loudness,
    best_of,
    chosen_of,
    clock_of,
    compose,
    feel,
    find_media,
    fitted,
    make_folder,
    onlooker_for,
    picture_of,
    read,
    render,
    spot,
    unfound,
    watch,
    with_mood,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emsync_bridge.options import MusicOptions
    from emsync_bridge.timeline.cut.model import CutModel

__all__ = [
    "EmotionOptions",
    "Progress",
    "ReadOptions",
    "RenderOptions",
    "Scored",
    "choose",
    "clock_of",
    "compose",
    "feel",
    "find_media",
    "make_folder",
    "onlooker_for",
    "picture_of",
    "read",
    "redo",
    "score",
    "spot",
]


@dataclass(frozen=True)
class Scored:
    """What came of it: the cue, the files by what they are, what is to be said, and how loud the mix is."""

    cue: Cue
    files: Mapping[str, Path]
    warnings: tuple[str, ...]
    loudness: Loudness


def score(
    source: Path,
    out: Path,
    *,
    looking: ReadOptions | None = None,
    feeling: EmotionOptions | None = None,
    sounding: RenderOptions | None = None,
    wishes: MusicOptions | None = None,
    seed: int = 1,
    takes: int = 1,
    checkpoint: Path | None = None,
    settings: Mapping[str, str | int | float | bool | None] | None = None,
    spotting: Spotting | None = None,
    curve: EmotionCurve | None = None,
    progress: Progress | None = None,
) -> Scored:
    """Score a cut: compose music for it and hand its timeline back with the music on a new track.

    Arguments:
        source: A timeline or a plain video.
        out: Folder for the results, made when missing.
        looking: How the cut is read and spotted.
        feeling: How the mood is found.
        sounding: How the music is played.
        wishes: What else is asked of the music.
        seed: Of the first take; the others count up from it.
        takes: How many pieces to compose; the best by ``music.analysis.take_score`` is rendered.
        checkpoint: Folder of a generator; the shipped one when None.
        settings: What the user asked for, to be kept in the cue.
        spotting: Hit points as a person has edited them, in place of what is read.
        curve: Mood as a person has edited it, in place of what is felt.
        progress: Told of each step.

    Raises:
        EmsyncError: A step fails. Files appear whole or not at all, only once all of the music is made, and never in
            place of a file that is not ours.
    """
    looking, feeling, sounding = looking or ReadOptions(), feeling or EmotionOptions(), sounding or RenderOptions()
    tell = progress or no_progress
    names = prepare_outputs(source, out, feeling, sounding)
    onlooker = onlooker_for(source, looking, feeling) if curve is None else None
    model = read(source, looking, tell, onlooker)
    spotting = spot(model, looking, spotting)
    felt: tuple[str, ...] = ()
    if curve is None:
        relinked = find_media(source, spotting, feeling, spotting.start_frame - model.start_frame)
        curve, felt = feel(spotting, relinked, feeling, tell, onlooker)
        felt = (*unfound(relinked), *felt)
    curve = fitted(curve, spotting, looking)
    pieces = compose(spotting, curve, wishes, range(seed, seed + takes), checkpoint, tell)
    cue = Cue(spotting, curve, pieces, best_of(pieces, spotting, curve), settings=settings or {})
    scored = write_outputs(source, model, cue, names, looking, feeling, sounding, checkpoint, tell)
    return replace(scored, warnings=(*spotting.warnings, *felt, *scored.warnings))


def redo(
    source: Path,
    cue: Cue,
    out: Path,
    *,
    start: float,
    end: float,
    seed: int,
    looking: ReadOptions | None = None,
    feeling: EmotionOptions | None = None,
    sounding: RenderOptions | None = None,
    wishes: MusicOptions | None = None,
    mood: tuple[float | None, float | None] = (None, None),
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> Scored:
    """Compose one section of a cue's chosen take anew; every other note stays.

    The result is one more take of the cue, and it is the chosen one.

    Arguments:
        source: The timeline or video that the cue was made for.
        cue: What ``score`` returned, or what was read from its document.
        out: Folder for the results.
        start: Seconds from the music's start.
        end: Seconds from the music's start.
        seed: Of the section.
        looking: How the cut is read.
        feeling: Where the picture to look at is; the mood is the cue's.
        sounding: How the music is played.
        wishes: Instruments and boldness; as before when None.
        mood: Valence and arousal of the section from now on; None leaves an axis as it is.
        checkpoint: Folder of a generator; the shipped one when None.
        progress: Told of each step.

    Raises:
        EmsyncError: As for ``score``; or the section is outside the music.
    """
    from emsync_bridge.music.generation.compose import recompose, snap_section
    from emsync_bridge.music.network import checkpoint as checkpoints

    looking, feeling, sounding = looking or ReadOptions(), feeling or EmotionOptions(), sounding or RenderOptions()
    tell = progress or no_progress
    names = prepare_outputs(source, out, feeling, sounding)
    model = read(source, looking, tell)
    kept = chosen_of(cue, cue.chosen)
    start, end = snap_section(kept, cue.spotting, cue.curve, start, end)
    curve = with_mood(cue.curve, start, end, mood)
    take = recompose(
        kept,
        cue.spotting,
        curve,
        checkpoints.load(checkpoint),
        start=start,
        end=end,
        seed=seed,
        wishes=wishes,
        progress=lambda share: tell("Composing", share),
    )
    earlier = cue.settings.get("redo")
    redone = f"{start:.2f}-{end:.2f} seed {seed}"
    settings = {**cue.settings, "redo": f"{earlier}; {redone}" if earlier else redone}
    cue = replace(cue, curve=curve, takes=(*cue.takes, take), chosen=len(cue.takes), settings=settings)
    return write_outputs(source, model, cue, names, looking, feeling, sounding, checkpoint, tell)


def choose(
    source: Path,
    cue: Cue,
    out: Path,
    *,
    take: int,
    looking: ReadOptions | None = None,
    feeling: EmotionOptions | None = None,
    sounding: RenderOptions | None = None,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> Scored:
    """Render another take of a cue and hand the timeline back with it.

    Arguments:
        source: The timeline or video that the cue was made for.
        cue: What ``score`` returned, or what was read from its document.
        out: Folder for the results.
        take: Index of the take, from 0.
        looking: How the cut is read.
        feeling: Where the picture to look at is; the mood is the cue's.
        sounding: How the music is played.
        checkpoint: Folder of the generator that wrote the take; the shipped one when None.
        progress: Told of each step.

    Raises:
        EmsyncError: As for ``score``; or there is no such take.
    """
    looking, feeling, sounding = looking or ReadOptions(), feeling or EmotionOptions(), sounding or RenderOptions()
    tell = progress or no_progress
    chosen_of(cue, take)
    names = prepare_outputs(source, out, feeling, sounding)
    model = read(source, looking, tell)
    return write_outputs(source, model, replace(cue, chosen=take), names, looking, feeling, sounding, checkpoint, tell)


def write_outputs(
    source: Path,
    model: CutModel,
    cue: Cue,
    names: Names,
    looking: ReadOptions,
    feeling: EmotionOptions,
    sounding: RenderOptions,
    checkpoint: Path | None,
    tell: Progress,
) -> Scored:
    """Render the chosen take and write everything that comes of it."""
    offset = cue.spotting.start_frame - model.start_frame
    if not 0 <= offset <= round(model.duration * model.rate) or cue.spotting.rate != model.rate:
        raise MusicError(
            "This cue was made for a timeline of another rate, start or length", where=source, hint="Score it anew"
        )
    with staging_folder(names.out) as room, listing(cue, names):
        made, loudness = render(cue, room, names.stem, sounding, tell)
        made |= draw(cue, room, names, checkpoint)
        made |= watch(source, room, names.stem, feeling, float(offset / model.rate), tell)
        files = {kind: names.out / path.name for kind, path in made.items()}
        for kind, path in made.items():
            publish(path, files[kind])
        written, odd = write_back(source, model, cue, files, names, looking.sequence)
    return Scored(cue, {**files, "cue": names.cue, **written}, tuple(odd), loudness)


def prepare_outputs(source: Path, out: Path, feeling: EmotionOptions, sounding: RenderOptions) -> Names:
    """Make the folder for the results and return their names, none of them taken by a file that is not ours."""
    make_folder(out)
    movie = picture_of(source, feeling) is not None
    names = Names(source, out, stems=sounding.stems, bwf=sounding.bwf, movie=movie)
    refuse_foreign(names.paths(), names.cue)
    return names
