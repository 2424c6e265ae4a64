"""Grooves: what percussion plays under a phrase, with a fill where it leads on."""

from __future__ import annotations

import random
from collections.abc import Sequence

from emsync_bridge.music.arranging.score_notes import ScoreNote
from emsync_bridge.music.planning.harmony import Span, chord_at
from emsync_bridge.music.planning.scenes import Bar

KICK, STICK, SNARE, HAT, OPEN_HAT, RIDE = 36, 37, 38, 42, 46, 51
TAMBOURINE, SHAKER, TRIANGLE, LOW_TOM, MIDDLE_TOM, HIGH_TOM = 54, 70, 81, 41, 45, 48
CRASH, SECOND_CRASH, SWELL, SECOND_SWELL = 49, 57, 59, 51

ROOT, FIFTH = -1, -2
"""In place of a key: the chord's root or fifth, for players with pitches."""

# name: (player, key, ticks from the bar line, velocity on top)
_GROOVES: dict[str, tuple[tuple[str, int, tuple[int, ...], int], ...]] = {
    "heartbeat": (("timpani", ROOT, (0, 10), -12),),
    "pulse": (("bass_drum", KICK, (0, 48), -16),),
    "shaker": (("percussion", SHAKER, (0, 12, 24, 36, 48, 60, 72, 84), -34), ("percussion", TRIANGLE, (0,), -30)),
    "tambourine": (("percussion", TAMBOURINE, (24, 72), -26), ("percussion", TRIANGLE, (0, 48), -32)),
    "march": (
        ("snare", SNARE, (0, 18, 24, 48, 60, 66, 72), -30),
        ("timpani", ROOT, (0,), -2),
        ("timpani", FIFTH, (72,), -8),
        ("bass_drum", KICK, (0, 48), -14),
    ),
    "taiko332": (("taiko", ROOT, (0, 36, 72), -3), ("taiko", FIFTH, (18, 54, 84), -16), ("bass_drum", KICK, (0,), -8)),
    "taiko16": (
        ("taiko", ROOT, (0, 36, 72), -2),
        ("taiko", FIFTH, (12, 18, 30, 48, 60, 66, 84, 90), -20),
        ("bass_drum", KICK, (0, 72), -4),
        ("snare", SNARE, (24, 72), -24),
    ),
    "toms": (("percussion", LOW_TOM, (0, 36, 60), -8), ("percussion", MIDDLE_TOM, (24, 84), -14)),
    "ride": (("cymbals", RIDE, (0, 24, 36, 48, 72, 84), -34), ("snare", SNARE, (72,), -26)),
    "pop": (
        ("drum_kit", KICK, (0, 36, 48), -8),
        ("drum_kit", SNARE, (24, 72), -8),
        ("drum_kit", HAT, (0, 12, 24, 36, 48, 60, 72, 84), -24),
    ),
    "ballad": (
        ("drum_kit", KICK, (0, 60), -12),
        ("drum_kit", STICK, (48,), -14),
        ("drum_kit", HAT, (0, 24, 48, 72), -28),
    ),
    "rock": (
        ("drum_kit", KICK, (0, 12, 48, 60), -4),
        ("drum_kit", SNARE, (24, 72), -2),
        ("drum_kit", HAT, (0, 12, 24, 36, 48, 60, 72), -22),
        ("drum_kit", OPEN_HAT, (84,), -22),
    ),
    "electronic": (
        ("drum_kit", KICK, (0, 24, 48, 72), -6),
        ("drum_kit", HAT, (12, 36, 60, 84), -20),
        ("drum_kit", SNARE, (24, 72), -16),
    ),
}  # fmt: skip

NAMES = tuple(_GROOVES)


def groove(
    name: str, bars: Sequence[Bar], chords: Sequence[Span], rng: random.Random, *, fill: bool, full: bool
) -> list[ScoreNote]:
    """Return the notes of a groove.

    Arguments:
        name: One of ``NAMES``.
        bars: Bars in order.
        chords: Chords that players with pitches follow.
        rng: Random numbers for what is left out, so that no two bars need be the same.
        fill: Whether the last bar leads on.
        full: Whether every stroke is played; else the lighter half rests.
    """
    found: list[ScoreNote] = []
    parts = _GROOVES[name]
    for number, bar in enumerate(bars):
        last = fill and number == len(bars) - 1 and bar.length >= 72
        for player, key, onsets, weight in parts:
            for place, onset in enumerate(onsets):
                start = bar.start + onset
                light = place % 2 == 1 and not full
                if start >= bar.end or (last and start >= bar.end - 24) or (light and rng.random() < 0.6):
                    continue
                pitch = _pitch(key, chord_at(chords, start))
                found.append(ScoreNote(start, min(bar.end, start + 10), player, pitch, "pulse", weight))
        if last:
            player, key = (parts[0][0], parts[0][1])
            found.extend(
                ScoreNote(start, start + 6, player, _pitch(key, chord_at(chords, start)), "pulse", -18 + 5 * step)
                for step, start in enumerate(range(bar.end - 24, bar.end, 6))
            )
    return found


def _pitch(key: int, span: Span) -> int:
    """Return a key, or the root or fifth of a chord in the timpani's range."""
    if key not in (ROOT, FIFTH):
        return key
    wanted = span.tonic if key == ROOT else (span.tonic + 7) % 12
    classes = set(span.pitch_classes)
    pitch_class = wanted if wanted in classes else span.bass
    return 36 + (pitch_class - 36) % 12 if 36 + (pitch_class - 36) % 12 >= 38 else 48 + (pitch_class - 48) % 12
