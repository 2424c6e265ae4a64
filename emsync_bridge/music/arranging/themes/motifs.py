"""Motifs: two bars of melody in degrees of the scale, found in the top line of music and kept in a bank."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from emsync_bridge.cue import TICKS_PER_QUARTER, Affect, Note, ThemeNote
from emsync_bridge.music.arranging.themes.meters import THREE, MotifMeter, from_four_four, meter_of, to_four_four

BAR = 4 * TICKS_PER_QUARTER
"""Ticks of a motif's bar: motifs stand in bars of 4/4 and are fitted to other meters when they are stated."""

LENGTH = 2 * BAR
GRID = TICKS_PER_QUARTER // 4

SCALES: dict[bool, tuple[int, ...]] = {False: (0, 2, 4, 5, 7, 9, 11), True: (0, 2, 3, 5, 7, 8, 10)}
"""Semitones of the degrees above the tonic, by whether the scale is minor (natural minor)."""

Line = tuple[tuple[int, int], ...]
"""A melody as (tick, pitch)."""


@dataclass(frozen=True)
class Motif:
    """Two bars of melody.

    Arguments:
        notes: Notes in order; the first on the bar line.
        minor: Whether the degrees are those of the minor scale.
        score: The critic's; written melodies have a median of -1.5.
        affect: Mood that it was composed for.
        meter: Meter that it was found in; its notes stand in bars of 4/4 all the same.
    """

    notes: tuple[ThemeNote, ...]
    minor: bool
    score: float = 0.0
    affect: Affect = field(default_factory=lambda: Affect(0.0, 0.0))
    meter: MotifMeter = "4/4"

    @property
    def bar(self) -> int:
        """Ticks of a bar of its own meter."""
        return BAR if self.meter == "4/4" else THREE

    @property
    def onsets(self) -> tuple[int, ...]:
        """Onsets in ticks of its own meter, and the end of its second bar."""
        return (*(from_four_four(note.start, self.meter) for note in self.notes), 2 * self.bar)

    @property
    def rhythm(self) -> tuple[int, ...]:
        """Onsets in ticks."""
        return tuple(note.start for note in self.notes)

    @property
    def contour(self) -> tuple[int, ...]:
        """Steps from note to note in degrees."""
        return tuple(b.degree - a.degree for a, b in pairwise(self.notes))

    def pitches(self) -> list[int]:
        """Return MIDI note numbers over a tonic of 60."""
        return [60 + semitones(note.degree, minor=self.minor) + note.alter for note in self.notes]


def semitones(degree: int, *, minor: bool) -> int:
    """Return how far a degree lies above the tonic, in semitones."""
    octave, step = divmod(degree, 7)
    return 12 * octave + SCALES[minor][step]


def degree_of(interval: int, *, minor: bool) -> tuple[int, int]:
    """Return the degree nearest to an interval above the tonic, and what it must be altered by in semitones."""
    octave, rest = divmod(interval, 12)
    scale = SCALES[minor]
    step = min(range(8), key=lambda i: (abs((12 if i == 7 else scale[i]) - rest), i))
    degree = 7 * octave + step
    return degree, interval - semitones(degree, minor=minor)


def top_line(notes: Iterable[Note]) -> Line:
    """Return the highest onset wherever it is also the highest note sounding; drums do not count."""
    starts: dict[int, list[Note]] = {}
    for note in notes:
        if note.instrument != "drums":
            starts.setdefault(note.start, []).append(note)
    line: list[tuple[int, int]] = []
    sounding: list[tuple[int, int]] = []
    for start in sorted(starts):
        sounding = [(end, pitch) for end, pitch in sounding if end > start]
        top = max(note.pitch for note in starts[start])
        if top >= max((pitch for _, pitch in sounding), default=0):
            line.append((start, top))
        sounding.extend((note.end, note.pitch) for note in starts[start])
    return tuple(line)


def motifs_in(line: Line, bar_lines: Sequence[int], tonic: int, *, minor: bool) -> list[Motif]:
    """Return every two bars of a line that can be a motif: in 4/4, 3/4 or 6/8, from the bar line, with 4 to 12 notes.

    Arguments:
        line: The melody.
        bar_lines: Ticks, with the end as the last.
        tonic: Pitch class of the key.
        minor: Its mode.
    """
    found = []
    for first, middle, last in zip(bar_lines, bar_lines[1:], bar_lines[2:], strict=False):
        length = last - first
        if length not in (LENGTH, 2 * THREE) or (length != LENGTH and middle - first != THREE):
            continue
        cell: dict[int, int] = {}
        for tick, pitch in line:
            if first <= tick < last:
                cell.setdefault(round((tick - first) / GRID) * GRID, pitch)
        onsets = sorted(onset for onset in cell if onset < length)
        meter = "4/4" if length == LENGTH else meter_of(onsets)
        if meter is not None and 4 <= len(onsets) <= 12 and onsets[0] == 0:
            placed = [(to_four_four(onset, meter), cell[onset]) for onset in onsets]
            found.append(_motif(placed, tonic, meter, minor=minor))
    return found


def _motif(cell: Sequence[tuple[int, int]], tonic: int, meter: MotifMeter, *, minor: bool) -> Motif:
    middle = sum(pitch for _, pitch in cell) / len(cell)
    octave = round((middle - 5 - 60 - tonic) / 12)
    notes = []
    for (onset, pitch), following in zip(cell, [*(onset for onset, _ in cell[1:]), LENGTH], strict=True):
        degree, alter = degree_of(pitch - 60 - tonic - 12 * octave, minor=minor)
        notes.append(ThemeNote(onset, following - onset, degree, alter))
    return Motif(tuple(notes), minor, meter=meter)


def known_shape(motif: Motif) -> tuple[tuple[int, int], ...]:
    """Return what makes two motifs the same tune: intervals in semitones with the time to the next note, at most 7."""
    pitches = motif.pitches()
    lengths = [b - a for a, b in pairwise(motif.onsets)]
    steps = [(b - a, length) for (a, b), length in zip(pairwise(pitches), lengths, strict=False)]
    return tuple(steps[:7])


@lru_cache(maxsize=1)
def motif_bank() -> tuple[Motif, ...]:
    """Return the shipped motifs, best first, by a theme model or the shipped generator; none is in a training piece."""
    text = files("emsync_bridge.music.arranging.themes").joinpath("motifs.json").read_text(encoding="utf-8")
    return tuple(from_row(row) for row in json.loads(text)["motifs"])


def to_row(motif: Motif) -> list[object]:
    """Return a motif as one row of the bank."""
    notes = [[note.start, note.length, note.degree, note.alter] for note in motif.notes]
    row: list[object] = [
        int(motif.minor), round(motif.score, 2), round(motif.affect.valence, 2), round(motif.affect.arousal, 2), notes,
    ]  # fmt: skip
    return row if motif.meter == "4/4" else [*row, motif.meter]


def from_row(row: Sequence[object]) -> Motif:
    """Return the motif in one row of the bank."""
    minor, score, valence, arousal, notes, *meter = row
    return Motif(
        tuple(ThemeNote(*note) for note in notes),  # type: ignore[attr-defined]
        bool(minor),
        float(score),  # type: ignore[arg-type]
        Affect(float(valence), float(arousal)),  # type: ignore[arg-type]
        meter[0] if meter else "4/4",  # type: ignore[arg-type]
    )
