"""From a MIDI file to finished sound: synthesis, mix, files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from math import inf, log10
from pathlib import Path

import numpy as np

from emsync_bridge.blas_threads import one_blas_thread
from emsync_bridge.errors import OutputError, RenderError
from emsync_bridge.files.atomic import publish_all, staging_folder
from emsync_bridge.render.bank.sounds import Sounds, sounds_for
from emsync_bridge.render.engines import Audio, Engine, EngineName, choose_engine
from emsync_bridge.render.loudness import TARGET_LUFS, Fades, gain_for, measure
from emsync_bridge.render.midi_events import SAMPLE_RATE, PlayedScore, read_score
from emsync_bridge.render.synth import sound_in_stretches
from emsync_bridge.render.wav import samples_of, write_wav

Progress = Callable[[float], None]

RING = 3
"""Seconds that a piece may ring on after its MIDI file ends, where nobody says how long it is to be."""

_BLOCK = 10 * SAMPLE_RATE
_SHARES = (0.85, 0.9)  # of the whole work: done after synthesis, done after metering


@dataclass(frozen=True)
class RenderReport:
    """What was written.

    Arguments:
        path: The mix.
        samples: Its length.
        sample_rate: Samples per second.
        peak_dbfs: Highest sample of the mix; None for silence.
        loudness_lufs: Integrated loudness of the mix; None for silence.
        engine: The synthesizer that played.
        soundfont: What it played with.
        stems: Name and path of each instrument group that plays.
        bwf: The copy with a time reference, if one was asked for.
    """

    path: Path
    samples: int
    sample_rate: int
    peak_dbfs: float | None
    loudness_lufs: float | None
    engine: str
    soundfont: str
    stems: tuple[tuple[str, Path], ...] = ()
    bwf: Path | None = None


@one_blas_thread()
def render_midi(
    midi: Path,
    out: Path,
    *,
    seconds: Fraction | float | None = None,
    soundfont: Path | None = None,
    engine: EngineName = "auto",
    stems: bool = False,
    bwf_start: Fraction | None = None,
    target_lufs: float = TARGET_LUFS,
    progress: Progress | None = None,
) -> RenderReport:
    """Render a MIDI file to a WAV of exact length, with stems and a stamped copy where wanted.

    All files appear together at the end. Memory stays below 500 MB whatever the length; beside the results,
    23 MB of temporary disk per minute are needed for the mix and as much for each stem.

    Arguments:
        midi: Standard MIDI File of type 0 or 1.
        out: The WAV to write; stems and copy go beside it as ``NAME.drums.wav`` and ``NAME.bwf.wav``.
        seconds: Length, usually frames over rate; None for the MIDI file's own and a few seconds to ring.
        soundfont: SF2 or SF3 file; the instruments of the package when None.
        engine: Which synthesizer.
        stems: Whether to write each instrument group alone; they add up to the mix.
        bwf_start: Seconds since midnight of the first sample, to write a Broadcast Wave copy with.
        target_lufs: Integrated loudness to aim at.
        progress: Called with the share of work done, from 0 to 1.

    Raises:
        RenderError: The MIDI file, the soundfont or the engine fails, or the length does not fit a WAV file.
        OutputError: The files cannot be written; nothing is left behind then.
    """
    tell = progress or (lambda _share: None)
    score = read_score(_bytes_of(midi))
    samples = samples_of(Fraction(score.samples, SAMPLE_RATE) + RING if seconds is None else seconds)
    player = choose_engine(engine)
    sounds = sounds_for(score, soundfont)
    if out.is_dir():
        raise OutputError("There is a folder of this name", where=out, hint="Choose another name")

    with staging_folder(out.parent) as room:
        names = [str(part.name) for part in score.parts] if stems else []
        peak = _spool(room, score, samples, (player, sounds), stems=names, tell=tell)
        heard = measure(room / "mix")
        tell(_SHARES[1])
        gain = gain_for(heard, target=target_lufs)
        wanted: dict[str, tuple[Path, Fraction | None]] = {"mix": (out, None)}
        wanted |= {name: (out.with_suffix(f".{name}.wav"), None) for name in names}
        if bwf_start is not None:
            wanted["bwf"] = (out.with_suffix(".bwf.wav"), bwf_start)
        for name, (_, start) in wanted.items():
            spooled = room / ("mix" if name == "bwf" else name)
            write_wav(room / f"{name}.wav", _blocks(spooled, gain), samples, start=start)
        publish_all({room / f"{name}.wav": path for name, (path, _) in wanted.items()})
    tell(1.0)
    return RenderReport(
        path=out,
        samples=samples,
        sample_rate=SAMPLE_RATE,
        peak_dbfs=20 * log10(peak) + gain if peak else None,
        loudness_lufs=heard.integrated + gain if heard.integrated > -inf else None,
        engine=player.name,
        soundfont=sounds.name,
        stems=tuple((name, wanted[name][0]) for name in names),
        bwf=wanted["bwf"][0] if bwf_start is not None else None,
    )


def _bytes_of(midi: Path) -> bytes:
    try:
        return midi.read_bytes()
    except OSError as problem:
        raise RenderError(f"The MIDI file cannot be opened: {problem.strerror or problem}", where=midi) from None


def _spool(
    room: Path,
    score: PlayedScore,
    samples: int,
    player: tuple[Engine, Sounds],
    *,
    stems: Sequence[str],
    tell: Progress,
) -> float:
    """Write mix and stems as raw floats, faded but not yet at their level; return the mix's highest sample."""
    fades = Fades(samples)
    peak = 0.0
    position = 0
    with ExitStack() as stack:
        files = {name: stack.enter_context((room / name).open("wb")) for name in ["mix", *stems]}
        for stretch in sound_in_stretches(score, samples, *player, tell=lambda share: tell(_SHARES[0] * share)):
            parts = {name: fades.apply(sound, position) for name, sound in stretch.sounds.items()}
            mix = sum(parts.values(), np.zeros((stretch.samples, 2), np.float32))  # contiguous, to be written as is
            peak = max(peak, float(np.abs(mix).max(initial=0)))
            for name, file in files.items():
                file.write((mix if name == "mix" else parts[name]).data)
            position += stretch.samples
    return peak


def _blocks(spooled: Path, gain: float) -> Iterator[Audio]:
    factor = np.float32(10 ** (gain / 20))
    with spooled.open("rb") as file:
        while data := file.read(_BLOCK * 8):
            yield np.frombuffer(data, "<f4").reshape(-1, 2) * factor
