"""MIDI clock and song position: where the clocks of a tempo map fall.

A quarter note has 24 clocks and a song position counts sixteenths, six clocks each (MIDI 1.0 specification, system
real time and system common messages). A tick of this project is 1/24 of a quarter note and so is one clock.
"""

from __future__ import annotations

import math

from emsync_bridge.cue import TempoMap

CLOCK, START, CONTINUE, STOP = b"\xf8", b"\xfa", b"\xfb", b"\xfc"
CLOCKS_PER_SIXTEENTH = 6
LAST_POSITION = 0x3FFF
"""The last song position that 14 bits can name: 1023 bars and 15 sixteenths of 4/4."""


def song_position(sixteenth: int) -> bytes:
    """Return the song position message for a number of sixteenths, 0 to 16383."""
    if not 0 <= sixteenth <= LAST_POSITION:
        raise ValueError(f"Song position {sixteenth} does not exist")
    return bytes((0xF2, sixteenth & 0x7F, sixteenth >> 7))


def read_song_position(message: bytes) -> int | None:
    """Return the sixteenths in a song position message; None for any other message."""
    if len(message) != 3 or message[0] != 0xF2 or (message[1] | message[2]) & 0x80:
        return None
    return message[2] << 7 | message[1]


def next_position(tempo_map: TempoMap, time: float) -> int | None:
    """Return the first song position at or after a time, which is where a follower can join.

    Arguments:
        tempo_map: Tempo map that ties ticks to seconds.
        time: Seconds from the timeline's start.

    Returns:
        Sixteenths, or None when the position is beyond what a message can name.
    """
    # A millionth of a tick absorbs the rounding of a time that was computed from a tick.
    sixteenth = max(0, math.ceil(tempo_map.tick(time) / CLOCKS_PER_SIXTEENTH - 1e-6))
    return sixteenth if sixteenth <= LAST_POSITION else None
