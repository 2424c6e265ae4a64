"""A piece as arrays, the same for a take and for written music, so that one code measures both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from emsync_bridge.cue import TICKS_PER_QUARTER, Take
from emsync_bridge.errors import MusicError
from emsync_bridge.midi.loading import open_midi
from emsync_bridge.midi.player_tracks import is_arranged, player_of

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

_DRUM_CHANNEL = 9
_FAR = 1e7


@dataclass(frozen=True)
class Clock:
    """Ties quarter notes to seconds by straight lines between points."""

    quarters: Floats
    times: Floats

    @classmethod
    def of(cls, tempos: Sequence[tuple[float, float]]) -> Clock:
        """Return the clock of tempos.

        Arguments:
            tempos: Quarter note and seconds per quarter from there on, in order, the first at 0.
        """
        quarters = [quarter for quarter, _ in tempos] + [_FAR]
        times = [0.0]
        for (quarter, length), following in zip(tempos, quarters[1:], strict=True):
            times.append(times[-1] + (following - quarter) * length)
        return cls(np.array(quarters, np.float64), np.array(times, np.float64))

    def seconds(self, quarter: Any) -> Any:
        """Return the time in seconds of a quarter note, or of an array of them."""
        return np.interp(quarter, self.quarters, self.times)


@dataclass(frozen=True)
class NoteTable:
    """Notes in columns, in order of onset and pitch.

    Arguments:
        start: Onset in quarter notes, shape (notes,), as all columns.
        end: Release in quarter notes.
        pitch: MIDI note number.
        velocity: 1 to 127.
        part: Index of the player or track.
        program: General MIDI program of the part.
        drum: Whether it is unpitched percussion.
        bars: Bar lines in quarter notes, and the end as the last.
        clock: Clock that ties quarter notes to seconds.
    """

    start: Floats
    end: Floats
    pitch: Ints
    velocity: Ints
    part: Ints
    program: Ints
    drum: Flags
    bars: Floats
    clock: Clock

    def __len__(self) -> int:
        return len(self.start)

    @property
    def seconds(self) -> float:
        """Length in seconds, to the last bar line."""
        return float(self.clock.seconds(self.bars[-1]))

    @property
    def onsets(self) -> Floats:
        """Onsets in seconds."""
        return np.asarray(self.clock.seconds(self.start), np.float64)

    @property
    def releases(self) -> Floats:
        """Releases in seconds."""
        return np.asarray(self.clock.seconds(self.end), np.float64)

    def only(self, chosen: Flags) -> NoteTable:
        """Return the piece with some of its notes."""
        columns = {name: getattr(self, name)[chosen] for name in _COLUMNS}
        return replace(self, **columns)

    def pitched(self) -> NoteTable:
        """Return the piece without unpitched percussion."""
        return self.only(~self.drum)

    def excerpt(self, start: float, end: float) -> NoteTable:
        """Return what lies between the bar lines nearest to two moments in seconds; the first one becomes 0."""
        lines = self.clock.seconds(self.bars)
        first = int(np.abs(lines - start).argmin())
        last = max(first + 1, int(np.abs(lines - end).argmin()))
        a, b = self.bars[first], self.bars[min(last, len(self.bars) - 1)]
        inside = self.only((self.start >= a - 1e-6) & (self.start < b - 1e-6))
        quarters = np.concatenate([[a], self.clock.quarters[self.clock.quarters > a]])
        clock = Clock(quarters - a, self.clock.seconds(quarters) - self.clock.seconds(a))
        return replace(
            inside,
            start=inside.start - a,
            end=np.minimum(inside.end, b) - a,
            bars=self.bars[first : last + 1] - a,
            clock=clock,
        )


_COLUMNS = ("start", "end", "pitch", "velocity", "part", "program", "drum")


def piece_of(take: Take, seconds: float | None = None) -> NoteTable:
    """Return a take as a piece; onsets are those on the grid, without what players are early or late by.

    Arguments:
        take: The music.
        seconds: Length of the cut; to the last release when None.
    """
    tempo_map = take.tempo_map
    last = max((note.end for note in take.notes), default=TICKS_PER_QUARTER)
    end = last if seconds is None else round(tempo_map.tick(seconds))
    bars = [*tempo_map.bar_lines(end), end]
    arranged = is_arranged(take)
    names: dict[str, int] = {}
    rows = []
    for note in take.notes:
        player = player_of(note)
        part = names.setdefault(player.name if arranged else note.instrument, len(names))
        drum = note.instrument == "drums"
        rows.append((note.start, note.end, note.pitch, note.velocity, part, player.program, drum))
    tempos = [(tempo.tick / TICKS_PER_QUARTER, tempo.microseconds_per_quarter / 1e6) for tempo in tempo_map.tempos]
    return _piece(
        [(a / TICKS_PER_QUARTER, b / TICKS_PER_QUARTER, *rest) for a, b, *rest in rows],
        [bar / TICKS_PER_QUARTER for bar in bars],
        Clock.of(tempos),
    )


def piece_in(midi: bytes) -> NoteTable:
    """Return the piece in a Standard MIDI File; every channel of a track is a part.

    Arguments:
        midi: A file of type 0 or 1 with ticks per quarter note.

    Raises:
        MusicError: It is damaged, counts time in SMPTE frames or holds no notes.
    """
    file = open_midi(midi)
    tempos, meters = {0.0: 0.5}, {0.0: 4.0}
    rows: list[Any] = []
    for number, track in enumerate(file.tracks):
        clock = 0
        programs: dict[int, int] = defaultdict(int)
        sounding: dict[tuple[int, int], list[tuple[float, int]]] = defaultdict(list)
        for message in track:
            clock += message.time
            at = clock / file.ticks_per_beat
            if message.type == "set_tempo":
                tempos[at] = max(1, message.tempo) / 1e6
            elif message.type == "time_signature":
                meters[at] = message.numerator * 4 / message.denominator
            elif message.type == "program_change":
                programs[message.channel] = message.program
            elif message.type == "note_on" and message.velocity:
                sounding[message.channel, message.note].append((at, message.velocity))
            elif message.type in ("note_on", "note_off") and sounding[message.channel, message.note]:
                start, velocity = sounding[message.channel, message.note].pop(0)
                channel = message.channel
                if at > start:
                    drum = channel == _DRUM_CHANNEL
                    rows.append((start, at, message.note, velocity, number * 16 + channel, programs[channel], drum))
    if not rows:
        raise MusicError("The MIDI file holds no notes")
    end = float(np.ceil(max(row[1] for row in rows) * 4) / 4)
    return _piece(rows, _bar_lines(sorted(meters.items()), end), Clock.of(sorted(tempos.items())))


def _piece(rows: Sequence[Any], bars: Sequence[float], clock: Clock) -> NoteTable:
    table = np.array(rows, np.float64).reshape(-1, len(_COLUMNS))
    table = table[np.lexsort((table[:, 2], table[:, 0]))]
    start, end, *whole, drum = table.T
    pitch, velocity, part, program = (column.astype(np.int64) for column in whole)
    return NoteTable(start, end, pitch, velocity, part, program, drum > 0, np.array(bars, np.float64), clock)


def _bar_lines(meters: Sequence[tuple[float, float]], end: float) -> list[float]:
    lines: list[float] = []
    for (start, length), (following, _) in pairwise([*meters, (end, 0.0)]):
        lines.extend(np.arange(start, min(following, end) - 1e-6, max(length, 0.25)))
    return [*lines, end]
