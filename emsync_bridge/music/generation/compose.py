"""Composing: a spotting and an emotion curve to a take, and one section of a take again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from emsync_bridge.blas_threads import one_blas_thread
from emsync_bridge.cue import INSTRUMENTS, EmotionCurve, Spotting, Take
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.generation import constraints
from emsync_bridge.music.generation.constraints import Rule
from emsync_bridge.music.generation.entrance_bias import with_entrance_bias
from emsync_bridge.music.generation.infill import InfillContext, section_of, without_collisions
from emsync_bridge.music.generation.mood_bias import with_mood_bias
from emsync_bridge.music.generation.request import SectionChange, check_options, draw_shift, mode_of, plan_for
from emsync_bridge.music.generation.sampling import Sampler
from emsync_bridge.music.generation.session import Session
from emsync_bridge.music.generation.state import Conditioning, ScoreState
from emsync_bridge.music.generation.take import hit_answers, ringing_notes, shift_of, take_of, voice_notes
from emsync_bridge.music.generation.token_loop import TokenPiece, TokenSession, draw_tokens
from emsync_bridge.music.network.checkpoint import Checkpoint
from emsync_bridge.music.planning.plan import CompositionPlan, plan_on
from emsync_bridge.music.tokenizer import vocabulary as tok
from emsync_bridge.options import MusicOptions

TOKENS_PER_TICK = 40
"""More events per tick than any music has; a piece that needs more is stuck."""


@one_blas_thread()
def compose(
    spotting: Spotting,
    curve: EmotionCurve,
    checkpoint: Checkpoint,
    *,
    seed: int,
    options: MusicOptions | None = None,
    progress: Callable[[float], None] | None = None,
) -> Take:
    """Return one take for a cut and its mood; the same seed gives the same take.

    Arguments:
        spotting: The cut.
        curve: The mood.
        checkpoint: The generator.
        seed: Seed of everything that is drawn.
        options: The options of the music.
        progress: Function called with the share that is done, from 0 to 1.

    Raises:
        MusicError: The options ask for what cannot be met.
    """
    options = options or MusicOptions()
    plan = plan_for(spotting, curve, options)
    rng = np.random.default_rng(seed)
    shift = draw_shift(options, rng)
    tokens = [tok.START]
    for token, clock in generate_tokens(plan, checkpoint, rng, options):
        tokens.append(token)
        if progress:
            progress(clock / max(1, plan.end))
    return take_of(tokens, plan, spotting, options, seed=seed, shift=shift, model=checkpoint.name)


@one_blas_thread()
def recompose(
    take: Take,
    spotting: Spotting,
    curve: EmotionCurve,
    checkpoint: Checkpoint,
    change: SectionChange,
    progress: Callable[[float], None] | None = None,
) -> Take:
    """Return a take with one section recomposed; every other note stays as it was, and so do tempo and key.

    The section's edges move to the nearest hit, bar line, beginning or end. Notes that sound across an edge stay.

    Arguments:
        take: Take that ``compose`` returned for the cut.
        spotting: The cut.
        curve: The mood, which may be another one inside the section.
        checkpoint: The generator.
        change: The section, its seed and its options; the take's own instruments when it has no options.
        progress: Function called with the share that is done, from 0 to 1.

    Raises:
        MusicError: The section is outside the music or shorter than a bar, or the options cannot be met.
    """
    plan = plan_on(take.tempo_map, spotting, curve, snap_section(take, spotting, curve, change.start, change.end))
    first, last = section_of(plan, change.start, change.end)
    playing = tuple(name for name in INSTRUMENTS if any(note.instrument == name for note in take.notes))
    options = change.options or MusicOptions(ensemble=playing or MusicOptions().ensemble)
    check_options(options)
    kept = [note for note in take.notes if note.start < first or note.start >= last or note.end > last]
    shift = shift_of(take)
    around = InfillContext(first, last, tuple(keys.transpose(kept, -shift)))
    tokens = around.prelude(plan)
    for token, clock in generate_tokens(plan, checkpoint, np.random.default_rng(change.seed), options, around):
        tokens.append(token)
        if progress:
            progress((clock - first) / (last - first))
    fresh = [note for note in ringing_notes(tokens, last) if note.start >= first]
    notes = tuple(sorted((*kept, *without_collisions(voice_notes(fresh, plan, shift), kept))))
    model = take.model if checkpoint.name in take.model.split(" + ") else f"{take.model} + {checkpoint.name}"
    return replace(take, seed=change.seed, notes=notes, answers=hit_answers(spotting, notes, plan), model=model)


def snap_section(take: Take, spotting: Spotting, curve: EmotionCurve, start: float, end: float) -> tuple[float, float]:
    """Return a section's edges in seconds, moved to the nearest hit, bar line, beginning or end.

    Raises:
        MusicError: The section is outside the music or shorter than a bar.
    """
    first, last = section_of(plan_on(take.tempo_map, spotting, curve), start, end)
    return take.tempo_map.seconds(first), min(take.tempo_map.seconds(last), spotting.duration)


def generate_tokens(
    plan: CompositionPlan,
    checkpoint: Checkpoint,
    rng: np.random.Generator,
    options: MusicOptions,
    around: InfillContext | None = None,
) -> Iterator[tuple[int, int]]:
    """Yield the tokens of a piece, or of a section of it, as they are drawn, each with the clock in ticks after it.

    The piece is over when the clock reaches the end, or once the last chord has been struck.
    """
    session = Session(checkpoint, ScoreState(plan), Conditioning(options.ensemble), options.guidance)
    start, stop = 0, plan.end
    if around is None:
        session.read(tok.START)
    else:
        start, stop = around.start, around.end
        _read_prelude(session, around, checkpoint.config.context)
    rules = constraints.rules_for(options.ensemble, mode_of(options), around=around.leave_room() if around else None)
    piece = NetworkPiece(session.state, rules, options, stop)
    reading: TokenSession = session
    if around is not None:
        reading = piece.beside = _KeptNotes(session, around)
    for token in draw_tokens(reading, piece, Sampler(rng, options.sampling), TOKENS_PER_TICK * (stop - start + 1)):
        yield token, session.state.clock


class NetworkPiece(TokenPiece):
    """A piece, or a part of one, while the network writes it.

    Arguments:
        state: Its state.
        rules: Rules of what is allowed.
        options: Mode and instruments, towards which scores are moved.
        stop: Tick at which it is over.
        endless: Whether it goes on after its last chord.
    """

    def __init__(
        self, state: ScoreState, rules: Sequence[Rule], options: MusicOptions, stop: int, *, endless: bool = False
    ) -> None:
        self.state, self._rules, self._options, self._stop, self._endless = state, rules, options, stop, endless
        self.beside: _KeptNotes | None = None
        self.ended = False
        """True once the last chord has been struck."""

    def candidates(self, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return scores as mood and ensemble move them, and what the rules allow."""
        moved = with_mood_bias(scores, self.state, mode_of(self._options))
        moved = with_entrance_bias(moved, self.state, self._options.ensemble)
        return moved, constraints.allowed(self.state, self._rules)

    def taken(self, token: int) -> int | None:
        """Take a token; None where the music would go on after its last chord."""
        if tok.is_shift(token):
            if self.state.clock == self.state.plan.final and not self._endless:
                self.over = self.ended = True
                return None
            if self.beside:
                self.beside.read_onsets()
        self.state.push(token)
        self.over = self.state.clock >= self._stop
        return token


class _KeptNotes:
    """The session of a section, which also reads what stays and sounds in it: onsets before time moves, offs after."""

    def __init__(self, session: Session, around: InfillContext) -> None:
        self._session, self._around = session, around

    @property
    def scores(self) -> np.ndarray:
        """Of the token after the last one read."""
        return self._session.scores

    def read_onsets(self) -> None:
        """Take note of the notes that stay and begin now."""
        for staying in self._around.ons.get(self._session.state.clock, ()):
            self._session.read(staying)

    def read(self, token: int) -> None:
        """Take note of a token, and of the notes that stay and end where it leads."""
        self._session.read(token)
        if tok.is_shift(token):
            for staying in self._around.offs.get(self._session.state.clock, ()):
                self._session.read(staying)


def _read_prelude(session: Session, around: InfillContext, context: int) -> None:
    """Let the network take note of what comes before a section, as far back as it can look."""
    prelude = around.prelude(session.state.plan)
    for index, token in enumerate(prelude):
        session.state.push(token)
        if index == len(prelude) - 1:
            session.state.begin_section(around.start)
        if index >= len(prelude) - context:
            session.read(token)
