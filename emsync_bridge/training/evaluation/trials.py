"""Pieces composed to be measured: with exact hits as in the product, with hits told but not enforced, and untold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

import numpy as np

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, HitPoint, Instrument, Spotting
from emsync_bridge.errors import MusicError
from emsync_bridge.music.generation import constraints
from emsync_bridge.music.generation.compose import TOKENS_PER_TICK, NetworkPiece
from emsync_bridge.music.generation.sampling import Sampler
from emsync_bridge.music.generation.session import Session
from emsync_bridge.music.generation.state import Conditioning, ScoreState
from emsync_bridge.music.generation.take import apply_dynamics
from emsync_bridge.music.generation.token_loop import draw_tokens
from emsync_bridge.music.network.checkpoint import Checkpoint
from emsync_bridge.music.planning.plan import CompositionPlan, plan_composition
from emsync_bridge.music.tokenizer import codec
from emsync_bridge.music.tokenizer import vocabulary as tok
from emsync_bridge.options import MusicOptions, Sampling
from emsync_bridge.training.corpus.pieces import Music

Hits = Literal["exact", "soft", "off"]

_RATE = Fraction(24)


@dataclass(frozen=True)
class Prompt:
    """Prompt of a piece.

    Arguments:
        affect: Its mood throughout.
        hits: Seconds of the hits.
        duration: Seconds.
        seed: Seed of everything that is drawn.
        ensemble: Instruments or players in use.
        mode: ``exact`` lands a chord on every hit, ``soft`` only tells the network, ``off`` tells it nothing.
        guidance: Guidance as in ``MusicOptions``.
        sampling: Sampling settings for the draw of tokens.
    """

    affect: Affect
    hits: tuple[float, ...]
    duration: float
    seed: int
    ensemble: tuple[Instrument, ...] = ("piano", "strings")
    mode: Hits = "exact"
    guidance: float = 1.0
    sampling: Sampling = field(default_factory=Sampling)


@dataclass(frozen=True)
class PromptTrial:
    """A piece that was composed for a prompt.

    Arguments:
        prompt: Prompt that it was composed for.
        music: Music that came, in C major or A minor; None when the generator was stuck.
        tokens: The same as tokens.
        targets: Seconds of the hits.
        chords: Seconds at which chords are announced and three pitched notes begin, the ending left out.
        base_bpm: Tempo that its tempo plan bends, in quarter notes per minute.
    """

    prompt: Prompt
    music: Music | None
    tokens: tuple[int, ...] = ()
    targets: tuple[float, ...] = ()
    chords: tuple[float, ...] = ()
    base_bpm: float = 0.0


def compose_all(
    prompts: Sequence[Prompt], checkpoint: Checkpoint, progress: Callable[[float], None] | None = None
) -> list[PromptTrial]:
    """Return a piece for each prompt."""
    trials = []
    for number, prompt in enumerate(prompts, 1):
        trials.append(attempt(prompt, checkpoint))
        if progress:
            progress(number / len(prompts))
    return trials


def attempt(prompt: Prompt, checkpoint: Checkpoint) -> PromptTrial:
    """Return the piece for a prompt."""
    spotting, curve = cut_of(prompt), mood_of(prompt)
    plan = plan_composition(spotting, curve)
    try:
        tokens = _tokens(prompt, plan, checkpoint)
    except MusicError:
        return PromptTrial(prompt, None)
    clock = sum(token - tok.SHIFT_0 for token in tokens if tok.is_shift(token))
    ring = [tok.shift(1)] * (plan.end - clock)
    notes, bars, announced = codec.decode([*tokens, *ring])
    starts = np.array([note.start for note in notes if note.instrument != "drums"], dtype=np.int64)
    chords = tuple(tick for tick in announced if (starts == tick).sum() >= constraints.CHORD_VOICES)
    tempo_map, wanted = plan.tempo.tempo_map, {landing.tick for _, landing in plan.hits}
    return PromptTrial(
        prompt,
        Music(tuple(apply_dynamics(notes, plan)), tempo_map, tuple(bars), chords, plan.end),
        tuple(tokens),
        prompt.hits,
        tuple(tempo_map.seconds(tick) for tick in chords if tick != plan.final or tick in wanted),
        plan.tempo.base_bpm,
    )


def cut_of(prompt: Prompt) -> Spotting:
    """Return a cut with a prompt's hits."""
    frames = [round(time * _RATE) for time in prompt.hits]
    hits = tuple(HitPoint(float(frame / _RATE), frame, "cut") for frame in frames)
    return Spotting("trial", prompt.duration, _RATE, hits=hits)


def mood_of(prompt: Prompt) -> EmotionCurve:
    """Return a prompt's mood as a curve."""
    return EmotionCurve((EmotionSpan(0.0, prompt.duration, prompt.affect, confidence=1.0),))


def random_hits(duration: float, seed: int, gap: float = 4.0, mean: float = 8.0) -> tuple[float, ...]:
    """Return hits as an editor's cuts come: never closer than a gap, at exponential distances beyond it."""
    rng = np.random.default_rng((seed, 77))
    found, now = list[float](), 0.0
    while (now := now + gap + rng.exponential(mean - gap)) < duration - 4.0:
        found.append(round(now * 24) / 24)
    return tuple(found)


class _FreeState(ScoreState):
    """A piece whose chords may come at any time; the next one that is wanted goes by the clock."""

    @property
    def next_chord(self) -> int | None:
        """Tick of the next chord that is wanted."""
        return next((t for t in self.plan.chords if t > self.clock or (t == self.clock and not self.chord_now)), None)


def _tokens(prompt: Prompt, plan: CompositionPlan, checkpoint: Checkpoint) -> list[int]:
    sampler = Sampler(np.random.default_rng(prompt.seed), prompt.sampling)
    exact = prompt.mode == "exact"
    rules = constraints.rules_for(prompt.ensemble, exact=exact)
    options = MusicOptions(ensemble=prompt.ensemble)
    state: ScoreState = ScoreState(plan) if exact else _FreeState(plan)
    told = Conditioning(prompt.ensemble, boundaries=prompt.mode != "off")
    session = Session(checkpoint, state, told, prompt.guidance)
    session.read(tok.START)
    piece = NetworkPiece(state, rules, options, plan.end, endless=not exact)
    return [tok.START, *draw_tokens(session, piece, sampler, TOKENS_PER_TICK * (plan.end + 1))]
