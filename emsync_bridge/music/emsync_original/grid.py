"""Between the plan's ticks and the published clock of 8 ms: bar lines, chords and edges fall exactly on both."""

from __future__ import annotations

from bisect import bisect_right

from emsync_bridge.cue import TICKS_PER_QUARTER
from emsync_bridge.music.emsync_original.vocabulary import UNITS_PER_SECOND
from emsync_bridge.music.planning.plan import CompositionPlan

_PLACES = (0, 6, 8, 12, 16, 18, 24)
"""Ticks of a beat on which notes begin: sixteenths and eighth triplets."""


class Grid:
    """The plan's moments on the published clock.

    A moment of the plan is moved by 4 ms at most to be counted in units of 8 ms, and what is written there is put back
    on its tick. Everything else falls on the nearest tick between the moments around it.

    Arguments:
        plan: Plan of the music.
    """

    def __init__(self, plan: CompositionPlan) -> None:
        self._seconds, self._tick = plan.tempo.tempo_map.seconds, plan.tempo.tempo_map.tick
        edges = {edge for section in plan.sections for edge in (section.start_tick, section.end_tick)}
        self._lines = plan.bar_lines
        self._ticks = sorted({0, *plan.bar_lines, *plan.chords, *edges, plan.end})
        self._units: list[int] = []
        for tick in self._ticks:
            unit = round(self._seconds(tick) * UNITS_PER_SECOND)
            self._units.append(max(unit, self._units[-1] + 1) if self._units else unit)
        self._unit_of = dict(zip(self._ticks, self._units, strict=True))

    def unit(self, tick: int) -> int:
        """Return the unit of a bar line, chord, edge or end of the plan."""
        return self._unit_of[tick]

    def tick(self, unit: int) -> int:
        """Return the tick of a unit."""
        index = bisect_right(self._units, unit) - 1
        if self._units[index] == unit or index + 1 == len(self._units):
            return self._ticks[index]
        nearest = round(self._tick(unit / UNITS_PER_SECOND))
        return min(max(nearest, self._ticks[index]), self._ticks[index + 1])

    def onset(self, unit: int) -> int:
        """Return the unit nearest to one on which a note may begin; the same where its tick is such a place already."""
        tick = self.tick(unit)
        line = self._lines[max(0, bisect_right(self._lines, tick) - 1)]
        beat, within = divmod(tick - line, TICKS_PER_QUARTER)
        if within in _PLACES:
            return self._unit_of.get(tick, unit)
        exact = self._tick(unit / UNITS_PER_SECOND) - line - beat * TICKS_PER_QUARTER
        place = min(_PLACES, key=lambda tick: abs(tick - exact))
        return round(self._seconds(line + beat * TICKS_PER_QUARTER + place) * UNITS_PER_SECOND)
