"""Several takes at once: pieces for the same cut and mood, written side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from emsync_bridge.blas_threads import one_blas_thread
from emsync_bridge.cue import EmotionCurve, Spotting, Take
from emsync_bridge.music.generation import constraints
from emsync_bridge.music.generation.compose import TOKENS_PER_TICK, NetworkPiece, compose
from emsync_bridge.music.generation.request import draw_shift, mode_of, plan_for
from emsync_bridge.music.generation.sampling import Sampler
from emsync_bridge.music.generation.session import BatchSession
from emsync_bridge.music.generation.state import Conditioning, ScoreState
from emsync_bridge.music.generation.take import take_of
from emsync_bridge.music.generation.token_loop import draw_tokens_together
from emsync_bridge.music.network.checkpoint import Checkpoint
from emsync_bridge.music.tokenizer import vocabulary as tok
from emsync_bridge.options import MusicOptions

MAX_SIDE_BY_SIDE = 8
"""Takes that are written side by side; more come in groups. Each needs its own memory of what was written."""


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
        seeds: Seeds of everything that is drawn, one for each take.
        options: The options of the music.
        progress: Function called with the share that is done, from 0 to 1.

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
    shifts, samplers = [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        shifts.append(draw_shift(options, rng))
        samplers.append(Sampler(rng, options.sampling))
    pieces = [NetworkPiece(ScoreState(plan), rules, options, plan.end) for _ in seeds]
    session = BatchSession(checkpoint, [p.state for p in pieces], Conditioning(options.ensemble), options.guidance)
    tokens = [[tok.START] for _ in seeds]
    session.read([tok.START] * len(pieces))
    for latest in draw_tokens_together(session, pieces, samplers, TOKENS_PER_TICK * (plan.end + 1)):
        for index, token in latest:
            tokens[index].append(token)
        tell(sum(piece.state.clock for piece in pieces) / max(1, plan.end * len(pieces)))
    return [
        take_of(said, plan, spotting, options, seed=seed, shift=shift, model=checkpoint.name)
        for said, seed, shift in zip(tokens, seeds, shifts, strict=True)
    ]
