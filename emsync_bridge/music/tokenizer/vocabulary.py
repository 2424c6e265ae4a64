"""The event vocabulary: which integer means what.

After the MIDI-emotion vocabulary (Sulun et al. 2022, IEEE Access 10; EMSYNC, arXiv 2502.10154), with three
changes: time is counted in 1/24 quarter notes, loudness has tokens, and drums have no OFF.
"""

from __future__ import annotations

from emsync_bridge.cue import INSTRUMENTS, Instrument

PAD, START, END, BAR, CHORD = range(5)

SHIFT_MAX = 96
"""Longest TIMESHIFT in ticks: one bar of 4/4. Longer rests are several shifts."""

VELOCITY_LEVELS = (20, 36, 50, 62, 74, 86, 100, 116)
"""MIDI velocities of the eight loudness tokens, from ppp to fff."""

PITCH_LOW, PITCH_HIGH = 21, 108
PITCHES = PITCH_HIGH - PITCH_LOW + 1
PITCHED: tuple[Instrument, ...] = tuple(name for name in INSTRUMENTS if name != "drums")

SHIFT_0 = CHORD  # SHIFT_0 + n is a shift of n ticks, n from 1
VELOCITY_0 = SHIFT_0 + SHIFT_MAX + 1
ON_0 = VELOCITY_0 + len(VELOCITY_LEVELS)
OFF_0 = ON_0 + len(INSTRUMENTS) * PITCHES
VOCABULARY = OFF_0 + len(PITCHED) * PITCHES

DRUM_TICKS = 6
"""Length given to a drum stroke, which has no OFF of its own."""

_LEVEL_OF = [min(range(len(VELOCITY_LEVELS)), key=lambda i: abs(VELOCITY_LEVELS[i] - v)) for v in range(128)]


def shift(ticks: int) -> int:
    """Return the token that moves the clock by 1 to ``SHIFT_MAX`` ticks."""
    return SHIFT_0 + ticks


def velocity(level: int) -> int:
    """Return the token that sets the loudness level (0 to 7) of the instrument that plays next."""
    return VELOCITY_0 + level


def velocity_level(midi_velocity: int) -> int:
    """Return the loudness level nearest to a MIDI velocity."""
    return _LEVEL_OF[midi_velocity]


def on(instrument: Instrument, pitch: int) -> int:
    """Return the token that starts a note."""
    return ON_0 + INSTRUMENTS.index(instrument) * PITCHES + pitch - PITCH_LOW


def off(instrument: Instrument, pitch: int) -> int:
    """Return the token that ends a note of a pitched instrument."""
    return OFF_0 + PITCHED.index(instrument) * PITCHES + pitch - PITCH_LOW


def is_shift(token: int) -> bool:
    """Tell whether a token moves the clock."""
    return SHIFT_0 < token < VELOCITY_0


def is_velocity(token: int) -> bool:
    """Tell whether a token sets a loudness level."""
    return VELOCITY_0 <= token < ON_0


def is_on(token: int) -> bool:
    """Tell whether a token starts a note."""
    return ON_0 <= token < OFF_0


def is_off(token: int) -> bool:
    """Tell whether a token ends a note."""
    return OFF_0 <= token < VOCABULARY


def note_of(token: int) -> tuple[Instrument, int]:
    """Return the instrument and MIDI pitch that an ON or OFF token names."""
    names, base = (INSTRUMENTS, ON_0) if token < OFF_0 else (PITCHED, OFF_0)
    index, pitch = divmod(token - base, PITCHES)
    return names[index], pitch + PITCH_LOW


def name_of(token: int) -> str:
    """Return a token's name for people, such as ``ON_PIANO_60``."""
    if token <= CHORD:
        return ("PAD", "START", "END", "BAR", "CHORD")[token]
    if is_shift(token):
        return f"TIMESHIFT_{token - SHIFT_0}"
    if is_velocity(token):
        return f"VELOCITY_{VELOCITY_LEVELS[token - VELOCITY_0]}"
    instrument, pitch = note_of(token)
    return f"{'ON' if is_on(token) else 'OFF'}_{instrument.upper()}_{pitch}"
