"""Tempo, meter, markers and start timecode of a Standard MIDI File."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import mido

from emsync_bridge.cue import TICKS_PER_QUARTER, Meter, Tempo, TempoMap
from emsync_bridge.errors import TimelineError
from emsync_bridge.midi.conductor_track import SIGNATURE
from emsync_bridge.midi.loading import open_midi
from emsync_bridge.timecode import can_drop, from_timecode

_NTSC_30 = Fraction(30000, 1001)
_SIGNED_RATE = re.compile(rf"{SIGNATURE}, (\d{{1,9}}(?:/\d{{1,9}})?) frames per second(, drop frame)?")
_Placed = tuple[int, mido.Message]


@dataclass(frozen=True)
class MidiMarkers:
    """The clock of a MIDI file and what is marked on it.

    Arguments:
        name: Name of the first named track; empty when there is none.
        rate: Frames per second, exact.
        drop_frame: Whether timecode is counted in drop frame.
        start_frame: Frame number of the SMPTE offset, counted from 00:00:00:00.
        duration: Seconds to the end of the last track.
        markers: Seconds and text of every marker and cue point, in order of time.
        tempo_map: Tempo and meter, moved to the nearest of 24 ticks per quarter.
        ours: Whether emsync wrote the file.
        has_notes: Whether there is music in it.
    """

    name: str
    rate: Fraction
    drop_frame: bool
    start_frame: int
    duration: Fraction
    markers: tuple[tuple[Fraction, str], ...]
    tempo_map: TempoMap
    ours: bool
    has_notes: bool


def read_midi_markers(path: Path, rate: Fraction | None = None) -> MidiMarkers:
    """Return what a MIDI file says about time.

    Arguments:
        path: Standard MIDI File of any type, in ticks per quarter or per SMPTE frame.
        rate: Frames per second; None for what emsync wrote into the file or, failing that, the SMPTE offset's rate, 24
            without one.

    Raises:
        TimelineError: It is too large or damaged.
    """
    # bytes one to one; most programs write UTF-8, see _text
    midi = open_midi(path, error=TimelineError, charset="latin-1", beats=False)
    placed = [(tick, message) for track in midi.tracks for tick, message in _absolute(track)]
    if midi.ticks_per_beat == 0:
        raise TimelineError(
            "The MIDI file is not readable (its time division is 0)", where=path, hint="Export it again"
        )
    tempos = [(tick, message.tempo) for tick, message in placed if message.type == "set_tempo" and message.tempo]
    clock = _Clock(midi.ticks_per_beat, tempos)
    texts = [_text(message.text) for _, message in placed if message.type == "text"]
    signed = next((found for text in texts if (found := _SIGNED_RATE.match(text))), None)
    offset = next((message for _, message in placed if message.type == "smpte_offset"), None)
    if rate is None:
        rate = (_signed_rate(signed[1]) if signed else None) or _coded_rate(offset)
    drop = can_drop(rate) and (bool(signed and signed[2]) or (offset is not None and offset.frame_rate == 29.97))
    names = [_text(message.name) for _, message in placed if message.type == "track_name"]
    marked = [
        (clock.seconds(tick), _text(message.text))
        for tick, message in placed
        if message.type in ("marker", "cue_marker")
    ]
    return MidiMarkers(
        name=next((name for name in names if name.strip()), ""),
        rate=rate,
        drop_frame=drop,
        start_frame=_start_frame(offset, rate, drop) if offset else 0,
        duration=clock.seconds(max((tick for tick, _ in placed), default=0)),
        markers=tuple(sorted(marked, key=lambda mark: mark[0])),
        tempo_map=clock.tempo_map(
            [(tick, m.numerator, m.denominator) for tick, m in placed if m.type == "time_signature"]
        ),
        ours=any(text.startswith(SIGNATURE) for text in texts),
        has_notes=any(message.type == "note_on" and message.velocity for _, message in placed),
    )


class _Clock:
    """Ties a file's ticks to seconds, exactly."""

    def __init__(self, division: int, tempos: list[tuple[int, int]]) -> None:
        self._steady = division < 0
        if self._steady:  # SMPTE division: frames per second in the upper byte, ticks per frame in the lower
            fps = {29: _NTSC_30}.get(-(division >> 8), Fraction(-(division >> 8)))
            tempos, resolution = [], Fraction(1)
            self._default = 1_000_000 / (fps * max(1, division & 0xFF))
        else:
            resolution = Fraction(division)
            self._default = Fraction(500_000)
        self._resolution = resolution
        self._ticks, self._tempos, self._seconds = [0], [self._default], [Fraction(0)]
        for tick, tempo in sorted(dict(sorted(tempos)).items()):
            self._seconds.append(self.seconds(tick))
            self._ticks.append(tick)
            self._tempos.append(Fraction(tempo))

    def seconds(self, tick: int) -> Fraction:
        """Return the time of a tick."""
        index = bisect_right(self._ticks, tick) - 1
        return self._seconds[index] + (tick - self._ticks[index]) * self._tempos[index] / self._resolution / 1_000_000

    def tempo_map(self, meters: list[tuple[int, int, int]]) -> TempoMap:
        """Return tempo and meter on the grid of 24 ticks per quarter; of two at one tick the later counts."""
        if self._steady:
            return TempoMap()
        tempos = {self._grid(tick): int(tempo) for tick, tempo in zip(self._ticks, self._tempos, strict=True)}
        usual = ((tick, top, bottom) for tick, top, bottom in sorted(meters) if top and bottom <= 64)
        signs = {0: (4, 4), **{self._grid(tick): (top, bottom) for tick, top, bottom in usual}}
        return TempoMap(
            tuple(Tempo(tick, tempo) for tick, tempo in sorted(tempos.items())),
            tuple(Meter(tick, *sign) for tick, sign in sorted(signs.items())),
        )

    def _grid(self, tick: int) -> int:
        return round(tick * TICKS_PER_QUARTER / self._resolution)


def _absolute(track: mido.MidiTrack) -> Iterator[_Placed]:
    tick = 0
    for message in track:
        tick += message.time
        yield tick, message


def _text(text: str) -> str:
    """Return a text in the encoding that it was written in: UTF-8 if it can be that, else Latin-1."""
    try:
        return text.encode("latin-1").decode("utf-8").strip("\0")
    except UnicodeDecodeError:
        return text.strip("\0")


def _signed_rate(text: str) -> Fraction | None:
    """Return a rate that emsync wrote into the file; None if it was damaged since."""
    count, _, seconds = text.partition("/")
    rate = Fraction(int(count), int(seconds or 1) or 1)
    return rate if 1 <= rate <= 1000 else None


def _coded_rate(offset: mido.MetaMessage | None) -> Fraction:
    code = offset.frame_rate if offset is not None else 24
    return _NTSC_30 if code == 29.97 else Fraction(round(code))


def _start_frame(offset: mido.MetaMessage, rate: Fraction, drop: bool) -> int:
    """Return the frame that an SMPTE offset names at a rate which it may only have half or a quarter of."""
    base, coded = math.ceil(rate), 30 if offset.frame_rate == 29.97 else round(offset.frame_rate)
    label = round((offset.frames + Fraction(offset.sub_frames, 100)) * base / coded)
    seconds, frames = offset.hours * 3600 + offset.minutes * 60 + offset.seconds, min(label, base - 1)
    text = f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames:02}"
    return from_timecode(text, rate, drop)
