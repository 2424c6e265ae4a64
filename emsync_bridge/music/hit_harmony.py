"""Harmony for imported generators: the mode of the mood, chords on hits, and the loss of pitches outside the key."""

from __future__ import annotations

import numpy as np

from emsync_bridge.music.generation.request import mode_of
from emsync_bridge.music.planning.plan import CompositionPlan
from emsync_bridge.options import MusicOptions

OUT_OF_KEY = 3.0
"""Nats that a pitch outside the key loses."""

_PITCHES = 128
_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10, 11)
_CHORDS = {True: ((9, 0, 4), (5, 9, 0), (2, 5, 9), (4, 8, 11)), False: ((0, 4, 7), (9, 0, 4), (5, 9, 0), (7, 11, 2))}
"""Chords on hits in A minor (True) and C major, in turn; the last chord is the first."""


def is_minor_at(plan: CompositionPlan, tick: int, options: MusicOptions) -> bool:
    """Tell whether the mood at a tick, or the key that is asked for, is minor."""
    mode = mode_of(options)
    return plan.section_at(tick).affect.valence < 0 if mode is None else mode == "minor"


def pitches_on_hit(number: int, *, minor: bool, last: bool) -> list[int]:
    """Return the bass and the chord on a hit, in C major or A minor.

    Arguments:
        number: Index of the hit.
        minor: Mode of the mood.
        last: Whether it is the last chord of the piece.
    """
    classes = _CHORDS[minor][0 if last else number % len(_CHORDS[minor])]
    return [36 + classes[0], *(60 + pitch_class for pitch_class in classes)]


def key_bias(tonic: int, *, minor: bool) -> np.ndarray:
    """Return what each pitch outside a key loses, shape (128,).

    Arguments:
        tonic: Pitch class.
        minor: Whether the key is minor, natural or harmonic.
    """
    inside = {(tonic + step) % 12 for step in (_MINOR if minor else _MAJOR)}
    return np.array([0.0 if pitch % 12 in inside else -OUT_OF_KEY for pitch in range(_PITCHES)])
