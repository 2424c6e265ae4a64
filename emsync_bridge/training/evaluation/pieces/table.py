"""The table: fixed cuts, several seeds, one column a style, beside written scores and the aims."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from emsync_bridge.cue import Affect
from emsync_bridge.music.analysis.motifs import shared_motifs, top_line
from emsync_bridge.music.analysis.score_measures import Measures, distance, score_measures
from emsync_bridge.options import Style
from emsync_bridge.training.evaluation.mood_response import LEVELS, spearman
from emsync_bridge.training.evaluation.pieces.fixed_cuts import FIXED_CUTS, FixedCut, cut_at
from emsync_bridge.training.evaluation.pieces.trial import MeasuredPiece, parts_by_dynamic, try_cut
from emsync_bridge.training.evaluation.pieces.written import KINDS, written_pieces

Progress = Callable[[str, float], None]

_DENSITY_SECONDS = 30.0
_DENSITY_SEEDS = (1, 2)


@dataclass(frozen=True)
class Aim:
    """Aim of a measure: the bounds that it should lie in.

    Arguments:
        measure: Its name.
        label: Description for people.
        low: Lower bound; None without one.
        high: Upper bound; None without one.
        digits: Decimals that are shown.
    """

    measure: str
    label: str
    low: float | None = None
    high: float | None = None
    digits: int = 2

    def met(self, value: float) -> bool | None:
        """Tell whether a value is inside; None where it is not known or nothing is aimed at."""
        if not np.isfinite(value) or (self.low is None and self.high is None):
            return None
        return (self.low is None or value >= self.low - 1e-9) and (self.high is None or value <= self.high + 1e-9)

    @property
    def text(self) -> str:
        """The aim in words."""
        if self.low is not None and self.high is not None:
            return f"{self.low:g} to {self.high:g}"
        return f">= {self.low:g}" if self.low is not None else f"<= {self.high:g}" if self.high is not None else ""


AIMS: tuple[Aim, ...] = (
    Aim("motif_cover", "top line inside a recurring motif", 0.45, 0.75),
    Aim("motif_reach", "eighths that the best motif reaches", 0.38),
    Aim("theme_frames", "theme A in first and last quarter", 1.0),
    Aim("motif_returns", "a figure of the first 30 % in the last 30 %", 1.0),
    Aim("stutter", "stutter: notes restruck within a beat", None, 0.35),
    Aim("melody_stays", "melody stays on its note", None, 0.25),
    Aim("rests", "bars a part rests", 0.35, 0.55),
    Aim("parts_at_p", "share of parts in bars of p", 0.35, 0.55),
    Aim("parts_at_mf", "... of mf", 0.47, 0.67),
    Aim("parts_at_f", "... of f", 0.70, 0.90),
    Aim("parts_at_ff", "... of ff", 0.76, 0.96),
    Aim("turn_flux_ratio", "spectral flux of turns / of other downbeats", 2.0, 3.0),
    Aim("turn_jump", "level jump at turns, dB", 7.0, 11.0, 1),
    Aim("soft_jump", "level jump at soft hits, dB", None, 6.0, 1),
    Aim("turn_rise", "rise over two seconds before turns, dB", None, None, 1),
    Aim("turns_with_rise", "turns with a rise of 3 dB", 0.5),
    Aim("loudness_steps", "steps over 8 dB away from hits, a minute", None, 0.2),
    Aim("loudness_range", "loudness range, dB", None, None, 1),
    Aim("cadences", "V-I a minute", 2.5, None, 1),
    Aim("ends_in_cadence", "ends in a cadence", 1.0),
    Aim("chord_entropy", "chord entropy, bits", 3.2, None, 1),
    Aim("clashes", "clashing pairs", None, 0.03, 3),
    Aim("long_notes", "notes over two seconds", None, 0.08),
    Aim("distance", "distance from orchestral scores, sd", None, 0.6),
    Aim("arousal_rank", "arousal asked and heard, by rank", 0.9),
    Aim("valence_rank", "valence asked and heard, by rank", 0.8),
    Aim("density_rank", "notes a second and arousal, by rank", 0.8),
    Aim("shared_motifs", "motifs that two seeds share", None, 0.0),
    Aim("hits_missed", "hits missed, of all", None, 0.0, 0),
    Aim("speed", "compose and render, times real time", 10.0, None, 1),
)
"""Of real scores and of what a viewer should feel: the columns beside them show where the numbers come from."""


@dataclass(frozen=True)
class TableSize:
    """Size of a table: its cuts and seeds, and its dearer measures.

    Arguments:
        cuts: Cuts out of the fixed ones.
        seeds: Pieces for each of them.
        render: Whether their sound is measured.
        density: Whether the response of density to arousal is measured on cuts of its own.
    """

    cuts: tuple[FixedCut, ...] = FIXED_CUTS
    seeds: tuple[int, ...] = (1, 2, 3)
    render: bool = True
    density: bool = True


@dataclass(frozen=True)
class Column:
    """One style or kind of written music.

    Arguments:
        name: Heading.
        pieces: Measures of each piece.
        extra: Measures over all pieces together.
        trials: The pieces themselves, where they were composed.
        farthest: Measures that are farthest from orchestral scores, in their standard deviations.
    """

    name: str
    pieces: tuple[Measures, ...]
    extra: Measures = field(default_factory=dict)
    trials: tuple[MeasuredPiece, ...] = ()
    farthest: tuple[tuple[str, float], ...] = ()

    def value(self, measure: str) -> float:
        """Return a measure: of all pieces, their sum where hits are counted, their mean else."""
        if measure in self.extra:
            return self.extra[measure]
        values = [piece[measure] for piece in self.pieces if np.isfinite(piece.get(measure, np.nan))]
        if not values:
            return float("nan")
        if measure == "cadences" and self.trials:  # tension and fear have none by nature
            values = [trial.measures[measure] for trial in self.trials if not _uneasy(trial.cut)] or values
        return float(np.sum(values) if measure in ("hits", "hits_missed") else np.mean(values))


def composed_column(
    style: Style, extent: TableSize, model: Path | None = None, progress: Progress | None = None
) -> Column:
    """Return the column of a style.

    Arguments:
        style: Style of the music: the generator or arranger that writes it.
        extent: Size of the table.
        model: Folder of the generator; the one that is shipped when None.
        progress: Function that is told of the share that is done.
    """
    tell = progress or (lambda _step, _share: None)
    jobs = [(cut, seed) for cut in extent.cuts for seed in extent.seeds]
    trials = []
    for done, (cut, seed) in enumerate(jobs):
        tell(f"Fixed cuts, {style}", done / len(jobs))
        trials.append(try_cut(cut, seed, style, model=model, render=extent.render))
    asked = [pair for trial in trials for pair in trial.asked]
    felt = [pair for trial in trials for pair in trial.felt]
    extra = {
        "valence_rank": spearman([v for v, _ in asked], [v for v, _ in felt]),
        "arousal_rank": spearman([a for _, a in asked], [a for _, a in felt]),
        "shared_motifs": _shared(trials),
    }
    if extent.density:
        extra["density_rank"] = density_rank(style, model, tell)
    return Column(style, tuple(trial.measures for trial in trials), extra, tuple(trials))


def density_rank(style: Style, model: Path | None = None, progress: Progress | None = None) -> float:
    """Return Spearman's correlation of arousal with notes a second, over five levels, two seeds and cuts of 30 s."""
    tell = progress or (lambda _step, _share: None)
    asked, found = [], []
    for done, level in enumerate(LEVELS):
        tell(f"Density, {style}", done / len(LEVELS))
        for seed in _DENSITY_SEEDS:
            trial = try_cut(cut_at(Affect(0.0, level), _DENSITY_SECONDS, seed), seed, style, model=model, render=False)
            asked.append(level)
            found.append(trial.measures["notes"])
    return spearman(asked, found)


def written_column(folder: Path, kind: str) -> Column:
    """Return the column of a kind of written music, measured by the same code."""
    pieces = []
    for _, piece in written_pieces(folder, kind):
        pieces.append({**score_measures(piece), **parts_by_dynamic(piece)})
    return Column(f"written: {kind}", tuple(pieces))


def table(
    styles: Sequence[Style],
    extent: TableSize,
    written: Path | None = None,
    model: Path | None = None,
    progress: Progress | None = None,
) -> list[Column]:
    """Return all columns: the styles, then written music where its folder is given.

    Arguments:
        styles: Styles that write the music, one column each.
        extent: Size of the table.
        written: Folder of the corpora.
        model: Folder of the generator; the one that is shipped when None.
        progress: Function that is told of each step.
    """
    tell = progress or (lambda _step, _share: None)
    found: list[Column] = []
    if written is not None:
        for done, kind in enumerate(KINDS):
            tell("Written scores", done / len(KINDS))
            found.append(written_column(written, kind))
    columns = [composed_column(style, extent, model, tell) for style in styles]
    if found:
        orchestra = list(found[0].pieces)
        columns = [_with_distance(column, orchestra) for column in columns]
    return [*columns, *found]


def _with_distance(column: Column, written: list[Measures]) -> Column:
    mean, apart = distance(list(column.pieces), written)
    return replace(column, extra={**column.extra, "distance": mean}, farthest=tuple(apart[:8]))


def _shared(trials: Sequence[MeasuredPiece]) -> float:
    """Return the mean number of recurring motifs that pieces of different seeds for one cut share."""
    by_cut: dict[str, list[MeasuredPiece]] = {}
    for trial in trials:
        by_cut.setdefault(trial.cut.name, []).append(trial)
    shared = []
    for group in by_cut.values():
        lines = [top_line(trial.piece.pitched()) for trial in group]
        shared += [shared_motifs(lines[i], lines[j]) for i in range(len(lines)) for j in range(i)]
    return float(np.mean(shared)) if shared else float("nan")


def _uneasy(cut: FixedCut) -> bool:
    """Tell whether a cut is all tension or fear."""
    return all(valence < -0.25 and arousal > -0.3 for _, _, valence, arousal in cut.spans)
