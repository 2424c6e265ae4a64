"""Objective measures of a stretch of written music, as MusPy defines them, and a few of its texture.

MusPy: Dong, Chen, McAuley and Berg-Kirkpatrick 2020, "MusPy: A Toolkit for Symbolic Music Generation", ISMIR; its
entropy, scale and groove measures are those of Mogren 2016 and Wu and Yang 2020. Drums count for rhythm alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from emsync_bridge.cue import TICKS_PER_QUARTER, Note, TempoMap

_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_MINOR = (0, 2, 3, 5, 7, 8, 10)


@dataclass(frozen=True)
class Metrics:
    """Measures of a stretch of music.

    Arguments:
        pitch_class_entropy: Entropy of how often each of the 12 pitch classes is struck, in bits.
        scale_consistency: Largest share of notes that lie in one major or natural minor scale.
        groove_consistency: 1 minus the mean share of a bar's ticks on which its onsets differ from the next bar's.
        empty_beat_rate: Share of beats during which nothing sounds.
        polyphony: Mean number of pitches sounding, while any does.
        note_seconds: Median length of notes in seconds.
        chord_seconds: Median length of the notes of long chords in seconds; None without any.
        onsets: Moments a second at which notes begin.
        notes: Notes a second.
        voices: Mean number of notes that begin together.
        range: Semitones between the tenth and the ninetieth percentile of pitch.
        leap: Mean semitones between the highest notes of successive onsets.
        repetition: Share of bars whose onsets and pitches are those of one of the eight bars before.
    """

    pitch_class_entropy: float
    scale_consistency: float
    groove_consistency: float
    empty_beat_rate: float
    polyphony: float
    note_seconds: float
    chord_seconds: float | None
    onsets: float
    notes: float
    voices: float
    range: float
    leap: float
    repetition: float


def measure(
    notes: Sequence[Note], tempo_map: TempoMap, bar_lines: Sequence[int], first: int, last: int
) -> Metrics | None:
    """Return the measures of a stretch; None where fewer than two pitched notes begin in it.

    Arguments:
        notes: Notes of the whole piece, in order of start.
        tempo_map: Tempo map that ties their ticks to seconds.
        bar_lines: Ticks of all bar lines.
        first: First tick of the stretch.
        last: First tick after it.
    """
    inside = [note for note in notes if first <= note.start < last]
    pitched = [note for note in inside if note.instrument != "drums"]
    span = tempo_map.seconds(last) - tempo_map.seconds(first)
    if len(pitched) < 2 or span <= 0:
        return None
    sounding = [n for n in notes if n.instrument != "drums" and n.start < last and n.end > first]
    lines = [line for line in bar_lines if first <= line < last] + [last]
    starts = sorted({note.start for note in pitched})
    lengths = [tempo_map.seconds(note.end) - tempo_map.seconds(note.start) for note in pitched]
    pitches = [note.pitch for note in pitched]
    tops = dict.fromkeys(starts, 0)
    for note in pitched:
        tops[note.start] = max(tops[note.start], note.pitch)
    return Metrics(
        pitch_class_entropy=pitch_class_entropy(pitches),
        scale_consistency=scale_consistency(pitches),
        groove_consistency=groove_consistency([note.start for note in inside], lines),
        empty_beat_rate=empty_beat_rate(inside + sounding, first, last),
        polyphony=polyphony(sounding, first, last),
        note_seconds=float(np.median(lengths)),
        chord_seconds=_chord_seconds(pitched, lengths),
        onsets=len(starts) / span,
        notes=len(inside) / span,
        voices=len(pitched) / len(starts),
        range=float(np.quantile(pitches, 0.9) - np.quantile(pitches, 0.1)),
        leap=float(np.mean(np.abs(np.diff(list(tops.values()))))) if len(tops) > 1 else 0.0,
        repetition=repetition(pitched, lines),
    )


def pitch_class_entropy(pitches: Sequence[int]) -> float:
    """Return the entropy in bits of pitch classes: minus the sum of p log2 p (MusPy)."""
    counts = np.bincount(np.array(pitches) % 12, minlength=12)
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log2(share)).sum())


def scale_consistency(pitches: Sequence[int]) -> float:
    """Return the largest share of notes in any major or natural minor scale (MusPy)."""
    counts = np.bincount(np.array(pitches) % 12, minlength=12)
    best = max(counts[[(root + step) % 12 for step in scale]].sum() for root in range(12) for scale in (_MAJOR, _MINOR))
    return float(best / counts.sum())


def groove_consistency(starts: Sequence[int], lines: Sequence[int]) -> float:
    """Return 1 minus the mean Hamming distance of the onsets of successive bars, per tick of a bar (MusPy).

    Arguments:
        starts: Ticks of onsets.
        lines: Bar lines and the end; bars of different length are not compared.
    """
    onsets = sorted(set(starts))
    bars = [{t - a for t in onsets if a <= t < b} for a, b in pairwise(lines)]
    widths = [b - a for a, b in pairwise(lines)]
    apart = [
        len(one ^ other) / width
        for (one, other), (width, following) in zip(pairwise(bars), pairwise(widths), strict=True)
        if width == following
    ]
    return 1.0 - float(np.mean(apart)) if apart else 1.0


def empty_beat_rate(notes: Sequence[Note], first: int, last: int) -> float:
    """Return the share of beats during which no note sounds (MusPy)."""
    beats = max(1, -(-(last - first) // TICKS_PER_QUARTER))
    filled = np.zeros(beats, dtype=bool)
    for note in notes:
        begin, end = max(note.start, first) - first, min(note.end, last) - first
        filled[begin // TICKS_PER_QUARTER : -(-end // TICKS_PER_QUARTER)] = True
    return float(1.0 - filled.mean())


def polyphony(notes: Sequence[Note], first: int, last: int) -> float:
    """Return the mean number of pitches that sound, over the ticks on which any does (MusPy)."""
    steps = np.zeros(last - first + 1, dtype=np.int64)
    for pitch in {note.pitch for note in notes}:
        held = np.zeros(last - first + 1, dtype=np.int64)
        for note in notes:
            if note.pitch == pitch:
                held[max(note.start, first) - first] += 1
                held[min(note.end, last) - first] -= 1
        steps += np.cumsum(held) > 0
    heard = steps[steps > 0]
    return float(heard.mean()) if len(heard) else 0.0


def repetition(pitched: Sequence[Note], lines: Sequence[int], back: int = 8) -> float:
    """Return the share of bars, empty ones left out, that say again what one of the bars before them said.

    Arguments:
        pitched: Notes with a pitch.
        lines: Bar lines and the end.
        back: Number of bars before it that a bar is compared with.
    """
    bars = [frozenset((n.start - a, n.pitch) for n in pitched if a <= n.start < b) for a, b in pairwise(lines)]
    again = [bar in bars[max(0, index - back) : index] for index, bar in enumerate(bars) if bar]
    return float(np.mean(again)) if again else 0.0


def _chord_seconds(pitched: Sequence[Note], lengths: Sequence[float]) -> float | None:
    """Return the median length of notes of chords: three or more that begin together and last 0.8 s or longer."""
    held: dict[int, list[float]] = {}
    for note, length in zip(pitched, lengths, strict=True):
        if length >= 0.8:
            held.setdefault(note.start, []).append(length)
    found = [length for together in held.values() if len(together) >= 3 for length in together]
    return float(np.median(found)) if found else None
