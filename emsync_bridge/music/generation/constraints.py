"""Constraints on the next token: named rules over its scores, applied in order.

Each rule takes the state of the piece and a mask of allowed tokens, and clears what it forbids. They only ever forbid,
and together always leave at least one token.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from emsync_bridge.cue import INSTRUMENTS, TICKS_PER_QUARTER, Instrument
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.generation import density
from emsync_bridge.music.generation.state import ScoreState, off_of
from emsync_bridge.music.tokenizer import vocabulary as tok

CHORD_VOICES = 3
"""Notes that make a chord, as in the corpus' definition of a long chord."""

FINAL_VOICES = 4

BASS_TOP = 55
"""Highest MIDI pitch of the note that the last chord rests on; every pitched instrument has a C and an A below it."""

CHORD_LENGTH = 0.8
"""Seconds that three notes of a hit's chord are held at least."""

MAX_CHORD = 3.0
"""Seconds after which a note of a hit's chord is released; nine of ten in the corpus end within 2.5 s."""

MAX_QUIET = 1.5
"""Seconds without any pitched note after which one must begin."""

MAX_NOTE = 10.0
"""Seconds after which a note is released."""

POLYPHONY: dict[Instrument, int] = {"drums": 4, "bass": 2, "guitar": 6, "piano": 10, "strings": 12}

RANGES: dict[Instrument, tuple[int, int]] = {
    "drums": (35, 81),  # the General MIDI percussion keys
    "bass": (28, 67),
    "guitar": (40, 88),
    "piano": (21, 108),
    "strings": (28, 103),
}

Mask = np.ndarray
Rule = Callable[[ScoreState, Mask], None]

_SHIFTS = slice(tok.SHIFT_0 + 1, tok.VELOCITY_0)
_VELOCITIES = slice(tok.VELOCITY_0, tok.ON_0)
_ONS = slice(tok.ON_0, tok.OFF_0)
_PITCHED_ONS = slice(tok.ON_0 + tok.PITCHES, tok.OFF_0)
_OFFS = slice(tok.OFF_0, tok.VOCABULARY)

_PITCHES = np.arange(_PITCHED_ONS.stop - _PITCHED_ONS.start) % tok.PITCHES + tok.PITCH_LOW

# tonic triads of C major and A minor, the root first
_TRIADS: dict[keys.Mode, tuple[int, int, int]] = {"major": (0, 4, 7), "minor": (9, 0, 4)}
_SCALES: dict[keys.Mode, tuple[int, ...]] = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (9, 11, 0, 2, 4, 5, 6, 7, 8)}


def rules_for(
    ensemble: Sequence[Instrument],
    mode: keys.Mode | None = None,
    *,
    exact: bool = True,
    around: tuple[Rule, Rule] | None = None,
) -> tuple[Rule, ...]:
    """Return the rules of a piece for some instruments, in the order in which they apply.

    Arguments:
        ensemble: Instruments or players in use.
        mode: Mode; the piece keeps to the scale of C major or of A minor and ends there; free when None.
        exact: Whether chords come on the hits and nowhere else; otherwise the network has its way with them.
        around: Rules of a section: one for notes that may not begin beside what stays, one for what must end for it.
    """
    taken, ending = ((around[0],), (around[1],)) if around else ((), ())
    return (
        order_of_events,
        instruments(ensemble),
        *taken,
        bar_lines,
        on_the_grid,
        density.not_too_busy,
        *([in_scale(mode)] if mode else []),
        last_chord_is_the_tonic(mode),
        chords_on_hits(ensemble) if exact else chords_anywhere,
        last_chord_rests_on_its_root(mode),
        chords_give_way,
        sounding_enough,
        silences,
        *ending,
        velocity_before_note,
    )


def allowed(state: ScoreState, rules: Sequence[Rule]) -> Mask:
    """Return which tokens may come next, shape (vocabulary,)."""
    mask = np.ones(tok.VOCABULARY, dtype=bool)
    for rule in rules:
        rule(state, mask)
    return mask


def order_of_events(state: ScoreState, mask: Mask) -> None:
    """At one instant come OFF, BAR, CHORD, then VELOCITY and ON, ascending; only what sounds ends, only rests begin."""
    mask[[tok.PAD, tok.START, tok.END]] = False
    mask[_OFFS] = False
    if not state.after_bar:
        for token, note in state.sounding.items():
            if note.start < state.clock and off_of(token) > state.last_event:
                mask[off_of(token)] = True
    if state.ons_now:
        mask[tok.ON_0 : state.last_event + 1] = False
    for token in state.sounding:
        mask[token] = False


def instruments(ensemble: Sequence[Instrument]) -> Rule:
    """Return the rule that only some instruments play, each within its range and its number of voices."""
    playable = np.zeros(tok.OFF_0 - tok.ON_0, dtype=bool)
    for instrument in ensemble:
        low, high = RANGES[instrument]
        first = _ons_of(instrument).start - tok.ON_0 - tok.PITCH_LOW
        playable[first + low : first + high + 1] = True

    def ranges_and_voices(state: ScoreState, mask: Mask) -> None:
        mask[_ONS] &= playable
        for instrument in ensemble:
            part = _ons_of(instrument)
            held = state.ons_now if instrument == "drums" else state.sounding
            if sum(part.start <= token < part.stop for token in held) >= POLYPHONY[instrument]:
                mask[part] = False

    return ranges_and_voices


def bar_lines(state: ScoreState, mask: Mask) -> None:
    """A bar line is written where the plan has one, before anything begins there; no shift crosses one."""
    if state.bar_due:
        mask[tok.CHORD] = False
        mask[_SHIFTS] = mask[_VELOCITIES] = mask[_ONS] = False
    else:
        mask[tok.BAR] = False
        limit_shift(mask, state.next_bar - state.clock)


def on_the_grid(state: ScoreState, mask: Mask) -> None:
    """Notes begin on thirty-seconds and triplet sixteenths of their beat, unless they answer a hit.

    In the corpus 95 of 100 do; once a sampled piece has left the grid it does not find back.
    """
    if not state.chord_now and (state.since_bar % 3 and state.since_bar % 4):
        mask[_VELOCITIES] = mask[_ONS] = False


def chords_on_hits(ensemble: Sequence[Instrument]) -> Rule:
    """Return the rule that a chord begins exactly where one is due.

    What sounds is released there, the chord is announced, begins with three pitched notes, at least one from every
    pitched instrument, and three of them are held for 0.8 s.
    """
    players = [_ons_of(instrument) for instrument in ensemble if instrument != "drums"]
    voices = sum(POLYPHONY[instrument] for instrument in ensemble if instrument != "drums")

    def chord_is_due(state: ScoreState, mask: Mask) -> None:
        due = state.next_chord
        if due == state.clock:
            if not state.after_bar and state.sounding:
                only_token(mask, min(map(off_of, state.sounding)))
            elif not state.bar_due:
                only_token(mask, tok.CHORD)
            return
        mask[tok.CHORD] = False
        if due is not None:
            limit_shift(mask, due - state.clock)
        if state.chord_now:
            absent = [part for part in players if not any(part.start <= on < part.stop for on in state.ons_now)]
            wanted = min(voices, FINAL_VOICES if state.clock == state.plan.final else CHORD_VOICES)
            missing = max(wanted - state.pitched_now(), len(absent))
            if missing > 0:
                mask[_SHIFTS] = False
            if absent:
                mask[absent[0].stop : _ONS.stop] = False  # events ascend: it must begin before the next one does
            if missing > 1 and len(absent) <= 1:
                free = np.flatnonzero(mask[_PITCHED_ONS]) + _PITCHED_ONS.start
                mask[free[len(free) - missing + 1 :]] = False  # leave room above for the rest
        held = [off_of(token) for token, note in state.sounding.items() if note.in_chord]
        young = any(
            note.in_chord and state.seconds_between(note.start, state.clock) < CHORD_LENGTH
            for note in state.sounding.values()
        )
        if young and len(held) <= CHORD_VOICES:
            mask[held] = False

    return chord_is_due


def chords_anywhere(state: ScoreState, mask: Mask) -> None:
    """A chord is announced at most once at an instant, before anything begins there."""
    if state.chord_now or state.ons_now or state.after_velocity:
        mask[tok.CHORD] = False


def in_scale(mode: keys.Mode) -> Rule:
    """Return the rule that all notes lie in C major, or in A minor with its raised sixth and seventh."""
    foreign = ~np.isin(_PITCHES % 12, _SCALES[mode])

    def notes_of_the_scale(_state: ScoreState, mask: Mask) -> None:
        mask[_PITCHED_ONS][foreign] = False

    return notes_of_the_scale


def last_chord_is_the_tonic(mode: keys.Mode | None) -> Rule:
    """Return the rule that the last chord is the tonic triad of C major or A minor, whichever the piece is in."""

    def only_the_triad(state: ScoreState, mask: Mask) -> None:
        if state.chord_now and state.clock == state.plan.final:
            mask[_PITCHED_ONS] &= np.isin(_PITCHES % 12, _tonic_triad(state, mode))

    return only_the_triad


def last_chord_rests_on_its_root(mode: keys.Mode | None) -> Rule:
    """Return the rule that the lowest note of the last chord is its root, and low."""

    def the_root_first(state: ScoreState, mask: Mask) -> None:
        if state.chord_now and state.clock == state.plan.final and not state.pitched_now():
            roots = np.equal(_PITCHES % 12, _tonic_triad(state, mode)[0])
            mask[_PITCHED_ONS] &= roots & (_PITCHES <= BASS_TOP)

    return the_root_first


def chords_give_way(state: ScoreState, mask: Mask) -> None:
    """A hit's chord, once it was held, ends on the first beat after its instrument has moved on.

    Left alone the network keeps what it had to hold: a median of 3 s against 1.25 s in the corpus.
    """
    waiting = [
        (off_of(token), state.seconds_between(note.start, state.clock))
        for token, note in state.sounding.items()
        if note.in_chord and state.last_on(token) > note.start
    ]
    if not waiting or state.next_chord == state.clock:
        return
    ready = [token for token, held in waiting if held >= CHORD_LENGTH]
    if ready and not state.after_bar and state.since_bar % TICKS_PER_QUARTER == 0:
        only_token(mask, min(ready))
    limit_shift(mask, TICKS_PER_QUARTER - state.since_bar % TICKS_PER_QUARTER)


def sounding_enough(state: ScoreState, mask: Mask) -> None:
    """The music does not stop or freeze unless it was asked to, and no note is held for ever."""
    if state.section.silence or state.next_chord == state.clock:
        return
    waits = [density.longest_pause(state.section.affect.arousal) - state.seconds_between(state.last_onset, state.clock)]
    if state.quiet_since is not None:
        waits.append(MAX_QUIET - state.seconds_between(state.quiet_since, state.clock))
    if min(waits) > 0:
        limit_shift(mask, state.ticks_for(min(waits)))
    elif mask[_PITCHED_ONS].any():
        mask[_SHIFTS] = False
    left = {
        off_of(token): (MAX_CHORD if note.in_chord else MAX_NOTE) - state.seconds_between(note.start, state.clock)
        for token, note in state.sounding.items()
    }
    overdue = [token for token, seconds in left.items() if seconds <= 0]
    if overdue and not state.after_bar:
        only_token(mask, min(overdue))
    elif left and not overdue:
        limit_shift(mask, state.ticks_for(min(left.values())))


def silences(state: ScoreState, mask: Mask) -> None:
    """Silence: everything ends where it begins, and nothing begins until it is over."""
    limit_shift(mask, state.section.end_tick - state.clock)
    if not state.section.silence:
        return
    mask[_VELOCITIES] = mask[_ONS] = False
    if state.sounding and not state.after_bar:
        only_token(mask, min(map(off_of, state.sounding)))


def velocity_before_note(state: ScoreState, mask: Mask) -> None:
    """A loudness is set only for a note that follows at once, and only once."""
    if state.after_velocity:
        mask[: tok.ON_0] = False
        mask[_OFFS] = False
    elif not mask[_ONS].any():
        mask[_VELOCITIES] = False


def limit_shift(mask: Mask, ticks: int) -> None:
    """Forbid shifts of more than a number of ticks."""
    mask[_SHIFTS.start + max(0, ticks) : _SHIFTS.stop] = False


def only_token(mask: Mask, token: int) -> None:
    """Forbid everything but one token."""
    mask[:] = False
    mask[token] = True


def _tonic_triad(state: ScoreState, mode: keys.Mode | None) -> tuple[int, int, int]:
    if mode is not None:
        return _TRIADS[mode]
    major, minor = keys.key_correlations(np.array(state.profile))
    return _TRIADS["major" if major[0] >= minor[9] else "minor"]


def _ons_of(instrument: Instrument) -> slice:
    first = tok.ON_0 + INSTRUMENTS.index(instrument) * tok.PITCHES
    return slice(first, first + tok.PITCHES)
