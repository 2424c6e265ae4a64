"""Chords of a piece beat by beat, its key, cadences and clashes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from emsync_bridge.music.analysis.keys import key_correlations
from emsync_bridge.music.analysis.piece import Floats, NoteTable

Chord = tuple[int, str]
"""Pitch class of the root, and quality."""

_QUALITIES: dict[str, tuple[tuple[int, ...], float]] = {
    "M": ((0, 4, 7), 0.0),
    "m": ((0, 3, 7), 0.0),
    "d": ((0, 3, 6), -0.06),
    "7": ((0, 4, 7, 10), -0.02),
    "m7": ((0, 3, 7, 10), -0.05),
    "M7": ((0, 4, 7, 11), -0.06),
    "h": ((0, 3, 6, 10), -0.06),
    "o": ((0, 3, 6, 9), -0.06),
    "s": ((0, 5, 7), -0.07),
}
"""Semitones above the root, and how much less likely a quality is taken to be than a triad."""

_ROOT = 0.25  # how much more the root of a chord weighs than its other tones
_STAY = 0.12  # what a change of chord has to gain in likeness
_CHORDS: tuple[Chord, ...] = tuple((root, quality) for root in range(12) for quality in _QUALITIES)
_DIATONIC = {
    False: {(0, "M"), (2, "m"), (4, "m"), (5, "M"), (7, "M"), (9, "m"), (11, "d")},
    True: {(0, "m"), (2, "d"), (3, "M"), (5, "m"), (7, "M"), (7, "m"), (8, "M"), (10, "M"), (11, "d")},
}
_TRIAD = {"M": "M", "m": "m", "d": "d", "7": "M", "m7": "m", "M7": "M", "h": "d", "o": "d", "s": "M"}


def _templates() -> tuple[Floats, Floats]:
    shapes, priors = np.zeros((len(_CHORDS), 12)), np.zeros(len(_CHORDS))
    for row, (root, quality) in enumerate(_CHORDS):
        tones, priors[row] = _QUALITIES[quality]
        shapes[row, [(root + tone) % 12 for tone in tones]] = 1
        shapes[row, root] += _ROOT
    return shapes / np.linalg.norm(shapes, axis=1, keepdims=True), priors


_SHAPES, _PRIORS = _templates()


@dataclass(frozen=True)
class Harmony:
    """Measures of the chords of a piece.

    Arguments:
        tonic: Pitch class of the key.
        minor: Whether the key is minor.
        fit: Share of the sounding time that lies in the chords' tones.
        changes: Changes of chord a bar.
        fourths: Share of root motions by a fourth or a fifth.
        diatonic: Share of beats whose chord belongs to the key.
        cadences: Dominant to tonic a minute.
        ends_on_tonic: Whether the last chord is the tonic's.
        ends_in_cadence: Whether the last two are V-I, vii-I or IV-I in the key of the last third.
        entropy: Entropy of the chords by beats, in bits.
    """

    tonic: int
    minor: bool
    fit: float
    changes: float
    fourths: float
    diatonic: float
    cadences: float
    ends_on_tonic: bool
    ends_in_cadence: bool
    entropy: float


def key_of(piece: NoteTable) -> tuple[int, bool]:
    """Return pitch class of the tonic, and whether the key is minor (Krumhansl and Kessler 1982)."""
    profile = np.bincount(piece.pitch % 12, weights=piece.end - piece.start, minlength=12)
    if np.ptp(profile) == 0:
        return 0, False
    major, minor = key_correlations(profile)
    is_minor = bool(minor.max() > major.max())
    return int((minor if is_minor else major).argmax()), is_minor


def chords(piece: NoteTable) -> tuple[list[Chord], float]:
    """Return the likeliest chord of each beat, by the Viterbi algorithm, and the share of sound that they explain.

    Arguments:
        piece: Pitched notes alone.
    """
    beats = max(1, int(np.ceil(piece.bars[-1] - 1e-6)))
    chroma = np.zeros((beats, 12))
    for start, end, pitch in zip(piece.start, piece.end, piece.pitch, strict=True):
        for beat in range(int(start + 1e-6), min(beats, int(np.ceil(end - 1e-6)))):
            chroma[beat, pitch % 12] += max(0.0, min(end, beat + 1) - max(start, beat))
    likeness = chroma @ _SHAPES.T / np.maximum(np.linalg.norm(chroma, axis=1), 1e-9)[:, None] + _PRIORS
    score, before = likeness[0], np.zeros((beats, len(_CHORDS)), np.int64)
    own = np.arange(len(_CHORDS))
    for beat in range(1, beats):
        best = score.max() - _STAY
        before[beat] = np.where(score >= best, own, score.argmax())
        score = likeness[beat] + np.maximum(score, best)
    path = [int(score.argmax())]
    for beat in range(beats - 1, 0, -1):
        path.append(int(before[beat, path[-1]]))
    path.reverse()
    explained = sum(chroma[beat][_SHAPES[row] > 0].sum() for beat, row in enumerate(path))
    return [_CHORDS[row] for row in path], float(explained / max(chroma.sum(), 1e-9))


def harmony(piece: NoteTable) -> Harmony:
    """Return what the chords of a piece are like.

    Arguments:
        piece: Pitched notes alone.
    """
    tonic, minor = key_of(piece)
    found, fit = chords(piece)
    changed = [found[0], *(later for earlier, later in pairwise(found) if earlier != later)]
    moves = [(b - a) % 12 for (a, _), (b, _) in pairwise(changed) if a != b]
    counts = np.array(list(Counter(found).values())) / len(found)

    def dominant(chord: Chord, tonic: int = tonic) -> bool:
        step = (chord[0] - tonic) % 12
        return (step == 7 and chord[1] in ("M", "7")) or (step == 11 and chord[1] in ("d", "o", "h"))

    def home(chord: Chord, tonic: int = tonic, minor: bool = minor) -> bool:
        return chord[0] == tonic and chord[1] in (("m", "m7", "M") if minor else ("M", "M7"))

    def own(chord: Chord) -> bool:
        return chord[1] == "s" or ((chord[0] - tonic) % 12, _TRIAD[chord[1]]) in _DIATONIC[minor]

    # A piece that modulates ends in a key that its notes as a whole need not tell of.
    last, last_minor = key_of(piece.excerpt(piece.seconds * 2 / 3, piece.seconds))
    prepared = len(changed) > 1 and (dominant(changed[-2], last) or (changed[-2][0] - last) % 12 == 5)
    return Harmony(
        tonic=tonic,
        minor=minor,
        fit=fit,
        changes=(len(changed) - 1) / max(1, len(piece.bars) - 1),
        fourths=float(np.mean([move in (5, 7) for move in moves])) if moves else 0.0,
        diatonic=float(np.mean([own(chord) for chord in found])),
        cadences=sum(dominant(a) and home(b) for a, b in pairwise(changed)) / max(piece.seconds / 60, 1e-9),
        ends_on_tonic=any(home(chord, last, last_minor) for chord in found[-2:]),
        ends_in_cadence=prepared and home(changed[-1], last, last_minor),
        entropy=float(-(counts * np.log2(counts)).sum()),
    )


def clashes(piece: NoteTable, step: float = 0.2) -> float:
    """Return the share of pairs of sounding pitches that are a semitone or a major seventh apart.

    Arguments:
        piece: Pitched notes alone.
        step: Seconds between the moments that are looked at.
    """
    onsets, releases = piece.onsets, piece.releases
    pairs = rubbing = 0
    for moment in np.arange(0.0, piece.seconds, step):
        pitches = np.unique(piece.pitch[(onsets <= moment) & (releases > moment)])
        apart = np.abs(pitches[:, None] - pitches[None, :])[np.triu_indices(len(pitches), 1)] % 12
        pairs += len(apart)
        rubbing += int(np.isin(apart, (1, 11)).sum())
    return rubbing / max(1, pairs)
