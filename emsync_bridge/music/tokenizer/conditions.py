"""Conditions of the generator at every position: boundary offset, affect, tempo, ensemble and place in the bar."""

from __future__ import annotations

import numpy as np

MAX_OFFSET = 8.0
"""Seconds at which a boundary counts as not in sight (EMSYNC's ``max_seconds_to_chord``)."""

MAX_END = 16.0
"""Seconds at which the end of the piece counts as not in sight."""

BEATS = 8
"""Beats within a bar, and beats left in it, are told apart up to this many."""

TICKS = 24
"""Ticks within a beat."""

REFERENCE_BPM = 100.0

# columns of the scalar conditions
BOUNDARY, ENDING, VALENCE, HAS_VALENCE, AROUSAL, HAS_AROUSAL, TEMPO, HAS_TEMPO, HAS_ENSEMBLE, ENSEMBLE_0 = range(10)
SCALARS = ENSEMBLE_0 + 5

# columns of the metrical place
BEAT, TICK, BEATS_LEFT = range(3)


def nearness(seconds: np.ndarray | float, horizon: float) -> np.ndarray:
    """Return 0 for a moment out of sight, rising to 1 when it is now.

    The published network gets 8 - t for an offset t clamped to [0, 8] s; this is the same divided by 8.
    """
    return np.asarray(1.0 - np.minimum(np.maximum(seconds, 0.0), horizon) / horizon, dtype=np.float32)


def tempo_value(bpm: np.ndarray | float) -> np.ndarray:
    """Return octaves of tempo above or below 100 quarter notes per minute."""
    return np.asarray(np.log2(np.asarray(bpm) / REFERENCE_BPM), dtype=np.float32)


def place_in_bar(since: np.ndarray | int, left: np.ndarray | int) -> np.ndarray:
    """Return beat, tick within the beat and beats left as small integers, shape (..., 3).

    Arguments:
        since: Ticks since the bar line.
        left: Ticks to the next bar line.
    """
    since, left = np.asarray(since), np.asarray(left)
    beat = np.minimum(since // TICKS, BEATS - 1)
    beats_left = np.minimum(-(-left // TICKS), BEATS - 1)
    return np.stack([beat, since % TICKS, np.maximum(beats_left, 0)], axis=-1).astype(np.uint8)
