"""State of a piece while the original network writes it: clock, sounding notes, and what of the plan is due."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emsync_bridge.music.emsync_original import vocabulary as tok
from emsync_bridge.music.emsync_original.grid import Grid
from emsync_bridge.music.emsync_original.vocabulary import UNITS_PER_SECOND
from emsync_bridge.music.generation import density
from emsync_bridge.music.generation.constraints import (
    MAX_QUIET,
)
from emsync_bridge.music.planning.plan import CompositionPlan, PlanSection

IS_DRUM = np.arange(tok.OFF_0 - tok.ON_0) // tok.PITCHES == tok.INSTRUMENTS.index("drums")
"""ON tokens of the drums, counted from the first ON token, shape (instruments * pitches,)."""


@dataclass
class HeldNote:
    """A note that has begun: its first unit, whether it belongs to a hit's chord, and whether it was struck again now.

    The OFF of the note that sounded before one struck again is still to come.
    """

    start: int
    in_chord: bool
    again: bool = False


class OriginalState:
    """State of a piece while it is written.

    Arguments:
        plan: Plan of the music.

    Attributes:
        clock: Units of 8 ms of now.
        sounding: Notes that have not been released, by ON token.
        begun: ON tokens at this instant.
        chord_now: Whether a chord was announced at this instant.
        released: Whether something was released at this instant after its chord.
        last_onset: Unit of the latest ON of a pitched instrument.
        quiet_since: Unit from which nothing pitched has sounded, that of now while something does.
        profile: Number of notes begun on each pitch class.
    """

    def __init__(self, plan: CompositionPlan) -> None:
        self.plan, self.grid = plan, Grid(plan)
        self.end = self.grid.unit(plan.end)
        self._bars = [self.grid.unit(tick) for tick in plan.bar_lines[:-1]]
        self._chords = [self.grid.unit(tick) for tick in plan.chords]
        self._sections = [(self.grid.unit(section.end_tick), section) for section in plan.sections]
        self.final = None if plan.final is None else self.grid.unit(plan.final)
        self.clock = 0
        self.sounding: dict[int, HeldNote] = {}
        self.begun: set[int] = set()
        self.chord_now = self.released = False
        self.last_onset = self.quiet_since = 0
        self.profile = np.zeros(12)

    def push(self, token: int) -> None:
        """Take one token into account."""
        if tok.is_shift(token):
            self.clock += token - tok.SHIFT_0
            self.begun, self.chord_now, self.released = set(), False, False
            for note in self.sounding.values():
                note.again = False
        elif token == tok.BAR:
            del self._bars[0]
        elif token == tok.CHORD:
            del self._chords[0]
            self.chord_now = True
        elif tok.is_on(token):
            self.begun.add(token)
            self.sounding[token] = HeldNote(self.clock, self.chord_now, again=token in self.sounding)
            if is_pitched(token):
                self.last_onset = self.clock
                self.profile[tok.note_of(token)[1] % 12] += 1
        elif tok.is_off(token):
            note = self.sounding[tok.on_of(token)]
            if note.start < self.clock:
                del self.sounding[tok.on_of(token)]
            note.again = False
            self.released = self.chord_now
        if any(map(is_pitched, self.sounding)):
            self.quiet_since = self.clock

    def moved_to_beat(self, shift: int) -> int:
        """Return a shift that was just taken, such that a note after it begins on a place of its beat; go there.

        Left alone the network drifts from the plan's beat as far as it can until the next bar line.
        """
        taken = shift - tok.SHIFT_0
        better = taken + min(self.grid.onset(self.clock) - self.clock, self.ahead)
        if not 1 <= better <= tok.SHIFT_MAX:
            return shift
        self.clock += better - taken
        return tok.shift(better)

    @property
    def leftover(self) -> int | None:
        """The OFF of a note that sounded before the hit's chord of now, where one still does."""
        older = [token for token, note in self.sounding.items() if note.start < self.clock] if self.chord_now else []
        return tok.off_of(min(older)) if older else None

    @property
    def section(self) -> PlanSection:
        """The section of now."""
        return next((section for end, section in self._sections if end > self.clock), self._sections[-1][1])

    @property
    def bar_due(self) -> bool:
        """True where a bar line must be written now."""
        return self._bars[:1] == [self.clock]

    @property
    def chord_due(self) -> bool:
        """True where a chord must be announced now."""
        return self._chords[:1] == [self.clock]

    @property
    def offset(self) -> float:
        """Seconds to the next chord, infinite without one."""
        return (self._chords[0] - self.clock) / UNITS_PER_SECOND if self._chords else np.inf

    @property
    def at_final(self) -> bool:
        """True while the last chord is written."""
        return self.chord_now and self.clock == self.final

    @property
    def ahead(self) -> int:
        """Units after which something of the plan is due."""
        places = [*self._bars[:1], *self._chords[:1], self.end, *(end for end, _ in self._sections if end > self.clock)]
        return min(places) - self.clock

    @property
    def patience(self) -> int:
        """Units after which a note must begin; 0 or less where one must now."""
        if self.section.silence or self.at_final:
            return self.ahead
        pause = density.longest_pause(self.section.affect.arousal)
        waits = self.last_onset + pause * UNITS_PER_SECOND, self.quiet_since + MAX_QUIET * UNITS_PER_SECOND
        return int(min(waits)) - self.clock


def is_pitched(on_token: int) -> bool:
    """Tell whether an ON token is not of the drums."""
    return not IS_DRUM[on_token - tok.ON_0]
