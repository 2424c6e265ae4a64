"""Tokens of Composer's Assistant 2: the vocabulary without merges, which a network for up to nine bars reads.

A bar is loudness, tempo and length; then, for each track that plays in it, instrument, number among tracks of the same
instrument, and its notes as waits, durations and pitches. Time is in clicks, 24 to a quarter, as the ticks of a take.
"""

from __future__ import annotations

from bisect import bisect_right

from emsync_bridge.cue import TICKS_PER_QUARTER

UNKNOWN, BEGIN, END, PAD = range(4)
"""``PAD`` begins an answer, ``END`` ends it."""

MAX_CLICKS = 8 * TICKS_PER_QUARTER
"""Length of a bar, of a wait and of a note at most."""

LEVELS = 8
"""Levels of tempo and of loudness."""

DRUMS = 128
"""Instrument number of the drum set; the others are General MIDI programs."""

BLANKS = 256
"""Blanks of one request at most."""

TRACKS = 64
"""Tracks of one instrument at most."""

_INSTRUMENTS, _INSTRUCTIONS, PITCHES = 258, 512, 128

TEMPO = PAD + 1
LOUDNESS = TEMPO + LEVELS
BAR_LENGTH = LOUDNESS + LEVELS - 1
"""Added to clicks from 1; so are ``TRACK_NUMBER`` to numbers from 1 and ``WAIT`` to clicks from 1."""
INSTRUMENT = BAR_LENGTH + MAX_CLICKS + 1
TRACK_NUMBER = INSTRUMENT + _INSTRUMENTS - 1
BLANK = TRACK_NUMBER + TRACKS
_VOICES = BLANK + BLANKS  # two tokens of its first version, one voice and several
INSTRUCTION = _VOICES + 2
NOTE = INSTRUCTION + _INSTRUCTIONS
DURATION = NOTE + PITCHES
DRUM = DURATION + MAX_CLICKS + 1
WAIT = DRUM + PITCHES - 1
VOCABULARY = WAIT + MAX_CLICKS + 1

TRACK_INSTRUCTIONS = INSTRUCTION
"""Before what is asked of tracks, at the end of a request."""

DENSITY = INSTRUCTION + 1
"""Six levels of onsets a quarter, bounded by ``_DENSITIES``."""

HIGHEST, LOWEST = INSTRUCTION + 45, INSTRUCTION + 46
"""Before the pitch that is the highest, or the lowest, of what a track is to play."""

GRID = (3, 4)
"""Clicks of the two grids that notes begin on: thirty-seconds and triplet sixteenths."""

_TEMPI = (59.00000885, 74.9, 89.999955, 105.00157502, 119.9, 138.45653273, 165.000165)
_VELOCITIES = (64.4, 76.66666667, 81.9, 89.36666667, 95.9, 100.5, 109.9)
_DENSITIES = (0.5, 1.0, 2.0, 4.0, 4.5)


def tempo(bpm: float) -> int:
    """Return the token of a tempo in quarter notes per minute."""
    return TEMPO + bisect_right(_TEMPI, bpm)


def loudness(velocity: float) -> int:
    """Return the token of a bar's mean MIDI velocity."""
    return LOUDNESS + bisect_right(_VELOCITIES, velocity)


def density(onsets: float) -> int:
    """Return the instruction for a number of onsets a quarter."""
    return DENSITY + bisect_right(_DENSITIES, onsets)


def note(pitch: int, *, drums: bool) -> int:
    """Return the token of a note that begins."""
    return (DRUM if drums else NOTE) + pitch
