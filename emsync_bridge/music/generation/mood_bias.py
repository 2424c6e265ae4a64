"""Bias of the next token's scores by mood: valence moves the mode, arousal loudness and motion.

These are the cues that listeners judge a mood by (Gabrielsson and Lindstroem 2010, review of a hundred studies): major
and minor for how pleasant music is; loud and fast against soft and slow for how excited. The network learns them from
labels, and loosely, since written music of one mood comes in every mode and loudness.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from emsync_bridge.cue import TICKS_PER_QUARTER
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.generation.state import ScoreState
from emsync_bridge.music.tokenizer import vocabulary as tok

# Strong enough for the mood to be followed; a mode pulled at by 0.4 leaves fewer pitch classes than written music has.
MODE = 0.25
"""Nats for a valence of 1 and a pitch whose ratings in C major and A minor are 1 apart, on a scale of 1 to 7."""

LOUDNESS = 0.4
"""Nats for an arousal of 1 and a velocity one level off the middle one."""

MOTION = 0.3
"""Nats for an arousal of 1 and a shift of half, or twice, a sixteenth."""

TURN = 2.5
"""Nats for stating the loudness again while a mood of another arousal begins; else the old one stays for long."""

TURNING = 2 * TICKS_PER_QUARTER
"""Ticks for which a mood begins."""

_CHANGE = 0.1
"""Difference of arousal that makes a mood another one."""

_SIXTEENTH = 6
"""Ticks."""


def with_mood_bias(scores: np.ndarray, state: ScoreState, mode: keys.Mode | None = None) -> np.ndarray:
    """Return scores of the next token as the mood of the section moves them; in the middle of the plane it does not.

    Arguments:
        scores: Scores of every token, shape (vocabulary,), of music in C major or A minor.
        state: The piece.
        mode: Mode that the music is held to, whatever its valence.
    """
    brightness, energy = _directions()
    section = state.section
    moved: np.ndarray = scores + np.float32(section.affect.arousal) * energy
    if mode is None:
        moved += np.float32(section.affect.valence) * brightness
    if 0 < section.start_tick <= state.clock < section.start_tick + TURNING and not state.after_velocity:
        before = state.plan.section_at(section.start_tick - 1)
        if abs(section.affect.arousal - before.affect.arousal) >= _CHANGE:
            moved[tok.VELOCITY_0 : tok.ON_0] += np.float32(TURN)
    return moved


@lru_cache(maxsize=1)
def _directions() -> tuple[np.ndarray, np.ndarray]:
    """Return what a valence of 1, and an arousal of 1, adds to the score of each token."""
    brightness, energy = np.zeros((2, tok.VOCABULARY), dtype=np.float32)
    pitched = np.arange(tok.ON_0 + tok.PITCHES, tok.OFF_0)
    difference = keys.ratings("major", 0) - keys.ratings("minor", 9)
    brightness[pitched] = MODE * difference[((pitched - tok.ON_0) % tok.PITCHES + tok.PITCH_LOW) % 12]
    levels = len(tok.VELOCITY_LEVELS)
    energy[tok.VELOCITY_0 : tok.VELOCITY_0 + levels] = LOUDNESS * (np.arange(levels) - (levels - 1) / 2)
    ticks = np.arange(1, tok.VELOCITY_0 - tok.SHIFT_0)
    energy[tok.SHIFT_0 + ticks] = -MOTION * np.log2(ticks / _SIXTEENTH)
    return brightness, energy
