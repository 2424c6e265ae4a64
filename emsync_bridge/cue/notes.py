"""Notes and controllers of instrument groups and players."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Instrument = Literal["drums", "bass", "guitar", "piano", "strings"]
INSTRUMENTS: tuple[Instrument, ...] = ("drums", "bass", "guitar", "piano", "strings")
Role = Literal["melody", "counter", "inner", "figure", "bass", "pulse", "accent"]
ROLES: tuple[Role, ...] = ("melody", "counter", "inner", "figure", "bass", "pulse", "accent")
OFFSETS_PER_TICK = 20
"""Parts of a tick that a player may be early or late by: 480 in a quarter note, as in a MIDI file."""


@dataclass(frozen=True, order=True)
class Note:
    """One note.

    Arguments:
        start: Tick of its onset.
        end: Tick of its release, later than ``start``.
        instrument: Instrument group.
        pitch: MIDI note number; for drums a General MIDI percussion key.
        velocity: 1 to 127.
        player: Name of the player in the table of players; empty where the group alone plays it.
        role: Role in the short score; empty where the music has no roles.
        offset: Parts of a tick by which it is played later, or earlier where negative; 20 make a tick.
    """

    start: int
    end: int
    instrument: Instrument
    pitch: int
    velocity: int
    player: str = ""
    role: Role | Literal[""] = ""
    offset: int = 0


@dataclass(frozen=True, order=True)
class Control:
    """One value of a MIDI controller of a player.

    Arguments:
        tick: Tick when it holds from.
        player: Name of the player in the table of players.
        cc: Controller number: 1 modulation, 11 expression, 64 sustain pedal.
        value: 0 to 127.
    """

    tick: int
    player: str
    cc: int
    value: int
