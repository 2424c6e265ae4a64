"""The steps of the main job that concern sound, one function each: render, find speech, make room for it, mux."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from emsync_bridge.cue import Cue, Spotting
from emsync_bridge.errors import RenderError
from emsync_bridge.files.atomic import staging_folder
from emsync_bridge.options import RenderOptions
from emsync_bridge.progress import Progress, no_progress
from emsync_bridge.scoring.steps import find_media
from emsync_bridge.timeline.source import Source

if TYPE_CHECKING:
    from emsync_bridge.options import ScoreOptions
    from emsync_bridge.render.ducking import SpokenSpan
    from emsync_bridge.render.mix.accents import Accent
    from emsync_bridge.render.mix.level import GainCurve
    from emsync_bridge.render.render import RenderReport
    from emsync_bridge.scoring.dialogue import Ducking
    from emsync_bridge.timeline.cut.model import CutModel


_SOUNDING = ("audio", "stem ", "alternate ", "bwf", "movie")
"""Beginnings of the kinds of files that are signed."""

_SAME_HIT = 0.05
"""Seconds within which an onset is that of a gesture."""


def check_sound(options: RenderOptions) -> None:
    """Make sure that the music can be rendered, before it is composed.

    Raises:
        RenderError: The synthesizer, a soundfont, an SFZ instrument or the certificate cannot be used, or an option
            has no effect.
    """
    from emsync_bridge.render.engines import choose_engine
    from emsync_bridge.render.files.credentials import signature_of
    from emsync_bridge.render.sounding import sounding_of

    choose_engine(options.engine)
    sounding_of(options)
    signature_of(options.certificate, options.certificate_key)
    if options.soundfont is not None:
        with options.soundfont.open("rb") as file:
            head = file.read(12)
        if not (head.startswith(b"RIFF") and head.endswith(b"sfbk")):
            raise RenderError(
                "This is not a SoundFont", where=options.soundfont, hint="Give an .sf2 file", setting="soundfont"
            )


@dataclass(frozen=True)
class MixLoudness:
    """Loudness of the mix.

    Arguments:
        integrated_lufs: Loudness of the whole, after EBU R 128; None for silence.
        peak_dbfs: Its true peak; None for silence.
        range_lu: Loudness range; None for silence.
        short_term_lufs: The highest loudness over 3 s; None for silence.
        text: All of it in words.
    """

    integrated_lufs: float | None = None
    peak_dbfs: float | None = None
    range_lu: float | None = None
    short_term_lufs: float | None = None
    text: str = ""


def render(
    cue: Cue, room: Path, stem: str, options: RenderOptions, progress: Progress = no_progress
) -> tuple[dict[str, Path], RenderReport]:
    """Write the chosen take as MIDI and as sound, whole frames long; return the files, and what was measured."""
    from emsync_bridge.live.sync.ltc_file import write_ltc
    from emsync_bridge.midi.writer import write_midi
    from emsync_bridge.render.render import render_midi
    from emsync_bridge.render.sounding import sounding_of
    from emsync_bridge.scoring.mark import stamp_of

    spotting = cue.spotting
    midi = room / f"{stem}.mid"
    write_midi(cue.take, spotting, midi)
    plain = {"plain midi": room / f"{stem}.plain.mid"} if options.plain else {}
    for path in plain.values():
        write_midi(cue.take, spotting, path, plain=True)
    timecode = {"timecode": room / f"{stem}.ltc.wav"} if options.ltc else {}
    for path in timecode.values():
        write_ltc(path, spotting, int(options.sample_rate))
    sounding = replace(sounding_of(options), accents=accents_of(cue))
    if options.alternates and any(note.role == "melody" for note in cue.take.notes):
        rest = replace(cue.take, notes=tuple(note for note in cue.take.notes if note.role != "melody"))
        sounding = replace(sounding, underscore=room / "underscore.mid")
        write_midi(rest, spotting, room / "underscore.mid")
    report = render_midi(
        midi,
        room / f"{stem}.wav",
        seconds=spotting.frames / spotting.rate,
        sounding=sounding,
        stamp=stamp_of(cue),
        copy=options.bwf,
        progress=lambda share: progress("Rendering", share),
    )
    stems = {f"stem {name}": path for name, path in report.stems}
    stems |= {f"alternate {name}": path for name, path in report.alternates}
    files = {
        "midi": midi,
        **plain,
        **timecode,
        "audio": report.path,
        **stems,
        **({"bwf": report.bwf} if report.bwf else {}),
    }
    return files, report


def render_players(
    cue: Cue, folder: Path, family: str, options: RenderOptions, gain: GainCurve, progress: Progress = no_progress
) -> dict[str, Path]:
    """Write each player of a family alone as it sounds in the rendered mix; return the files by player.

    Arguments:
        cue: The music, with the take that was rendered.
        folder: Folder for the files.
        family: Name of the family.
        options: Options that the mix was rendered with.
        gain: Gain of the mix.
        progress: Function that is told of the rendering.
    """
    from emsync_bridge.midi.writer import write_midi
    from emsync_bridge.render import player_stems
    from emsync_bridge.render.sounding import sounding_of

    with staging_folder(folder) as room:
        midi = room / "music.mid"
        write_midi(cue.take, cue.spotting, midi)
        return player_stems.render_players(
            midi,
            folder,
            family,
            gain,
            seconds=cue.spotting.frames / cue.spotting.rate,
            sounding=sounding_of(options),
            progress=lambda share: progress("Rendering single players", share),
        )


def accents_of(cue: Cue) -> tuple[Accent, ...]:
    """Return the accents with which the music lands on hits, but not while people speak over it."""
    from emsync_bridge.orders.dialogue import marked_dialogue
    from emsync_bridge.render.mix.accents import Accent

    take = cue.take
    gestures = take.score.gestures if take.score else ()
    soft = [take.tempo_map.seconds(each.hit) for each in gestures if each.rank in ("soft", "bell")]
    spoken = marked_dialogue(cue.spotting)[0]
    onsets = sorted(answer.onset for answer in take.answers if answer.onset is not None)
    return tuple(
        Accent(onset, any(abs(onset - hit) < _SAME_HIT for hit in soft))
        for onset in onsets
        if not any(start <= onset < end for start, end in spoken)
    )


def loudness_of(report: RenderReport) -> MixLoudness:
    """Return how loud a rendered mix is."""
    heard = report.loudness
    if report.loudness_lufs is None:
        return MixLoudness(None, report.peak_dbfs, text=str(heard))
    return MixLoudness(report.loudness_lufs, report.peak_dbfs, heard.range, heard.short_term_maximum, str(heard))


def speech_of(
    source: Source,
    model: CutModel,
    spotting: Spotting,
    options: ScoreOptions,
    progress: Progress = no_progress,
) -> tuple[tuple[SpokenSpan, ...], tuple[str, ...]]:
    """Return where somebody speaks in a cut, and warnings.

    Arguments:
        source: The timeline or video.
        model: Contents as they were read.
        spotting: The cut, which may be a part of the timeline.
        options: Options with the folders in which media may lie, and with the ranges that a person has given.
        progress: Function that is told of the listening.
    """
    from emsync_bridge.scoring.dialogue import find_speech
    from emsync_bridge.scoring.dialogue_tracks import dialogue_stretches

    relinked = find_media(source, spotting, options.emotion, spotting.start_frame - model.start_frame)
    tracks = dialogue_stretches(source, model, spotting, options.emotion)
    return find_speech(spotting, relinked, options.render, progress, tracks)


def make_room(
    cue: Cue,
    report: RenderReport,
    room: Path,
    speeches: Sequence[SpokenSpan],
) -> tuple[dict[str, Path], Ducking]:
    """Write the music a second time as it makes room for speech, where somebody speaks.

    Arguments:
        cue: The music.
        report: Report that was rendered.
        room: Folder for the files.
        speeches: Spans of speech.

    Returns:
        The files by what they are, and the key frames.
    """
    from emsync_bridge.render.ducking import write_ducked
    from emsync_bridge.scoring.dialogue import make_room as ducking_for
    from emsync_bridge.scoring.dialogue import write_curve
    from emsync_bridge.scoring.mark import stamp_of

    ducking = ducking_for(speeches, report.power, float(cue.spotting.frames / cue.spotting.rate))
    if not ducking.keys:
        return {}, ducking
    stem = report.path.with_suffix("").name
    wav, curve = room / f"{stem}.ducked.wav", room / f"{stem}.duck.csv"
    write_ducked(report.path, wav, ducking.keys, stamp_of(cue))
    write_curve(ducking, cue.spotting, curve)
    return {"audio under speech": wav, "duck curve": curve}, ducking


def make_movie(
    picture: Path,
    music: Path,
    movie: Path,
    start: float = 0.0,
    options: RenderOptions | None = None,
    progress: Progress = no_progress,
) -> dict[str, Path]:
    """Write the picture with the music as a movie and return the file.

    Arguments:
        picture: One picture of the whole cut.
        music: The rendered music.
        movie: The file to write.
        start: Second of the picture on which the music begins.
        options: Levels of music and dialogue.
        progress: Function that is told of the writing.
    """
    from emsync_bridge.render.movie import SoundBalance, mux

    options = options or RenderOptions()
    mux(
        picture,
        music,
        movie,
        balance=SoundBalance(options.original_sound, options.music_gain, options.dialogue_gain),
        start=start,
        progress=lambda share: progress("Writing the movie", share),
    )
    return {"movie": movie}


def sign_media(cue: Cue, made: Mapping[str, Path], options: RenderOptions, progress: Progress = no_progress) -> None:
    """Sign the audio and the movie with Content Credentials, where a certificate was given.

    Arguments:
        cue: The music.
        made: The files by what they are.
        options: The certificate and its key.
        progress: Function that is told of the signing.

    Raises:
        RenderError: A file cannot be signed.
    """
    from emsync_bridge.machine_mark import machine_mark
    from emsync_bridge.render.files.credentials import sign, signature_of

    signature = signature_of(options.certificate, options.certificate_key)
    if signature is None:
        return
    files = {kind: path for kind, path in made.items() if kind.startswith(_SOUNDING)}
    for number, (kind, path) in enumerate(files.items()):
        progress("Signing", number / len(files))
        sign(path, signature, machine_mark(cue.take), composite=kind == "movie")
