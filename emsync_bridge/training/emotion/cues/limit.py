"""Limit of any calibration of the embedded cues: learners with more freedom, judged on the same labelled clips.

A calibration has few numbers. Kernel ridge regression (Saunders, Gammerman and Vovk 1998) has as many as there are
clips, on any of the cues and their products. Its settings are chosen inside each fold, so that the errors here are
those on clips that neither the fit nor the choice has seen. Where it does no better, the cues hold no more.

    python -m emsync_bridge.training.emotion.cues.limit --cues cues.csv
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import click
import numpy as np
from numpy.typing import NDArray

from emsync_bridge.emotion.extractors.face import AFFECT
from emsync_bridge.emotion.fusion.calibration import AXES
from emsync_bridge.errors import EmsyncError
from emsync_bridge.training.emotion.cues.calibration import MeasuredClips, left_out, read_clips

Floats = NDArray[np.float64]
Kernel = Literal["linear", "gaussian"]

FOLDS = 10

DRAWS = 2000
"""Samples with replacement for an interval."""

PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
"""Penalties to choose from, for kernels whose diagonal is about 1."""

WIDTHS: dict[Kernel, tuple[float, ...]] = {"linear": (1.0,), "gaussian": (0.5, 1.0, 2.0, 4.0)}
"""Widths to choose from, in standard deviations for each root of the number of features."""

REPORTED = ("rmse", "auc", "sign")


def unseen_predictions(features: Floats, truth: Floats, kernel: Kernel, seed: int = 0) -> Floats:
    """Return a prediction for each clip by kernel ridge regression on clips of other folds.

    Penalty and width are chosen by the closed form of leave-one-out errors within these other folds.

    Arguments:
        features: Floats of (clips, features), in any scale.
        truth: Floats of (clips,).
        kernel: ``linear`` for sums of features, ``gaussian`` for any smooth function of them.
        seed: Seed of the folds.
    """
    found = np.zeros(len(truth))
    for seen, unseen in _folds(len(truth), seed):
        mean, spread = features[seen].mean(axis=0), features[seen].std(axis=0)
        x = (features - mean) / np.where(spread > 0, spread, 1.0)
        y, middle = truth[seen] - truth[seen].mean(), truth[seen].mean()
        best, least = np.zeros(len(unseen)), np.inf
        for width in WIDTHS[kernel]:
            inside, across = _kernel(x[seen], x[seen], kernel, width), _kernel(x[unseen], x[seen], kernel, width)
            for penalty in PENALTIES:
                inverse = np.linalg.inv(inside + penalty * np.eye(len(seen)))
                error = float((((inverse @ y) / np.diag(inverse)) ** 2).mean())
                if error < least:
                    best, least = across @ inverse @ y, error
        found[unseen] = middle + best
    return found


def _folds(count: int, seed: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    order = np.random.default_rng(seed).permutation(count)
    for fold in np.array_split(order, min(FOLDS, count)):
        yield np.setdiff1d(order, fold), fold


def _kernel(one: Floats, other: Floats, kernel: Kernel, width: float) -> Floats:
    size = one.shape[1]
    if kernel == "linear":
        return np.asarray(one @ other.T / size)
    distance = ((one[:, None, :] - other[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(np.exp(-distance / (2 * width**2 * size)))


def interval(values: Floats, truth: Floats, name: str, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % interval of a score over draws of the clips.

    Arguments:
        values: Estimates of one axis.
        truth: Labels.
        name: ``rmse``, ``auc`` or ``sign``.
        seed: Seed of the draws.
    """
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(DRAWS):
        chosen = rng.integers(len(truth), size=len(truth))
        drawn.append(_score(values[chosen], truth[chosen], name))
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def _score(values: Floats, truth: Floats, name: str) -> float:
    if name == "rmse":
        return float(np.sqrt(((values - truth) ** 2).mean()))
    if name == "sign":
        signed = truth != 0
        return float((np.sign(values) == np.sign(truth))[signed].mean())
    high, low = values[truth > 0], values[truth < 0]
    return float((high[:, None] > low).mean() + 0.5 * (high[:, None] == low).mean())


def features(clips: MeasuredClips, chosen: Sequence[str]) -> Floats:
    """Return columns of measured cues: floats of (clips, features).

    Arguments:
        clips: The measured clips.
        chosen: Names of cues; ``face`` stands for the seven expressions, their valence and arousal, and the share of
            time with a face.
    """
    columns = [values for (_, name), values in clips.measured.items() if name in chosen]
    if "face" in chosen:
        shares = clips.faces * clips.coverage[:, None]
        columns += [*shares.T, *(shares @ AFFECT).T, clips.coverage]
    return np.stack(columns, axis=1)


PICTURE_AND_SOUND = ("colour", "scene", "motion", "cutting", "sound")

LEARNERS: dict[str, tuple[tuple[str, ...], Kernel]] = {
    "linear, five cues": (PICTURE_AND_SOUND, "linear"),
    "linear, five cues and faces": ((*PICTURE_AND_SOUND, "face"), "linear"),
    "smooth, five cues": (PICTURE_AND_SOUND, "gaussian"),
    "smooth, five cues and faces": ((*PICTURE_AND_SOUND, "face"), "gaussian"),
}


@click.command(help="Compare the calibration of the embedded cues with freer learners on the same clips.")
@click.option("--cues", type=click.Path(dir_okay=False, exists=True, path_type=Path), required=True)
@click.option("--seeds", type=click.IntRange(1, 100), default=5, show_default=True, help="Divisions into folds.")
def main(cues: Path, seeds: int) -> None:
    """Compare from the command line."""
    try:
        clips = read_clips(cues)
    except EmsyncError as problem:
        raise click.ClickException(str(problem)) from None
    calibrated, _ = left_out(clips)
    for place, axis in enumerate(AXES):
        truth = clips.truth[axis]
        spans = {name: interval(calibrated[:, place], truth, name) for name in REPORTED}
        _line(axis, "constant", {"rmse": float(truth.std())})
        _line(axis, "calibration", {name: _score(calibrated[:, place], truth, name) for name in REPORTED})
        _line(axis, "its 95 % from", {name: spans[name][0] for name in REPORTED})
        _line(axis, "its 95 % to", {name: spans[name][1] for name in REPORTED})
        for label, (chosen, kernel) in LEARNERS.items():
            x = features(clips, chosen)
            runs = [unseen_predictions(x, truth, kernel, seed) for seed in range(seeds)]
            _line(axis, label, {n: float(np.mean([_score(run, truth, n) for run in runs])) for n in REPORTED})


def _line(axis: str, label: str, found: dict[str, float]) -> None:
    click.echo(f"{axis:8s} {label:28s} " + "  ".join(f"{name} {number:.3f}" for name, number in found.items()))


if __name__ == "__main__":
    main()
