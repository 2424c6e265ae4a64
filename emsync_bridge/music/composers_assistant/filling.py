"""Filling of blanks: the network's answer token by token, held to what an answer looks like and to what is free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from emsync_bridge.music.composers_assistant import vocabulary as tok
from emsync_bridge.music.composers_assistant.score import ScoreBar, TrackNote
from emsync_bridge.music.generation.sampling import Sampler
from emsync_bridge.music.generation.token_loop import TokenPiece, TokenSession, draw_tokens

_MAX_TOKENS = 3 * tok.MAX_CLICKS
"""Tokens of one blank at most: more than any bar has."""


@dataclass(frozen=True)
class Blank:
    """One bar of one track that is to be written.

    Arguments:
        bar: The bar.
        drums: Whether it is the drum set's.
        free: Clicks at which notes may begin, shape (length of the bar,).
        pitches: Pitches that may be played, shape (128,).
        bias: Nats that each pitch gains or loses, shape (128,).
        within: Pitches that may be played at some clicks, fewer than elsewhere.
        voices: Notes at once at most.
        until: Tick by which every note must end.
    """

    bar: ScoreBar
    drums: bool
    free: np.ndarray
    pitches: np.ndarray
    bias: np.ndarray
    voices: int
    until: int
    within: Mapping[int, np.ndarray] = field(default_factory=dict)


def fill(session: TokenSession, blanks: Sequence[Blank], sampler: Sampler) -> list[list[TrackNote]]:
    """Return the notes of each blank, in their order.

    Arguments:
        session: A generation session that has read the request.
        blanks: Blanks in the order of the request.
        sampler: Sampler that draws the tokens.
    """
    answer = _Answer(blanks)
    for _ in draw_tokens(session, answer, sampler, (_MAX_TOKENS + 2) * len(blanks) + 1):
        pass
    return answer.found


class _Answer(TokenPiece):
    """An answer while it is written: the blanks that are filled, and the one under way."""

    def __init__(self, blanks: Sequence[Blank]) -> None:
        self._blanks = blanks
        self._writer: _BlankWriter | None = None
        self.found: list[list[TrackNote]] = []

    @property
    def _following(self) -> int:
        """Token that ends the blank under way: it names the next one, or ends the answer."""
        return tok.BLANK + len(self.found) if len(self.found) < len(self._blanks) else tok.END

    def candidates(self, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return scores with the bias of pitches, and what may come."""
        if self._writer is None:
            mask = np.zeros(tok.VOCABULARY, dtype=bool)
        else:
            mask, scores = self._writer.allowed(), scores + self._writer.bias
            if self._writer.pending:
                return scores, mask
        mask[self._following] = True
        return scores, mask

    def taken(self, token: int) -> int:
        """Take a token."""
        if token == tok.END:
            self.over = True
        elif token == self._following:
            self._writer = _BlankWriter(self._blanks[len(self.found)])
            self.found.append(self._writer.notes)
        elif self._writer is not None:
            self._writer.push(token)
        return token


class _BlankWriter:
    """State of one blank while it is written: the clock in clicks from the bar line, and what its notes last."""

    def __init__(self, blank: Blank) -> None:
        self._blank = blank
        self._base = tok.DRUM if blank.drums else tok.NOTE
        self._clock, self._lasting = 0, 0
        self._struck: list[int] = []  # pitches at the clock
        self._left = _MAX_TOKENS
        self.pending = False
        """True after a wait or a duration: a note has to come."""
        self._after_duration = False
        self.notes: list[TrackNote] = []
        self.bias = np.zeros(tok.VOCABULARY)
        self.bias[self._base : self._base + tok.PITCHES] = blank.bias

    def allowed(self) -> np.ndarray:
        """Return which tokens may come in the blank, shape (vocabulary,); none of them has to unless one is pending."""
        mask = np.zeros(tok.VOCABULARY, dtype=bool)
        blank, clock = self._blank, self._clock
        if not self.pending and self._left <= 0:
            return mask
        if not self.pending:
            later = np.flatnonzero(blank.free[clock + 1 :]) + 1
            mask[tok.WAIT + later[self._playable_after(later)]] = True
        open_pitches = self._open_pitches()
        if not open_pitches.any():
            return mask
        if not blank.drums and not self._after_duration:
            longest = min(tok.MAX_CLICKS, blank.until - blank.bar.start - clock)
            for step in tok.GRID:
                mask[tok.DURATION + step : tok.DURATION + longest + 1 : step] = True
            mask[tok.DURATION + self._lasting] = False
        if blank.drums or 0 < self._lasting <= blank.until - blank.bar.start - clock:
            mask[self._base : self._base + tok.PITCHES] = open_pitches
        return mask

    def push(self, token: int) -> None:
        """Take one token into account."""
        self._left -= 1
        if token >= tok.WAIT:
            self._clock += token - tok.WAIT
            self._struck, self.pending = [], True
        elif not self._blank.drums and token >= tok.DURATION:
            self._lasting, self.pending, self._after_duration = token - tok.DURATION, True, True
        else:
            pitch = token - self._base
            self._struck.append(pitch)
            self.pending = self._after_duration = False
            length = self._lasting if not self._blank.drums else min(tok.GRID)
            self.notes.append(TrackNote(self._blank.bar.start + self._clock, pitch, length))

    def _open_pitches(self) -> np.ndarray:
        """Return the pitches that may be struck now: rising, as scores of the network have them."""
        blank, clock = self._blank, self._clock
        room = blank.until - blank.bar.start - clock
        if not blank.free[clock] or len(self._struck) >= blank.voices or room < min(tok.GRID):
            return np.zeros(tok.PITCHES, dtype=bool)
        found: np.ndarray = blank.pitches & blank.within.get(clock, blank.pitches)
        if self._struck:
            found = found.copy()
            found[: max(self._struck) + 1] = False
        return found

    def _playable_after(self, waits: np.ndarray) -> np.ndarray:
        """Return which waits lead to a click where something can be struck."""
        blank = self._blank
        clicks = waits + self._clock
        room = blank.until - blank.bar.start - clicks >= min(tok.GRID)
        barred = [click for click, some in blank.within.items() if not (blank.pitches & some).any()]
        found: np.ndarray = room & ~np.isin(clicks, barred)
        return found
