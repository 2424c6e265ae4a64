"""Markers as a Standard MIDI File for a DAW: tempo track, SMPTE offset, a marker meta event per hit point."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import mido

from emsync_bridge.cue import TICKS_PER_QUARTER, Meter, Spotting, Tempo, TempoMap
from emsync_bridge.timeline.saving import replacing
from emsync_bridge.timeline.timecode import can_drop, frame_at, to_timecode

SIGNATURE = "emsync-bridge"
"""First word of a text event in every MIDI file that emsync writes."""

_RESOLUTIONS = (480, 600, 960, 1200)
# hours byte of the SMPTE offset: Standard MIDI Files 1.0, meta event 54
_RATE_CODES = {24: 24.0, 25: 25.0, 30: 30.0}
_MAX_TEMPO = 0xFFFFFF

_Event = tuple[int, int, mido.MetaMessage]


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


def smpte_offset(start_frame: int, rate: Fraction, *, drop_frame: bool) -> mido.MetaMessage:
    """Return the SMPTE offset of a start timecode.

    Standard MIDI Files know 24, 25, 29.97 drop and 30 frames per second: 23.976 is written as 24, 29.97 without drop
    frame as 30, and the multiples of these at half or a quarter of their frames, with the rest in hundredths of a
    frame. Other rates give the time of day at 30.

    Arguments:
        start_frame: Counted from 00:00:00:00.
        rate: Frames per second, exact.
        drop_frame: Whether timecode is counted in drop frame.
    """
    drops = drop_frame and can_drop(rate)
    base = math.ceil(rate)
    part = next((part for part in (1, 2, 4, 5) if base / part in _RATE_CODES), 0)
    hours, minutes, seconds, label = (
        int(field) for field in to_timecode(start_frame, rate, drops).replace(";", ":").split(":")
    )
    frames = Fraction(label, part) if part else Fraction(label * 30, base)
    return mido.MetaMessage(
        "smpte_offset",
        frame_rate=29.97 if drops else _RATE_CODES[base // part] if part else 30.0,
        hours=hours,
        minutes=minutes,
        seconds=seconds,
        frames=int(frames),
        sub_frames=int(frames % 1 * 100),
    )


def spotting_midi(spotting: Spotting, tempo_map: TempoMap | None = None) -> mido.MidiFile:
    """Return a type 1 file with one tempo track and the hit points and directives as markers.

    Arguments:
        spotting: What ``spot`` returned.
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
    scale = resolution // TICKS_PER_QUARTER
    orders = ((frame_at(order.start, spotting.rate), f"emsync: {order.text}") for order in spotting.directives)
    texts = [*((hit.frame, f"{hit.kind} {hit.name}".strip()) for hit in spotting.hits), *orders]
    events = [
        *((0, 0, message) for message in identity(spotting)),
        *((each.tick * scale, 1, _tempo(each)) for each in tempo_map.tempos),
        *((each.tick * scale, 2, _signature(each)) for each in tempo_map.meters),
        *((tick(frame), 3, mido.MetaMessage("marker", text=_encodable(text))) for frame, text in texts),
    ]
    midi = mido.MidiFile(type=1, ticks_per_beat=resolution, charset="utf-8")
    midi.tracks.append(_track(spotting.name, events, tick(spotting.frames)))
    return midi


def _tempo(tempo: Tempo) -> mido.MetaMessage:
    return mido.MetaMessage("set_tempo", tempo=tempo.microseconds_per_quarter)


def _signature(meter: Meter) -> mido.MetaMessage:
    return mido.MetaMessage("time_signature", numerator=meter.numerator, denominator=meter.denominator)


def identity(spotting: Spotting) -> list[mido.MetaMessage]:
    """Return the messages that say where the file begins: SMPTE offset, and in words the rate that it cannot name.

    Arguments:
        spotting: Rate, start timecode and way of counting of the timeline.
    """
    drop = ", drop frame" if spotting.drop_frame else ""
    return [
        smpte_offset(spotting.start_frame, spotting.rate, drop_frame=spotting.drop_frame),
        mido.MetaMessage("text", text=f"{SIGNATURE}, {spotting.rate} frames per second{drop}"),
    ]


def write_spotting_midi(spotting: Spotting, path: Path) -> None:
    """Write the hit points of a spotting as a Standard MIDI File.

    Arguments:
        spotting: What ``spot`` returned.
        path: Where to.

    Raises:
        OutputError: It cannot be written there.
    """
    buffer = io.BytesIO()
    spotting_midi(spotting).save(file=buffer)
    with replacing(path) as draft:
        draft.write_bytes(buffer.getvalue())


def _track(name: str, events: Iterable[_Event], end: int) -> mido.MidiTrack:
    """Return a track from events (tick, rank at the same tick, message), closed at ``end``."""
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=_encodable(name))])
    clock = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - clock))
        clock = tick
    track.append(mido.MetaMessage("end_of_track", time=max(0, end - clock)))
    return track


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
