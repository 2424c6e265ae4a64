"""The note of the short and the full score before it is performed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from emsync_bridge.cue import Role

HELD_ROLES: frozenset[Role] = frozenset({"inner", "bass"})
"""Roles whose long notes may enter late: where their player is busy, or a rest covers their beginning."""


@dataclass(frozen=True)
class ScoreNote:
    """A written note.

    Arguments:
        start: Tick.
        end: Tick.
        player: Name in the table of players.
        pitch: MIDI note number, for unpitched players a key of General MIDI's percussion map.
        role: Role of the note in the texture.
        weight: Velocity that it is louder by than its role and the dynamics say.
        fixed: Velocity that it has whatever the dynamics say; 0 where they rule.
    """

    start: int
    end: int
    player: str
    pitch: int
    role: Role
    weight: int = 0
    fixed: int = 0


Level = Callable[[int], float]
"""Gives the intensity at a tick."""
