"""Density of the music of a mood: a floor and a ceiling of onsets, by arousal."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

import numpy as np

from emsync_bridge.cue import TICKS_PER_QUARTER
from emsync_bridge.music.generation.state import ScoreState
from emsync_bridge.music.tokenizer import vocabulary as tok

# Moments a second at which notes begin: 2nd and 98th percentile of windows of 20 s of the corpus, by their arousal
# (``python -m emsync_bridge.training.corpus.constants``).
_AROUSAL = (-0.8, -0.4, 0.0, 0.4, 0.8)
_FLOOR = (0.84, 1.15, 1.56, 2.06, 2.12)
_CEILING = (5.9, 7.2, 7.6, 8.0, 10.7)

_LOOK_BACK = 3.0
"""Seconds over which onsets are counted."""

_PATIENCE = 3.0
"""Greatest wait for the next onset, as a multiple of the mean distance of onsets at the floor."""

_MAX_PAUSE = 4.0


def ceiling(arousal: float) -> float:
    """Return the most onsets a second that music of an arousal has."""
    return _between(arousal, _CEILING)


def longest_pause(arousal: float) -> float:
    """Return the seconds without a new pitched note after which one must begin, whatever is still held."""
    return min(_MAX_PAUSE, _PATIENCE / _between(arousal, _FLOOR))


def not_too_busy(state: ScoreState, mask: np.ndarray) -> None:
    """Ceiling of density: after more onsets than the mood's busiest music has, the next one waits for a beat."""
    if state.chord_now or state.ons_now or state.since_bar % TICKS_PER_QUARTER == 0:
        return
    since = state.plan.tempo.tempo_map.tick(state.plan.seconds(state.clock) - _LOOK_BACK)
    recent = len(state.onsets) - bisect_right(state.onsets, since)
    if recent > ceiling(state.section.affect.arousal) * _LOOK_BACK:
        mask[tok.ON_0 + tok.PITCHES : tok.OFF_0] = False


@lru_cache(maxsize=256)
def _between(arousal: float, values: tuple[float, ...]) -> float:
    return float(np.interp(arousal, _AROUSAL, values))
