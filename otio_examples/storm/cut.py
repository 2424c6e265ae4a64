"""The edit: which stretch of which roll shows when, in frames."""

from __future__ import annotations

from dataclasses import dataclass

RATE = 24
START = 3600 * RATE
"""Frame number of the start timecode, 01:00:00:00."""


@dataclass(frozen=True)
class Roll:
    """A source file.

    Arguments:
        name: The file's stem.
        scene: Name of its functions in ``scenes_day`` or ``scenes_storm`` and in ``sounds``.
        frames: Its length.
    """

    name: str
    scene: str
    frames: int

    @property
    def url(self) -> str:
        """Path relative to the timeline."""
        return f"media/{self.name}.mp4"


@dataclass(frozen=True)
class Shot:
    """A stretch of the edit; ``roll`` is None for black, ``first`` counts in the roll."""

    roll: Roll | None
    first: int
    frames: int
    name: str = ""


BAY = Roll("A001_bay", "bay", 384)
REEDS = Roll("A002_reeds", "reeds", 120)
BIRDS = Roll("A003_birds", "birds", 150)
LANTERNS = Roll("B001_lanterns", "lanterns", 216)
DANCERS = Roll("B002_dancers", "dancers", 96)
FIREWORKS = Roll("B003_fireworks", "fireworks", 108)
GATHERING = Roll("C001_gathering", "gathering", 120)
TREES = Roll("C002_trees", "trees", 84)
PULSE = Roll("C003_pulse", "pulse", 114)
SEA = Roll("C004_sea", "sea", 162)
PIER = Roll("C005_pier", "pier", 72)
WINDOW = Roll("D001_window", "window", 192)
LANTERN = Roll("D002_last_lantern", "last_lantern", 156)
ROLLS = (BAY, REEDS, BIRDS, LANTERNS, DANCERS, FIREWORKS, GATHERING, TREES, PULSE, SEA, PIER, WINDOW, LANTERN)

SHOTS = (
    Shot(BAY, 12, 144, "The bay at dawn"),
    Shot(REEDS, 12, 96, "Reeds"),
    Shot(BIRDS, 18, 108, "Birds leave"),
    Shot(LANTERNS, 24, 96, "The feast"),
    Shot(DANCERS, 12, 72, "The dance"),
    Shot(FIREWORKS, 12, 72, "Fireworks"),
    Shot(LANTERNS, 112, 96, "The feast, later"),
    Shot(GATHERING, 12, 96, "Clouds gather"),
    Shot(TREES, 12, 60, "Gusts"),
    Shot(PULSE, 6, 48, "Pulse"),
    Shot(SEA, 12, 72, "Lightning"),
    Shot(PULSE, 66, 44, "Pulse, faster"),
    Shot(PIER, 12, 48, "The pier"),
    Shot(SEA, 106, 50, "Lightning, closer"),
    Shot(WINDOW, 12, 168, "Behind the window"),
    Shot(LANTERN, 12, 132, "The last lantern"),
    Shot(None, 0, 24),
    Shot(BAY, 222, 158, "The bay, after"),
)

DISSOLVE_AFTER, DISSOLVE = 2, 12
"""The shot that dissolves into the next one, and the frames on either side of that cut."""

TITLE = ("Storm over the Bay", 24, 84)
"""Words, first frame and length of the title over the first shot."""

LIGHTNING = 888 + 18
"""Frame of the first flash."""

SADNESS = (1102, 300)
"""First frame and length of the stretch for which the editor orders sadness."""
