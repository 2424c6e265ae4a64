"""The raw mix and stems on disk while their gain is still to be found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from emsync_bridge.progress import Share
from emsync_bridge.render.bank.sounds import Sounds
from emsync_bridge.render.engines import Audio, Engine
from emsync_bridge.render.fades import Fades
from emsync_bridge.render.midi_events import SAMPLE_RATE, PlayedScore
from emsync_bridge.render.mix.console import Console, Mixed
from emsync_bridge.render.mix.dynamics import PEAK_STEP, Peaks
from emsync_bridge.render.mix.meter import Power, power_of, true_peaks
from emsync_bridge.render.sfz.instrument import SfzInstrument
from emsync_bridge.render.synth import sound_in_stretches

MIX = "mix"

_BLOCK = 10 * SAMPLE_RATE
_FRAME = 8  # bytes of two floats
_NEAR = 4.0  # dB: a peak between samples is hardly ever higher above the samples beside it
_PIECE = SAMPLE_RATE // 10
_AROUND = 32  # samples that a meter looks at before and after


@dataclass(frozen=True)
class Spooled:
    """Raw files and what was measured while they were written.

    Arguments:
        folder: Folder with a file for the mix and one for each stem: floats at 48 kHz, interleaved.
        names: Names of the files.
        samples: Length of each.
        power: Power of the mix, as ``meter.power_of`` returns it.
        sample_peaks: Highest sample of the mix in each millisecond.
    """

    folder: Path
    names: tuple[str, ...]
    samples: int
    power: Power
    sample_peaks: Peaks

    def blocks(self, name: str) -> Iterator[tuple[int, Audio]]:
        """Yield position and sound of one of the files, block by block."""
        position = 0
        with (self.folder / name).open("rb") as file:
            while data := file.read(_BLOCK * _FRAME):
                block = np.frombuffer(data, "<f4").reshape(-1, 2)
                yield position, block
                position += len(block)

    def true_peaks(self, gain: float, ceiling: float) -> Peaks:
        """Return the true peak of the mix in each millisecond, exact wherever it may matter.

        Arguments:
            gain: Decibels that the mix will get.
            ceiling: dBTP.
        """
        peaks: Peaks = self.sample_peaks.copy()
        if not peaks.any():
            return peaks
        bound = min(10 ** ((ceiling - gain - _NEAR) / 20), float(peaks.max()) * 10 ** (-_NEAR / 20))
        steps = _PIECE // PEAK_STEP
        loud = [at for at in range(0, len(peaks), steps) if peaks[at : at + steps].max() > bound]
        with (self.folder / MIX).open("rb") as file:
            for at in loud:
                start = max(0, at * PEAK_STEP - _AROUND)
                file.seek(start * _FRAME)
                length = at * PEAK_STEP - start + _PIECE + _AROUND
                sound = np.frombuffer(file.read(length * _FRAME), "<f4").reshape(-1, 2)
                offset = at * PEAK_STEP - start
                # the surroundings count for what lies between samples, but belong to other milliseconds
                found = true_peaks(sound, 1)[offset : offset + _PIECE]
                found = np.maximum.reduceat(found, np.arange(0, len(found), PEAK_STEP))
                peaks[at : at + len(found)] = np.maximum(peaks[at : at + len(found)], found)
        return peaks


def spool(
    folder: Path,
    score: PlayedScore,
    fades: Fades,
    player: tuple[Engine, Sounds, Mapping[str, SfzInstrument]],
    console: Console,
    *,
    stems: Sequence[str] = (),
    tell: Share,
) -> Spooled:
    """Write mix and stems as raw floats, faded but not yet at their level.

    Arguments:
        folder: Folder for the files.
        score: The piece.
        fades: Its length, and the fades at its ends.
        player: Engine, sounds, and the instruments that take the place of some of them.
        console: The mix.
        stems: Families that are written alone too.
        tell: Function called with the share of the work done.
    """
    samples = fades.samples
    power: list[Power] = []
    peaks: list[Audio] = []
    position = 0
    with ExitStack() as stack:
        files = {name: stack.enter_context((folder / name).open("wb")) for name in (MIX, *stems)}
        stretches = stack.enter_context(closing(sound_in_stretches(score, samples, *player, tell=tell)))
        for stretch in stretches:
            # in a function, so that nothing of a stretch is held while the next one is made
            measured = _written(console.feed(stretch.sounds, stretch.samples), fades, position, files)
            power.append(measured[0])
            peaks.append(measured[1])
            position += stretch.samples
    return Spooled(folder, (MIX, *stems), samples, np.concatenate(power), np.concatenate(peaks))


def _written(mixed: Mixed, fades: Fades, position: int, files: Mapping[str, IO[bytes]]) -> tuple[Power, Audio]:
    """Append a stretch to the files, and return the power and the highest samples of its mix."""
    power = power_of(fades.apply(mixed.weighted, position))
    mix = fades.apply(mixed.mix, position)
    highest = np.abs(mix).max(1)
    for name, file in files.items():
        sound = mix if name == MIX else fades.apply(mixed.stems[name], position)
        file.write(np.ascontiguousarray(sound, "<f4").data)
    return power, np.maximum.reduceat(highest, np.arange(0, len(highest), PEAK_STEP))


def write_mix_without(spooled: Spooled, name: str, stems: Sequence[str], mix: str = MIX) -> None:
    """Write a mix without some of its stems as one more raw file.

    Arguments:
        spooled: Mix and stems.
        name: Name of the new file.
        stems: Names of those that are left out.
        mix: Name of the mix.
    """
    readers = [spooled.blocks(each) for each in stems]
    with (spooled.folder / name).open("wb") as file:
        for _, whole in spooled.blocks(mix):
            rest = whole - sum(next(reader)[1] for reader in readers)
            file.write(np.ascontiguousarray(rest, "<f4").data)
