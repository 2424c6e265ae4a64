"""Score of a take by measures: the hits it meets, the mood it carries, and its likeness to written music."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from emsync_bridge.cue import Affect, EmotionCurve, Spotting, Take
from emsync_bridge.music.analysis.features import Features, features
from emsync_bridge.music.analysis.metrics import Metrics, measure

_HITS, _AFFECT, _QUALITY = 0.4, 0.35, 0.25
"""Shares of the score."""

_WINDOW = 15.0
"""Seconds of music that are looked at together at least."""

# Least-squares fits of the corpus' labels on features of 2,638 windows of 20 s in 300 pieces of the training split:
# r 0.54 and 0.76 (``python -m emsync_bridge.training.corpus.constants``).
_VALENCE = (-1.38, 1.256, 0.321, -0.210)  # constant, key_corr_major, mode_major_probability, log mean_note_duration
_AROUSAL = (-3.671, 0.391, 0.187, 0.512, 0.0035)  # constant, log1p onsets, log1p notes, log tempo, velocity

# Mean and standard deviation over the same windows, of what does not go with the mood.
_USUAL: dict[str, tuple[float, float]] = {
    "pitch_class_entropy": (2.96, 0.30),
    "scale_consistency": (0.890, 0.080),
    "groove_consistency": (0.973, 0.026),
    "empty_beat_rate": (0.013, 0.038),
    "polyphony": (3.58, 0.97),
    "range": (25.8, 6.3),
    "leap": (6.2, 3.4),
    "repetition": (0.046, 0.099),
}


@dataclass(frozen=True)
class NoteVerdict:
    """Score of a take and its parts, each from 0 to 1.

    Arguments:
        score: The parts together.
        hits: Share of the hits that are answered within half a frame.
        affect: 1 minus half the mean distance between the mood asked for and the one that the features tell of.
        quality: Closeness to what is usual: 1 when all measures are those of the mean piece of the corpus.
    """

    score: float
    hits: float
    affect: float
    quality: float


def judge_notes(take: Take, spotting: Spotting, curve: EmotionCurve) -> NoteVerdict:
    """Return what a take is worth.

    Arguments:
        take: The music.
        spotting: The cut that it was composed for.
        curve: The mood that was asked for.
    """
    half = 500.0 / float(spotting.rate)
    near = [answer.error_ms is not None and abs(answer.error_ms) <= half for answer in take.answers]
    hits = sum(near) / len(near) if near else 1.0
    affects: list[float] = []
    likeness: list[float] = []
    for first, last in windows(take, spotting, curve):
        start, end = take.tempo_map.seconds(first), take.tempo_map.seconds(last)
        counted = features(take.notes, take.tempo_map, start, end)
        measured = measure(take.notes, take.tempo_map, take.tempo_map.bar_lines(last), first, last)
        if counted is None or measured is None:
            affects.append(0.0)
            likeness.append(0.0)
            continue
        told, asked = affect_of(counted), curve.mean(start, end)
        apart = (abs(told.valence - asked.valence) + abs(told.arousal - asked.arousal)) / 2
        affects.append(1.0 - apart / 2)
        likeness.append(typicality(measured))
    affect, quality = _mean(affects), _mean(likeness)
    return NoteVerdict(_HITS * hits + _AFFECT * affect + _QUALITY * quality, hits, affect, quality)


def affect_of(counted: Features) -> Affect:
    """Return the mood that the features of a stretch tell of, on the scale of the generator's conditions."""
    valence = _VALENCE[0] + _VALENCE[1] * counted.key_corr_major + _VALENCE[2] * counted.mode_major_probability
    valence += _VALENCE[3] * math.log(max(counted.mean_note_duration, 1e-3))
    arousal = _AROUSAL[0] + _AROUSAL[1] * math.log1p(counted.onset_density)
    arousal += _AROUSAL[2] * math.log1p(counted.note_density) + _AROUSAL[3] * math.log(max(counted.tempo, 1.0))
    return Affect(valence, arousal + _AROUSAL[4] * counted.mean_velocity).clipped()


def typicality(measured: Metrics) -> float:
    """Return the mean of exp(-z^2 / 2) over the measures, z counted in standard deviations of the corpus."""
    return _mean(
        [math.exp(-(((getattr(measured, name) - mean) / spread) ** 2) / 2) for name, (mean, spread) in _USUAL.items()]
    )


def windows(take: Take, spotting: Spotting, curve: EmotionCurve) -> Iterator[tuple[int, int]]:
    """Yield stretches of a take from bar line to bar line, without those that are to be silent."""
    end = int(take.tempo_map.tick(spotting.duration))
    lines = [*take.tempo_map.bar_lines(end), end]
    seconds = take.tempo_map.seconds
    sounding = [(a, b) for a, b in pairwise(lines) if not curve.at((seconds(a) + seconds(b)) / 2).silence]
    start: int | None = None
    for index, (first, last) in enumerate(sounding):
        start = first if start is None else start
        breaks = index + 1 == len(sounding) or sounding[index + 1][0] != last
        if breaks or seconds(last) - seconds(start) >= _WINDOW:
            yield start, last
            start = None


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 1.0
