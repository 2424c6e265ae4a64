"""Cost of hits on the frame: bend of the tempo, and changes in the music that meets them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from emsync_bridge.music.planning.plan import tempo_for
from emsync_bridge.training.evaluation.similarity import NAMES, Comparison, table
from emsync_bridge.training.evaluation.trials import PromptTrial

VISIBLE = 0.5
"""Difference that counts as visible, in standard deviations of written music: a medium effect (Cohen 1988)."""

EXACT = "exact"
"""The way whose cost is counted."""

_CERTAIN = 2.0
"""Standard errors beyond which a difference is hardly chance."""


@dataclass(frozen=True)
class TempoBend:
    """Distance of tempo plans from their base tempo, as shares of it.

    Arguments:
        mean: Mean over time and pieces.
        most: Maximum over all moments of all pieces.
        drift: Mean distance of the base tempo itself from the one of the mood.
    """

    mean: float
    most: float
    drift: float


@dataclass(frozen=True)
class HitCost:
    """One measure of pieces with exact hits beside others for the same prompts.

    Arguments:
        name: Name of the measure.
        means: Means by how hits were treated.
        written: Mean of held-out music.
        spread: Its standard deviation.
        apart: Distance of the pieces with exact hits from each of the others, in such deviations.
        error: Standard error of that, over prompts.
    """

    name: str
    means: dict[str, float]
    written: float
    spread: float
    apart: dict[str, float]
    error: dict[str, float]

    def visible(self, other: str) -> bool:
        """Tell whether exact hits take the measure visibly farther from written music than another way does."""
        farther = abs(self.means[EXACT] - self.written) > abs(self.means[other] - self.written)
        return farther and abs(self.apart[other]) >= VISIBLE

    def certain(self, other: str) -> bool:
        """Tell whether a difference is more than chance."""
        return abs(self.apart[other]) > _CERTAIN * self.error[other]


def bend(trials: Sequence[PromptTrial]) -> TempoBend:
    """Return how far the tempo plans of some pieces bend."""
    bent, length, most, drifts = 0.0, 0.0, 0.0, list[float]()
    for trial in trials:
        if trial.music is None:
            continue
        tempo_map, end = trial.music.tempo_map, trial.music.end
        ticks = sorted({0, end, *(tempo.tick for tempo in tempo_map.tempos if tempo.tick < end)})
        for first, last in pairwise(ticks):
            seconds = tempo_map.seconds(last) - tempo_map.seconds(first)
            away = abs(tempo_map.bpm(first) / trial.base_bpm - 1)
            bent, length, most = bent + away * seconds, length + seconds, max(most, away)
        drifts.append(abs(trial.base_bpm / tempo_for(trial.prompt.affect) - 1))
    return TempoBend(bent / max(length, 1e-9), most, float(np.mean(drifts)) if drifts else 0.0)


def costs(groups: Mapping[str, Sequence[PromptTrial]], written: Sequence[Comparison], seconds: float) -> list[HitCost]:
    """Return every measure of pieces with exact hits beside those of the same prompts treated otherwise.

    Arguments:
        groups: Pieces by how their hits were treated, among them ``EXACT``, in the same order of prompts.
        written: The measures of held-out music.
        seconds: Least length of a stretch that is measured.
    """
    found = {way: np.array([_means(trial, seconds) for trial in trials]) for way, trials in groups.items()}
    rows = []
    for measure in written:
        values = {way: rows_of[:, NAMES.index(measure.name)] for way, rows_of in found.items()}
        if any(np.isnan(ours).all() for ours in values.values()):
            continue
        apart, error = {}, {}
        for other in groups:
            if other != EXACT:
                each = (values[EXACT] - values[other])[np.isfinite(values[EXACT] - values[other])]
                each = each / measure.spread if measure.spread > 0 else np.zeros_like(each)
                apart[other] = float(each.mean()) if len(each) else 0.0
                error[other] = float(each.std(ddof=1) / len(each) ** 0.5) if len(each) > 1 else 0.0
        means = {way: float(np.nanmean(ours)) for way, ours in values.items()}
        rows.append(HitCost(measure.name, means, measure.written, measure.spread, apart, error))
    return rows


def _means(trial: PromptTrial, seconds: float) -> np.ndarray:
    """Return the means of all measures over the stretches of a piece; NaN for what it has not."""
    rows = table([trial.music] if trial.music else [], seconds)
    known = np.isfinite(rows)
    count = known.sum(axis=0)
    means: np.ndarray = np.where(known, rows, 0.0).sum(axis=0) / np.where(count, count, np.nan)
    return means
