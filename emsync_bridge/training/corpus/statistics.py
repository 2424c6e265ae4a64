"""Statistics of a corpus: regularity of its boundaries, its sources on the plane, its instruments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emsync_bridge.cue import INSTRUMENTS
from emsync_bridge.files.atomic import publish, staging_folder
from emsync_bridge.music.tokenizer import vocabulary as tok
from emsync_bridge.training.corpus.dataset import Split, source_of

_EVERY = 50
"""One token in so many stands for its surroundings in the picture of the plane."""


@dataclass(frozen=True)
class Survey:
    """One source of a split.

    Arguments:
        hours: Hours of music.
        chords_per_minute: Long chords per minute, the music's own boundaries.
        chord_gaps: Seconds from each long chord to the next within a piece.
        affect: (n, 2) valence and arousal, sampled evenly over the tokens; unknown ones left out.
        notes: Share of the notes by instrument group.
    """

    hours: float
    chords_per_minute: float
    chord_gaps: np.ndarray
    affect: np.ndarray
    notes: Mapping[str, float]

    @property
    def regularity(self) -> float:
        """Coefficient of variation of the gaps: 0 for a metronome, about 1 for chords at random."""
        return float(self.chord_gaps.std() / self.chord_gaps.mean()) if len(self.chord_gaps) else float("nan")


def survey(split: Split) -> dict[str, Survey]:
    """Return what each source of a split is like."""
    found: dict[str, Survey] = {}
    for source in sorted({source_of(piece.name) for piece in split.pieces}):
        pieces = [piece for piece in split.pieces if source_of(piece.name) == source]
        gaps, moods, played = [np.zeros(0)], [np.zeros((0, 2))], np.zeros(len(INSTRUMENTS))
        for piece in pieces:
            inside = slice(piece.start, piece.start + piece.length)
            tokens = np.asarray(split.tokens[inside])
            gaps.append(np.diff(np.asarray(split.time[inside])[tokens == tok.CHORD]))
            moods.append(np.asarray(split.affect[inside][::_EVERY], dtype=np.float64))
            begun = tokens[(tokens >= tok.ON_0) & (tokens < tok.OFF_0)]
            played += np.bincount((begun - tok.ON_0) // tok.PITCHES, minlength=len(INSTRUMENTS))
        affect = np.concatenate(moods)
        hours = sum(piece.seconds for piece in pieces) / 3600
        found[source] = Survey(
            hours=hours,
            chords_per_minute=sum(piece.chords for piece in pieces) / max(hours * 60, 1e-9),
            chord_gaps=np.concatenate(gaps),
            affect=affect[~np.isnan(affect).any(axis=1)],
            notes=dict(zip(INSTRUMENTS, (played / max(played.sum(), 1)).tolist(), strict=True)),
        )
    return found


def draw_statistics(surveys: Mapping[str, Survey], path: Path) -> None:
    """Draw sources on the valence-arousal plane, the gaps between long chords, and who plays.

    Arguments:
        surveys: Surveys by source.
        path: PNG file.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 4.2), layout="constrained")
    plane, gaps, players = figure.subplots(1, 3)
    for source, one in surveys.items():
        plane.plot(one.affect[:, 0], one.affect[:, 1], ".", markersize=2, alpha=0.3, label=source)
        gaps.hist(one.chord_gaps, np.arange(0, 31), density=True, histtype="step", label=source)
    plane.set(xlabel="valence", ylabel="arousal", xlim=(-1, 1), ylim=(-1, 1), title="Mood")
    plane.axhline(0, color="grey", linewidth=0.5)
    plane.axvline(0, color="grey", linewidth=0.5)
    plane.legend(markerscale=6)
    gaps.set(xlabel="seconds from a long chord to the next", ylabel="density", title="Boundaries")
    below = np.zeros(len(surveys))
    for instrument in INSTRUMENTS:
        shares = np.array([one.notes[instrument] for one in surveys.values()])
        players.bar(list(surveys), shares, bottom=below, label=instrument)
        below += shares
    players.set(ylabel="share of the notes", title="Instruments")
    players.legend()
    with staging_folder(path.resolve().parent) as room:
        figure.savefig(room / "survey.png", dpi=120)
        publish(room / "survey.png", path)
