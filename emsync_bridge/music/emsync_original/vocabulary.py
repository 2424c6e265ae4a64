"""The published vocabulary of 1,011 tokens: six marks, shifts of 8 ms, and notes of five instruments on and off."""

from __future__ import annotations

from emsync_bridge.cue import Instrument

PAD, START, BAR, CHORD, LESS_INSTRUMENTS, MORE_INSTRUMENTS = range(6)

UNITS_PER_SECOND = 125
"""The clock counts units of 8 ms."""

SHIFT_MAX = 125
"""Longest TIMESHIFT in units: one second."""

INSTRUMENTS: tuple[Instrument, ...] = ("bass", "drums", "guitar", "piano", "strings")

PITCH_LOW, PITCH_HIGH = 21, 108
PITCHES = PITCH_HIGH - PITCH_LOW + 1

SHIFT_0 = MORE_INSTRUMENTS  # SHIFT_0 + n is a shift of n units, n from 1
ON_0 = SHIFT_0 + SHIFT_MAX + 1
OFF_0 = ON_0 + len(INSTRUMENTS) * PITCHES
VOCABULARY = OFF_0 + len(INSTRUMENTS) * PITCHES

_MARKS = ("<PAD>", "<START>", "<BAR>", "<CHORD>", "<LESS_INSTRUMENTS>", "<MORE_INSTRUMENTS>")


def shift(units: int) -> int:
    """Return the token that moves the clock by 1 to ``SHIFT_MAX`` units of 8 ms."""
    return SHIFT_0 + units


def on(instrument: Instrument, pitch: int) -> int:
    """Return the token that starts a note."""
    return ON_0 + INSTRUMENTS.index(instrument) * PITCHES + pitch - PITCH_LOW


def off_of(on_token: int) -> int:
    """Return the token that ends the note which an ON token starts."""
    return on_token - ON_0 + OFF_0


def on_of(off_token: int) -> int:
    """Return the token that starts the note which an OFF token ends."""
    return off_token - OFF_0 + ON_0


def is_shift(token: int) -> bool:
    """Tell whether a token moves the clock."""
    return SHIFT_0 < token < ON_0


def is_on(token: int) -> bool:
    """Tell whether a token starts a note."""
    return ON_0 <= token < OFF_0


def is_off(token: int) -> bool:
    """Tell whether a token ends a note."""
    return OFF_0 <= token < VOCABULARY


def note_of(token: int) -> tuple[Instrument, int]:
    """Return the instrument and MIDI pitch that an ON or OFF token names."""
    index, pitch = divmod((token - ON_0) % (OFF_0 - ON_0), PITCHES)
    return INSTRUMENTS[index], pitch + PITCH_LOW


def name_of(token: int) -> str:
    """Return a token's name, such as ``ON_PIANO_60``; shifts are named in milliseconds."""
    if token <= MORE_INSTRUMENTS:
        return _MARKS[token]
    if is_shift(token):
        return f"TIMESHIFT_{(token - SHIFT_0) * 1000 // UNITS_PER_SECOND}"
    instrument, pitch = note_of(token)
    return f"{'ON' if is_on(token) else 'OFF'}_{instrument.upper()}_{pitch}"
