"""Constraints on the next token of the published network, by which a piece keeps to its plan.

As in ``music.generation.constraints`` chords come on the hits and nowhere else, bar lines where the plan has
them, and only what was asked for plays. Time is the published clock's, in units of 8 ms, and ON comes before OFF at one
instant.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from emsync_bridge.cue import Instrument
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.emsync_original import vocabulary as tok
from emsync_bridge.music.emsync_original.state import IS_DRUM, HeldNote, OriginalState, is_pitched
from emsync_bridge.music.emsync_original.vocabulary import UNITS_PER_SECOND
from emsync_bridge.music.generation.constraints import (
    BASS_TOP,
    CHORD_LENGTH,
    CHORD_VOICES,
    FINAL_VOICES,
    MAX_CHORD,
    MAX_NOTE,
    POLYPHONY,
    RANGES,
)

_SHIFTS = slice(tok.SHIFT_0 + 1, tok.ON_0)
_ONS = slice(tok.ON_0, tok.OFF_0)
_OFFS = slice(tok.OFF_0, tok.VOCABULARY)

_PITCHES = np.arange(tok.OFF_0 - tok.ON_0) % tok.PITCHES + tok.PITCH_LOW


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
        """Return the OFF of a note that should have ended."""

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
        if (lacking or state.patience <= 0) and (mask[_ONS] & ~IS_DRUM).any():
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


def _tonic(profile: np.ndarray, mask: np.ndarray, pitches: Sequence[int]) -> None:
    """Hold the last chord to the tonic triad of the key that was heard, its root first, and low, and nothing below it.

    Arguments:
        profile: Number of notes begun on each pitch class.
        mask: Mask of the tokens that may come next.
        pitches: Pitches of the chord that are there already.
    """
    triad = tonic_triad(profile)
    if pitches:
        inside = np.isin(_PITCHES % 12, triad) & (min(pitches) <= _PITCHES)
    else:
        inside = np.equal(_PITCHES % 12, triad[0]) & (_PITCHES <= BASS_TOP)
    mask[_ONS] &= inside | IS_DRUM
