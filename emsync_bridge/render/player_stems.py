"""The sound of each player of a family alone, at the level that the family has in a finished mix."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from emsync_bridge.blas_threads import one_blas_thread
from emsync_bridge.errors import RenderError
from emsync_bridge.files.atomic import publish_all, staging_folder
from emsync_bridge.progress import Share
from emsync_bridge.render.bank.sounds import sounds_for
from emsync_bridge.render.engines import choose_engine
from emsync_bridge.render.fades import Fades
from emsync_bridge.render.files.wav import samples_of, write_wav
from emsync_bridge.render.leveling import leveled_blocks
from emsync_bridge.render.midi_events import MidiPart, PlayedScore, read_score
from emsync_bridge.render.mix.console import Console
from emsync_bridge.render.mix.level import GainCurve
from emsync_bridge.render.sfz.instrument import own_instruments
from emsync_bridge.render.sounding import Sounding
from emsync_bridge.render.spool import MIX, spool


@one_blas_thread()
def render_players(
    midi: Path,
    folder: Path,
    family: str,
    gain: GainCurve,
    *,
    seconds: Fraction | float,
    sounding: Sounding,
    progress: Share = lambda _share: None,
) -> dict[str, Path]:
    """Render each player of a family alone; together they are the family's stem.

    All files appear together at the end, as ``PLAYER.wav``.

    Arguments:
        midi: The piece that the mix was rendered from.
        folder: Folder for the files.
        family: Name of the family.
        gain: Gain of the mix, as its report gives it.
        seconds: Length of the piece, usually frames over rate.
        sounding: Instruments, mix and format of the mix.
        progress: Function called with the share of work done, from 0 to 1.

    Returns:
        Files by the names of the players, in the order of the score.

    Raises:
        RenderError: The family does not play, or the soundfont or the engine fails.
        OutputError: The files cannot be written; nothing is left behind then.
    """
    score = read_score(midi.read_bytes())
    part = next((each for each in score.parts if each.name == family), None)
    if part is None:
        raise RenderError(
            "This family does not play in the music", where=family, hint="Name one that has a stem", setting="family"
        )
    length = seconds + Fraction(sounding.tail)
    samples = samples_of(length)
    engine = choose_engine(sounding.engine)
    sounds = sounds_for(PlayedScore((part,), score.samples), sounding.soundfont)
    player = (engine, sounds, own_instruments(sounding.sfz))
    fades = Fades(samples, *sounding.fades)
    written = samples_of(length, sounding.form.rate)
    alone = players_of(part)
    with staging_folder(folder) as room:
        for number, (name, notes) in enumerate(alone.items()):
            with staging_folder(room) as raw:
                spooled = spool(
                    raw,
                    PlayedScore((notes,), score.samples),
                    fades,
                    player,
                    Console("dry" if sounding.dry else sounding.room),
                    tell=_part(progress, number, len(alone)),
                )
                blocks = leveled_blocks(spooled, MIX, gain, sounding.form.rate, written)
                write_wav(room / f"{name}.wav", blocks, written, form=sounding.form)
        moves = {room / f"{name}.wav": folder / f"{name}.wav" for name in alone}
        publish_all(moves)
    return {name: folder / f"{name}.wav" for name in alone}


def players_of(part: MidiPart) -> dict[str, MidiPart]:
    """Return the part of each player of a family by its name; tracks that are named after none are ``others``."""
    channels: dict[str, set[int]] = {}
    for channel, voice in part.voices.items():
        channels.setdefault(voice.player or "others", set()).add(channel)
    return {
        name: replace(
            part,
            notes=tuple(note for note in part.notes if note.channel in own),
            controls=tuple(control for control in part.controls if control.channel in own),
            voices={channel: voice for channel, voice in part.voices.items() if channel in own},
        )
        for name, own in channels.items()
    }


def _part(progress: Share, number: int, count: int) -> Share:
    return lambda share: progress((number + share) / count)
