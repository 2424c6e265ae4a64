"""Recurrence of motifs in a line: how much of it they cover, and how far through the piece they reach.

A motif is five notes: four intervals with the four lengths between their onsets, so that a transposed statement is the
same motif. Repetitions of one note are none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from emsync_bridge.cue import TICKS_PER_QUARTER, Theme
from emsync_bridge.music.analysis.piece import NoteTable

Line = list[tuple[float, int]]
"""Quarter note and pitch of each note of a melody, in order."""
Motif = tuple[tuple[int, float], ...]

_INTERVALS = 4
_WIDEST = 12
_APART = 4.0
_MAX_QUARTERS = 6.0
_GRID = 1 / 24
_EIGHTHS = 8
_SCALE_STEP = 3  # semitones: the widest step of a harmonic minor scale
_SIXTEENTH = 0.25
_MODES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10))
_STRETCHES = (0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Recurrence:
    """Recurrence of motifs in a line.

    Arguments:
        cover: Share of its notes that lie inside a motif that recurs at least four quarter notes later.
        reach: Share of the eighths of the piece in which the farthest motif is heard.
        count: Number of times that the most frequent one is heard.
        returns: Whether a motif of the first 30 % is heard again in the last 30 %.
    """

    cover: float
    reach: float
    count: int
    returns: bool


def top_line(piece: NoteTable) -> Line:
    """Return the notes that are the highest to begin and the highest to sound."""
    steps = np.round(piece.start / _GRID).astype(np.int64)
    line: Line = []
    sounding: list[tuple[float, int]] = []
    first = 0
    while first < len(steps):
        last = first
        while last < len(steps) and steps[last] == steps[first]:
            last += 1
        at = float(steps[first] * _GRID)
        sounding = [(end, pitch) for end, pitch in sounding if end > at + 1e-3]
        top = int(piece.pitch[first:last].max())
        if all(top >= pitch for _, pitch in sounding):
            line.append((at, top))
        sounding += [(float(piece.end[i]), int(piece.pitch[i])) for i in range(first, last)]
        first = last
    return line


def motifs(line: Line) -> dict[Motif, list[int]]:
    """Return where each motif of a line begins, as indices of notes."""
    steps = [
        (max(-_WIDEST, min(_WIDEST, b - a)), round((later - at) * 4) / 4) for (at, a), (later, b) in pairwise(line)
    ]
    found: dict[Motif, list[int]] = defaultdict(list)
    for i in range(len(steps) - _INTERVALS + 1):
        motif = tuple(steps[i : i + _INTERVALS])
        if sum(step != 0 for step, _ in motif) >= 2 and max(length for _, length in motif) <= _MAX_QUARTERS:
            found[motif].append(i)
    return found


def recurring_motifs(line: Line) -> dict[Motif, list[int]]:
    """Return the motifs of a line that recur at least four quarter notes later, and where they begin."""
    kept = {}
    for motif, places in motifs(line).items():
        spread = [places[0]]
        for place in places[1:]:
            if line[place][0] - line[spread[-1]][0] >= _APART:
                spread.append(place)
        if len(spread) > 1:
            kept[motif] = places
    return kept


def recurrence(line: Line) -> Recurrence:
    """Return what recurs in a line."""
    if len(line) < _INTERVALS + 2:
        return Recurrence(0.0, 0.0, 0, returns=False)
    end = line[-1][0] + 1e-9
    covered: set[int] = set()
    reach = count = 0
    returns = False
    for places in recurring_motifs(line).values():
        times = [line[place][0] for place in places]
        for place in places:
            covered.update(range(place, place + _INTERVALS + 1))
        reach = max(reach, len({int(time / end * _EIGHTHS) for time in times}))
        count = max(count, len(places))
        returns = returns or (times[0] < 0.3 * end and times[-1] >= 0.7 * end)
    return Recurrence(len(covered) / len(line), reach / _EIGHTHS, count, returns)


def cover_by_part(piece: NoteTable) -> float:
    """Return the cover of each part's own top line, weighted by its notes; parts under twelve notes are left out."""
    covers, weights = [0.0], [1e-9]
    for part in np.unique(piece.part):
        own = piece.only(piece.part == part)
        if len(own) >= 12:
            covers.append(recurrence(top_line(own)).cover)
            weights.append(len(own))
    return float(np.average(covers, weights=weights))


def shared_motifs(one: Line, other: Line) -> int:
    """Return how many motifs recur in both of two lines; runs up or down a scale do not count."""
    common = recurring_motifs(one).keys() & recurring_motifs(other).keys()
    return sum(not _is_run(motif) for motif in common)


def _is_run(motif: Motif) -> bool:
    """Tell whether a motif is a run: sixteenths or quicker notes that go one way by steps of a scale or less."""
    steps = [step for step, _ in motif]
    one_way = all(0 <= step <= _SCALE_STEP for step in steps) or all(-_SCALE_STEP <= step <= 0 for step in steps)
    return one_way and all(length <= _SIXTEENTH for _, length in motif)


def count_alike_pairs(lines: Sequence[Line]) -> Counter[int]:
    """Return how many pairs of lines share how many recurring motifs."""
    own = [set(recurring_motifs(line)) for line in lines]
    return Counter(len(own[i] & own[j]) for i in range(len(own)) for j in range(i))


def is_heard(theme: Theme, piece: NoteTable, start: float, end: float) -> bool:
    """Tell whether some part plays the first five notes of a theme in a stretch, at any pitch.

    It may be in either mode, each interval a semitone off to fit a chord, and the lengths half or twice as long.

    Arguments:
        theme: The theme.
        piece: The music.
        start: Quarter note.
        end: Quarter note.
    """
    head = [note for note in theme.notes if note.start >= 0][: _INTERVALS + 1]  # an upbeat may be left out
    lengths = np.diff([note.start / TICKS_PER_QUARTER for note in head])
    modes = [
        np.diff([12 * (note.degree // 7) + scale[note.degree % 7] + note.alter for note in head]) for scale in _MODES
    ]
    return any(_holds(line, steps, lengths, start, end) for line in _lines(piece) for steps in modes)


def _lines(piece: NoteTable) -> Iterable[Line]:
    for part in np.unique(piece.part):
        yield top_line(piece.only(piece.part == part))


def _holds(line: Line, intervals: np.ndarray, lengths: np.ndarray, start: float, end: float) -> bool:
    for i in range(len(line) - len(intervals)):
        if not start <= line[i][0] < end:
            continue
        heard = line[i : i + len(intervals) + 1]
        if np.abs(np.diff([pitch for _, pitch in heard]) - intervals).max(initial=0) > 1:
            continue
        gaps = np.diff([at for at, _ in heard])
        if any(np.abs(gaps - stretch * lengths).max(initial=0) < 0.2 for stretch in _STRETCHES):
            return True
    return False
