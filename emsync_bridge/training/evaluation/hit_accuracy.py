"""Hit accuracy: share of hits with a chord onset within a tolerance, beside the share that chance gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emsync_bridge.training.evaluation.trials import PromptTrial

TOLERANCES = {"1 s": 1.0, "250 ms": 0.25, "50 ms": 0.05, "one frame": 1 / 24}


@dataclass(frozen=True)
class HitAccuracy:
    """Shares at one tolerance.

    Arguments:
        rate: Share of the hits with a chord that near.
        precision: Share of the chords with a hit that near.
        chance_rate: Share of the hits that as many chords at random moments meet.
        chance_precision: Share of chords at random moments that meet a hit.
    """

    rate: float
    precision: float
    chance_rate: float
    chance_precision: float


def hit_accuracy(trials: Sequence[PromptTrial]) -> dict[str, HitAccuracy]:
    """Return how well the chords of some pieces meet their hits, by tolerance."""
    return {name: _accuracy_within(trials, width) for name, width in TOLERANCES.items()}


def _accuracy_within(trials: Sequence[PromptTrial], width: float) -> HitAccuracy:
    met, hits, right, chords, lucky, covered, length = 0, 0, 0, 0, 0.0, 0.0, 0.0
    for trial in trials:
        targets, found = np.array(trial.targets), np.array(trial.chords)
        duration = trial.prompt.duration
        hits, chords, length = hits + len(targets), chords + len(found), length + duration
        if len(targets) and len(found):
            apart = np.abs(targets[:, None] - found[None]) <= width + 1e-6
            met, right = met + int(apart.any(axis=1).sum()), right + int(apart.any(axis=0).sum())
        # each chord misses a hit's window of 2 x width with probability 1 - 2 x width / duration
        lucky += len(targets) * (1.0 - (1.0 - min(1.0, 2 * width / duration)) ** len(found))
        covered += _covered(targets, width, duration)
    return HitAccuracy(met / max(hits, 1), right / max(chords, 1), lucky / max(hits, 1), covered / max(length, 1e-9))


def _covered(targets: np.ndarray, width: float, duration: float) -> float:
    """Return the seconds that lie within a distance of any target."""
    total, reached = 0.0, 0.0
    for target in np.sort(targets):
        begin, end = max(reached, target - width), min(duration, target + width)
        total += max(0.0, end - begin)
        reached = max(reached, end)
    return total
