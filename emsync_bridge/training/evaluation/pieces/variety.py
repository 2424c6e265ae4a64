"""Likeness of pieces of many seeds, beside as many written ones: themes, progressions, rhythms, instruments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from emsync_bridge.music.analysis.harmony import chords, key_of
from emsync_bridge.music.analysis.motifs import recurring_motifs, top_line
from emsync_bridge.music.analysis.piece import NoteTable, piece_of
from emsync_bridge.options import Style
from emsync_bridge.training.evaluation.pieces.fixed_cuts import random_cut
from emsync_bridge.training.evaluation.pieces.trial import compose
from emsync_bridge.training.evaluation.pieces.written import written_pieces

Progress = Callable[[str, float], None]

COUNT = 30
_SECONDS = 60.0
_LOOP = 4


@dataclass(frozen=True)
class Similarity:
    """Likeness of the pieces of a set, the mean over all pairs.

    Arguments:
        pieces: Number of them.
        motifs: Recurring motifs of the top line that are in both.
        pairs_with_motifs: Share of pairs that have one in common.
        progressions: Share of progressions of four chords, seen from the tonic, that are in both (Jaccard).
        rhythms: Share of one-bar rhythms of all parts that are in both.
        instruments: Share of instruments that are in both.
    """

    pieces: int
    motifs: float
    pairs_with_motifs: float
    progressions: float
    rhythms: float
    instruments: float


def similarity(pieces: Sequence[NoteTable]) -> Similarity:
    """Return how alike pieces are."""
    motifs = [_tunes(piece) for piece in pieces]
    shared = [len(one & other) for one, other in combinations(motifs, 2)]
    return Similarity(
        pieces=len(pieces),
        motifs=_mean(shared),
        pairs_with_motifs=_mean([count > 0 for count in shared]),
        progressions=_alike([progressions(piece) for piece in pieces]),
        rhythms=_alike([rhythms(piece) for piece in pieces]),
        instruments=_alike([set(piece.program[~piece.drum].tolist()) for piece in pieces]),
    )


def progressions(piece: NoteTable) -> set[tuple[tuple[int, str], ...]]:
    """Return all runs of four different chords, their roots counted from the tonic."""
    pitched = piece.pitched()
    tonic, _ = key_of(pitched)
    found, _ = chords(pitched)
    changed = [found[0], *(later for earlier, later in pairwise(found) if earlier != later)]
    steps = [((root - tonic) % 12, quality) for root, quality in changed]
    return {tuple(steps[i : i + _LOOP]) for i in range(len(steps) - _LOOP + 1)}


def rhythms(piece: NoteTable) -> set[tuple[int, ...]]:
    """Return the rhythms of all parts bar by bar, as onsets in sixteenths; those of under three notes are left out."""
    found = set()
    bar = np.searchsorted(piece.bars, piece.start + 1e-3, side="right") - 1
    for part in np.unique(piece.part):
        own = piece.part == part
        for number in np.unique(bar[own]):
            inside = own & (bar == number)
            steps = np.unique(np.round((piece.start[inside] - piece.bars[number]) * 4).astype(np.int64))
            if len(steps) > 2:
                found.add(tuple(steps.tolist()))
    return found


def compare(
    styles: Sequence[Style],
    written: Path | None = None,
    *,
    count: int = COUNT,
    model: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, dict[str, float]]:
    """Return how alike pieces of each style are, and as many beginnings of orchestral movements.

    Arguments:
        styles: Styles of the music: the generators or arrangers that write it.
        written: Folder of the corpora; None leaves written music out.
        count: Pieces, each for a cut of its own with a seed of its own.
        model: Folder of the generator; the one that is shipped when None.
        progress: Function that is told of the share that is done.
    """
    tell = progress or (lambda _step, _share: None)
    result: dict[str, dict[str, float]] = {}
    for style in styles:
        pieces = []
        for seed in range(1, count + 1):
            tell(f"Many seeds, {style}", (seed - 1) / count)
            cut = random_cut(seed, _SECONDS)
            pieces.append(piece_of(compose(cut, seed, style, model), cut.duration))
        result[style] = asdict(similarity(pieces))
    if written is not None:
        tell("Written scores", 0.0)
        pieces = [piece.excerpt(0, _SECONDS) for _, piece in written_pieces(written, "orchestra", count)]
        result["written: orchestra"] = asdict(similarity(pieces))
    return result


def _tunes(piece: NoteTable) -> set[tuple[tuple[int, float], ...]]:
    """Return the recurring motifs of the top line that are no quick runs of a scale, which all music shares."""
    found = recurring_motifs(top_line(piece.pitched()))
    return {motif for motif in found if max(length for _, length in motif) > 0}


def _alike(sets: Sequence[set[Any]]) -> float:
    return _mean([len(one & other) / max(1, len(one | other)) for one, other in combinations(sets, 2)])


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0
