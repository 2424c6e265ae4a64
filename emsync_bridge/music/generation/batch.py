"""Several takes at once: pieces for the same cut and mood, written side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from emsync_bridge.blas_threads import one_blas_thread
from emsync_bridge.cue import EmotionCurve, Spotting, Take
from emsync_bridge.music.generation import constraints
from emsync_bridge.music.generation.compose import TOKENS_PER_TICK, compose, next_token, no_progress_error
from emsync_bridge.music.generation.guidance import guided_logits
from emsync_bridge.music.generation.request import draw_shift, mode_of, plan_for
from emsync_bridge.music.generation.sampling import Sampler
from emsync_bridge.music.generation.state import Conditioning, ScoreState, condition_row
from emsync_bridge.music.generation.take import take_of
from emsync_bridge.music.network.batch_decoder import BatchDecoder
from emsync_bridge.music.network.checkpoint import Checkpoint
from emsync_bridge.music.tokenizer import vocabulary as tok
from emsync_bridge.options import MusicOptions

MAX_SIDE_BY_SIDE = 8
"""Takes that are written side by side; more come in groups. Each needs its own memory of what was written."""


@dataclass
class _Sequence:
    """One piece in the making."""

    seed: int
    shift: int
    sampler: Sampler
    state: ScoreState
    written: list[int] = field(default_factory=lambda: [tok.START])
    over: bool = False


@one_blas_thread()
def compose_takes(
    spotting: Spotting,
    curve: EmotionCurve,
    checkpoint: Checkpoint,
    *,
    seeds: Sequence[int],
    options: MusicOptions | None = None,
    progress: Callable[[float], None] | None = None,
) -> tuple[Take, ...]:
    """Return one take for each seed.

    A take among others is that of its seed alone but for rounding: in long pieces a draw on the edge may fall the other
    way, and the music goes on differently from there.

    Arguments:
        spotting: The cut.
        curve: The mood.
        checkpoint: The generator.
        seeds: Of everything that is drawn, one for each take.
        options: The options of the music.
        progress: Called with the share that is done, from 0 to 1.

    Raises:
        MusicError: The options ask for what cannot be met.
    """
    options = options or MusicOptions()
    if len(seeds) == 1:
        return (compose(spotting, curve, checkpoint, seed=seeds[0], options=options, progress=progress),)
    takes: list[Take] = []
    for first in range(0, len(seeds), MAX_SIDE_BY_SIDE):
        group = seeds[first : first + MAX_SIDE_BY_SIDE]

        def tell(share: float, first: int = first, count: int = len(group)) -> None:
            if progress:
                progress((first + share * count) / len(seeds))

        takes += _side_by_side(spotting, curve, checkpoint, group, options, tell)
    return tuple(takes)


def _side_by_side(
    spotting: Spotting,
    curve: EmotionCurve,
    checkpoint: Checkpoint,
    seeds: Sequence[int],
    options: MusicOptions,
    tell: Callable[[float], None],
) -> list[Take]:
    plan = plan_for(spotting, curve, options)
    rules = constraints.rules_for(options.ensemble, mode_of(options))
    told = Conditioning(options.ensemble)
    sequences = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        sequences.append(_Sequence(seed, draw_shift(options, rng), Sampler(rng, options.sampling), ScoreState(plan)))
    guided = options.guidance != 1.0
    decoder = BatchDecoder(checkpoint.config, checkpoint.weights, len(sequences) * (2 if guided else 1))
    writing = list(sequences)
    for _ in range(TOKENS_PER_TICK * (plan.end + 1)):
        rows = [condition_row(sequence.state, told) for sequence in writing]
        if guided:
            rows += [condition_row(sequence.state, replace(told, affect=False)) for sequence in writing]
        scalars, places = (np.stack(part) for part in zip(*rows, strict=True))
        latest = [sequence.written[-1] for sequence in writing] * (2 if guided else 1)
        scores = decoder.step(latest, scalars, places)
        if guided:
            with_mood, without = np.split(scores, 2)
            scores = guided_logits(with_mood, without, options.guidance)
        for sequence, row in zip(writing, scores, strict=True):
            _write_on(sequence, row, rules, options)
        staying = [index for index, sequence in enumerate(writing) if not sequence.over]
        if not staying:
            return [
                take_of(d.written, plan, spotting, options, seed=d.seed, shift=d.shift, model=checkpoint.name)
                for d in sequences
            ]
        if len(staying) < len(writing):
            decoder.keep([*staying, *(index + len(writing) for index in staying)] if guided else staying)
            writing = [writing[index] for index in staying]
        tell(sum(sequence.state.clock for sequence in sequences) / max(1, plan.end * len(sequences)))
    raise no_progress_error()


def _write_on(
    sequence: _Sequence, scores: np.ndarray, rules: Sequence[constraints.Rule], options: MusicOptions
) -> None:
    """Draw the next token of a piece; it is over at its end, or once its last chord has been struck."""
    state = sequence.state
    token = next_token(sequence.sampler, scores, state, rules, options)
    if token is None:
        sequence.over = True
        return
    state.push(token)
    sequence.written.append(token)
    sequence.over = state.clock >= state.plan.end
