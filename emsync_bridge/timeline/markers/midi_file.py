"""Markers as a Standard MIDI File for a DAW: tempo track, SMPTE offset, a marker meta event per hit point."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import mido

from emsync_bridge.cue import TICKS_PER_QUARTER, Meter, Spotting, Tempo, TempoMap
from emsync_bridge.files.atomic import replacing
from emsync_bridge.midi.conductor_track import CHARSET, conductor_track

_RESOLUTIONS = (480, 600, 960, 1200)
_MAX_TEMPO = 0xFFFFFF


@dataclass(frozen=True)
class FrameGrid:
    """A steady tempo at which every frame is a whole number of ticks.

    Arguments:
        tempo: Microseconds per quarter note.
        resolution: Ticks per quarter note.
        rate: Frames per second.
    """

    tempo: int
    resolution: int
    rate: Fraction

    @classmethod
    def of(cls, rate: Fraction) -> FrameGrid:
        """Return the grid for a rate: half a second per quarter, by the same factor 1.001 longer at NTSC rates.

        Rates that no usual resolution fits get 120 quarters per minute and the nearest tick.
        """
        base = math.ceil(rate)
        tempo = Fraction(500_000) * base / rate
        fitting = [resolution for resolution in _RESOLUTIONS if 2 * resolution % base == 0]
        if tempo.denominator == 1 and tempo <= _MAX_TEMPO and fitting:
            return cls(int(tempo), fitting[0], rate)
        return cls(500_000, _RESOLUTIONS[-1], rate)

    def tempo_map(self) -> TempoMap:
        """Return the grid as a tempo map in four-four time."""
        return TempoMap((Tempo(0, self.tempo),), (Meter(0, 4),))

    def tick(self, frame: int) -> int:
        """Return the tick at which a frame begins."""
        return round(frame / self.rate * 1_000_000 * self.resolution / self.tempo)


def spotting_midi(spotting: Spotting, tempo_map: TempoMap | None = None) -> mido.MidiFile:
    """Return a type 1 file with one tempo track and the hit points and directives as markers.

    Arguments:
        spotting: Spotting as ``spot`` returned it.
        tempo_map: Tempo and meter of music that belongs to it; None for a steady tempo at which every marker is
            exact to the tick.
    """
    grid = FrameGrid.of(spotting.rate)
    if tempo_map is None or tempo_map == grid.tempo_map():
        return _file(spotting, grid.tempo_map(), grid.resolution, grid.tick)
    resolution = _RESOLUTIONS[0]

    def tick(frame: int) -> int:
        return round(tempo_map.tick(float(frame / spotting.rate)) * resolution / TICKS_PER_QUARTER)

    return _file(spotting, tempo_map, resolution, tick)


def _file(spotting: Spotting, tempo_map: TempoMap, resolution: int, tick: Callable[[int], int]) -> mido.MidiFile:
    midi = mido.MidiFile(type=1, ticks_per_beat=resolution, charset=CHARSET)
    midi.tracks.append(conductor_track(spotting, tempo_map, resolution, tick))
    return midi


def write_spotting_midi(spotting: Spotting, path: Path) -> None:
    """Write the hit points of a spotting as a Standard MIDI File.

    Arguments:
        spotting: Spotting as ``spot`` returned it.
        path: Path of the file to write.

    Raises:
        OutputError: It cannot be written there.
    """
    buffer = io.BytesIO()
    spotting_midi(spotting).save(file=buffer)
    with replacing(path) as draft:
        draft.write_bytes(buffer.getvalue())
