"""Choice of the take to render: the best theme and form among those that meet the hits and carry the mood."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emsync_bridge.cue import EmotionCurve, Spotting, Take, Theme
from emsync_bridge.music.analysis.features import features
from emsync_bridge.music.analysis.harmony import harmony
from emsync_bridge.music.analysis.motifs import is_heard, recurrence, top_line
from emsync_bridge.music.analysis.piece import NoteTable, piece_of
from emsync_bridge.music.analysis.take_score import affect_of, judge_notes
from emsync_bridge.music.arranging.themes import critic
from emsync_bridge.music.arranging.themes.mining import motifs_of
from emsync_bridge.music.arranging.themes.motifs import LENGTH, Motif

_HITS, _AFFECT, _QUALITY, _FORM, _THEME = 0.25, 0.25, 0.1, 0.25, 0.15
"""Shares of the score."""

_COVER, _REACH = 0.45, 0.38
"""Motif cover and reach of orchestral scores: form does not improve with more of them."""

_WRITTEN = -1.5
"""Score of the critic for the median of written melodies."""

_MIN_NOTES = 2


@dataclass(frozen=True)
class TakeVerdict:
    """Verdict on a take: its score and the parts of it, all but the mood from 0 to 1.

    Arguments:
        score: The parts together.
        hits: Share of the hits that are answered within half a frame.
        affect: Closeness of the mood that the notes tell of to the one asked for.
        form: Whether motifs come back and reach through the piece, its theme frames it, and it ends in a cadence.
        theme: Likeness of the theme to written melodies; 0.5 is their median.
        quality: Closeness of its measures to what is usual in written music.
        valence: Valence of the notes, from -1 to 1.
        energy: Energy of the notes, from -1 to 1.
    """

    score: float
    hits: float
    affect: float
    form: float
    theme: float
    quality: float
    valence: float
    energy: float


def density_profile(take: Take, cells: int) -> tuple[float, ...]:
    """Return how much sounds in each of some equal stretches of a take, from 0 to 1 of its fullest.

    Arguments:
        take: The music.
        cells: Number of stretches.

    Returns:
        Sum of the velocities that sound, on average over the stretch, over the greatest of these sums.
    """
    end = max((note.end for note in take.notes), default=1)
    sums = np.zeros(cells)
    edges = np.linspace(0, end, cells + 1)
    for note in take.notes:
        inside = np.minimum(edges[1:], note.end) - np.maximum(edges[:-1], note.start)
        sums += note.velocity * np.maximum(0, inside)
    return tuple(float(value) for value in sums / max(1e-9, sums.max()))


def judge_take(take: Take, spotting: Spotting, curve: EmotionCurve) -> TakeVerdict:
    """Return what a take is worth.

    Arguments:
        take: The music.
        spotting: The cut that it was composed for.
        curve: The mood that was asked for.
    """
    told = judge_notes(take, spotting, curve)
    heard = features(take.notes, take.tempo_map, 0.0, spotting.duration)
    piece = piece_of(take, spotting.duration)
    pitched = piece.pitched()
    form = _form(take, pitched) if len(pitched) >= _MIN_NOTES else 0.0
    theme = _theme(take)
    mood = affect_of(heard) if heard is not None else None
    score = _HITS * told.hits + _AFFECT * told.affect + _QUALITY * told.quality + _FORM * form + _THEME * theme
    return TakeVerdict(
        score=score,
        hits=told.hits,
        affect=told.affect,
        form=form,
        theme=theme,
        quality=told.quality,
        valence=mood.valence if mood else 0.0,
        energy=mood.arousal if mood else 0.0,
    )


def best_of(takes: Sequence[Take], spotting: Spotting, curve: EmotionCurve) -> int:
    """Return the index of the take that is worth most; the first of several."""
    if len(takes) == 1:
        return 0
    scores = [judge_take(take, spotting, curve).score for take in takes]
    return scores.index(max(scores))


def _form(take: Take, pitched: NoteTable) -> float:
    recurs = recurrence(top_line(pitched))
    framed = recurs.returns
    if take.score is not None and take.score.themes:
        end = float(pitched.bars[-1])
        first = take.score.themes[0]
        framed = is_heard(first, pitched, 0, end / 4) and is_heard(first, pitched, 3 * end / 4, end)
    parts = (
        min(1.0, recurs.cover / _COVER),
        min(1.0, recurs.reach / _REACH),
        float(framed),
        float(harmony(pitched).ends_in_cadence),
    )
    return sum(parts) / len(parts)


def _theme(take: Take) -> float:
    """Return how much the theme, or the best motif of music without one, is like written melodies."""
    if take.score is not None and take.score.themes:
        scores = [critic.score_motif(_motif(take.score.themes[0]))]
    else:
        scores = [critic.score_motif(motif) for motif in motifs_of(take)]
    return 1 / (1 + math.exp(_WRITTEN - max(scores))) if scores else 0.0


def _motif(theme: Theme) -> Motif:
    """Return the first two bars of a theme."""
    return Motif(tuple(note for note in theme.notes if 0 <= note.start < LENGTH), theme.minor)
