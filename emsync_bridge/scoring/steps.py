"""The steps of the main job up to the music, one function each: read, spot, feel, compose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from emsync_bridge.cue import Cue, EmotionCurve, Spotting, Take
from emsync_bridge.cue.trimming import cut_curve, laid_over, trim_spotting
from emsync_bridge.errors import EmsyncError, MediaError, MusicError
from emsync_bridge.options import EmotionOptions, PaletteName, ReadOptions
from emsync_bridge.progress import Progress, no_progress
from emsync_bridge.scoring.bundled_media import unpack_media
from emsync_bridge.timeline.source import Source

if TYPE_CHECKING:
    from emsync_bridge.emotion.extractors.shared_decode import SharedDecode
    from emsync_bridge.options import MusicOptions, ScoreOptions
    from emsync_bridge.picture.relink import Relinked
    from emsync_bridge.timeline.cut.model import CutModel


_NAMED = 8
"""Names of missing media in a warning; documents have all."""

LENGTH_SLACK = 1.0
"""Seconds by which a movie may be longer or shorter than the cut that it shows: leaders and last frames."""


def shared_decode(source: Source, read: ReadOptions, emotion: EmotionOptions) -> SharedDecode | None:
    """Return what measures a plain video for its mood while its shots are looked for, so that it is decoded once.

    Arguments:
        source: The input; None is returned for a timeline.
        read: Options of reading; None is returned where only a range is scored, or the shots are found by a network.
        emotion: Options of the mood; None is returned where nothing of the picture is measured, or another picture is.
    """
    if not source.is_video or read.shots != "adaptive" or read.between is not None:
        return None
    told = emotion.mood is not None or None not in (emotion.valence, emotion.arousal) or emotion.curve is not None
    if told or emotion.keyframes or emotion.picture is not None:
        return None
    from emsync_bridge.emotion.estimate import default_extractors
    from emsync_bridge.emotion.extractors.cache import DiskCache
    from emsync_bridge.emotion.extractors.scene_features import with_features
    from emsync_bridge.emotion.extractors.shared_decode import MemoryCache, SharedDecode

    chosen = default_extractors()[0]
    return SharedDecode(
        source.path, with_features(chosen) if emotion.head else chosen, DiskCache() if emotion.cache else MemoryCache()
    )


def read(
    source: Source, options: ReadOptions, progress: Progress = no_progress, shared: SharedDecode | None = None
) -> CutModel:
    """Return the cut of a timeline, or of a plain video by its shots.

    Arguments:
        source: The input.
        options: Options of the search for shots; sequence and rate are those of the source.
        progress: Function that is told of the search for shots.
        shared: Decoder that measures the video for its mood at the same time.

    Raises:
        EmsyncError: It cannot be read.
    """
    if not source.is_video:
        from emsync_bridge.timeline.reading import read_timeline

        return with_subtitles(read_timeline(source), source.path)
    from emsync_bridge.picture.shot_detection import detect_shots
    from emsync_bridge.timeline.cut.from_shots import model_from_shots

    found = detect_shots(
        source.path, method=options.shots, progress=lambda share: progress("Finding shots", share), watch=shared
    )
    if shared is not None:
        shared.finish(float(found.duration))
    return with_subtitles(model_from_shots(source.stem, source.path.resolve(), found), source.path)


def with_subtitles(model: CutModel, source: Path) -> CutModel:
    """Return a cut with the lines of the subtitles of the same name beside it, where there are any."""
    from emsync_bridge.emotion.words.subtitles import read_subtitles, subtitles_beside

    beside = subtitles_beside(source)
    if beside is None:
        return model
    try:
        lines = read_subtitles(beside, float(model.start_frame / model.rate))
    except EmsyncError as problem:
        return replace(model, warnings=(*model.warnings, f"The subtitles are left out: {problem}"))
    return replace(model, captions=(*model.captions, *lines))


def clock_of(source: Source) -> tuple[Fraction, int, bool]:
    """Return frame rate, start frame and drop frame of a timeline or video, without looking for shots."""
    if not source.is_video:
        model = read(source, ReadOptions())
        return model.rate, model.start_frame, model.drop_frame
    from emsync_bridge.picture.probe import probe
    from emsync_bridge.timecode import from_timecode

    info = probe(source.path)
    rate, drop = info.rate or Fraction(25), ";" in (info.timecode or "")
    return rate, from_timecode(info.timecode, rate, drop) if info.timecode else 0, drop


def spot(model: CutModel, options: ReadOptions, edited: Spotting | None = None) -> Spotting:
    """Return the spotting of a cut, or of the range of it that the options name; ``edited`` takes its place."""
    from emsync_bridge.timeline.spotting import spot as spotting

    found = edited or spotting.spot(
        model,
        min_gap=options.min_gap,
        marker_colors=options.marker_colors,
        only_markers=options.only_markers,
        all_changes=options.all_changes,
    )
    if options.edited is not None and edited is None:
        from emsync_bridge.timeline.spotting.csv_reader import read_spotting_csv

        found = read_spotting_csv(options.edited, found)
    whole = found.frames >= round(model.duration * model.rate)
    if not options.between or not whole:
        return found
    part = trim_spotting(found, *options.between)
    by_hand = edited is not None or options.edited is not None
    return part if by_hand else spotting.thinned(part, options.min_gap)


def picture_of(source: Source, emotion: EmotionOptions) -> Path | None:
    """Return the one picture of the whole cut, where there is one."""
    return emotion.picture or (source.path if source.is_video else None)


def check_picture(emotion: EmotionOptions) -> None:
    """Make sure that the one picture of the whole cut can be looked at, before anything is composed.

    Raises:
        MediaError: It is not a movie.
    """
    if emotion.picture is None:
        return
    from emsync_bridge.picture.probe import probe

    info = probe(emotion.picture)
    if info.still or not info.has_picture:
        raise MediaError(
            "This is a still picture, not a movie" if info.still else "This file has sound and no picture",
            where=emotion.picture,
            hint="Export the whole cut as one movie",
            setting="picture",
        )


def picture_notes(source: Source, model: CutModel, emotion: EmotionOptions) -> tuple[str, ...]:
    """Return a warning when the rendering of the whole cut is not as long as the cut."""
    if emotion.picture is None:
        return ()
    from emsync_bridge.picture.probe import probe

    length, cut = probe(emotion.picture).duration, float(model.duration)
    if abs(length - cut) <= LENGTH_SLACK:
        return ()
    after = "what comes after its end has no picture to go by" if length < cut else "its end is not looked at"
    name = emotion.picture.name
    return (
        f"{name} lasts {length:.1f} s and {source.path.name} {cut:.1f} s: {after}. Is it of this version of the cut?",
    )


def find_media(source: Source, spotting: Spotting, emotion: EmotionOptions, offset: int = 0) -> Relinked:
    """Return the file behind every shot; ``offset`` is the timeline frame that the spotting begins with."""
    from emsync_bridge.picture.relink import relink

    start = float(offset / spotting.rate)
    shots = [replace(shot, start=shot.start + start, end=shot.end + start) for shot in spotting.shots]
    picture, inside = picture_of(source, emotion), None if emotion.picture else unpack_media(source)
    roots = (*emotion.media_roots, inside) if inside else emotion.media_roots
    return relink(shots, timeline=source.path, media_roots=roots, picture=picture)


def missing_media_warning(relinked: Relinked) -> tuple[str, ...]:
    """Return a warning that names the media that were not found."""
    missing = relinked.missing
    if not missing:
        return ()
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    return (f"{len(missing)} media not found: {', '.join(missing[:_NAMED])}{more}",)


def feel(
    spotting: Spotting,
    relinked: Relinked,
    options: EmotionOptions,
    progress: Progress = no_progress,
    shared: SharedDecode | None = None,
) -> tuple[EmotionCurve, tuple[str, ...]]:
    """Return the mood over time, and warnings."""
    from emsync_bridge.emotion import estimate
    from emsync_bridge.emotion.extractors.cache import DiskCache
    from emsync_bridge.emotion.fusion.head import load_head
    from emsync_bridge.emotion.overrides.apply import with_orders
    from emsync_bridge.emotion.overrides.curve_csv import read_curve_csv
    from emsync_bridge.emotion.words.subtitles import read_script

    if options.curve is not None:
        table = read_curve_csv(options.curve, spotting)
        end = table.spans[-1].end
        covered = f"{options.curve.name} ends at {end:.1f} s of {spotting.duration:.1f} s"
        short = end < spotting.duration - LENGTH_SLACK
        notes = (f"{covered}; its last row holds for the rest",) if short else ()
        return with_orders(table, spotting, options.orders), notes
    texts = spotting.texts
    if options.script is not None:
        start = float(spotting.start_frame / spotting.rate)
        texts += tuple(read_script(options.script, spotting.duration, start))
    felt = estimate.feel(
        spotting,
        relinked,
        options,
        estimate.EstimateInputs(
            head=load_head(options.head) if options.head else None,
            texts=texts,
            memory=shared.memory if shared else DiskCache() if options.cache else None,
        ),
        progress=lambda share, _what: progress("Feeling the picture", share),
    )
    return felt.curve, felt.warnings


def trimmed_curve(curve: EmotionCurve, spotting: Spotting, options: ReadOptions) -> EmotionCurve:
    """Return the mood of the range that the options name, where the mood is that of the whole timeline."""
    whole = curve.spans[-1].end > spotting.duration + 1 / float(spotting.rate)
    return cut_curve(curve, *options.between) if options.between and whole else curve


def with_mood(curve: EmotionCurve, start: float, end: float, mood: tuple[float | None, float | None]) -> EmotionCurve:
    """Return a mood that is another one in a section."""
    from emsync_bridge.emotion.overrides.apply import set_everywhere

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
        number = len(cue.takes)
        raise MusicError(
            f"Take {take + 1} does not exist",
            hint=f"This cue has takes 1 to {number}" if number > 1 else "This cue has take 1 alone",
            setting="take",
        )
    return cue.takes[take]


def best_of(takes: Sequence[Take], spotting: Spotting, curve: EmotionCurve) -> int:
    """Return the index of the take that is worth most."""
    from emsync_bridge.music import take_choice

    return take_choice.best_of(takes, spotting, curve)


def with_orders(spotting: Spotting, options: ScoreOptions) -> Spotting:
    """Return a cut with the orders for the music that are set for places in it among its directives.

    Raises:
        EmotionError: Orders are not understood, or are for places that the cut lacks.
        MusicError: A marker orders a palette that does not exist.
        RenderError: The cut lacks a range of speech that a person has given.
    """
    from emsync_bridge.emotion.overrides.placed_orders import directives_of
    from emsync_bridge.orders.music import palettes_in, with_music_orders
    from emsync_bridge.scoring.dialogue import spoken_ranges

    spoken_ranges(options.render.duck, spotting)
    spotting = with_music_orders(spotting, directives_of(options.emotion.orders, spotting))
    for start, _, name in palettes_in(spotting):
        if name not in get_args(PaletteName):
            raise MusicError(
                f"'emsync: palette={name}' at {start:.2f} s: there is no such palette",
                hint=f"Change the marker to one of {', '.join(get_args(PaletteName))}",
            )
    return spotting


def with_themes(options: MusicOptions, spotting: Spotting) -> MusicOptions:
    """Return options with the themes of MIDI files and of a programme read.

    Raises:
        EmsyncError: A file cannot be read.
    """
    from emsync_bridge.orders.music import music_orders

    if not options.theme and options.theme_book is None:
        return options
    from emsync_bridge.music.theme_files import load_book, read_themes, with_new_themes

    names = [order.name for order in music_orders(spotting) if order.kind == "theme"]
    given = (*options.themes, *read_themes(options.theme, names))
    if options.theme_book is not None:
        given = (*given, *with_new_themes(load_book(options.theme_book), given).themes)
    return replace(options, themes=tuple({theme.name: theme for theme in reversed(given)}.values())[::-1])


def keep_themes(options: MusicOptions, take: Take) -> None:
    """Add the themes of a take to those of its programme, where there is a file of them."""
    if options.theme_book is None or take.score is None:
        return
    from emsync_bridge.music.theme_files import load_book, save_book, with_new_themes

    save_book(with_new_themes(load_book(options.theme_book), take.score.themes), options.theme_book)


def compose(
    spotting: Spotting,
    curve: EmotionCurve,
    options: MusicOptions,
    seeds: Sequence[int],
    generator: Path | None,
    progress: Progress = no_progress,
) -> tuple[Take, ...]:
    """Return one take for each seed."""
    from emsync_bridge.music.generators import compose_takes

    return compose_takes(
        spotting,
        curve,
        generator,
        seeds=seeds,
        options=with_themes(options, spotting),
        progress=lambda share: progress("Composing", share),
    )
