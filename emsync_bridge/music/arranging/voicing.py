"""Voicing: the notes of a chord in a register, near to those before."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations, pairwise

WIDEST = 19
"""Semitones from the lowest to the highest voice."""


_NO_THIRD = 20
"""Missing tones that a missing third counts as: a chord without its fifth is one, without its third it is not."""


@lru_cache(maxsize=4096)
def voice_chord(
    pitch_classes: tuple[int, ...], before: tuple[int, ...], low: int, high: int, count: int
) -> tuple[int, ...]:
    """Return a chord's notes from the lowest up.

    Voices move as little as they can. The third is in all chords of two voices and more, and no two voices are a
    semitone or less apart.

    Arguments:
        pitch_classes: Pitch classes of the chord, from the root up.
        before: Notes of the chord before; empty for none.
        low: Lowest note.
        high: Highest note.
        count: Number of voices.
    """
    candidates = [pitch for pitch in range(low, high + 1) if pitch % 12 in pitch_classes]
    needed = set(pitch_classes[1:3] if count < 3 else pitch_classes[:3] if count == 3 else pitch_classes)
    best: tuple[float, tuple[int, ...]] | None = None
    for notes in combinations(candidates, count):
        if notes[-1] - notes[0] > WIDEST or any(b - a < 2 for a, b in pairwise(notes)):
            continue
        missing = len(needed - {note % 12 for note in notes})
        if len(before) == count:
            motion = float(sum(abs(a - b) for a, b in zip(notes, before, strict=True)))
            motion += 2.0 * sum(a == b for a, b in pairwise(sorted(note % 12 for note in notes)))
        else:
            motion = abs(sum(notes) / count - (low + high) / 2)
        if count > 1 and pitch_classes[1] not in {note % 12 for note in notes}:
            missing += _NO_THIRD
        cost = 7.0 * missing + motion + 0.05 * abs(sum(notes) / count - (low + high) / 2)
        if best is None or cost < best[0]:
            best = (cost, notes)
    return best[1] if best else tuple(candidates[:count])


def nearest_pitch(pitch_class: int, pitch: float) -> int:
    """Return the note of a pitch class that is nearest to a pitch."""
    base = round((pitch - pitch_class) / 12) * 12 + pitch_class
    return min((base - 12, base, base + 12), key=lambda note: (abs(note - pitch), note))


def chord_tone_above(pitch_classes: Sequence[int], low: int, index: int) -> int:
    """Return the chord tone of an index, counted from the first one at or above a pitch; below it where negative."""
    ordered = sorted((pitch_class - low) % 12 for pitch_class in set(pitch_classes))
    octave, place = divmod(index, len(ordered))
    return low + ordered[place] + 12 * octave


def scale_above(pitch: int, steps: int, tonic: int, scale: Sequence[int]) -> int:
    """Return the note some steps of a scale above a pitch; a pitch outside the scale counts from the step below.

    Arguments:
        pitch: Pitch to count from.
        steps: Steps, downwards where negative.
        tonic: Pitch class.
        scale: Semitones of its degrees.
    """
    octave, rest = divmod(pitch - tonic, 12)
    degree = max(i for i, step in enumerate(scale) if step <= rest)
    more, place = divmod(degree + steps, len(scale))
    return tonic + 12 * (octave + more) + scale[place]
