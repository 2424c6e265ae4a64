"""Fit of the embedded cues' calibration on clips with labels, from what the cues measured of them.

Few numbers are fitted. Valence: a weight each for colour and scene, and one offset, by ridge regression. Arousal: one
common weight for movement, cutting and sound, and one offset. Faces are used with the table of Russell and Mehrabian
as it is. The slope of each of the five cues is that of its regression on the label. From weights, slopes and the prior
follow the errors with which Gaussian fusion gives just these weights. One factor an axis widens the errors to the size
that they have on clips left out of the fit. That makes twelve numbers.

    python -m emsync_bridge.training.emotion.cues.calibration --cues cues.csv --out emsync_bridge/emotion/fusion
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from emsync_bridge.cue import Affect
from emsync_bridge.emotion.extractors.face import AFFECT
from emsync_bridge.emotion.extractors.face import SIGMA as FACE_SIGMA
from emsync_bridge.emotion.extractors.face_networks import EXPRESSIONS
from emsync_bridge.emotion.extractors.interface import AffectEstimate
from emsync_bridge.emotion.fusion.calibration import AXES, DATA, Calibration, calibrated, read_calibration
from emsync_bridge.emotion.fusion.gaussian import LEAST_SIGMA, PRIOR_MEAN, PRIOR_SIGMA, weigh
from emsync_bridge.emotion.fusion.sign import CLEAR_FROM, FAINT_FROM
from emsync_bridge.errors import CorpusError, EmsyncError
from emsync_bridge.files.atomic import replacing

CUES = {"valence": ("colour", "scene"), "arousal": ("motion", "cutting", "sound")}
"""Cues that are fitted, by axis."""

RIDGE = 0.1
"""Penalty on standardised weights, as a share of the number of clips."""

AROUSAL_SHARE = 0.9
"""Part of the regression's weight that arousal is given.

Music videos differ more in arousal than shots of people do: with the whole weight, 17 such shots came out worse than
without any calibration (mean absolute error 0.48 instead of 0.39).
"""

FILM_ZEROS = {"motion": 0.15, "sound": 0.12}
"""Measures of movement and sound in a film at arousal 0, judged; the offset of the fit goes to the rhythm of cuts.

Music videos are louder and move more than dialogue, and most shots of people have no cut to correct for it.
"""


@dataclass(frozen=True)
class MeasuredClips:
    """Measured clips with labels.

    Arguments:
        truth: Valence and arousal of each clip.
        measured: Measurements of each cue on the axis that it tells, by axis and cue.
        faces: Mean probabilities of the seven expressions.
        coverage: Share of each clip's time with a face.
    """

    truth: dict[str, NDArray[np.float64]]
    measured: dict[tuple[str, str], NDArray[np.float64]]
    faces: NDArray[np.float64]
    coverage: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.coverage)

    def estimates(self, index: int, *, without: str = "") -> list[AffectEstimate]:
        """Return what the embedded extractors say of a clip, one cue left out."""
        sides = {"valence": (0.0, math.inf), "arousal": (math.inf, 0.0)}
        found = []
        for (axis, name), values in self.measured.items():
            if name == without:
                continue
            value = float(values[index])
            affect = Affect(value, 0.0) if axis == "valence" else Affect(0.0, value)
            found.append(AffectEstimate(name, affect, sides[axis]))
        cover = float(self.coverage[index])
        if cover > 0 and without != "face":
            point = Affect(*(float(x) for x in self.faces[index] @ AFFECT))
            errors = (FACE_SIGMA[0] / cover**0.5, FACE_SIGMA[1] / cover**0.5)
            found.append(AffectEstimate("face", point, errors, coverage=cover))
        return found


def read_clips(path: Path) -> MeasuredClips:
    """Return the clips of a table with a row each: labels, estimates by cue and axis, and expressions.

    Raises:
        CorpusError: It cannot be read, or a number is missing.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))

        def column(name: str) -> NDArray[np.float64]:
            return np.array([float(row[name]) for row in rows])

        return MeasuredClips(
            {axis: column(axis) for axis in AXES},
            {(axis, cue): column(f"{cue}_{axis}") for axis in AXES for cue in CUES[axis]},
            np.stack([column(f"face_{word}") for word in EXPRESSIONS], axis=1),
            column("face_share"),
        )
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as problem:
        raise CorpusError(f"This table of measured cues cannot be read: {problem}", where=path) from None


def fit(clips: MeasuredClips, chosen: Sequence[int]) -> dict[str, Any]:
    """Return the calibration document fitted to some of the clips."""
    return {"axes": {axis: {"cues": _fit_axis(clips, np.asarray(chosen), axis)} for axis in AXES}}


def _fit_axis(clips: MeasuredClips, chosen: NDArray[np.intp], axis: str) -> dict[str, dict[str, float]]:
    names, prior = CUES[axis], PRIOR_MEAN[AXES.index(axis)]
    x = np.stack([clips.measured[axis, name][chosen] for name in names], axis=1)
    y = clips.truth[axis][chosen]
    mean, spread = x.mean(axis=0), x.std(axis=0)
    if axis == "valence":
        z = (x - mean) / spread
        weights = np.linalg.solve(z.T @ z + RIDGE * len(y) * np.eye(len(names)), z.T @ (y - y.mean())) / spread
    else:
        weights = np.full(len(names), AROUSAL_SHARE * np.polyfit(x.mean(axis=1), y, 1)[0] / len(names))
    offset = y.mean() - weights @ mean
    slopes = np.array([np.polyfit(y, column, 1)[0] for column in x.T])
    told = weights * slopes
    # zeros such that all cues together give the regression's offset
    zeros = mean - slopes * (y.mean() - prior)
    needed = prior * (1 - told.sum()) - offset
    if axis == "valence":
        zeros += (needed - weights @ zeros) / (weights @ spread) * spread
    else:
        for name, zero in FILM_ZEROS.items():
            zeros[names.index(name)] = zero
        rest = names.index("cutting")
        others = [i for i in range(len(names)) if i != rest]
        zeros[rest] = (needed - weights[others] @ zeros[others]) / weights[rest]
    precisions = told / PRIOR_SIGMA**2 / (1 - told.sum())
    return {
        name: {"zero": round(float(zero), 4), "slope": round(float(slope), 4), "sigma": round(float(p**-0.5), 4)}
        for name, zero, slope, p in zip(names, zeros, slopes, precisions, strict=True)
    }


def estimates(
    clips: MeasuredClips, index: int, calibration: Calibration, *, without: str = ""
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return what fusion makes of a clip: valence and arousal, and their errors before they are widened."""
    readings = weigh(calibrated(clips.estimates(index, without=without), calibration))
    values, errors = [], []
    for reading, prior in zip(readings, PRIOR_MEAN, strict=True):
        precision = reading.precision + PRIOR_SIGMA**-2
        values.append((reading.mean * reading.precision + prior * PRIOR_SIGMA**-2) / precision)
        errors.append(max(LEAST_SIGMA, precision**-0.5))
    return (values[0], values[1]), (errors[0], errors[1])


def left_out(clips: MeasuredClips, *, without: str = "") -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return valence and arousal of each clip by a fit to all others, and their errors: two arrays of (clips, 2)."""
    found = []
    for index in range(len(clips)):
        others = [i for i in range(len(clips)) if i != index]
        found.append(estimates(clips, index, read_calibration(fit(clips, others)), without=without))
    return np.array([values for values, _ in found]), np.array([errors for _, errors in found])


def scores(value: NDArray[np.float64], error: NDArray[np.float64], truth: NDArray[np.float64]) -> dict[str, float]:
    """Return how good estimates of one axis are.

    Returns:
        ``rmse``, ``mae``, ``r`` (Pearson), ``auc`` and ``sign`` (labels of 0 left out), ``inside_one_sigma``,
        ``rms_error_over_sigma``, and the share of right signs among those called clear, faint and none.
    """
    off = np.abs(value - truth)
    signed = np.abs(truth) > 1e-9
    right = np.sign(value) == np.sign(truth)
    high, low = value[truth > 1e-9], value[truth < -1e-9]
    sure = np.array([math.erf(abs(v) / e / math.sqrt(2)) for v, e in zip(value, error, strict=True)])
    bands = {
        "clear": sure >= CLEAR_FROM,
        "faint": (sure < CLEAR_FROM) & (sure >= FAINT_FROM),
        "none": sure < FAINT_FROM,
    }
    found = {
        "rmse": float(np.sqrt((off**2).mean())),
        "mae": float(off.mean()),
        "r": float(np.corrcoef(value, truth)[0, 1]),
        "auc": float((high[:, None] > low).mean() + 0.5 * (high[:, None] == low).mean()),
        "sign": float(right[signed].mean()),
        "inside_one_sigma": float((off <= error).mean()),
        "rms_error_over_sigma": float(np.sqrt(((off / error) ** 2).mean())),
    }
    for word, band in bands.items():
        if (band & signed).any():
            found[f"sign_where_{word}"] = float(right[band & signed].mean())
            found[f"signs_{word}"] = float((band & signed).sum())
    return {name: round(number, 3) for name, number in found.items()}


def widened_scores(
    value: NDArray[np.float64], error: NDArray[np.float64], truth: NDArray[np.float64]
) -> tuple[float, dict[str, float]]:
    """Return by how much errors are widened to be as large as those on left-out clips, and the scores with them."""
    widening = round(max(1.0, float(np.sqrt((((value - truth) / error) ** 2).mean()))), 3)
    return widening, scores(value, error * widening, truth)


def calibration_document(clips: MeasuredClips) -> dict[str, Any]:
    """Return the whole calibration with its errors on clips left out of the fit."""
    document = fit(clips, range(len(clips)))
    values, errors = left_out(clips)
    for axis, place in zip(AXES, (0, 1), strict=True):
        widening, found = widened_scores(values[:, place], errors[:, place], clips.truth[axis])
        document["axes"][axis] |= {"widening": widening, "left_out": found}
    return {
        "what": "Calibration of the embedded cues of valence and arousal",
        "made_by": "python -m emsync_bridge.training.emotion.cues.calibration",
        "data": f"{len(clips)} music-video clips of 30 s with six human classes (Pandeya et al. 2021), each class at "
        "its centre after Russell and Mehrabian; measured cues only, no picture and no sound",
        "prior": {"mean": list(PRIOR_MEAN), "sigma": PRIOR_SIGMA},
        "fitted_numbers": 12,
        **document,
    }


@click.command(help="Fit the calibration of the embedded cues to measured clips with labels.")
@click.option("--cues", type=click.Path(dir_okay=False, exists=True, path_type=Path), required=True)
@click.option("--out", type=click.Path(file_okay=False, exists=True, path_type=Path), required=True)
@click.option("--without", default="", help="Only print the errors with this cue left out.")
def main(cues: Path, out: Path, without: str) -> None:
    """Fit from the command line."""
    try:
        clips = read_clips(cues)
        if without:
            values, errors = left_out(clips, without=without)
            for place, axis in enumerate(AXES):
                found = widened_scores(values[:, place], errors[:, place], clips.truth[axis])[1]
                click.echo(f"{axis} {json.dumps(found)}")
            return
        document = calibration_document(clips)
        with replacing(out / DATA.name) as draft:
            draft.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8", newline="\n")
    except EmsyncError as problem:
        raise click.ClickException(str(problem)) from None
    for axis in AXES:
        click.echo(f"{axis} {json.dumps(document['axes'][axis]['left_out'])}")


if __name__ == "__main__":
    main()
