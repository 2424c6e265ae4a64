"""The steps of scoring as functions of Python; the package's top offers them under the same names.

Paths may be strings. Options are the classes of ``options``; every one has a default. Progress is a function that is
called with the name of a step and the share of it that is done, from 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from emsync_bridge.cue import Cue, EmotionCurve, Spotting, Take
from emsync_bridge.errors import MusicError
from emsync_bridge.options import MusicOptions, ReadOptions, RenderOptions, ScoreOptions
from emsync_bridge.progress import Progress, no_progress
from emsync_bridge.render.render import RenderReport
from emsync_bridge.scoring import steps
from emsync_bridge.scoring.conform.conform import Conformed
from emsync_bridge.scoring.job import ScoringJob, ScoringResult, Section
from emsync_bridge.scoring.settings import sound_as_before
from emsync_bridge.timeline.source import Source, open_source

Location = str | PathLike[str]
"""A path."""


@dataclass(frozen=True)
class CutMood:
    """The mood of a cut.

    Arguments:
        spotting: The cut.
        curve: Valence and arousal over time.
        warnings: Notes that a careful assistant would make, in full sentences.
    """

    spotting: Spotting
    curve: EmotionCurve
    warnings: tuple[str, ...] = ()


def score(
    source: Location,
    out: Location,
    options: ScoreOptions | None = None,
    *,
    generator: Location | None = None,
    progress: Progress = no_progress,
) -> ScoringResult:
    """Compose music for a cut, render it, and hand the timeline back with the music on a new track.

    Arguments:
        source: A timeline or a video.
        out: Folder for the results, made when missing.
        options: Options of reading, mood, music and sound.
        generator: Folder of a generator; the shipped one when None.
        progress: Function that is told of each step.

    Returns:
        The cue, the files by what they are, warnings and loudness.

    Raises:
        EmsyncError: A step fails; nothing of the user's is changed.
    """
    return _job(source, out, options, generator, progress).score()


def redo(
    source: Location,
    cue: Cue | Location,
    section: Section,
    out: Location,
    options: ScoreOptions | None = None,
    *,
    generator: Location | None = None,
    progress: Progress = no_progress,
) -> ScoringResult:
    """Recompose one section of a cue; every other note stays.

    Arguments:
        source: The timeline or video that the cue was made for.
        cue: Cue as ``score`` returned it, or a ``.cue.json``.
        section: Section to recompose; its seed is ``options.takes.seed``.
        out: Folder for the results.
        options: Options as for ``score``; the sound as before when None.
        generator: Generator as for ``score``.
        progress: Progress as for ``score``.

    Raises:
        EmsyncError: As for ``score``; or the section is outside the music.
    """
    kept = _cue(cue)
    options = options or sound_as_before(ScoreOptions(), kept.settings)
    return _job(source, out, options, generator, progress).redo(kept, section)


def conform(
    source: Location,
    cue: Cue | Location,
    out: Location,
    options: ScoreOptions | None = None,
    *,
    generator: Location | None = None,
    progress: Progress = no_progress,
) -> tuple[ScoringResult, Conformed]:
    """Carry the music of an old cut over to a changed cut; bars that still fit stay as they are.

    Arguments:
        source: The changed timeline, in any format that is read.
        cue: Music of the old cut: what ``score`` returned, or a ``.cue.json``.
        out: Folder for the results.
        options: Options as for ``score``; those of the music are the cue's. The sound as before when None.
        generator: Generator as for ``score``.
        progress: Progress as for ``score``.

    Returns:
        The outcome as of ``score``, and what became of shots, hits and sections.

    Raises:
        EmsyncError: As for ``score``.
    """
    kept = _cue(cue)
    options = options or sound_as_before(ScoreOptions(), kept.settings)
    return _job(source, out, options, generator, progress).conform(kept)


def spot(source: Location, options: ReadOptions | None = None, *, progress: Progress = no_progress) -> Spotting:
    """Return the hit points and shots of a timeline or a video.

    Arguments:
        source: A timeline or a video.
        options: Options of reading.
        progress: Function that is told of each step.

    Raises:
        EmsyncError: It cannot be read.
    """
    options = options or ReadOptions()
    return steps.spot(steps.read(_open(source, options), options, progress), options)


def feel(source: Location, options: ScoreOptions | None = None, *, progress: Progress = no_progress) -> CutMood:
    """Return the mood of a timeline or a video over time.

    Arguments:
        source: A timeline or a video.
        options: Options, of which ``read`` and ``emotion`` are used.
        progress: Function that is told of each step.

    Raises:
        EmsyncError: It cannot be read, or its media cannot be decoded.
    """
    options = options or ScoreOptions()
    opened = _open(source, options.read)
    shared = steps.shared_decode(opened, options.read, options.emotion)
    spotting = steps.spot(steps.read(opened, options.read, progress, shared), options.read)
    relinked = steps.find_media(opened, spotting, options.emotion)
    curve, notes = steps.feel(spotting, relinked, options.emotion, progress, shared)
    return CutMood(spotting, curve, (*spotting.warnings, *steps.missing_media_warning(relinked), *notes))


def compose(
    spotting: Spotting,
    curve: EmotionCurve,
    options: MusicOptions | None = None,
    *,
    seed: int = 1,
    generator: Location | None = None,
    progress: Progress = no_progress,
) -> Take:
    """Return one piece of music for a cut and its mood; the same seed gives the same piece.

    Arguments:
        spotting: The cut, from ``spot`` or made by hand.
        curve: The mood, from ``feel`` or made by hand.
        options: Options of the music.
        seed: Random seed.
        generator: Folder of a generator; the shipped one when None.
        progress: Function that is told of each step.

    Raises:
        MusicError: The options ask for what cannot be met.
    """
    folder = None if generator is None else Path(generator)
    return steps.compose(spotting, curve, options or MusicOptions(), [seed], folder, progress)[0]


def render_midi(
    midi: Location,
    out: Location,
    options: RenderOptions | None = None,
    *,
    seconds: float | None = None,
    progress: Progress = no_progress,
) -> RenderReport:
    """Render a MIDI file to a WAV.

    Arguments:
        midi: Standard MIDI File.
        out: The WAV to write; stems go beside it.
        options: Options of the sound.
        seconds: Length; the file's own and a few seconds to ring when None.
        progress: Function that is told of each step.

    Raises:
        EmsyncError: It cannot be rendered or written.
    """
    from emsync_bridge.render.render import render_midi as render
    from emsync_bridge.render.sounding import sounding_of

    options = options or RenderOptions()
    return render(
        Path(midi),
        Path(out),
        seconds=seconds,
        sounding=sounding_of(options),
        copy=options.bwf,
        progress=lambda share: progress("Rendering", share),
    )


def place(
    source: Location, audio: Location, out: Location, options: ReadOptions | None = None, *, track: str = "AI Music"
) -> tuple[str, ...]:
    """Write a copy of a timeline with a WAV on a new audio track; everything else stays as it was.

    Arguments:
        source: The timeline.
        audio: The WAV.
        out: The timeline to write.
        options: Options, of which ``sequence`` and ``rate`` are used.
        track: Name of the new track.

    Returns:
        Notes for the user, in full sentences.

    Raises:
        EmsyncError: The timeline cannot be read or written, or the sound is not an uncompressed WAV file.
    """
    from emsync_bridge.timeline.insertion import place as place_in
    from emsync_bridge.timeline.placement import placement_of_wav
    from emsync_bridge.timeline.reading import read_timeline

    opened, sound = _open(source, options or ReadOptions()), Path(audio)
    model = read_timeline(opened)
    return tuple(place_in(opened, Path(out), placement_of_wav(sound, model.rate, track)))


def _job(
    source: Location, out: Location, options: ScoreOptions | None, generator: Location | None, progress: Progress
) -> ScoringJob:
    folder = None if generator is None else Path(generator)
    return ScoringJob.open(Path(source), Path(out), options, generator=folder, progress=progress)


def _open(source: Location, options: ReadOptions) -> Source:
    return open_source(Path(source), sequence=options.sequence, rate=options.rate)


def _cue(given: Cue | Location) -> Cue:
    if isinstance(given, Cue):
        return given
    from emsync_bridge.cue.cue_file import read_cue

    cue = read_cue(Path(given))
    if not cue.takes:
        raise MusicError("The cue holds no music", where=str(given))
    return cue
