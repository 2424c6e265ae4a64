"""From a MIDI file to finished sound: synthesis, mix, level, files."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import inf
from pathlib import Path

import numpy as np

from emsync_bridge.blas_threads import one_blas_thread
from emsync_bridge.errors import OutputError, RenderError
from emsync_bridge.files.atomic import publish_all, staging_folder
from emsync_bridge.progress import Share
from emsync_bridge.render.bank.sounds import sounds_for
from emsync_bridge.render.engines import Engine, choose_engine
from emsync_bridge.render.fades import Fades
from emsync_bridge.render.files.metadata import Stamp
from emsync_bridge.render.files.wav import samples_of, write_wav
from emsync_bridge.render.leveling import level, leveled_blocks
from emsync_bridge.render.midi_events import SAMPLE_RATE, read_score
from emsync_bridge.render.mix.console import DRY, Console
from emsync_bridge.render.mix.level import TOLERANCE, GainCurve, Leveled, LoudnessTarget, power_after_gain
from emsync_bridge.render.mix.meter import Loudness, Power
from emsync_bridge.render.sfz.instrument import SfzInstrument, own_instruments
from emsync_bridge.render.sounding import Sounding
from emsync_bridge.render.spool import MIX, Spooled, spool, write_mix_without

Progress = Callable[[float], None]

RING = 3
"""Seconds that a piece may ring on after its MIDI file ends, where nobody says how long it is to be."""

NO_PERCUSSION, NO_MELODY, UNDERSCORE = "no-percussion", "no-melody", "underscore"
"""Names of the mixes without percussion and drums, without melody, and without both."""

ALTERNATES = (NO_PERCUSSION, NO_MELODY, UNDERSCORE)

ROOM = "room"
"""Name of the stem of the room beside dry stems."""

_PERCUSSION = ("percussion", "drums")
_SHARES = (0.1, 0.85, 0.9)  # of the whole work: done after unpacking, after synthesis, after metering


@dataclass(frozen=True)
class RenderReport:
    """The written files and their measurements.

    Arguments:
        path: The mix.
        samples: Its length.
        sample_rate: Samples per second.
        loudness: Loudness and true peak of the mix.
        target: The loudness that it was brought to.
        engine: The synthesizer that played.
        sounds: Name of what it played with.
        stems: Name and path of each family that plays.
        alternates: Name and path of each mix that leaves something out.
        bwf: The copy with a time reference, if one was asked for.
        warnings: Warnings for the user, in full sentences.
        power: K-weighted power of the mix in steps of 10 ms.
        gain: Gain of the mix and its stems.
    """

    path: Path
    samples: int
    sample_rate: int
    loudness: Loudness
    target: LoudnessTarget
    engine: str
    sounds: str
    stems: tuple[tuple[str, Path], ...] = ()
    alternates: tuple[tuple[str, Path], ...] = ()
    bwf: Path | None = None
    warnings: tuple[str, ...] = ()
    power: Power = field(default_factory=lambda: np.zeros(0), repr=False, compare=False)
    gain: GainCurve | None = field(default=None, repr=False, compare=False)

    @property
    def loudness_lufs(self) -> float | None:
        """Integrated loudness of the mix; None for silence."""
        return self.loudness.integrated if self.loudness.integrated > -inf else None

    @property
    def peak_dbfs(self) -> float | None:
        """True peak of the mix; None for silence."""
        return self.loudness.true_peak if self.loudness.true_peak > -inf else None


@one_blas_thread()
def render_midi(
    midi: Path,
    out: Path,
    *,
    seconds: Fraction | float | None = None,
    sounding: Sounding | None = None,
    stamp: Stamp | None = None,
    copy: bool = False,
    progress: Progress | None = None,
) -> RenderReport:
    """Render a MIDI file to a WAV of exact length, with stems where wanted.

    All files appear together at the end. Memory: 330 MB for an hour, and up to 160 MB in each of the two processes
    that play the instruments. Beside the results, 23 MB of temporary disk per minute are needed for the mix and as much
    for each stem.

    Arguments:
        midi: Standard MIDI File of type 0 or 1.
        out: The WAV to write; stems go beside it as ``NAME.strings.wav``.
        seconds: Length, usually frames over rate; None for the MIDI file's own and a few seconds to ring.
        sounding: Instruments, mix and format.
        stamp: Facts of the music for the file's own description and its time reference.
        copy: Whether a copy ``NAME.bwf.wav`` is written too.
        progress: Function called with the share of work done, from 0 to 1.

    Raises:
        RenderError: The MIDI file, the soundfont or the engine fails.
        OutputError: The files cannot be written; nothing is left behind then.
    """
    tell = progress or (lambda _share: None)
    sounding = sounding or Sounding()
    try:
        score = read_score(_bytes_of(midi))
    except RenderError as problem:
        raise RenderError(problem.what, where=midi, hint=problem.hint) from None
    seconds = Fraction(score.samples, SAMPLE_RATE) + RING if seconds is None else seconds + Fraction(sounding.tail)
    samples = samples_of(seconds)
    if out.is_dir():
        raise OutputError("There is a folder of this name", where=out, hint="Choose another name")
    engine = choose_engine(sounding.engine)
    own = own_instruments(sounding.sfz)
    sounds = sounds_for(score, sounding.soundfont, lambda share: tell(_SHARES[0] * share))

    with staging_folder(out.parent) as room:
        apart = sounding.stems or sounding.alternates
        names = [str(part.name) for part in score.parts] if apart else []
        dry = sounding.stems and sounding.dry and sounding.room != "dry"
        console = Console(sounding.room, stems=apart, dry=dry)
        fades = Fades(samples, *sounding.fades)
        spooled = spool(
            room,
            score,
            fades,
            (engine, sounds, own),
            console,
            stems=[*names, *(name + DRY for name in names if dry)],
            tell=_part(tell, _SHARES[0], _SHARES[1]),
        )
        length = samples_of(seconds, sounding.form.rate)
        found = level(spooled, sounding.target, sounding.accents, (sounding.form.rate, length))
        tell(_SHARES[2])
        alternate, fewer = _alternates(spooled, names, sounding, (engine, own), fades)
        stems = {name: name + DRY if dry else name for name in names} if sounding.stems else {}
        if stems and dry:
            write_mix_without(spooled, ROOM, tuple(stems.values()))
            stems[ROOM] = ROOM
        wanted = {MIX: out, **{name: out.with_suffix(f".{name}.wav") for name in (*stems, *alternate)}}
        for number, name in enumerate(wanted, start=1):
            heard = found.loudness if name == MIX else None
            blocks = leveled_blocks(spooled, stems.get(name, name), found.gain, sounding.form.rate, length)
            write_wav(room / f"{name}.wav", blocks, length, form=sounding.form, stamp=stamp, loudness=heard)
            tell(_SHARES[2] + (1 - _SHARES[2]) * number / (len(wanted) + 1))
        moves = {room / f"{name}.wav": path for name, path in wanted.items()}
        if copy:
            shutil.copyfile(room / f"{MIX}.wav", room / "bwf.wav")
            moves[room / "bwf.wav"] = out.with_suffix(".bwf.wav")
        publish_all(moves, out)
    tell(1.0)
    return RenderReport(
        path=out,
        samples=length,
        sample_rate=sounding.form.rate,
        loudness=found.loudness,
        target=sounding.target,
        engine=engine.name,
        sounds=sounds.name,
        stems=tuple((name, wanted[name]) for name in stems),
        alternates=tuple((name, wanted[name]) for name in alternate),
        bwf=out.with_suffix(".bwf.wav") if copy else None,
        warnings=(*fewer, *_warnings(found, sounding.target)),
        power=power_after_gain(spooled.power, found.gain),
        gain=found.gain,
    )


def _alternates(
    spooled: Spooled,
    families: Sequence[str],
    sounding: Sounding,
    player: tuple[Engine, Mapping[str, SfzInstrument]],
    fades: Fades,
) -> tuple[list[str], tuple[str, ...]]:
    """Spool the mixes that leave something out; return their names, and a warning where that is not all of them."""
    if not sounding.alternates:
        return [], ()
    found, reasons = [], []
    percussion = [name for name in families if name in _PERCUSSION]
    some = 0 < len(percussion) < len(families)
    if some:
        write_mix_without(spooled, NO_PERCUSSION, percussion)
        found.append(NO_PERCUSSION)
    else:
        reasons.append("nothing but percussion plays" if percussion else "no percussion plays")
    score = None if sounding.underscore is None else read_score(_bytes_of(sounding.underscore))
    if score is None:
        reasons.append("the music does not say which notes are its melody")
    elif not score.parts:
        reasons.append("nothing but the melody plays")
    else:
        engine, own = player
        playing = (engine, sounds_for(score, sounding.soundfont), own)
        with staging_folder(spooled.folder) as room:
            spool(room, score, fades, playing, Console(sounding.room), tell=lambda _share: None)
            (room / MIX).replace(spooled.folder / NO_MELODY)
        found.append(NO_MELODY)
        if some:
            write_mix_without(spooled, UNDERSCORE, percussion, NO_MELODY)
            found.append(UNDERSCORE)
    if not reasons:
        return found, ()
    which = f"only {found[0]}" if found else "none"
    return found, (f"Of the alternates ({', '.join(ALTERNATES)}) {which} is written: {' and '.join(reasons)}",)


def _warnings(found: Leveled, target: LoudnessTarget) -> tuple[str, ...]:
    missed = found.misses(target)
    if abs(missed) <= TOLERANCE:
        return ()
    said = f"The mix is at {found.loudness.integrated:.1f} LUFS instead of {target.loudness:g}"
    return (f"{said}: more would take over {found.limited:.0f} dB off its peaks",)


def _part(tell: Share, first: float, last: float) -> Share:
    return lambda share: tell(first + (last - first) * share)


def _bytes_of(midi: Path) -> bytes:
    try:
        return midi.read_bytes()
    except OSError as problem:
        raise RenderError(f"The MIDI file cannot be opened: {problem.strerror or problem}", where=midi) from None
