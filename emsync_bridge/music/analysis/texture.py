"""Texture of a piece: players, rests, entrances, stutter, register, and likeness of its bars."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from emsync_bridge.music.analysis.piece import Flags, Floats, NoteTable

_TOGETHER = 0.03  # seconds within which notes begin as one onset
_GRID = 0.05  # seconds between the moments at which sounding notes are counted
_EDGE = 0.02  # seconds by which a note may reach into a bar without sounding there
_LONG = 2.0
_RESTRUCK = 1.01  # quarter notes within which a pitch that a part strikes again is restruck
_BACK = 16


@dataclass(frozen=True)
class Texture:
    """Measures of a piece's texture.

    Arguments:
        onsets: Moments a second at which pitched notes begin.
        notes: Notes a second, percussion too.
        polyphony: Pitches sounding at once, the mean while any does.
        instruments: Number of different sounds in the piece.
        parts: Parts that sound in a bar, the mean.
        parts_spread: Standard deviation of that over the bars.
        rests: Share of bars in which a part rests, the mean over parts.
        scoring_change: Share of the parts of a bar and the next that are not in both, the mean.
        empty_beats: Share of beats on which nothing begins.
        note_seconds: Median length of a note.
        long_notes: Share of notes longer than two seconds.
        stutter: Share of notes that strike a pitch of their part again within a beat.
        low: Pitch below which a twentieth of the notes lie.
        high: Pitch above which a twentieth of the notes lie.
        velocity_spread: Standard deviation of velocity.
        bar_velocity_range: Range of the bars' velocities, from the quietest to the loudest twentieth of the bars.
    """

    onsets: float
    notes: float
    polyphony: float
    instruments: float
    parts: float
    parts_spread: float
    rests: float
    scoring_change: float
    empty_beats: float
    note_seconds: float
    long_notes: float
    stutter: float
    low: float
    high: float
    velocity_spread: float
    bar_velocity_range: float


def texture(piece: NoteTable) -> Texture:
    """Return how a piece is scored."""
    pitched = piece.pitched()
    seconds = max(piece.seconds, 1e-9)
    lengths = pitched.releases - pitched.onsets
    sounding = parts_by_bar(piece)
    counts = sounding.sum(axis=1)
    beats = max(1, int(np.ceil(piece.bars[-1])))
    begun = np.unique((pitched.start + 1e-3).astype(np.int64))
    return Texture(
        onsets=len(np.unique(np.round(pitched.onsets / _TOGETHER))) / seconds,
        notes=len(piece) / seconds,
        polyphony=_polyphony(pitched),
        instruments=len(set(zip(piece.program.tolist(), piece.drum.tolist(), strict=True))),
        parts=float(counts.mean()),
        parts_spread=float(counts.std()),
        rests=float(1 - sounding.mean()),
        scoring_change=_scoring_change(sounding),
        empty_beats=1 - len(begun[begun < beats]) / beats,
        note_seconds=float(np.median(lengths)),
        long_notes=float((lengths > _LONG).mean()),
        stutter=stutter(pitched),
        low=float(np.percentile(pitched.pitch, 5)),
        high=float(np.percentile(pitched.pitch, 95)),
        velocity_spread=float(piece.velocity.std()),
        bar_velocity_range=_bar_velocity_range(piece),
    )


def parts_by_bar(piece: NoteTable) -> Flags:
    """Return whether each part sounds in each bar, shape (bars, parts)."""
    lines = piece.clock.seconds(piece.bars)
    onsets, releases = piece.onsets, piece.releases
    columns = []
    for part in np.unique(piece.part):
        own = piece.part == part
        first = np.searchsorted(lines, onsets[own] + _EDGE, side="right") - 1
        last = np.searchsorted(lines, releases[own] - _EDGE, side="left")
        sounding = np.zeros(len(lines) - 1, bool)
        for a, b in zip(first, last, strict=True):
            sounding[max(0, a) : max(a + 1, b)] = True
        columns.append(sounding)
    result: Flags = np.array(columns, bool).T
    return result


def stutter(pitched: NoteTable) -> float:
    """Return the share of notes that strike a pitch of their part again within a beat."""
    order = np.lexsort((pitched.start, pitched.pitch, pitched.part))
    gap = np.diff(pitched.start[order])
    same = (np.diff(pitched.pitch[order]) == 0) & (np.diff(pitched.part[order]) == 0)
    return float((same & (gap > 0) & (gap <= _RESTRUCK)).sum() / max(1, len(pitched)))


def block_likeness(piece: NoteTable) -> tuple[float, float]:
    """Return how alike each stretch of two bars is to the most alike one 2 to 7 bars, and 8 bars or more, before it.

    Likeness is the share of onsets on sixteenths with their pitch class that both have (Jaccard).
    """
    bars = _bar_sets(piece.pitched(), rhythm_only=False)
    if len(bars) < 12:
        return float("nan"), float("nan")
    alike = np.array([[_jaccard(one, other) for other in bars] for one in bars])
    blocks = (alike[:-1, :-1] + alike[1:, 1:]) / 2
    near = [blocks[i, max(0, i - 7) : i - 1].max() for i in range(2, len(blocks))]
    far = [blocks[i, : i - 7].max() for i in range(8, len(blocks))]
    return float(np.mean(near)), float(np.mean(far))


def rhythm_recurs(piece: NoteTable) -> float:
    """Return the share of bars whose onsets are those of one of the sixteen bars before."""
    bars = _bar_sets(piece.pitched(), rhythm_only=True)
    found = [bars[i] in bars[max(0, i - _BACK) : i] for i in range(1, len(bars)) if len(bars[i]) > 1]
    return float(np.mean(found)) if found else 0.0


def share_of_parts(piece: NoteTable) -> Floats:
    """Return the share of all parts that sound in each bar."""
    return np.asarray(parts_by_bar(piece).mean(axis=1), np.float64)


def _polyphony(pitched: NoteTable) -> float:
    steps = int(pitched.seconds / _GRID) + 2
    held = np.zeros((steps, 128), bool)
    first = np.clip((pitched.onsets / _GRID).astype(np.int64), 0, steps - 1)
    last = np.maximum(first + 1, (pitched.releases / _GRID).astype(np.int64))
    for a, b, pitch in zip(first, last, pitched.pitch, strict=True):
        held[a:b, pitch] = True
    counts = held.sum(axis=1)
    return float(counts[counts > 0].mean())


def _scoring_change(sounding: Flags) -> float:
    both = (sounding[1:] & sounding[:-1]).sum(axis=1)
    either = (sounding[1:] | sounding[:-1]).sum(axis=1)
    return float(np.mean(np.where(either > 0, 1 - both / np.maximum(either, 1), 1.0))) if len(both) else 0.0


def _bar_velocity_range(piece: NoteTable) -> float:
    means = [
        piece.velocity[inside].mean()
        for a, b in pairwise(piece.bars)
        if (inside := (piece.start >= a - 0.01) & (piece.start < b - 0.01)).any()
    ]
    return float(np.percentile(means, 95) - np.percentile(means, 5)) if means else 0.0


def _bar_sets(piece: NoteTable, *, rhythm_only: bool) -> list[frozenset[tuple[int, int]]]:
    result = []
    for a, b in pairwise(piece.bars):
        inside = (piece.start >= a - 1e-3) & (piece.start < b - 1e-3)
        steps = np.round((piece.start[inside] - a) * 4).astype(np.int64).tolist()
        classes = [0] * len(steps) if rhythm_only else (piece.pitch[inside] % 12).tolist()
        result.append(frozenset(zip(steps, classes, strict=True)))
    return result


def _jaccard(one: frozenset[tuple[int, int]], other: frozenset[tuple[int, int]]) -> float:
    either = len(one | other)
    return len(one & other) / either if either else 0.0
