"""A critic of motifs: how much two bars look like written melody, and how easily they are remembered.

Fitted to two-bar cells of the voices of OpenScore Lieder (CC0) by ``training.themes.fit_critic``; what it learned is in
``critic.json``, and for bars of 3/4 and 6/8 in ``critic_three.json``: mean and spread of some features, and counts of
three successive intervals and durations. Written cells have a median score of about -1.5.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from emsync_bridge.cue import TICKS_PER_QUARTER as BEAT
from emsync_bridge.cue import Affect
from emsync_bridge.music.arranging.themes.motifs import BAR, GRID, Motif, known_shape

FEATURES = (
    "notes", "range", "steps", "repeats", "leap", "durations", "echo", "peak", "last", "longest", "turns", "tonal",
)  # fmt: skip

MAX_REPEATS = 0.3
"""Share of steps that may stay on the note."""

_WIDEST = 12
_LONGEST = 16


@dataclass(frozen=True)
class CriticFit:
    """Statistics of written melodies that the critic compares with.

    Arguments:
        mean: Mean of each feature.
        spread: Standard deviation of each feature.
        intervals: Counts of three and of two successive intervals, by their text.
        durations: Counts of three and of two successive durations in sixteenths, by their text.
    """

    mean: tuple[float, ...]
    spread: tuple[float, ...]
    intervals: Mapping[str, int]
    durations: Mapping[str, int]


@lru_cache(maxsize=2)
def shipped_fit(*, three: bool = False) -> CriticFit:
    """Return the shipped fit: of melodies in 4/4, or of those in 3/4 and 6/8."""
    name = "critic_three.json" if three else "critic.json"
    text = files("emsync_bridge.music.arranging.themes").joinpath(name).read_text(encoding="utf-8")
    data = json.loads(text)
    return CriticFit(tuple(data["mean"]), tuple(data["spread"]), data["intervals"], data["durations"])


def motif_features(motif: Motif) -> tuple[float, ...]:
    """Return what a motif is measured by, in the order of ``FEATURES``."""
    pitches, bar = motif.pitches(), motif.bar
    steps = [b - a for a, b in pairwise(pitches)]
    lengths = [b - a for a, b in pairwise(motif.onsets)]
    first = {onset for onset in motif.onsets[:-1] if onset < bar}
    second = {onset - bar for onset in motif.onsets[:-1] if onset >= bar}
    turns = [a * b < 0 for a, b in pairwise(steps)]
    return (
        len(pitches),
        max(pitches) - min(pitches),
        _share(0 < abs(step) <= 2 for step in steps),
        _share(step == 0 for step in steps),
        max(abs(step) for step in steps),
        len({round(length / BEAT * 2) for length in lengths}),
        len(first & second) / len(first | second),
        pitches.index(max(pitches)) / (len(pitches) - 1),
        lengths[-1] / BEAT,
        max(lengths) / BEAT,
        _share(turns),
        _tonal(motif),
    )


def score_motif(motif: Motif) -> float:
    """Return how good a motif is: likeness to written melody, plus what makes it memorable, less what spoils it."""
    learned, values = shipped_fit(three=motif.meter != "4/4"), motif_features(motif)
    named = dict(zip(FEATURES, values, strict=True))
    distances = [
        min(9.0, ((value - mean) / spread) ** 2)
        for value, mean, spread in zip(values, learned.mean, learned.spread, strict=True)
    ]
    steps, lengths = shapes(motif)
    likely = 0.35 * _log_odds(steps, learned.intervals, 25) + 0.25 * _log_odds(lengths, learned.durations, 17)
    return -0.5 * sum(distances) / len(distances) + likely + _memorable(named) - _faults(named, motif)


def score_motifs(motifs: Iterable[Motif], affect: Affect) -> list[Motif]:
    """Return motifs with the critic's score and the mood they were composed for, best first, each shape once."""
    best: dict[tuple[tuple[int, int], ...], Motif] = {}
    for motif in motifs:
        best.setdefault(known_shape(motif), replace(motif, score=score_motif(motif), affect=affect))
    return sorted(best.values(), key=lambda motif: -motif.score)


def shapes(motif: Motif) -> tuple[list[int], list[int]]:
    """Return intervals, and durations in sixteenths, within the bounds that are counted."""
    steps = [max(-_WIDEST, min(_WIDEST, b - a)) for a, b in pairwise(motif.pitches())]
    lengths = [min(_LONGEST, round((b - a) / GRID)) for a, b in pairwise(motif.onsets[:-1])]
    return steps, lengths


def _memorable(named: Mapping[str, float]) -> float:
    """Return the bonus for an inner echo of the rhythm, one clear leap, and two or three different durations."""
    echo = 0.8 * min(1.0, named["echo"] / 0.5)
    return echo + 0.6 * (3 <= named["leap"] <= 7) + 0.5 * (2 <= named["durations"] <= 3) + 0.4 * named["tonal"]


def _faults(named: Mapping[str, float], motif: Motif) -> float:
    altered = _share(note.alter != 0 for note in motif.notes)
    return (
        3.0 * (not 4 <= named["notes"] <= 11)
        + 2.0 * (named["range"] < 4)
        + 1.5 * (named["range"] > 14)
        + 2.0 * (named["repeats"] > MAX_REPEATS)
        + 1.0 * (named["longest"] > 4)
        + 1.0 * (named["leap"] > 9)
        + 2.0 * altered
    )


def _tonal(motif: Motif) -> float:
    """Return the share of the time in each bar that the best triad of the scale explains."""
    total = explained = 0
    for bar in (0, BAR):
        weights = [0] * 7
        for note in motif.notes:
            inside = min(note.start + note.length, bar + BAR) - max(note.start, bar)
            if inside > 0:
                weights[note.degree % 7] += inside
        total += sum(weights)
        explained += max(sum(weights[(root + step) % 7] for step in (0, 2, 4)) for root in range(7))
    return explained / total if total else 0.0


def _log_odds(values: Sequence[int], counts: Mapping[str, int], kinds: int) -> float:
    """Return the mean log probability of each value after the two before it, smoothed over the kinds there are."""
    found = [
        math.log((counts.get(f"{a} {b} {c}", 0) + 0.3) / (counts.get(f"{a} {b}", 0) + 0.3 * kinds))
        for a, b, c in zip(values, values[1:], values[2:], strict=False)
    ]
    return sum(found) / len(found) if found else -4.0


def _share(flags: object) -> float:
    values = list(flags)  # type: ignore[call-overload]
    return sum(values) / len(values) if values else 0.0
