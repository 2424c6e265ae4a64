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
from emsync_bridge.music.generation.compose import no_progress_error
from emsync_bridge.music.generation.guidance import guided_logits
from emsync_bridge.music.generation.request import plan_for
from emsync_bridge.music.generation.sampling import Sampler
from emsync_bridge.music.generation.take import hit_answers, voice_notes
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
        seeds: Of everything that is drawn, one for each take.
        options: The options of the music.
        progress: Called with the share that is done, from 0 to 1.

    Raises:
        MusicError: The options ask for what cannot be met.
    """
    options = options or MusicOptions()
    _check(options)
    plan = plan_for(spotting, curve, options)
    network = Network(generator.sizes, generator.weights, generator.conventions)
    takes = []
    for number, seed in enumerate(seeds):
        written = []
        for token, share in generate_tokens(plan, network, np.random.default_rng(seed), options):
            written.append(token)
            if progress:
                progress((number + share) / len(seeds))
        takes.append(_take(written, plan, spotting, seed, generator.name))
    return tuple(takes)


def generate_tokens(
    plan: CompositionPlan, network: Network, rng: np.random.Generator, options: MusicOptions
) -> Iterator[tuple[int, float]]:
    """Yield the tokens of a piece as they are drawn, each with the share of the piece that is done.

    The piece is over when the clock reaches the end, or once the last chord has been struck.
    """
    sampler = Sampler(rng, Sampling(TEMPERATURE * options.sampling.temperature, TOP_P, GUARD))
    rules, state = OriginalConstraints(options.ensemble), OriginalState(plan)
    session = _Session(network, state, len(options.ensemble), options.guidance)
    scores, last = session.read(tok.START), tok.START
    for _ in range(_MAX_PER_SECOND + _MAX_PER_SECOND * state.end // UNITS_PER_SECOND):
        token = sampler.draw(*rules.applied(state, scores))
        if tok.is_shift(last):
            if tok.is_on(token) and (better := state.moved_to_beat(last)) != last:
                last, scores = better, session.read(better, instead=True)
                token = sampler.draw(*rules.applied(state, scores))
            yield last, state.clock / max(1, state.end)
        if tok.is_shift(token) and state.leftover is not None:
            token = state.leftover
        if tok.is_shift(token) and state.clock == state.final:
            return
        state.push(token)
        if not tok.is_shift(token):
            yield token, state.clock / max(1, state.end)
        elif state.clock >= state.end:
            yield token, 1.0
            return
        scores, last = session.read(token), token
    raise no_progress_error()


class _Session:
    """The network at work on one piece, and where the mood is to be followed more strongly, once more without it."""

    def __init__(self, network: Network, state: OriginalState, players: int, guidance: float) -> None:
        self._state, self._guidance = state, guidance
        token = instruments_token(players)
        self._window = ContextWindow(network, state.section.affect, token)
        self._moodless = ContextWindow(network, None, token) if guidance != 1.0 else None

    def read(self, token: int, *, instead: bool = False) -> np.ndarray:
        """Return the scores of the token after this one, under what the state asks for now.

        Arguments:
            token: The latest token.
            instead: Whether it takes the place of the one read last.
        """
        offset = self._state.offset
        if not self._state.section.silence:
            self._window.tell(self._state.section.affect)
        scores = _read(self._window, token, offset, instead=instead)
        if self._moodless is not None:
            without = _read(self._moodless, token, offset, instead=instead)
            scores = guided_logits(scores, without, self._guidance)
        return scores


def _read(window: ContextWindow, token: int, offset: float, *, instead: bool) -> np.ndarray:
    return window.read_instead(token, offset) if instead else window.read(token, offset)


def _take(written: Sequence[int], plan: CompositionPlan, spotting: Spotting, seed: int, model: str) -> Take:
    """Return the take that tokens say."""
    grid, notes = Grid(plan), []
    for note in codec.decode(written, grid.unit(plan.end))[0]:
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
