"""The main job on one page: read, spot, feel, compose, render, write back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from emsync_bridge.belongings import refuse_foreign
from emsync_bridge.cue import Cue, EmotionCurve, Spotting, Take
from emsync_bridge.errors import MusicError, OutputError
from emsync_bridge.files import publish, workroom
from emsync_bridge.results import Names, draw, is_video, listing, stem_of, write_back
from emsync_bridge.stretch import cut_curve, cut_spotting, laid_over

if TYPE_CHECKING:
    from emsync_bridge.emotion.onlooking import Onlooker
    from emsync_bridge.emotion.orders import PlacedOrder
    from emsync_bridge.music.composer import Wishes
    from emsync_bridge.picture.relink import Relinked
    from emsync_bridge.timeline.cut_model import CutModel

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of it that is done, from 0 to 1."""

Settings = Mapping[str, str | int | float | bool | None]


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
        between: Seconds from the timeline's start; only the stretch between them is scored.
    """

    sequence: str | None = None
    rate: Fraction | None = None
    min_gap: float = 4.0
    marker_colors: tuple[str, ...] | None = None
    only_markers: bool = False
    shots: Literal["adaptive", "transnet"] = "adaptive"
    edited: Path | None = None
    between: tuple[float, float] | None = None


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
        tier: What it is felt with: the embedded cues alone, or with them whatever pretrained models are installed.
        models_dir: A folder of pretrained models, looked at before the usual places.
        head: Folder of a trained head that gives its opinion too.
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
    tier: Literal["embedded", "pretrained"] = "embedded"
    models_dir: Path | None = None
    head: Path | None = None
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
    settings: Settings | None = None,
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
        takes: How many pieces to compose; the best by ``music.judging`` is rendered.
        checkpoint: Folder of a generator; the shipped one when None.
        settings: What the user asked for, to be kept in the cue.
        spotting: Hit points as a person has edited them, in place of what is read.
        curve: Mood as a person has edited it, in place of what is felt.
        progress: Told of each step.

    Raises:
        EmsyncError: A step fails. Files appear whole or not at all, only once all of the music is made, and never in
            place of a file that is not ours.
    """
    looking, feeling, sounding = looking or Looking(), feeling or Feeling(), sounding or Sounding()
    tell = progress or _silent
    names = room_for(source, out, feeling, sounding)
    onlooker = onlooker_for(source, looking, feeling) if curve is None else None
    model = read(source, looking, tell, onlooker)
    spotting = spot(model, looking, spotting)
    felt: tuple[str, ...] = ()
    if curve is None:
        relinked = find_media(source, spotting, feeling, spotting.start_frame - model.start_frame)
        curve, felt = feel(spotting, relinked, feeling, tell, onlooker)
        if relinked.missing:
            felt = (f"{len(relinked.missing)} media not found: {', '.join(relinked.missing)}", *felt)
    curve = fitted(curve, spotting, looking)
    pieces = compose(spotting, curve, wishes, range(seed, seed + takes), checkpoint, tell)
    cue = Cue(spotting, curve, pieces, best_of(pieces, spotting, curve), settings=settings or {})
    scored = hand_over(source, model, cue, names, looking, feeling, sounding, checkpoint, tell)
    return replace(scored, warnings=(*spotting.warnings, *felt, *scored.warnings))


def redo(
    source: Path,
    cue: Cue,
    out: Path,
    *,
    start: float,
    end: float,
    seed: int,
    looking: Looking | None = None,
    feeling: Feeling | None = None,
    sounding: Sounding | None = None,
    wishes: Wishes | None = None,
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
    from emsync_bridge.music import checkpoints, composer

    looking, feeling, sounding = looking or Looking(), feeling or Feeling(), sounding or Sounding()
    tell = progress or _silent
    names = room_for(source, out, feeling, sounding)
    model = read(source, looking, tell)
    kept = chosen_of(cue, cue.chosen)
    start, end = composer.snapped(kept, cue.spotting, cue.curve, start, end)
    curve = with_mood(cue.curve, start, end, mood)
    take = composer.recompose(
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
    return hand_over(source, model, cue, names, looking, feeling, sounding, checkpoint, tell)


def choose(
    source: Path,
    cue: Cue,
    out: Path,
    *,
    take: int,
    looking: Looking | None = None,
    feeling: Feeling | None = None,
    sounding: Sounding | None = None,
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
    looking, feeling, sounding = looking or Looking(), feeling or Feeling(), sounding or Sounding()
    tell = progress or _silent
    chosen_of(cue, take)
    names = room_for(source, out, feeling, sounding)
    model = read(source, looking, tell)
    return hand_over(source, model, replace(cue, chosen=take), names, looking, feeling, sounding, checkpoint, tell)


def hand_over(
    source: Path,
    model: CutModel,
    cue: Cue,
    names: Names,
    looking: Looking,
    feeling: Feeling,
    sounding: Sounding,
    checkpoint: Path | None,
    tell: Progress,
) -> Scored:
    """Render the chosen take and write everything that comes of it."""
    offset = cue.spotting.start_frame - model.start_frame
    if not 0 <= offset <= round(model.duration * model.rate) or cue.spotting.rate != model.rate:
        raise MusicError(
            "This cue was made for a timeline of another rate, start or length", where=source, hint="Score it anew"
        )
    with workroom(names.out) as room, listing(cue, names):
        made = render(cue, room, names.stem, sounding, tell)
        made |= draw(cue, room, names, checkpoint)
        made |= watch(source, room, names.stem, feeling, float(offset / model.rate), tell)
        files = {kind: names.out / path.name for kind, path in made.items()}
        for kind, path in made.items():
            publish(path, files[kind])
        written, odd = write_back(source, model, cue, files, names, looking.sequence)
    return Scored(cue, {**files, "cue": names.cue, **written}, tuple(odd))


def room_for(source: Path, out: Path, feeling: Feeling, sounding: Sounding) -> Names:
    """Make the folder for the results and return their names, none of them taken by a file that is not ours."""
    make_folder(out)
    movie = picture_of(source, feeling) is not None
    names = Names(source, out, stems=sounding.stems, bwf=sounding.bwf, movie=movie)
    refuse_foreign(names.paths(), names.cue)
    return names


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


def onlooker_for(source: Path, looking: Looking, feeling: Feeling) -> Onlooker | None:
    """Return who measures a plain video for its mood while its shots are looked for, so that it is decoded once."""
    if not is_video(source) or looking.shots != "adaptive" or looking.between is not None:
        return None
    told = feeling.mood is not None or None not in (feeling.valence, feeling.arousal) or feeling.curve is not None
    if told or feeling.keyframes or feeling.picture is not None:
        return None
    from emsync_bridge.emotion.cache import Cache
    from emsync_bridge.emotion.feel import default_extractors
    from emsync_bridge.emotion.onlooking import Notes, Onlooker
    from emsync_bridge.emotion.scene_features import with_features

    chosen = default_extractors()[0]
    return Onlooker(source, with_features(chosen) if feeling.head else chosen, Cache() if feeling.cache else Notes())


def read(source: Path, looking: Looking, tell: Progress = _silent, onlooker: Onlooker | None = None) -> CutModel:
    """Return the cut of a timeline, or of a plain video by its shots."""
    if not is_video(source):
        from emsync_bridge.timeline.read import read_timeline

        return read_timeline(source, sequence=looking.sequence, rate=looking.rate)
    from emsync_bridge.picture.shots import detect_shots
    from emsync_bridge.timecode import from_timecode
    from emsync_bridge.timeline.from_shots import model_from_shots

    found = detect_shots(
        source, method=looking.shots, progress=lambda share: tell("Finding shots", share), watch=onlooker
    )
    if onlooker is not None:
        onlooker.finish(float(found.duration))
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


def clock_of(source: Path, looking: Looking) -> tuple[Fraction, int, bool]:
    """Return frame rate, start frame and way of counting of a timeline or video, without looking for shots."""
    if not is_video(source):
        model = read(source, looking)
        return model.rate, model.start_frame, model.drop_frame
    from emsync_bridge.picture.probe import probe
    from emsync_bridge.timecode import from_timecode

    info = probe(source)
    rate, drop = info.rate or Fraction(25), ";" in (info.timecode or "")
    return rate, from_timecode(info.timecode, rate, drop) if info.timecode else 0, drop


def spot(model: CutModel, looking: Looking, edited: Spotting | None = None) -> Spotting:
    """Return what the composer needs to know of a cut, or of the stretch of it that is asked for."""
    from emsync_bridge.timeline import spotting

    found = edited or spotting.spot(
        model,
        min_gap=looking.min_gap,
        marker_colors=looking.marker_colors,
        only_markers=looking.only_markers,
    )
    if looking.edited is not None and edited is None:
        from emsync_bridge.timeline.csv_edit import read_spotting_csv

        found = read_spotting_csv(looking.edited, found)
    whole = found.frames >= round(model.duration * model.rate)
    return cut_spotting(found, *looking.between) if looking.between and whole else found


def picture_of(source: Path, feeling: Feeling) -> Path | None:
    """Return the one picture of the whole cut, where there is one."""
    return feeling.picture or (source if is_video(source) else None)


def find_media(source: Path, spotting: Spotting, feeling: Feeling, offset: int = 0) -> Relinked:
    """Return the file behind every shot; ``offset`` is the timeline frame that the spotting begins with."""
    from emsync_bridge.picture.relink import relink

    start = float(offset / spotting.rate)
    shots = [replace(shot, start=shot.start + start, end=shot.end + start) for shot in spotting.shots]
    return relink(shots, timeline=source, media_roots=feeling.media_roots, picture=picture_of(source, feeling))


def feel(
    spotting: Spotting,
    relinked: Relinked,
    feeling: Feeling,
    tell: Progress = _silent,
    onlooker: Onlooker | None = None,
) -> tuple[EmotionCurve, tuple[str, ...]]:
    """Return the mood over time, and what is to be said about it."""
    from emsync_bridge.emotion import feel as emotion
    from emsync_bridge.emotion.cache import Cache
    from emsync_bridge.emotion.curve_csv import read_curve_csv
    from emsync_bridge.emotion.head import load_head
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
        tier=feeling.tier,
        models_dir=feeling.models_dir,
        head=load_head(feeling.head) if feeling.head else None,
        keyframes=feeling.keyframes,
        contrast=feeling.contrast,
        rule=class_rule(feeling.classes),
        orders=feeling.orders,
        memory=onlooker.memory if onlooker else Cache() if feeling.cache else None,
        progress=lambda share, _what: tell("Feeling the picture", share),
    )
    return felt.curve, felt.warnings


def fitted(curve: EmotionCurve, spotting: Spotting, looking: Looking) -> EmotionCurve:
    """Return the mood of the stretch that is asked for, where the mood is that of the whole timeline."""
    whole = curve.spans[-1].end > spotting.duration + 1 / float(spotting.rate)
    return cut_curve(curve, *looking.between) if looking.between and whole else curve


def with_mood(curve: EmotionCurve, start: float, end: float, mood: tuple[float | None, float | None]) -> EmotionCurve:
    """Return a mood that is another one in a section."""
    from emsync_bridge.emotion.overrides import set_everywhere

    if mood == (None, None):
        return curve
    part = set_everywhere(cut_curve(curve, start, end).spans, *mood, "as set for the section")
    return laid_over(curve, EmotionCurve(tuple(part)), start)


def chosen_of(cue: Cue, take: int) -> Take:
    """Return a take of a cue.

    Raises:
        MusicError: There is none of that number.
    """
    if not 0 <= take < len(cue.takes):
        raise MusicError(f"This cue has {len(cue.takes)} takes, and none of number {take + 1}")
    return cue.takes[take]


def best_of(takes: Sequence[Take], spotting: Spotting, curve: EmotionCurve) -> int:
    """Return the index of the take that measures best."""
    from emsync_bridge.music.judging import judge

    if len(takes) == 1:
        return 0
    scores = [judge(take, spotting, curve).score for take in takes]
    return scores.index(max(scores))


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


def watch(
    source: Path, room: Path, stem: str, feeling: Feeling, start: float = 0.0, tell: Progress = _silent
) -> dict[str, Path]:
    """Write the picture with the music as a movie, where there is one picture of the whole; return the file."""
    picture = picture_of(source, feeling)
    if picture is None:
        return {}
    from emsync_bridge.render.movie import mux

    movie = room / f"{stem}.scored.mp4"
    mux(picture, room / f"{stem}.wav", movie, start=start, progress=lambda share: tell("Writing the movie", share))
    return {"movie": movie}
