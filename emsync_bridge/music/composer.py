"""From a spotting and an emotion curve to a take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from emsync_bridge.cue import EmotionCurve, HitAnswer, Instrument, Meter, Note, Spotting, Take
from emsync_bridge.errors import MusicError
from emsync_bridge.music import codec, constraints, keys
from emsync_bridge.music import tokens as tok
from emsync_bridge.music.checkpoints import Checkpoint
from emsync_bridge.music.decoder import Decoder
from emsync_bridge.music.plan import CompositionPlan, plan_composition
from emsync_bridge.music.sampling import Sampler, Sampling
from emsync_bridge.music.state import ScoreState, Told, condition_row

_ACCENT = 14
"""MIDI velocity added to the chord on a hit; EMSYNC plays it at 120 against 80."""

_TOKENS_PER_TICK = 40
"""More events per tick than any music has; a piece that needs more is stuck."""


@dataclass(frozen=True)
class Wishes:
    """What the user asks of the music beside the cut and the mood.

    Arguments:
        ensemble: Instruments that may play.
        bpm: Base tempo in quarter notes per minute; from the mood when None.
        meter: Regular meter; 4/4 when None.
        max_bend: Greatest bend of the tempo between hits.
        transpose: Semitones from C major or A minor; drawn from the seed when None.
        sampling: How boldly tokens are drawn.
    """

    ensemble: tuple[Instrument, ...] = ("piano", "strings")
    bpm: float | None = None
    meter: Meter | None = None
    max_bend: float = 0.06
    transpose: int | None = None
    sampling: Sampling = field(default_factory=Sampling)


def compose(
    spotting: Spotting,
    curve: EmotionCurve,
    checkpoint: Checkpoint,
    *,
    seed: int,
    wishes: Wishes | None = None,
    progress: Callable[[float], None] | None = None,
) -> Take:
    """Return one take for a cut and its mood; the same seed gives the same take.

    Arguments:
        spotting: The cut.
        curve: The mood.
        checkpoint: The generator.
        seed: Of everything that is drawn.
        wishes: What else is asked.
        progress: Called with the share that is done, from 0 to 1.

    Raises:
        MusicError: The wishes cannot be met.
    """
    wishes = wishes or Wishes()
    if not any(instrument != "drums" for instrument in wishes.ensemble):
        raise MusicError("A hit needs a chord, and drums have none", hint="Add an instrument such as piano or strings")
    plan = plan_composition(spotting, curve, bpm=wishes.bpm, meter=wishes.meter, max_bend=wishes.max_bend)
    rng = np.random.default_rng(seed)
    shift = int(rng.integers(-5, 7)) if wishes.transpose is None else wishes.transpose
    written = []
    for token, clock in write(plan, checkpoint, rng, wishes):
        written.append(token)
        if progress:
            progress(clock / max(1, plan.end))
    notes = _finished(written, plan)
    minor = _is_minor(notes)
    return Take(
        seed=seed,
        notes=tuple(codec.playable(keys.transposed(_accented(notes, plan), shift))),
        tempo_map=plan.tempo.tempo_map,
        key=keys.key_name(shift, minor=minor),
        answers=answers(spotting, notes, plan),
        model=checkpoint.name,
    )


def write(
    plan: CompositionPlan, checkpoint: Checkpoint, rng: np.random.Generator, wishes: Wishes
) -> Iterator[tuple[int, int]]:
    """Yield the tokens of a piece as they are drawn, each with the clock in ticks after it.

    The piece is over when the clock reaches the end, or once the last chord has been struck.
    """
    decoder = Decoder(checkpoint.config, checkpoint.weights)
    sampler = Sampler(rng, wishes.sampling)
    rules = constraints.rules_for(wishes.ensemble)
    told = Told(wishes.ensemble)
    state, token = ScoreState(plan), tok.START
    for _ in range(_TOKENS_PER_TICK * (plan.end + 1)):
        scores = decoder.step(token, *condition_row(state, told))
        token = sampler.draw(scores, constraints.allowed(state, rules))
        if tok.is_shift(token) and state.clock == plan.final:
            return
        state.push(token)
        yield token, state.clock
        if state.clock >= plan.end:
            return
    raise MusicError(
        "The generator writes events without moving on", hint="Try another --seed or a lower --temperature"
    )


def answers(spotting: Spotting, notes: Sequence[Note], plan: CompositionPlan) -> tuple[HitAnswer, ...]:
    """Return, for every hit that was asked for, the chord onset nearest to it as the notes really are."""
    pitched = [note.start for note in notes if note.instrument != "drums"]
    starts, voices = np.unique(np.array(pitched, dtype=np.int64), return_counts=True)
    onsets = np.array([plan.tempo.tempo_map.seconds(int(t)) for t in starts[voices >= constraints.CHORD_VOICES]])
    found = []
    for index, landing in plan.hits:
        time = spotting.hits[index].time
        onset = float(onsets[np.abs(onsets - time).argmin()]) if len(onsets) else None
        error = None if onset is None else (onset - time) * 1000
        found.append(HitAnswer(index, onset, error, landing.metrical, landing.bend))
    return tuple(found)


def _finished(written: Sequence[int], plan: CompositionPlan) -> list[Note]:
    """Return the notes of a token sequence; what still sounds rings to the end."""
    clock = sum(token - tok.SHIFT_0 for token in written if tok.is_shift(token))
    ring = [tok.shift(1)] * (plan.end - clock)
    return codec.decode([*written, *ring])[0]


def _accented(notes: Sequence[Note], plan: CompositionPlan) -> list[Note]:
    chords = set(plan.chords)
    return [
        replace(note, velocity=min(120, note.velocity + _ACCENT)) if note.start in chords else note for note in notes
    ]


def _is_minor(notes: Sequence[Note]) -> bool:
    major, minor = keys.key_correlations(keys.pitch_class_profile(notes))
    return bool(minor[9] > major[0])
