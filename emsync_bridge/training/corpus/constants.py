"""The numbers that composing takes from a corpus: how busy moods are, what features tell of a mood, what is usual.

``python -m emsync_bridge.training.corpus.constants TOKENS`` prints those that
``music.generation.density`` and ``music.analysis.take_score`` hold.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emsync_bridge.cue import Affect
from emsync_bridge.music.analysis.features import Features, features
from emsync_bridge.music.analysis.metrics import Metrics, measure
from emsync_bridge.training.corpus.dataset import Split, read_split
from emsync_bridge.training.corpus.pieces import music_of

WINDOW = 20.0
"""Seconds."""

LEVELS = (-0.8, -0.4, 0.0, 0.4, 0.8)
"""Arousals for which music is said to be at least, and at most, so busy; each stands for windows within 0.2 of it."""

USUAL = (
    "pitch_class_entropy",
    "scale_consistency",
    "groove_consistency",
    "empty_beat_rate",
    "polyphony",
    "range",
    "leap",
    "repetition",
)
"""Measures that do not go with the mood."""


@dataclass(frozen=True)
class PieceWindow:
    """A stretch of a labelled piece."""

    affect: Affect
    counted: Features
    measured: Metrics


@dataclass(frozen=True)
class LineFit:
    """A line through labels: its constant and slopes, and how well it tells them."""

    weights: tuple[float, ...]
    correlation: float


def windows(split: Split, pieces: int, seed: int = 0) -> Iterator[PieceWindow]:
    """Yield the labelled windows of some pieces of a split, drawn by a seed."""
    for index in np.random.default_rng(seed).permutation(len(split.pieces))[:pieces]:
        piece = split.pieces[index]
        music = music_of(split, piece)
        inside = slice(piece.start, piece.start + piece.length)
        times, moods = np.asarray(split.time[inside]), np.asarray(split.affect[inside], dtype=np.float64)
        for first, last in music.stretches(WINDOW):
            start, end = music.tempo_map.seconds(first), music.tempo_map.seconds(last)
            told = moods[(times >= start) & (times < end)]
            counted = features(music.notes, music.tempo_map, start, end)
            measured = measure(music.notes, music.tempo_map, music.bar_lines, first, last)
            if len(told) and np.isfinite(told).all() and counted and measured:
                yield PieceWindow(Affect(*map(float, told.mean(axis=0))), counted, measured)


def onset_range(found: list[PieceWindow]) -> dict[str, list[float]]:
    """Return the 2nd and 98th percentile of onsets a second at each of ``LEVELS``."""
    near = [[w.counted.onset_density for w in found if abs(w.affect.arousal - level) <= 0.2] for level in LEVELS]
    return {name: [float(np.percentile(values, at)) for values in near] for name, at in (("floor", 2), ("ceiling", 98))}


def fit_affect(found: list[PieceWindow]) -> dict[str, LineFit]:
    """Return the least-squares fits of valence and arousal on features, as ``take_score.affect_of`` uses them."""
    rows = [window.counted for window in found]
    brightness = [[r.key_corr_major, r.mode_major_probability, math.log(max(r.mean_note_duration, 1e-3))] for r in rows]
    energy = [
        [math.log1p(r.onset_density), math.log1p(r.note_density), math.log(max(r.tempo, 1.0)), r.mean_velocity]
        for r in rows
    ]
    return {
        "valence": _fit(brightness, [window.affect.valence for window in found]),
        "arousal": _fit(energy, [window.affect.arousal for window in found]),
    }


def usual_measures(found: list[PieceWindow]) -> dict[str, tuple[float, float]]:
    """Return mean and standard deviation of each of ``USUAL``."""
    columns = {name: [getattr(window.measured, name) for window in found] for name in USUAL}
    known = {name: [value for value in column if value is not None] for name, column in columns.items()}
    return {name: (float(np.mean(column)), float(np.std(column))) for name, column in known.items()}


def _fit(rows: list[list[float]], wanted: list[float]) -> LineFit:
    table, target = np.column_stack([np.ones(len(rows)), np.array(rows)]), np.array(wanted)
    weights, *_ = np.linalg.lstsq(table, target, rcond=None)
    return LineFit(tuple(map(float, weights)), float(np.corrcoef(table @ weights, target)[0, 1]))


def main() -> None:
    """Print the numbers for the corpus that is named on the command line."""
    found = list(windows(read_split(Path(sys.argv[1]), "train"), 300))
    lines = [f"{len(found)} windows"]
    lines += [f"{name} {[round(value, 2) for value in values]}" for name, values in onset_range(found).items()]
    for name, fit in fit_affect(found).items():
        lines.append(f"{name} {[round(weight, 4) for weight in fit.weights]} r {fit.correlation:.2f}")
    lines += [f"{name} {mean:.3f} {spread:.3f}" for name, (mean, spread) in usual_measures(found).items()]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
