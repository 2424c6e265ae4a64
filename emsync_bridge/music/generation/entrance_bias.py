"""Bringing in who has not played for a while.

The network hears who plays and goes on with them: asked for piano, bass and drums it may write a piano piece. The odds
of an instrument's entrance rise while it rests, as an arranger would see to it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from emsync_bridge.cue import INSTRUMENTS, TICKS_PER_QUARTER, Instrument
from emsync_bridge.music.generation.state import ScoreState
from emsync_bridge.music.tokenizer import vocabulary as tok

REST = 2
"""Quarter notes that an instrument may rest before it is missed."""

RISE = 1.6
"""Nats for every quarter note from then on."""

MAX_BIAS = 8.0
"""Nats at most."""


def with_entrance_bias(scores: np.ndarray, state: ScoreState, ensemble: Sequence[Instrument]) -> np.ndarray:
    """Return scores of the next token with those raised by which an instrument enters that has rested for long.

    Arguments:
        scores: Scores of every token, shape (vocabulary,).
        state: The piece.
        ensemble: Instruments that play; one that plays alone is never missed.
    """
    if len(ensemble) < 2:
        return scores
    raised: np.ndarray = scores.copy()
    for instrument in ensemble:
        first = tok.ON_0 + INSTRUMENTS.index(instrument) * tok.PITCHES
        part = range(first, first + tok.PITCHES)
        rested = (state.clock - state.latest.get(instrument, 0)) / TICKS_PER_QUARTER
        if rested > REST and not any(token in part for token in state.sounding):
            raised[first : first + tok.PITCHES] += np.float32(min(MAX_BIAS, RISE * (rested - REST)))
    return raised
