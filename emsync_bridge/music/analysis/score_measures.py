"""All that is counted in a whole piece: themes, melody, texture and harmony, in one flat table.

Measures of a stretch (``metrics``) are blind to form: they come out near written music where nothing ever comes back.
These are of whole pieces, and the same code measures written scores.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from emsync_bridge.music.analysis.harmony import clashes, harmony
from emsync_bridge.music.analysis.motifs import Line, cover_by_part, recurrence, top_line
from emsync_bridge.music.analysis.piece import NoteTable
from emsync_bridge.music.analysis.texture import block_likeness, rhythm_recurs, texture

Measures = dict[str, float]

COMPARED = (
    "onsets", "notes", "polyphony", "instruments", "parts", "parts_spread", "scoring_change", "stutter", "low", "high",
    "melody_stays", "melody_steps", "melody_leaps", "motif_cover", "motif_reach", "motif_count", "motif_cover_parts",
    "blocks_near", "blocks_far", "rhythm_recurs", "chord_fit", "chord_changes", "root_fourths", "diatonic",
    "chord_entropy", "clashes", "velocity_spread", "rests", "long_notes", "note_seconds",
)  # fmt: skip
"""Measures whose mean distance from written music, in its standard deviations, is the distance of a piece."""

_MAX_DEVIATIONS = 5.0  # standard deviations that one measure counts at most


def score_measures(piece: NoteTable) -> Measures:
    """Return all measures of a piece by name.

    Arguments:
        piece: A whole piece with at least two pitched notes.
    """
    pitched = piece.pitched()
    line = top_line(pitched)
    recurs = recurrence(line)
    found = harmony(pitched)
    near, far = block_likeness(piece)
    return {
        **asdict(texture(piece)),
        **melody(line),
        "motif_cover": recurs.cover,
        "motif_reach": recurs.reach,
        "motif_count": recurs.count,
        "motif_returns": float(recurs.returns),
        "motif_cover_parts": cover_by_part(pitched),
        "blocks_near": near,
        "blocks_far": far,
        "rhythm_recurs": rhythm_recurs(piece),
        "chord_fit": found.fit,
        "chord_changes": found.changes,
        "root_fourths": found.fourths,
        "diatonic": found.diatonic,
        "cadences": found.cadences,
        "ends_on_tonic": float(found.ends_on_tonic),
        "ends_in_cadence": float(found.ends_in_cadence),
        "chord_entropy": found.entropy,
        "clashes": clashes(pitched),
    }


def melody(line: Line) -> Measures:
    """Return how a line moves: shares of repeated notes, steps, leaps over a fifth; its longest run on one note."""
    moves = np.abs(np.diff([pitch for _, pitch in line])) if len(line) > 1 else np.zeros(1)
    run = longest = 1
    for move in moves:
        run = run + 1 if move == 0 else 1
        longest = max(longest, run)
    return {
        "melody_stays": float((moves == 0).mean()),
        "melody_steps": float(((moves > 0) & (moves <= 2)).mean()),
        "melody_leaps": float((moves > 7).mean()),
        "longest_run": float(longest),
    }


def distance(pieces: list[Measures], written: list[Measures]) -> tuple[float, list[tuple[str, float]]]:
    """Return how far pieces are from written ones: the mean over measures in standard deviations of the latter.

    Arguments:
        pieces: Pieces of one kind.
        written: Pieces of the written music that they are compared with.

    Returns:
        The mean, each measure counted as five at most; and each measure with its own signed distance, farthest first.
    """
    apart = []
    for name in COMPARED:
        own = [piece[name] for piece in pieces if np.isfinite(piece[name])]
        theirs = [piece[name] for piece in written if np.isfinite(piece[name])]
        if own and len(theirs) > 1 and np.std(theirs) > 0:
            apart.append((name, float((np.mean(own) - np.mean(theirs)) / np.std(theirs))))
    apart.sort(key=lambda entry: -abs(entry[1]))
    return float(np.mean([min(_MAX_DEVIATIONS, abs(z)) for _, z in apart])) if apart else float("nan"), apart
