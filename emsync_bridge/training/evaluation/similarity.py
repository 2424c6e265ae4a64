"""Similarity of composed and written music: MusPy's measures, likeness of bars at a distance, and failures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np

from emsync_bridge.music.analysis.keys import pitch_class_profile
from emsync_bridge.music.analysis.metrics import Metrics, measure
from emsync_bridge.music.generation.constraints import RANGES
from emsync_bridge.training.corpus.dataset import Split
from emsync_bridge.training.corpus.pieces import Music, music_of
from emsync_bridge.training.evaluation.trials import PromptTrial

LAGS = (1, 2, 4, 8)
"""Distances in bars at which bars are compared."""

NAMES = (*(field.name.replace("_", " ") for field in fields(Metrics)), *(f"bars alike at {lag}" for lag in LAGS))
"""Of all measures, in the order of the columns."""

_SILENT = 3.0
"""Seconds without a sound that count as a failure."""


@dataclass(frozen=True)
class Comparison:
    """One measure of composed and of written music.

    Arguments:
        name: Name of the measure.
        composed: Mean over composed stretches.
        written: Mean over stretches of held-out music.
        spread: Standard deviation over those.
    """

    name: str
    composed: float
    written: float
    spread: float

    @property
    def apart(self) -> float:
        """Distance of the means in standard deviations of written music."""
        return (self.composed - self.written) / self.spread if self.spread > 0 else 0.0


@dataclass(frozen=True)
class Failures:
    """Numbers of pieces that failed, by kind of failure."""

    pieces: int
    stuck: int
    silent: int
    out_of_range: int


def compare(
    trials: Sequence[PromptTrial], heldout: Split, pieces: int, seconds: float, seed: int = 0
) -> list[Comparison]:
    """Return all measures of composed pieces beside those of held-out music, in stretches of the same length.

    Arguments:
        trials: Composed pieces.
        heldout: Written ones.
        pieces: Number of those to draw.
        seconds: Least length of a stretch.
        seed: Seed of the draw.
    """
    order = np.random.default_rng(seed).permutation(len(heldout.pieces))[:pieces]
    written = [music_of(heldout, heldout.pieces[index]) for index in order]
    composed = [trial.music for trial in trials if trial.music is not None]
    ours, theirs = (table(group, seconds) for group in (composed, written))
    return [
        Comparison(name, float(np.nanmean(a)), float(np.nanmean(b)), float(np.nanstd(b)))
        for name, a, b in zip(NAMES, ours.T, theirs.T, strict=True)
        if np.isfinite(a).any() and np.isfinite(b).any()
    ]


def failures(trials: Sequence[PromptTrial]) -> Failures:
    """Return how many pieces are stuck, fall silent without being asked to, or leave an instrument's range."""
    silent = out = 0
    for trial in trials:
        if trial.music is None:
            continue
        seconds, heard, quiet = trial.music.tempo_map.seconds, 0.0, 0.0
        for note in trial.music.notes:
            quiet = max(quiet, seconds(note.start) - heard)
            heard = max(heard, seconds(note.end))
        silent += max(quiet, trial.prompt.duration - heard) > _SILENT
        out += any(not RANGES[n.instrument][0] <= n.pitch <= RANGES[n.instrument][1] for n in trial.music.notes)
    return Failures(len(trials), sum(trial.music is None for trial in trials), silent, out)


def table(music: Sequence[Music], seconds: float) -> np.ndarray:
    """Return a row of measures, in the order of ``NAMES``, for each stretch; what a stretch has not is NaN."""
    rows = []
    for piece in music:
        for first, last in _stretches(piece, seconds):
            found = measure(piece.notes, piece.tempo_map, piece.bar_lines, first, last)
            if found is not None:
                values = [getattr(found, field.name) for field in fields(Metrics)]
                alike = bars_alike(piece, first, last)
                rows.append([np.nan if value is None else float(value) for value in (*values, *alike)])
    return np.array(rows, dtype=np.float64).reshape(-1, len(NAMES))


def _stretches(piece: Music, seconds: float) -> Iterator[tuple[int, int]]:
    found = list(piece.stretches(seconds))[:8]
    yield from found or [(0, piece.end)]


def bars_alike(piece: Music, first: int, last: int) -> list[float | None]:
    """Return the mean cosine of the pitch-class profiles of bars at each distance in ``LAGS``.

    A slice through the self-similarity matrix (Foote 1999): repeating music stays high at some distance, wandering
    music falls with it.
    """
    lines = [line for line in piece.bar_lines if first <= line < last] + [last]
    bars = [
        pitch_class_profile(note for note in piece.notes if start <= note.start < end) for start, end in pairwise(lines)
    ]
    norms = [float(np.linalg.norm(bar)) for bar in bars]
    found: list[float | None] = []
    for lag in LAGS:
        pairs = [(i, i + lag) for i in range(len(bars) - lag) if norms[i] and norms[i + lag]]
        cosines = [float(bars[i] @ bars[j]) / (norms[i] * norms[j]) for i, j in pairs]
        found.append(float(np.mean(cosines)) if cosines else None)
    return found
