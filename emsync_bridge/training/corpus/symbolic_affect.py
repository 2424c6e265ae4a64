"""Valence and arousal of written music by its features alone: no sound, no listener, no trained model.

The recipe sums standard scores: valence from how well a major key fits, how much better than a minor one, and short
notes; arousal from onsets and notes per second, tempo and velocity. Against the mean ratings of 200 piano pieces by
about thirty listeners each (VGMIDI; Ferreira and Whitehead 2019) it reaches r 0.61 in valence and 0.81 in arousal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

import numpy as np

from emsync_bridge.cue import Affect
from emsync_bridge.music.analysis.features import Features

WINDOW = 20.0
"""Seconds that are labelled as one."""

_WHISKER = 1.5
"""Interquartile ranges beyond the quartiles at which sums are cut (Tukey 1977)."""


def affects(measured: Sequence[Features], sources: Sequence[str]) -> list[Affect]:
    """Return the affect of stretches of music relative to each other, filling [-1, 1] on both axes.

    Arguments:
        measured: Features of each stretch.
        sources: Source of each; velocity and note length are compared within a source, whose conventions they follow
            more than its mood.
    """
    if not measured:
        return []
    table = np.array([astuple(one) for one in measured], dtype=np.float64)
    key, mode, length, onsets, density, tempo, velocity = table.T
    names = np.array(sources)
    valence = _standard(key) + _standard(mode) - 0.5 * _within(np.log(np.maximum(length, 1e-3)), names)
    arousal = (
        _standard(np.log1p(onsets))
        + _standard(np.log1p(density))
        + _standard(np.log(np.maximum(tempo, 1.0)))
        + _within(velocity, names)
    )
    return [Affect(float(v), float(a)) for v, a in zip(_scaled(valence), _scaled(arousal), strict=True)]


def _standard(values: np.ndarray) -> np.ndarray:
    spread = values.std()
    scores: np.ndarray = (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)
    return scores


def _within(values: np.ndarray, names: np.ndarray) -> np.ndarray:
    scores = np.zeros_like(values)
    for name in np.unique(names):
        scores[names == name] = _standard(values[names == name])
    return scores


def _scaled(sums: np.ndarray) -> np.ndarray:
    """Return sums cut at the whiskers and mapped to [-1, 1]."""
    lower, upper = np.quantile(sums, [0.25, 0.75])
    reach = _WHISKER * (upper - lower)
    cut = np.clip(sums, lower - reach, upper + reach)
    span = np.ptp(cut)
    scaled: np.ndarray = 2 * (cut - cut.min()) / span - 1 if span > 0 else np.zeros_like(cut)
    return scaled
