"""From a spotting and an emotion curve to a take, with the published network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from emsync_bridge.cue import EmotionCurve, Note, Spotting, Take
from emsync_bridge.errors import MusicError
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.emsync_original import codec
from emsync_bridge.music.emsync_original import vocabulary as tok
from emsync_bridge.music.emsync_original.constraints import OriginalConstraints
from emsync_bridge.music.emsync_original.generator import PublishedGenerator
from emsync_bridge.music.emsync_original.grid import Grid
from emsync_bridge.music.emsync_original.network import ContextWindow, Network, instruments_token
from emsync_bridge.music.emsync_original.state import OriginalState
from emsync_bridge.music.emsync_original.vocabulary import UNITS_PER_SECOND
from emsync_bridge.music.generation.request import plan_for
from emsync_bridge.music.generation.sampling import Sampler
from emsync_bridge.music.generation.session import guided_logits
from emsync_bridge.music.generation.take import hit_answers, voice_notes
from emsync_bridge.music.generation.token_loop import TokenPiece, draw_tokens
from emsync_bridge.music.planning.plan import CompositionPlan
from emsync_bridge.options import MusicOptions, Sampling

TEMPERATURE, TOP_P, GUARD = 1.35, 0.6, 0.4
"""Of EMSYNC's demonstration; the temperature that is asked for multiplies it."""

_MAX_PER_SECOND = 1000
"""More tokens than any second of music has; a piece that needs more is stuck."""


def compose_takes(
    spotting: Spotting,
    curve: EmotionCurve,
    generator: PublishedGenerator,
    *,
    seeds: Sequence[int],
    options: MusicOptions | None = None,
    progress: Callable[[float], None] | None = None,
) -> tuple[Take, ...]:
    """Return one take for each seed, composed one after the other.

    Bar lines, tempo and hits are the plan's: the network is given its bar lines, a chord is due on every hit, and what
    it writes in units of 8 ms falls on the nearest tick. Valence and arousal change where sections begin.

    Arguments:
        spotting: The cut.
        curve: The mood.
        generator: The published network.
        seeds: Seeds of everything that is drawn, one for each take.
        options: The options of the music.
        progress: Function called with the share that is done, from 0 to 1.

    Raises:
        MusicError: The options ask for what cannot be met.
    """
    options = options or MusicOptions()
    _check(options)
    plan = plan_for(spotting, curve, options)
    network = Network(generator.sizes, generator.weights, generator.conventions)
    takes = []
    for number, seed in enumerate(seeds):
        tokens = []
        for token, share in generate_tokens(plan, network, np.random.default_rng(seed), options):
            tokens.append(token)
            if progress:
                progress((number + share) / len(seeds))
        takes.append(_take(tokens, plan, spotting, seed, generator.name))
    return tuple(takes)


def generate_tokens(
    plan: CompositionPlan, network: Network, rng: np.random.Generator, options: MusicOptions
) -> Iterator[tuple[int, float]]:
    """Yield the tokens of a piece as they are drawn, each with the share of the piece that is done.

    The piece is over when the clock reaches the end, or once the last chord has been struck.
    """
    sampler = Sampler(rng, Sampling(TEMPERATURE * options.sampling.temperature, TOP_P, GUARD))
    state = OriginalState(plan)
    session = _Session(network, state, len(options.ensemble), options.guidance)
    session.read(tok.START)
    piece = _Piece(state, OriginalConstraints(options.ensemble), session)
    given = 0
    for _ in draw_tokens(session, piece, sampler, _MAX_PER_SECOND + _MAX_PER_SECOND * state.end // UNITS_PER_SECOND):
        settled = len(piece.tokens) - (tok.is_shift(piece.tokens[-1]) and not piece.over)
        yield from ((token, state.clock / max(1, state.end)) for token in piece.tokens[given:settled])
        given = settled
    yield from ((token, 1.0) for token in piece.tokens[given:])


class _Piece(TokenPiece):
    """A piece while the network writes it; its last shift may still be moved to a beat."""

    def __init__(self, state: OriginalState, rules: OriginalConstraints, session: _Session) -> None:
        self._state, self._rules, self._session = state, rules, session
        self.tokens: list[int] = []

    def candidates(self, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return scores of which no shift goes too far, and what the rules allow."""
        return self._rules.applied(self._state, scores)

    def revised(self, token: int) -> bool:
        """Move the last shift to the beat where a note was drawn after it."""
        if not self.tokens or not tok.is_shift(self.tokens[-1]) or not tok.is_on(token):
            return False
        better = self._state.moved_to_beat(self.tokens[-1])
        if better == self.tokens[-1]:
            return False
        self.tokens[-1] = better
        self._session.replace(better)
        return True

    def taken(self, token: int) -> int | None:
        """Take a token; a shift gives way to the release of what sounded before a hit."""
        state = self._state
        if tok.is_shift(token) and state.leftover is not None:
            token = state.leftover
        if tok.is_shift(token) and state.clock == state.final:
            self.over = True
            return None
        state.push(token)
        self.tokens.append(token)
        self.over = tok.is_shift(token) and state.clock >= state.end
        return token


class _Session:
    """The network at work on one piece, and where the mood is to be followed more strongly, once more without it."""

    def __init__(self, network: Network, state: OriginalState, players: int, guidance: float) -> None:
        self._state, self._guidance = state, guidance
        token = instruments_token(players)
        self._window = ContextWindow(network, state.section.affect, token)
        self._moodless = ContextWindow(network, None, token) if guidance != 1.0 else None
        self.scores = np.zeros(0, dtype=np.float32)
        """Of the token after the last one read, shape (vocabulary,)."""

    def read(self, token: int) -> None:
        """Take note of the next token, under what the state asks for now."""
        self._read(token, instead=False)

    def replace(self, token: int) -> None:
        """Take note of a token in the place of the one read last."""
        self._read(token, instead=True)

    def _read(self, token: int, *, instead: bool) -> None:
        offset = self._state.offset
        if not self._state.section.silence:
            self._window.tell(self._state.section.affect)
        self.scores = _scores(self._window, token, offset, instead=instead)
        if self._moodless is not None:
            without = _scores(self._moodless, token, offset, instead=instead)
            self.scores = guided_logits(self.scores, without, self._guidance)


def _scores(window: ContextWindow, token: int, offset: float, *, instead: bool) -> np.ndarray:
    return window.read_instead(token, offset) if instead else window.read(token, offset)


def _take(tokens: Sequence[int], plan: CompositionPlan, spotting: Spotting, seed: int, model: str) -> Take:
    """Return the take that tokens say."""
    grid, notes = Grid(plan), []
    for note in codec.decode(tokens, grid.unit(plan.end))[0]:
        start, end = grid.tick(note.start), grid.tick(note.end)
        if plan.section_at(start).silence:
            continue  # it began just before
        notes.append(Note(start, max(start + 1, end), note.instrument, note.pitch, note.velocity))
    return Take(
        seed=seed,
        notes=tuple(voice_notes(sorted(notes), plan, 0)),
        tempo_map=plan.tempo.tempo_map,
        key=_key_of(notes),
        answers=hit_answers(spotting, notes, plan),
        model=model,
    )


def _key_of(notes: Sequence[Note]) -> str:
    """Return the key that notes are nearest to."""
    major, minor = keys.key_correlations(keys.pitch_class_profile(notes))
    if major.max() >= minor.max():
        return keys.key_name(int(major.argmax()), minor=False)
    return keys.key_name(int(minor.argmax()) + 3, minor=True)


def _check(options: MusicOptions) -> None:
    """Refuse what this network cannot do.

    Raises:
        MusicError: A key is asked for.
    """
    if options.key is not None or options.transpose is not None:
        raise MusicError("EMSYNC's network chooses its key itself", hint="Leave the key out")
