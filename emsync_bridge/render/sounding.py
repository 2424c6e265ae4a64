"""Instruments, mix and format of a rendering, from the options of the front ends."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from emsync_bridge.errors import RenderError
from emsync_bridge.options import RenderOptions
from emsync_bridge.options.sound import LOUDNESS
from emsync_bridge.render.engines import EngineName
from emsync_bridge.render.files.wav import WavFormat
from emsync_bridge.render.mix.accents import Accent
from emsync_bridge.render.mix.level import TARGETS, LoudnessTarget
from emsync_bridge.render.mix.rooms import RoomName
from emsync_bridge.render.sfz.instrument import parsed_sfz


@dataclass(frozen=True)
class Sounding:
    """Instruments, mix and format of a rendering.

    Arguments:
        soundfont: SF2 or SF3 file; the instruments of the package when None.
        sfz: Players or families and their SFZ files, which take the place of sounds.
        engine: Name of the synthesizer.
        room: Name of the room.
        target: Loudness and peak.
        form: Format of the samples.
        stems: Whether each family of instruments is written alone too; stems add up to the mix.
        dry: Whether stems are without the room, which is then a stem of its own.
        alternates: Whether the mix is written without percussion too, as editors ask for under dialogue, and without
            melody where ``underscore`` is given.
        underscore: MIDI file of the piece without its melody.
        tail: Seconds that the sound goes on after its length.
        fades: Seconds of fade at the start and at the end.
        accents: Accents on hits, in order, whose level is shaped.
    """

    soundfont: Path | None = None
    sfz: tuple[tuple[str, Path], ...] = ()
    engine: EngineName = "auto"
    room: RoomName = "hall"
    target: LoudnessTarget = TARGETS["music"]
    form: WavFormat = field(default_factory=WavFormat)
    stems: bool = False
    dry: bool = False
    alternates: bool = False
    underscore: Path | None = None
    tail: float = 0.0
    fades: tuple[float, float] = (0.0, 3.0)
    accents: tuple[Accent, ...] = ()


def sounding_of(options: RenderOptions) -> Sounding:
    """Return instruments, mix and format of a rendering by the options of a front end.

    Raises:
        RenderError: An SFZ file, or the player that it is for, is not there; or an option on stems has no effect,
            since none are asked for.
    """
    if options.stem_sound == "dry" and not options.stems:
        raise RenderError("Dry stems are set, but no stems", hint="Ask for stems too", setting="stem_sound")
    if options.stem_names == "dub" and not (options.stems or options.alternates):
        raise RenderError(
            "Names of dubbing stages are set, but neither stems nor alternates",
            hint="Ask for stems or alternates too",
            setting="stem_names",
        )
    return Sounding(
        soundfont=options.soundfont,
        sfz=parsed_sfz(options.sfz),
        engine=options.engine,
        room=options.room,
        target=target_of(options.loudness, options.peak),
        form=WavFormat(int(options.sample_rate), options.bits),
        stems=options.stems,
        dry=options.stem_sound == "dry",
        alternates=options.alternates,
        tail=options.tail,
        fades=(options.fade_in, options.fade_out),
    )


def target_of(name: str, peak: float | None = None) -> LoudnessTarget:
    """Return a loudness target.

    Arguments:
        name: One of ``TARGETS``, or LUFS as a number.
        peak: dBTP at most; the target's own when None.

    Raises:
        RenderError: There is no such target.
    """
    if name not in TARGETS and not re.fullmatch(LOUDNESS.text, name):
        raise RenderError(f"{name!r} is not {LOUDNESS.expected}", setting="loudness")
    target = TARGETS[name] if name in TARGETS else LoudnessTarget(float(name))
    return target if peak is None else replace(target, peak=peak)
