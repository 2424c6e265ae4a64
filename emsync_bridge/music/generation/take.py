"""Take of a token sequence: its notes in their key and dynamics, and how they answer the hits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from emsync_bridge.cue import HitAnswer, Note, Spotting, Take
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.generation import constraints
from emsync_bridge.music.generation.request import mode_of
from emsync_bridge.music.planning.plan import CompositionPlan
from emsync_bridge.music.tokenizer import codec
from emsync_bridge.music.tokenizer import vocabulary as tok
from emsync_bridge.options import MusicOptions

_ACCENT = 14
"""MIDI velocity added to the chord on a hit; EMSYNC plays it at 120 against 80."""


_SWELL = 12
"""MIDI velocity that full arousal adds and full calm takes away, so that a mood that lasts a few beats is heard too."""


def take_of(
    written: Sequence[int],
    plan: CompositionPlan,
    spotting: Spotting,
    options: MusicOptions,
    *,
    seed: int,
    shift: int,
    model: str,
) -> Take:
    """Return the take that a token sequence says.

    Arguments:
        written: Tokens from START on.
        plan: Plan that they were written by.
        spotting: The cut.
        options: The options of the music.
        seed: Seed of what was drawn.
        shift: Semitones from C major or A minor.
        model: Name of the generator.
    """
    notes = ringing_notes(written, plan.end)
    return Take(
        seed=seed,
        notes=tuple(voice_notes(notes, plan, shift)),
        tempo_map=plan.tempo.tempo_map,
        key=key_of(notes, options, shift),
        answers=hit_answers(spotting, notes, plan),
        model=model,
    )


def voice_notes(notes: Sequence[Note], plan: CompositionPlan, shift: int) -> list[Note]:
    """Return notes in C major or A minor as they sound: loud or soft by the mood, hits accented, and in their key."""
    return codec.playable(keys.transpose(apply_dynamics(notes, plan), shift))


def key_of(notes: Sequence[Note], options: MusicOptions, shift: int) -> str:
    """Return the key of notes in C major or A minor once they are moved; its mode is heard where none is asked for."""
    minor = is_minor(notes) if mode_of(options) is None else mode_of(options) == "minor"
    return keys.key_name(shift, minor=minor)


def hit_answers(spotting: Spotting, notes: Sequence[Note], plan: CompositionPlan) -> tuple[HitAnswer, ...]:
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


def ringing_notes(written: Sequence[int], end: int) -> list[Note]:
    """Return the notes of a token sequence; what still sounds rings to the end."""
    clock = sum(token - tok.SHIFT_0 for token in written if tok.is_shift(token))
    return codec.decode([*written, *[tok.shift(1)] * (end - clock)])[0]


def shift_of(take: Take) -> int:
    """Return the semitones that a take stands above C major or A minor; by its notes where it names no key."""
    try:
        return keys.parse_key(take.key)[0]
    except ValueError:
        return -keys.shift_to_white_keys(take.notes)


def apply_dynamics(notes: Sequence[Note], plan: CompositionPlan) -> list[Note]:
    """Return notes as loud as their section's mood has them, and those of the chords on hits louder still."""
    chords = set(plan.chords)

    def velocity(note: Note) -> int:
        swell = _SWELL * plan.section_at(note.start).affect.arousal
        return max(16, min(120, round(note.velocity + swell) + (_ACCENT if note.start in chords else 0)))

    return [replace(note, velocity=velocity(note)) for note in notes]


def is_minor(notes: Sequence[Note]) -> bool:
    """Tell whether notes in C major or A minor are in the latter."""
    major, minor = keys.key_correlations(keys.pitch_class_profile(notes))
    return bool(minor[9] > major[0])
