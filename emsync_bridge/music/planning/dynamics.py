"""Dynamics: how loud the music means to be at every tick, as one curve that notes and controllers follow."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from emsync_bridge.cue import TICKS_PER_QUARTER
from emsync_bridge.music.planning.form import Phrase
from emsync_bridge.music.planning.scenes import Scene

_LEVELS = (-0.1, 0.0, 0.07)
_ARCH, _BUILD = 0.05, 0.14
_LEAD_IN = 4 * TICKS_PER_QUARTER

_BESIDE, _BACK, _RISE = 0.3, TICKS_PER_QUARTER, 2 * TICKS_PER_QUARTER
"""Intensity under speech at most, and the ticks in which the music steps back before it and comes back after it."""

_LEFT = 0.5
"""Share of intensity that is left under speech."""

FADE = 8 * TICKS_PER_QUARTER
"""Ticks in which the music after a full accent comes back to its level: two bars, so that it does not drop."""

_AFTER, _LOUD = 0.4, 0.35
"""Intensity that is left right after a full accent in the softest music, and the share of it in the loudest."""


@dataclass(frozen=True)
class Swell:
    """A crescendo into a hit: intensity rises by ``gain`` from ``start`` to ``hit``."""

    start: int
    hit: int
    gain: float

    def at(self, tick: int) -> float:
        """Return the share of the gain that is reached at a tick; 0 outside."""
        if not self.start <= tick < self.hit:
            return 0.0
        return float(((tick - self.start) / (self.hit - self.start)) ** 1.4)


@dataclass(frozen=True)
class Dynamics:
    """Intensity over time.

    Arguments:
        phrases: The form.
        scenes: Scenes in order.
        swells: Swells into hits, in order.
        hits: Ticks at which a step of loudness is meant.
        accents: Ticks of full accents, in order, from which the music comes back slowly.
        spoken: First and last tick of stretches in which people speak, in order.
    """

    phrases: tuple[Phrase, ...]
    scenes: tuple[Scene, ...]
    swells: tuple[Swell, ...] = ()
    hits: frozenset[int] = field(default_factory=frozenset)
    accents: tuple[int, ...] = ()
    spoken: tuple[tuple[int, int], ...] = ()

    @cached_property
    def _starts(self) -> list[int]:
        return [phrase.start for phrase in self.phrases]

    @cached_property
    def _speech_starts(self) -> list[int]:
        return [start for start, _ in self.spoken]

    @cached_property
    def _swell_ends(self) -> list[int]:
        return [swell.hit for swell in self.swells]

    def phrase_at(self, tick: int) -> int:
        """Return the index of the phrase that a tick lies in."""
        return max(0, bisect_right(self._starts, tick) - 1)

    def level(self, index: int) -> float:
        """Return the intensity that a phrase means."""
        phrase = self.phrases[index]
        base = self.scenes[phrase.scene].intensity + _LEVELS[phrase.level]
        level = max(0.05, min(1.0, base - (0.06 if phrase.part in ("intro", "bridge") else 0.0)))
        length = sum(max(0, min(phrase.end, end) - max(phrase.start, start)) for start, end in self.spoken)
        return _stepped_back(level, length / max(1, phrase.end - phrase.start))

    def at(self, tick: int) -> float:
        """Return the intensity at a tick, from 0.05 to 1.05: the phrase's, with its arch, swells and fades."""
        index = self.phrase_at(tick)
        phrase = self.phrases[index]
        share = (tick - phrase.start) / max(1, phrase.end - phrase.start)
        level = self.level(index) + _ARCH * math.sin(math.pi * min(1.0, share))
        if phrase.part == "build":
            level += _BUILD * share
        level += self._towards_next(index, tick)
        swell = self._swell(tick)
        level += swell.gain * swell.at(tick) if swell else 0.0
        level += max(_LOUD, 1 - level) * _AFTER * self._fade(tick)
        return _stepped_back(max(0.05, min(1.05, level)), self.back(tick))

    def back(self, tick: int) -> float:
        """Return how far the music has stepped back for speech at a tick, from 0 to 1."""
        place = bisect_right(self._speech_starts, tick + _BACK) - 1
        found = 0.0
        for start, end in self.spoken[max(0, place - 1) : place + 1]:
            if tick < start:
                found = max(found, 1 - (start - tick) / _BACK)
            else:
                found = max(found, min(1.0, 1 - (tick - end) / _RISE))
        return found

    def swell_at(self, tick: int) -> float:
        """Return how far into a swell a tick lies, weighed by the swell's gain, from 0 to 1."""
        swell = self._swell(tick)
        return min(1.0, 2.4 * swell.gain) * swell.at(tick) * (1 - self.back(tick)) if swell else 0.0

    def _swell(self, tick: int) -> Swell | None:
        """Return the swell into the next hit; swells never overlap."""
        place = bisect_right(self._swell_ends, tick)
        return self.swells[place] if place < len(self.swells) else None

    def _fade(self, tick: int) -> float:
        """Return how much of the last full accent is left, from 1 on it to 0 two bars later."""
        place = bisect_right(self.accents, tick) - 1
        return max(0.0, 1 - (tick - self.accents[place]) / FADE) if place >= 0 else 0.0

    def _towards_next(self, index: int, tick: int) -> float:
        """Return the slope of the last bar before a phrase that begins without a hit, so that there is no step."""
        if index + 1 >= len(self.phrases):
            return 0.0
        phrase, following = self.phrases[index], self.phrases[index + 1]
        if following.start in self.hits or "silence" in (phrase.part, following.part):
            return 0.0
        begin = max(phrase.start, phrase.end - _LEAD_IN)
        share = (tick - begin) / max(1, phrase.end - begin)
        return max(0.0, share) * 0.7 * (self.level(index + 1) - self.level(index))


def _stepped_back(level: float, share: float) -> float:
    """Return an intensity as it is where the music has stepped back for speech by a share from 0 to 1."""
    return level + share * (max(0.05, min(_BESIDE, _LEFT * level)) - level)
