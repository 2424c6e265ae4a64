"""State of a piece while it is written: the clock, the notes that sound, the events that are due."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from emsync_bridge.cue import INSTRUMENTS, Instrument
from emsync_bridge.music.planning.plan import CompositionPlan, PlanSection
from emsync_bridge.music.tokenizer import conditions as cond
from emsync_bridge.music.tokenizer import vocabulary as tok

_ONSETS = 48
"""Number of onsets that are remembered."""

ON_INDEX = {instrument: index for index, instrument in enumerate(INSTRUMENTS)}


@dataclass
class SoundingNote:
    """A note that has begun: its first tick and whether it belongs to a hit's chord."""

    start: int
    in_chord: bool


@dataclass
class ScoreState:
    """Follows a token sequence and knows what the plan still asks of it.

    Arguments:
        plan: Plan that was fixed beforehand.
        clock: Tick of now.
        bar: Index of the bar line that was written last.
        chords_done: Number of the plan's chords that have been announced.
        sounding: Notes of pitched instruments that have not been released, by ON token.
        last_event: The last OFF or ON token at this instant, 0 before one; events at one instant ascend.
        ons_now: ON tokens at this instant.
        chord_now: Whether a chord was announced at this instant.
        after_bar: Whether BAR, CHORD, VELOCITY or ON has come at this instant, after which no OFF may.
        after_velocity: Whether the last token was a VELOCITY, after which an ON must come.
        last_onset: Tick of the latest ON of a pitched instrument.
        latest: Tick of the latest ON of each instrument, those on hits left out, which all have to play.
        onsets: Ticks of the latest ONs of pitched instruments, at most one for each instant.
        quiet_since: Tick from which nothing pitched has sounded; None while something does.
        profile: Number of notes begun on each pitch class.
    """

    plan: CompositionPlan
    clock: int = 0
    bar: int = -1
    chords_done: int = 0
    sounding: dict[int, SoundingNote] = field(default_factory=dict)
    last_event: int = 0
    ons_now: list[int] = field(default_factory=list)
    chord_now: bool = False
    after_bar: bool = False
    after_velocity: bool = False
    last_onset: int = 0
    latest: dict[Instrument, int] = field(default_factory=dict)
    onsets: tuple[int, ...] = ()
    quiet_since: int | None = 0
    profile: list[int] = field(default_factory=lambda: [0] * 12)

    def push(self, token: int) -> None:
        """Take one token into account."""
        if tok.is_shift(token):
            self.clock += token - tok.SHIFT_0
            self.last_event, self.ons_now = 0, []
            self.chord_now = self.after_bar = False
        elif token == tok.BAR:
            self.bar += 1
            self.after_bar = True
        elif token == tok.CHORD:
            self.chords_done += 1
            self.chord_now = self.after_bar = True
        elif tok.is_on(token):
            self.after_bar = True
            self.last_event = token
            self.ons_now.append(token)
            if token >= tok.ON_0 + tok.PITCHES:  # drums come first and have no OFF
                self.sounding[token] = SoundingNote(self.clock, self.chord_now)
                if self.onsets[-1:] != (self.clock,):
                    self.onsets = (*self.onsets[-_ONSETS:], self.clock)
                self.last_onset, self.quiet_since = self.clock, None
                self.profile[tok.note_of(token)[1] % 12] += 1
            if not self.chord_now:
                self.latest = {**self.latest, tok.note_of(token)[0]: self.clock}  # a copy of this state keeps its own
        elif tok.is_off(token):
            self.last_event = token
            self.sounding.pop(on_of(token), None)
            if not self.sounding:
                self.quiet_since = self.clock
        elif tok.is_velocity(token):
            self.after_bar = True
        self.after_velocity = tok.is_velocity(token)

    def begin_section(self, tick: int) -> None:
        """Go on from what was composed earlier: its notes that still sound are not ours to end."""
        self.clock, self.chords_done = tick, sum(chord < tick for chord in self.plan.chords)
        self.last_event, self.ons_now = 0, []
        self.chord_now = self.after_bar = self.after_velocity = False
        if self.sounding:
            self.sounding, self.quiet_since = {}, tick

    @property
    def next_bar(self) -> int:
        """Tick of the next bar line, or of the end."""
        return self.plan.bar_lines[self.bar + 1]

    @property
    def since_bar(self) -> int:
        """Ticks since the last bar line."""
        return self.clock - self.plan.bar_lines[max(self.bar, 0)]

    @property
    def bar_due(self) -> bool:
        """True where a bar line must be written now."""
        return self.clock == self.next_bar and self.clock < self.plan.end

    @property
    def section(self) -> PlanSection:
        """The section of now."""
        return self.plan.section_at(self.clock)

    @property
    def next_chord(self) -> int | None:
        """Tick of the next chord that is due."""
        return self.plan.chords[self.chords_done] if self.chords_done < len(self.plan.chords) else None

    def last_on(self, token: int) -> int:
        """Return the tick at which the instrument of an ON token began a note last."""
        return self.latest.get(tok.note_of(token)[0], 0)

    def pitched_now(self) -> int:
        """Return how many pitched notes have begun at this instant."""
        return sum(token >= tok.ON_0 + tok.PITCHES for token in self.ons_now)

    def seconds_between(self, start: int, end: int) -> float:
        """Return the seconds from one tick to another."""
        return self.plan.seconds(end) - self.plan.seconds(start)

    def ticks_for(self, seconds: float) -> int:
        """Return the whole ticks that fit into some seconds from now on, at least 1."""
        reached = self.plan.tempo.tempo_map.tick(self.plan.seconds(self.clock) + seconds)
        return max(1, int(reached - self.clock + 1e-6))


@dataclass(frozen=True)
class Conditioning:
    """Conditions that the network is given beside the plan.

    Arguments:
        ensemble: Instruments that play.
        affect: Whether the mood is given.
        tempo: Whether the tempo is given.
        boundaries: Whether the time to the next hit is given.
    """

    ensemble: tuple[Instrument, ...]
    affect: bool = True
    tempo: bool = True
    boundaries: bool = True


def condition_row(state: ScoreState, told: Conditioning) -> tuple[np.ndarray, np.ndarray]:
    """Return the scalar conditions and the place in the bar for the position of the last token.

    Returns:
        Arrays of shape (``conditions.SCALARS``,) and (3,).
    """
    plan = state.plan
    seconds = plan.seconds
    now = seconds(state.clock)
    row = np.zeros(cond.SCALARS, dtype=np.float32)
    if told.boundaries and state.next_chord is not None:
        row[cond.BOUNDARY] = cond.nearness(seconds(state.next_chord) - now, cond.MAX_OFFSET)
    row[cond.ENDING] = cond.nearness(seconds(plan.end) - now, cond.MAX_END)
    if told.affect:
        affect = state.section.affect
        row[cond.VALENCE], row[cond.HAS_VALENCE] = affect.valence, 1.0
        row[cond.AROUSAL], row[cond.HAS_AROUSAL] = affect.arousal, 1.0
    if told.tempo:
        row[cond.TEMPO] = cond.tempo_value(plan.tempo.tempo_map.bpm(state.clock))
        row[cond.HAS_TEMPO] = 1.0
    row[cond.HAS_ENSEMBLE] = 1.0
    for instrument in told.ensemble:
        row[cond.ENSEMBLE_0 + ON_INDEX[instrument]] = 1.0
    line = plan.bar_lines[max(state.bar, 0)]
    following = plan.bar_lines[min(max(state.bar, 0) + 1, len(plan.bar_lines) - 1)]
    return row, cond.place_in_bar(state.clock - line, following - state.clock)


def on_of(off_token: int) -> int:
    """Return the ON token of the note that an OFF token ends."""
    return off_token - tok.OFF_0 + tok.ON_0 + tok.PITCHES


def off_of(on_token: int) -> int:
    """Return the OFF token that ends the note of a pitched ON token."""
    return on_token - tok.ON_0 - tok.PITCHES + tok.OFF_0
