"""Tokens of the Anticipatory Music Transformer: three for each note, once as events and once as controls.

A note is its onset in hundredths of a second, its duration in hundredths, and instrument and pitch together. Controls
have the same tokens in a range of their own. Time is counted from the start of what the network sees.
"""

from __future__ import annotations

from dataclasses import dataclass

from emsync_bridge.cue import Instrument
from emsync_bridge.midi.reader import instrument_of

UNITS_PER_SECOND = 100
TIMES, DURATIONS, PITCHES, INSTRUMENTS = 10_000, 1_000, 128, 129
NOTES = PITCHES * INSTRUMENTS
DRUMS = 128
"""Instrument number of the drum set; the others are General MIDI programs."""

TIME, DURATION, NOTE = 0, TIMES, TIMES + DURATIONS
REST = NOTE + NOTES
CONTROLS = REST + 1
SEPARATOR = CONTROLS + TIMES + DURATIONS + NOTES
AUTOREGRESS, ANTICIPATE = SEPARATOR + 1, SEPARATOR + 2
VOCABULARY = ANTICIPATE + 1

ANTICIPATION = 5.0
"""Seconds that a control is given ahead of its time."""

TOKENS_PER_NOTE = 3


@dataclass(frozen=True, order=True)
class TimedNote:
    """A note in seconds.

    Arguments:
        time: Time of its onset.
        duration: Seconds for which it sounds.
        program: General MIDI program, or ``DRUMS``.
        pitch: MIDI note number.
    """

    time: float
    duration: float
    program: int
    pitch: int

    @property
    def instrument(self) -> Instrument | None:
        """Group that plays it; None for sound effects."""
        return "drums" if self.program == DRUMS else instrument_of(self.program, 0)


def encode_note(event: TimedNote, *, control: bool = False) -> tuple[int, int, int]:
    """Return the tokens of a note; what does not fit their ranges is cut."""
    base = CONTROLS if control else 0
    time = min(max(round(event.time * UNITS_PER_SECOND), 0), TIMES - 1)
    duration = min(max(round(event.duration * UNITS_PER_SECOND), 1), DURATIONS - 1)
    return base + TIME + time, base + DURATION + duration, base + NOTE + event.program * PITCHES + event.pitch


def decode_note(tokens: tuple[int, int, int]) -> TimedNote | None:
    """Return the note that three tokens of an event or a control say; None for a rest."""
    time, duration, note = tokens
    if note == REST:
        return None
    base = CONTROLS if time >= CONTROLS else 0
    program, pitch = divmod(note - base - NOTE, PITCHES)
    return TimedNote(
        (time - base - TIME) / UNITS_PER_SECOND, (duration - base - DURATION) / UNITS_PER_SECOND, program, pitch
    )
