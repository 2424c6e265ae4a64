"""Treatment of each family of instruments in the mix.

Seats come from the players' own panning (controller 10), as they lie on the stage of an orchestra; what is set here is
distance, equaliser and level.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from emsync_bridge.midi.players import FAMILIES, Family


@dataclass(frozen=True)
class Bell:
    """A band of an equaliser.

    Arguments:
        frequency: Middle, in Hz; for a shelf the frequency at half its gain.
        gain: Decibels.
        quality: Middle over width.
        shelf: Whether it is a shelf, which acts on everything above.
    """

    frequency: float
    gain: float
    quality: float = 0.8
    shelf: bool = False


@dataclass(frozen=True)
class FamilyMix:
    """Treatment of a family.

    Arguments:
        send: Decibels of hall over the direct sound, for equal energy.
        distance: Distance from 0 (conductor) to 1 (back wall): how late and how strong the early reflections are.
        low: Frequency of the high-pass in Hz.
        bells: Equaliser.
        trim: Decibels.
    """

    send: float
    distance: float
    low: float = 25.0
    bells: tuple[Bell, ...] = ()
    trim: float = 0.0


SECTIONS: MappingProxyType[Family, FamilyMix] = MappingProxyType(
    {
        "woodwinds": FamilyMix(-9.0, 0.55, 60.0, (Bell(3000, 1.0),)),
        "brass": FamilyMix(-8.0, 0.75, 35.0, (Bell(350, -1.5),)),
        "percussion": FamilyMix(-9.0, 0.85),
        "keys": FamilyMix(-13.0, 0.3, 27.0, (Bell(260, -2.0), Bell(5000, 2.0, shelf=True))),
        "harp": FamilyMix(-10.0, 0.45, 40.0, (Bell(2500, 1.0),)),
        "choir": FamilyMix(-7.0, 0.95, 60.0),
        "strings": FamilyMix(-9.0, 0.35, 35.0, (Bell(420, -2.0), Bell(3000, 1.0), Bell(6500, 2.0, shelf=True))),
        "guitars": FamilyMix(-13.0, 0.15, 60.0),
        "bass": FamilyMix(-20.0, 0.1, 28.0, (Bell(250, -1.5),)),
        "synth": FamilyMix(-14.0, 0.2, 25.0),
        "drums": FamilyMix(-15.0, 0.25, 28.0),
    }
)

if set(SECTIONS) != set(FAMILIES):
    raise RuntimeError("a family has no section in the mix")
