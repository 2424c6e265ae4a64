"""The main job on one page: read, spot, feel, compose, render, write back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from emsync_bridge.cue import Cue, EmotionCurve, Spotting, Take
from emsync_bridge.errors import OutputError
from emsync_bridge.files import publish, workroom
from emsync_bridge.results import describe, stem_of, write_back

if TYPE_CHECKING:
    from emsync_bridge.emotion.orders import PlacedOrder
    from emsync_bridge.music.composer import Wishes
    from emsync_bridge.picture.relink import Relinked
    from emsync_bridge.timeline.cut_model import CutModel

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of it that is done, from 0 to 1."""


def _silent(_step: str, _share: float) -> None:
    pass


@dataclass(frozen=True)
class Looking:
    """How a cut is read and spotted.

    Arguments:
        sequence: Name of the sequence, where a file holds several.
        rate: Frames per second, for lists that do not say theirs.
        min_gap: Seconds between hit points that the music answers.
        marker_colors: Colours of markers that count as hit points; None for all.
        only_markers: Whether cuts and transitions are left out.
        shots: How the shots of a plain video are found.
        edited: Spotting as CSV that a person has changed.
    """

    sequence: str | None = None
    rate: Fraction | None = None
    min_gap: float = 4.0
    marker_colors: tuple[str, ...] | None = None
    only_markers: bool = False
    shots: Literal["adaptive", "transnet"] = "adaptive"
    edited: Path | None = None


@dataclass(frozen=True)
class Feeling:
    """How the mood is found.

    Arguments:
        valence: From -1 to 1 for the whole timeline; felt when None.
        arousal: From -1 to 1 for the whole timeline; felt when None.
        mood: A named mood for the whole timeline.
        media_roots: Folders to look for media in.
        picture: A rendering of the whole timeline, to look at instead of its media.
        keyframes: Whether to look at key frames only.
        contrast: Whether what is felt is stretched to a wider range.
        classes: Name of the rule by which probabilities of emotions become valence and arousal.
        orders: Moods, values or silence for single shots and stretches, over everything else.
        curve: A curve as CSV that a person has edited, in place of what is felt.
        cache: Whether measurements are kept between runs.
    """

    valence: float | None = None
    arousal: float | None = None
    mood: str | None = None
    media_roots: tuple[Path, ...] = ()
    picture: Path | None = None
    keyframes: bool = False
    contrast: bool = False
    classes: str = "mean"
    orders: tuple[PlacedOrder, ...] = ()
    curve: Path | None = None
    cache: bool = True


@dataclass(frozen=True)
class Sounding:
    """How the music is played.

    Arguments:
        soundfont: SF2 file; the General MIDI one that is installed when None.
        engine: Which synthesizer.
        stems: Whether each instrument group is written alone too.
        bwf: Whether a copy with a time reference is written.
    """

    soundfont: Path | None = None
    engine: Literal["auto", "midirenderer", "fluidsynth"] = "auto"
    stems: bool = False
    bwf: bool = False


@dataclass(frozen=True)
class Scored:
    """What came of it: the cue, the files by what they are, and what is to be said."""

    cue: Cue
    files: Mapping[str, Path]
    warnings: tuple[str, ...]


def score(
    source: Path,
    out: Path,
    *,
    looking: Looking | None = None,
    feeling: Feeling | None = None,
    sounding: Sounding | None = None,
    wishes: Wishes | None = None,
    seed: int = 1,
    takes: int = 1,
    checkpoint: Path | None = None,
    settings: Mapping[str, str | int | float | bool | None] | None = None,
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
        takes: How many pieces to compose; the first is rendered.
        checkpoint: Folder of a generator; the shipped one when None.
        settings: What the user asked for, to be kept in the cue.
        progress: Told of each step.

    Raises:
        EmsyncError: A step fails. Files appear whole or not at all, and only once all of the music is made.
    """
    looking, feeling, sounding = looking or Looking(), feeling or Feeling(), sounding or Sounding()
    tell = progress or _silent
    make_folder(out)
    model = read(source, looking, tell)
    spotting = spot(model, looking)
    relinked = find_media(source, spotting, feeling)
    curve, felt = feel(spotting, relinked, feeling, tell)
    pieces = compose(spotting, curve, wishes, range(seed, seed + takes), checkpoint, tell)
    cue = Cue(spotting, curve, pieces, settings=settings or {})
    with workroom(out) as room:
        made = render(cue, room, stem_of(source), sounding, tell)
        made |= describe(cue, room, stem_of(source))
        made |= watch(source, room, stem_of(source), feeling, tell)
        files = {kind: out / path.name for kind, path in made.items()}
        for kind, path in made.items():
            publish(path, files[kind])
    written, odd = write_back(source, model, cue, files, out, looking.sequence)
    missing = [f"{len(relinked.missing)} media not found: {', '.join(relinked.missing)}"] if relinked.missing else []
    return Scored(cue, {**files, **written}, (*spotting.warnings, *missing, *felt, *odd))


def make_folder(out: Path) -> None:
    """Make the folder for the results.

    Raises:
        OutputError: It is a file, or cannot be made.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise OutputError(
            f"This folder cannot be made ({problem.strerror})", where=out, hint="Choose another with --out"
        ) from None


def is_video(source: Path) -> bool:
    """Tell whether the input is a plain video rather than a timeline."""
    from emsync_bridge.timeline.sniff import Format, sniff

    return sniff(source) is Format.VIDEO


def read(source: Path, looking: Looking, tell: Progress = _silent) -> CutModel:
    """Return the cut of a timeline, or of a plain video by its shots."""
    if not is_video(source):
        from emsync_bridge.timeline.read import read_timeline

        return read_timeline(source, sequence=looking.sequence, rate=looking.rate)
    from emsync_bridge.picture.shots import detect_shots
    from emsync_bridge.timecode import from_timecode
    from emsync_bridge.timeline.from_shots import model_from_shots

    found = detect_shots(source, method=looking.shots, progress=lambda share: tell("Finding shots", share))
    drop = ";" in (found.start_timecode or "")
    start = from_timecode(found.start_timecode, found.rate, drop) if found.start_timecode else 0
    model = model_from_shots(
        stem_of(source),
        source.resolve(),
        found.rate,
        found.duration,
        found.cuts,
        transitions=found.transitions,
        start_frame=start,
        drop_frame=drop,
    )
    return replace(model, warnings=(*model.warnings, *found.warnings))


def spot(model: CutModel, looking: Looking) -> Spotting:
    """Return what the composer needs to know of a cut."""
    from emsync_bridge.timeline import spotting

    found = spotting.spot(
        model,
        min_gap=looking.min_gap,
        marker_colors=looking.marker_colors,
        only_markers=looking.only_markers,
    )
    if looking.edited is None:
        return found
    from emsync_bridge.timeline.csv_edit import read_spotting_csv

    return read_spotting_csv(looking.edited, found)


def find_media(source: Path, spotting: Spotting, feeling: Feeling) -> Relinked:
    """Return the file behind every shot."""
    from emsync_bridge.picture.relink import relink

    picture = feeling.picture or (source if is_video(source) else None)
    return relink(spotting.shots, timeline=source, media_roots=feeling.media_roots, picture=picture)


def feel(
    spotting: Spotting, relinked: Relinked, feeling: Feeling, tell: Progress = _silent
) -> tuple[EmotionCurve, tuple[str, ...]]:
    """Return the mood over time, and what is to be said about it."""
    from emsync_bridge.emotion import feel as emotion
    from emsync_bridge.emotion.cache import Cache
    from emsync_bridge.emotion.curve_csv import read_curve_csv
    from emsync_bridge.emotion.moods import class_rule
    from emsync_bridge.emotion.overrides import obeyed

    if feeling.curve is not None:
        return obeyed(read_curve_csv(feeling.curve), spotting, feeling.orders), ()
    felt = emotion.feel(
        spotting,
        relinked,
        valence=feeling.valence,
        arousal=feeling.arousal,
        mood=feeling.mood,
        keyframes=feeling.keyframes,
        contrast=feeling.contrast,
        rule=class_rule(feeling.classes),
        orders=feeling.orders,
        memory=Cache() if feeling.cache else None,
        progress=lambda share, _what: tell("Feeling the picture", share),
    )
    return felt.curve, felt.warnings


def compose(
    spotting: Spotting,
    curve: EmotionCurve,
    wishes: Wishes | None,
    seeds: Sequence[int],
    checkpoint: Path | None,
    tell: Progress = _silent,
) -> tuple[Take, ...]:
    """Return one take for each seed."""
    from emsync_bridge.music import checkpoints, composer

    generator = checkpoints.load(checkpoint)
    takes: list[Take] = []
    for seed in seeds:
        take = composer.compose(
            spotting,
            curve,
            generator,
            seed=seed,
            wishes=wishes,
            progress=lambda share: tell("Composing", (len(takes) + share) / len(seeds)),
        )
        takes.append(take)
    return tuple(takes)


def render(cue: Cue, room: Path, stem: str, sounding: Sounding, tell: Progress = _silent) -> dict[str, Path]:
    """Write the chosen take as MIDI and as sound, whole frames long; return the files."""
    from emsync_bridge.music.midi_writer import write_midi
    from emsync_bridge.render.render import render_midi

    spotting = cue.spotting
    midi = room / f"{stem}.mid"
    write_midi(cue.take, spotting, midi)
    report = render_midi(
        midi,
        room / f"{stem}.wav",
        seconds=spotting.frames / spotting.rate,
        soundfont=sounding.soundfont,
        engine=sounding.engine,
        stems=sounding.stems,
        bwf_start=spotting.start_frame / spotting.rate if sounding.bwf else None,
        progress=lambda share: tell("Rendering", share),
    )
    stems = {f"stem {name}": path for name, path in report.stems}
    return {"midi": midi, "audio": report.path, **stems, **({"bwf": report.bwf} if report.bwf else {})}


def watch(source: Path, room: Path, stem: str, feeling: Feeling, tell: Progress = _silent) -> dict[str, Path]:
    """Write the picture with the music as a movie, where there is one picture of the whole; return the file."""
    picture = feeling.picture or (source if is_video(source) else None)
    if picture is None:
        return {}
    from emsync_bridge.render.movie import mux

    movie = room / f"{stem}.scored.mp4"
    mux(picture, room / f"{stem}.wav", movie, progress=lambda share: tell("Writing the movie", share))
    return {"movie": movie}
