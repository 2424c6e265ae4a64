"""Streaming generation: music composed a bar at a time ahead of playback, recomposed from a bar line on request."""

from __future__ import annotations

from bisect import bisect_left
from copy import copy
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np

from emsync_bridge.blas_threads import one_blas_thread
from emsync_bridge.cue import Note, Spotting, Take
from emsync_bridge.music.generation import constraints
from emsync_bridge.music.generation.compose import TOKENS_PER_TICK, NetworkPiece
from emsync_bridge.music.generation.request import draw_shift, mode_of
from emsync_bridge.music.generation.sampling import Sampler
from emsync_bridge.music.generation.session import Session
from emsync_bridge.music.generation.state import Conditioning, ScoreState
from emsync_bridge.music.generation.take import hit_answers, key_of, voice_notes
from emsync_bridge.music.generation.token_loop import draw_tokens
from emsync_bridge.music.network.checkpoint import Checkpoint
from emsync_bridge.music.planning.plan import CompositionPlan
from emsync_bridge.music.tokenizer import vocabulary as tok
from emsync_bridge.music.tokenizer.codec import Transcript
from emsync_bridge.options import MusicOptions

_REMEMBERED = 16
"""Bar lines that can be gone back to."""


@dataclass(frozen=True)
class _Bookmark:
    """Everything as it was at a bar line, before the bar began."""

    tick: int
    token: int
    read: int
    state: ScoreState
    transcript: Transcript


class TokenStream:
    """A piece in the making.

    Arguments:
        plan: Plan of the music.
        checkpoint: The generator.
        seed: Seed of everything that is drawn.
        options: Instruments, key and boldness.
        begin: Seconds; the music begins at the last bar line before.
    """

    def __init__(
        self, plan: CompositionPlan, checkpoint: Checkpoint, *, seed: int, options: MusicOptions, begin: float = 0.0
    ) -> None:
        self.seed, self.options, self.model = seed, options, checkpoint.name
        rng = np.random.default_rng(seed)
        self.shift = draw_shift(options, rng)
        self._sampler = Sampler(rng, options.sampling)
        self._rules = constraints.rules_for(options.ensemble, mode_of(options))
        self._session = Session(checkpoint, ScoreState(plan), Conditioning(options.ensemble), options.guidance)
        lines = [line for line in plan.bar_lines[:-1] if plan.tempo.tempo_map.seconds(line) <= begin + 1e-6]
        self._state.begin_section(lines[-1] if lines else 0)
        self._state.bar = len(lines) - 2 if lines else -1
        self.first = self._state.clock
        self._transcript = Transcript(clock=self.first)
        self._token = tok.START
        self._bookmarks: list[_Bookmark] = []
        self.over = False

    @property
    def _state(self) -> ScoreState:
        return self._session.state

    @property
    def plan(self) -> CompositionPlan:
        """Plan that the music follows now."""
        return self._state.plan

    @property
    def composed(self) -> float:
        """Seconds up to which it is composed."""
        return self._seconds(self.plan.end if self.over else self._state.clock)

    @property
    def begins(self) -> float:
        """Seconds at which it begins."""
        return self._seconds(self.first)

    @one_blas_thread()
    def compose_bar(self) -> None:
        """Compose up to the next bar line, or to the end.

        Raises:
            MusicError: The generator is stuck.
        """
        if self.over:
            return
        self._remember()
        state = self._state
        until = state.next_bar if state.clock < state.next_bar else self.plan.bar_lines[state.bar + 2]
        self._session.read(self._token)
        piece = NetworkPiece(state, self._rules, self.options, until)
        for token in draw_tokens(self._session, piece, self._sampler, TOKENS_PER_TICK * (until - state.clock + 1)):
            self._transcript.push(token)
            self._token = token
        if piece.ended:
            self._transcript.clock = self.plan.end
        self.over = piece.ended or state.clock >= self.plan.end

    def next_bar_line(self, seconds: float) -> int | None:
        """Return the first bar line at or after a moment from which it can be recomposed; None past the last."""
        ticks = [bookmark.tick for bookmark in self._bookmarks]
        if not self.over:
            ticks.append(self._state.clock)
        place = bisect_left(ticks, seconds - 1e-6, key=self._seconds)
        return ticks[place] if place < len(ticks) else None

    def change(self, plan: CompositionPlan, tick: int) -> None:
        """Go by another plan from a bar line on; what was composed after it is forgotten.

        Arguments:
            plan: The same as the present one before the bar line.
            tick: Tick as ``next_bar_line`` returns it.
        """
        for index, bookmark in enumerate(self._bookmarks):
            if bookmark.tick == tick:
                self._session.rewind(bookmark.read)
                self._session.state, self._transcript = bookmark.state, bookmark.transcript
                self._token, self.over = bookmark.token, False
                del self._bookmarks[index:]
                break
        self._state.plan = plan

    def take(self, spotting: Spotting) -> Take:
        """Return what is composed so far, in its key; what still sounds lasts until its end."""
        notes = self._transcript.whole()
        return Take(
            seed=self.seed,
            notes=tuple(voice_notes(notes, self.plan, self.shift)),
            tempo_map=self.plan.tempo.tempo_map,
            key=key_of(notes, self.options, self.shift),
            answers=hit_answers(spotting, notes, self.plan) if self.over else (),
            model=self.model,
        )

    def notes_from(self, tick: int) -> tuple[list[Note], int]:
        """Return the notes that begin at or after a tick, and the first tick of a note that still sounds.

        That note's end may change, so a caller that already has it must fetch it again.
        """
        transcript = self._transcript
        ended = takewhile(lambda note: note.end > tick, reversed(transcript.notes))  # they are in order of their end
        held = [Note(start, transcript.clock, *key, level) for key, (start, level) in transcript.sounding.items()]
        found = [note for note in (*ended, *held) if tick <= note.start < note.end]
        return voice_notes(found, self.plan, self.shift), min([transcript.clock, *(note.start for note in held)])

    def _remember(self) -> None:
        state = self._state
        kept = copy(state)
        kept.sounding = {token: replace(note) for token, note in state.sounding.items()}
        kept.ons_now, kept.profile = state.ons_now.copy(), state.profile.copy()
        self._bookmarks.append(
            _Bookmark(state.clock, self._token, self._session.position, kept, self._transcript.copy())
        )
        del self._bookmarks[:-_REMEMBERED]

    def _seconds(self, tick: int) -> float:
        return self.plan.tempo.tempo_map.seconds(tick)
