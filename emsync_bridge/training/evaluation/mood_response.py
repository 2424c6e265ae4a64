"""Response of the music to the mood asked for: rank correlations over levels of valence and arousal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emsync_bridge.cue import Affect
from emsync_bridge.music.analysis.features import Features, features
from emsync_bridge.training.corpus.symbolic_affect import affects
from emsync_bridge.training.evaluation.trials import Prompt, PromptTrial

LEVELS = (-0.8, -0.4, 0.0, 0.4, 0.8)


@dataclass(frozen=True)
class MoodResponse:
    """Spearman's rank correlations of what was asked with what came, over pieces.

    Arguments:
        asked: ``valence`` or ``arousal``.
        pieces: Number of them.
        measured: Correlations by what was measured: ``label valence`` and ``label arousal`` are the recipe that labels
            the corpus.
    """

    asked: str
    pieces: int
    measured: dict[str, float]


def prompts(axis: str, seeds: Sequence[int], duration: float, guidance: float = 1.0) -> list[Prompt]:
    """Return prompts at five levels of one axis, the other one in the middle."""
    return [
        Prompt(
            Affect(level, 0.0) if axis == "valence" else Affect(0.0, level),
            (duration / 2,),
            duration,
            seed,
            guidance=guidance,
        )
        for level in LEVELS
        for seed in seeds
    ]


def response(axis: str, trials: Sequence[PromptTrial]) -> MoodResponse:
    """Return how pieces for the prompts of an axis follow it."""
    asked, counted = list[float](), list[Features]()
    for trial in trials:
        if trial.music is None:
            continue
        found = features(trial.music.notes, trial.music.tempo_map, 0.0, trial.prompt.duration)
        if found is not None:
            counted.append(found)
            asked.append(getattr(trial.prompt.affect, axis))
    labels = affects(counted, ["trial"] * len(counted))
    columns = {
        "note density": [one.note_density for one in counted],
        "onset density": [one.onset_density for one in counted],
        "velocity": [one.mean_velocity for one in counted],
        "tempo": [one.tempo for one in counted],
        "notes a beat": [one.note_density / max(one.tempo, 1.0) for one in counted],
        "major mode": [one.mode_major_probability for one in counted],
        "major key fit": [one.key_corr_major for one in counted],
        "note length": [one.mean_note_duration for one in counted],
        "label valence": [label.valence for label in labels],
        "label arousal": [label.arousal for label in labels],
    }
    return MoodResponse(axis, len(asked), {name: spearman(asked, values) for name, values in columns.items()})


def spearman(first: Sequence[float], second: Sequence[float]) -> float:
    """Return Spearman's rank correlation, ties sharing their mean rank; 0 where one side does not vary."""
    if len(first) < 3:
        return 0.0
    a, b = _ranks(np.array(first)), _ranks(np.array(second))
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: np.ndarray = (ends - (counts - 1) / 2)[group]
    return ranks
