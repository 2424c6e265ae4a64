"""Constraints on the next token of the published network, by which a piece keeps to its plan.

As in ``music.generation.constraints`` chords come on the hits and nowhere else, bar lines where the plan has
them, and only what was asked for plays. Time is the published clock's, in units of 8 ms, and ON comes before OFF at one
instant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emsync_bridge.cue import Instrument
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.emsync_original import vocabulary as tok
from emsync_bridge.music.emsync_original.grid import Grid
from emsync_bridge.music.emsync_original.vocabulary import UNITS_PER_SECOND
from emsync_bridge.music.generation import density
from emsync_bridge.music.generation.constraints import (
    BASS_TOP,
    CHORD_LENGTH,
    CHORD_VOICES,
    FINAL_VOICES,
    MAX_CHORD,
    MAX_NOTE,
    MAX_QUIET,
    POLYPHONY,
    RANGES,
)
from emsync_bridge.music.planning.plan import CompositionPlan, PlanSection

_SHIFTS = slice(tok.SHIFT_0 + 1, tok.ON_0)
_ONS = slice(tok.ON_0, tok.OFF_0)
_OFFS = slice(tok.OFF_0, tok.VOCABULARY)

_PITCHES = np.arange(tok.OFF_0 - tok.ON_0) % tok.PITCHES + tok.PITCH_LOW
_IS_DRUM = np.arange(tok.OFF_0 - tok.ON_0) // tok.PITCHES == tok.INSTRUMENTS.index("drums")


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


class OriginalConstraints:
    """The rules of a piece.

    Arguments:
        ensemble: Instruments or players in use.
    """

    def __init__(self, ensemble: Sequence[Instrument]) -> None:
        self.ensemble = ensemble
        self.voices = sum(POLYPHONY[name] for name in ensemble if name != "drums")
        self.playable = np.zeros(_ONS.stop - _ONS.start, dtype=bool)
        for name in ensemble:
            low, high = RANGES[name]
            first = tok.on(name, tok.PITCH_LOW) - tok.ON_0 - tok.PITCH_LOW
            self.playable[first + low : first + high + 1] = True

    def applied(self, state: OriginalState, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return scores of which no shift goes too far, and which tokens may come next, both of shape (vocabulary,)."""
        longest = min(state.ahead, state.patience) if state.patience > 0 else state.ahead
        return with_bounded_shift(scores, longest), self.allowed(state)

    def allowed(self, state: OriginalState) -> np.ndarray:
        """Return which tokens may come next, at least one of them, shape (vocabulary,)."""
        mask = np.zeros(tok.VOCABULARY, dtype=bool)
        overdue = self._overdue(state)
        if overdue is not None:
            mask[overdue] = True
        elif state.bar_due:
            mask[tok.BAR] = True
        elif state.chord_due:
            mask[tok.CHORD] = True
        else:
            self._free(state, mask)
        return mask

    def _overdue(self, state: OriginalState) -> int | None:
        """Return the OFF of a note that has no business to sound any more."""

        def longest(note: HeldNote) -> float:
            seconds = MAX_CHORD if note.in_chord else MAX_NOTE
            return 1 if state.section.silence else seconds * UNITS_PER_SECOND

        late = [token for token, note in state.sounding.items() if state.clock - note.start >= longest(note)]
        return tok.off_of(min(late)) if late else None

    def _free(self, state: OriginalState, mask: np.ndarray) -> None:
        """Allow what the network may choose from."""
        if not state.section.silence:
            mask[_ONS] = self.playable
            mask[list(state.begun)] = False
            # Striking a note again ends it, which one of a hit's chord may not before its time.
            mask[[token for token in state.sounding if not self._may_end(state, token)]] = False
            self._voices(state, mask)
        mask[[tok.off_of(token) for token in state.sounding if self._may_end(state, token)]] = True
        mask[_SHIFTS] = True
        wanted = FINAL_VOICES if state.at_final else CHORD_VOICES
        pitched = [tok.note_of(token)[1] for token in state.begun if is_pitched(token)]
        if state.at_final:
            _tonic(state.profile, mask, pitched)
        lacking = state.chord_now and len(pitched) < min(wanted, self.voices)
        if lacking:
            mask[_OFFS] = False
        if (lacking or state.patience <= 0) and (mask[_ONS] & ~_IS_DRUM).any():
            mask[_SHIFTS] = False
        if state.released:
            mask[_ONS] = False  # a hit's chord is whole once what it follows is released

    def _voices(self, state: OriginalState, mask: np.ndarray) -> None:
        """No instrument plays more notes at a time than it can; a chord may begin before what it follows has ended."""
        for name in self.ensemble:
            part = slice(tok.on(name, tok.PITCH_LOW), tok.on(name, tok.PITCH_HIGH) + 1)
            held = state.begun if state.chord_now or name == "drums" else state.sounding
            if sum(part.start <= token < part.stop for token in held) >= POLYPHONY[name]:
                mask[part] = False

    def _may_end(self, state: OriginalState, token: int) -> bool:
        """A note may end once time has passed, one of a hit's chord after 0.8 s or at the next one."""
        note = state.sounding[token]
        if note.start == state.clock:
            return note.again
        held = (state.clock - note.start) / UNITS_PER_SECOND
        return not note.in_chord or state.chord_now or held >= CHORD_LENGTH


def with_bounded_shift(scores: np.ndarray, longest: int) -> np.ndarray:
    """Return scores in which a shift that would go too far is one that just does not, with the chances of all such.

    So the choice between moving on and writing a note stays the network's.

    Arguments:
        scores: Shape (vocabulary,).
        longest: Units of the longest shift that may be, at least 1.
    """
    if longest >= tok.SHIFT_MAX:
        return scores
    scores = scores.astype(np.float64)
    scores[tok.shift(longest)] = np.logaddexp.reduce(scores[tok.shift(longest) : tok.ON_0])
    scores[tok.shift(longest) + 1 : tok.ON_0] = -np.inf
    return scores


def tonic_triad(profile: np.ndarray) -> tuple[int, int, int]:
    """Return the pitch classes of the triad of the key that a profile of pitch classes is nearest to, root first."""
    major, minor = keys.key_correlations(profile)
    if major.max() >= minor.max():
        root = int(major.argmax())
        return root, (root + 4) % 12, (root + 7) % 12
    root = int(minor.argmax())
    return root, (root + 3) % 12, (root + 7) % 12


def is_pitched(on_token: int) -> bool:
    """Tell whether an ON token is not of the drums."""
    return not _IS_DRUM[on_token - tok.ON_0]


def _tonic(profile: np.ndarray, mask: np.ndarray, pitches: Sequence[int]) -> None:
    """Hold the last chord to the tonic triad of the key that was heard, its root first, and low, and nothing below it.

    Arguments:
        profile: Number of notes begun on each pitch class.
        mask: Mask of the tokens that may come next.
        pitches: Those of the chord that are there already.
    """
    triad = tonic_triad(profile)
    if pitches:
        inside = np.isin(_PITCHES % 12, triad) & (min(pitches) <= _PITCHES)
    else:
        inside = np.equal(_PITCHES % 12, triad[0]) & (_PITCHES <= BASS_TOP)
    mask[_ONS] &= inside | _IS_DRUM
