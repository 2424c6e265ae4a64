"""Roles of the parts, bar by bar and by rule: melody, bass or accompaniment.

No annotations are used: the rule looks at height, movement and loudness of the parts that play in a bar and its
neighbours. The lowest part is the bass. The melody is the part with the most salient top line: high, moving, sung, in
one voice and not repeating one note; parts that double it in unison or octaves have the melody as well. What is left is
a figure where it moves in short even notes, and an inner voice where it holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emsync_bridge.cue import TICKS_PER_QUARTER
from emsync_bridge.training.instruments.parts import END, PITCH, START, VELOCITY, InstrumentPart

ROLES = ("rest", "melody", "figure", "inner", "bass", "pulse")
REST, MELODY, FIGURE, INNER, BASS, PULSE = range(len(ROLES))

VOICES = frozenset({52, 53, 54})
"""General MIDI programs of singers."""

TIMPANI = 47

_AROUND = 1
"""Bars on each side that a bar is judged with."""

_STAY = 0.35
"""Lead that another part needs to take the melody over, so that it does not flicker."""

_DOUBLING = 0.7
"""Share of the melody's onsets that a part meets, in unison or octaves, to count as doubling it."""

_BASS_BELOW = 60.0
"""Mean pitch below which a lowest part can be the bass; above it, it is an inner voice or a figure."""

_FIGURE_NOTES = 1.5
"""Onsets in a quarter note from which on an accompaniment is a figure."""


@dataclass(frozen=True)
class _Bar:
    """Features of a part in a stretch of bars."""

    top: np.ndarray  # (n, 2) onset and highest pitch
    height: float
    lowest: float
    mean: float
    onsets_per_quarter: float
    voices: float
    loudness: float


def roles(parts: Sequence[InstrumentPart], bar_lines: Sequence[int], end: int) -> np.ndarray:
    """Return the role of every part in every bar, shape (parts, bars), as indices of ``ROLES``.

    Arguments:
        parts: Parts as ``read_parts`` returns them.
        bar_lines: Tick of each bar's start.
        end: Tick of the end.
    """
    edges = [*bar_lines, max(end, bar_lines[-1] + 1)]
    table = np.full((len(parts), len(bar_lines)), REST, dtype=np.uint8)
    leader = -1
    for bar in range(len(bar_lines)):
        playing = [index for index, part in enumerate(parts) if _sounds(part, edges[bar], edges[bar + 1])]
        first, last = max(0, bar - _AROUND), min(len(bar_lines), bar + 1 + _AROUND)
        told = {
            index: _measure(parts[index], edges[first], edges[last])
            for index in playing
            if not parts[index].drums and parts[index].program != TIMPANI
        }
        table[playing, bar] = PULSE
        for index, found in told.items():
            table[index, bar] = FIGURE if found.onsets_per_quarter >= _FIGURE_NOTES else INNER
        if not told:
            continue
        salience = {index: _salience(parts[index], found, told) for index, found in told.items()}
        best = max(salience, key=lambda index: salience[index])
        if leader in salience and salience[best] - salience[leader] < _STAY:
            best = leader
        leader = best
        lowest = min(told, key=lambda index: told[index].lowest)
        if len(told) > 1 and lowest != leader and told[lowest].mean < _BASS_BELOW:
            table[lowest, bar] = BASS
        for index, found in told.items():
            if index == leader or (table[index, bar] != BASS and _doubles(found, told[leader])):
                table[index, bar] = MELODY
    return table


def melody_of(parts: Sequence[InstrumentPart], table: np.ndarray, bar_lines: Sequence[int], end: int) -> np.ndarray:
    """Return the melody as one line, (n, 4) start and end tick, pitch and velocity.

    In a bar where several parts have it, the highest notes are taken.

    Arguments:
        parts: Parts as ``read_parts`` returns them.
        table: Table as ``roles`` returns it.
        bar_lines: Tick of each bar's start.
        end: Tick of the end.
    """
    edges = np.array([*bar_lines, max(end, bar_lines[-1] + 1)])
    line: dict[int, tuple[int, int, int, int]] = {}
    for index, part in enumerate(parts):
        bars = np.clip(np.searchsorted(edges, part.notes[:, START], side="right") - 1, 0, len(bar_lines) - 1)
        for start, stop, pitch, velocity in part.notes[table[index, bars] == MELODY].tolist():
            if start not in line or pitch > line[start][PITCH]:
                line[start] = (start, stop, pitch, velocity)
    ordered = [line[start] for start in sorted(line)]
    cut = [
        (start, min(stop, following[START]), pitch, velocity)
        for (start, stop, pitch, velocity), following in zip(ordered, [*ordered[1:], (end, 0, 0, 0)], strict=True)
    ]
    return np.array([note for note in cut if note[END] > note[START]], dtype=np.int64).reshape(-1, 4)


def _sounds(part: InstrumentPart, start: int, end: int) -> bool:
    onsets = part.notes[:, START]
    begin, stop = np.searchsorted(onsets, [start, end])
    if stop > begin:
        return True
    earlier = part.notes[max(0, begin - 8) : begin]
    return bool((earlier[:, END] > start).any())


def _measure(part: InstrumentPart, start: int, end: int) -> _Bar:
    onsets = part.notes[:, START]
    begin, stop = np.searchsorted(onsets, [start, end])
    notes = part.notes[begin:stop]
    if not len(notes):
        notes = part.notes[max(0, begin - 1) : begin + 1][:1]
    moments, places = np.unique(notes[:, START], return_index=True)
    tops = np.maximum.reduceat(notes[:, PITCH], places)
    return _Bar(
        top=np.column_stack([moments, tops]),
        height=float(tops.mean()),
        lowest=float(np.percentile(notes[:, PITCH], 10)),
        mean=float(notes[:, PITCH].mean()),
        onsets_per_quarter=len(moments) * TICKS_PER_QUARTER / max(1, end - start),
        voices=len(notes) / len(moments),
        loudness=float(notes[:, VELOCITY].mean()),
    )


def _salience(part: InstrumentPart, found: _Bar, all_found: dict[int, _Bar]) -> float:
    """Return how much a part sounds like the melody; a singer's part always wins."""
    tops = found.top[:, 1]
    height = sum(found.height >= other.height for other in all_found.values()) / len(all_found)
    loudness = found.loudness - float(np.mean([other.loudness for other in all_found.values()]))
    moving = float(np.mean(np.diff(tops) != 0)) if len(tops) > 1 else 0.0
    busy = min(found.onsets_per_quarter, 2.0) / 2.0
    lengths = len(set(np.diff(found.top[:, 0]).tolist()))
    return (
        1.5 * height
        + 0.8 * moving
        + 0.5 * busy
        + 0.2 * min(lengths, 4) / 4
        + 0.02 * loudness
        - 0.4 * min(found.voices - 1.0, 2.0)
        + (5.0 if part.program in VOICES else 0.0)
    )


def _doubles(found: _Bar, lead: _Bar) -> bool:
    """Tell whether a part plays most of another's onsets at the same pitch class."""
    theirs = {(tick, pitch % 12) for tick, pitch in lead.top.tolist()}
    mine = {(tick, pitch % 12) for tick, pitch in found.top.tolist()}
    return len(theirs & mine) >= _DOUBLING * max(len(theirs), len(mine), 1)
