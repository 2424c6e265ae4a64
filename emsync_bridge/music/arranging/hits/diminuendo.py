"""Diminuendo: held chords after a strong hit, softer from chord to chord, which players leave one by one.

In written music an orchestra does not stop with the chord of its accent: inner voices hold on and thin out over a bar
or two. Without them a hit is heard as a block that ends in a hole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from emsync_bridge.cue import TICKS_PER_QUARTER as BEAT
from emsync_bridge.music.arranging.hits.spots import Spot, players_at_hand
from emsync_bridge.music.arranging.score_notes import ScoreNote
from emsync_bridge.music.arranging.themes.motifs import BAR
from emsync_bridge.music.arranging.voicing import voice_chord
from emsync_bridge.music.planning.harmony import Span, spans_between

_HOLDERS: tuple[tuple[str, int, int, int], ...] = (
    ("violas", 52, 67, 2),
    ("horns", 50, 65, 2),
    ("violins2", 57, 71, 2),
    ("cellos", 40, 57, 1),
    ("clarinet", 55, 70, 1),
    ("bassoon", 40, 58, 1),
    ("low_brass", 40, 58, 2),
    ("viola", 52, 67, 2),
    ("violin2", 57, 71, 2),
    ("cello", 40, 57, 1),
    ("pad", 48, 69, 3),
    ("organ", 48, 69, 3),
)
"""Players that hold chords after a hit, with their lowest note, highest note and voices; the first stay longest."""

_MOST = {"turn": 5, "strong": 4}
"""Players that hold on, by rank; after other hits nobody does."""

_LENGTH = 2 * BAR
"""Ticks after the hit at which the last of them has left."""

_FIRST, _LAST = -6, -32
"""Velocity over the accent's, right after the hit and at the end."""

_LEAST = BEAT // 2
"""Ticks of the shortest chord that is worth entering for."""


def diminuendo(spots: Sequence[Spot], spans: Sequence[Span], struck: Iterable[ScoreNote]) -> list[ScoreNote]:
    """Return the chords that players hold on after turns and strong hits.

    Arguments:
        spots: Hits in order.
        spans: Chords of the piece in order.
        struck: Notes of the hits.
    """
    chords: dict[int, list[ScoreNote]] = {}
    for note in struck:
        chords.setdefault(note.start, []).append(note)
    found: list[ScoreNote] = []
    for spot in spots:
        stop = min(spot.hit.tick + _LENGTH, spot.until - BEAT, spot.end)
        if spot.hit.rank not in _MOST or spot.hit.final or stop - spot.hit.tick < 2 * BEAT:
            continue
        here = chords.get(spot.hit.tick, [])
        loud = max((note.fixed for note in here), default=0)
        holders = [holder for holder in _HOLDERS if players_at_hand(spot, (holder[0],))][: _MOST[spot.hit.rank]]
        for place, holder in enumerate(holders):
            begin = max((note.end for note in here if note.player == holder[0]), default=spot.hit.tick)
            share = 1 - 0.6 * place / max(1, len(holders) - 1)
            end = begin + round((stop - begin) * share / BEAT) * BEAT
            found += _held(holder, spans_between(spans, begin, end), spot.hit.tick, loud)
    return found


def _held(
    holder: tuple[str, int, int, int],
    spans: Sequence[Span],
    hit: int,
    loud: int,
) -> list[ScoreNote]:
    """Return the chords of one player, each softer than the one before.

    Arguments:
        holder: Player, lowest note, highest note and voices.
        spans: Chords, cut to where the player holds on.
        hit: Tick of the hit.
        loud: Velocity of the accent.
    """
    player, low, high, voices = holder
    found: list[ScoreNote] = []
    before: tuple[int, ...] = ()
    for span in spans:
        if span.end - span.start < _LEAST:
            continue
        before = voice_chord(span.pitch_classes, before, low, high, voices)
        velocity = max(24, loud + round(_FIRST + (_LAST - _FIRST) * (span.start - hit) / _LENGTH))
        found += [ScoreNote(span.start, span.end, player, pitch, "inner", 0, velocity) for pitch in before]
    return found
