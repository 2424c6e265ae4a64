"""Faces and colour judged on rated photographs of people, to which neither was fitted.

The photographs and ratings are those of ``scene_head`` (OASIS). The scene cue was fitted to them and is left out. Each
photograph stands for a shot that holds still; arousal is told by movement, cuts and sound and is not judged.

    python -m emsync_bridge.training.emotion.cues.people PICTURES.zip RATINGS.csv
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from emsync_bridge.emotion.extractors.face import FaceExtractor
from emsync_bridge.emotion.extractors.interface import AffectEstimate, ShotPart
from emsync_bridge.emotion.extractors.low_level import LookExtractor
from emsync_bridge.emotion.fusion.calibration import calibrated
from emsync_bridge.emotion.fusion.gaussian import PRIOR_SIGMA, sigma, weigh
from emsync_bridge.errors import CorpusError, EmsyncError
from emsync_bridge.picture.shot_detection import SIDE, WIDE
from emsync_bridge.training.emotion.cues.calibration import scores
from emsync_bridge.training.emotion.scene_head import read_ratings

PEOPLE = re.compile(r".* (face|pose) \d+")
"""Themes of photographs that show a person who feels something: close-ups, and whole bodies."""

SHOT = ShotPart(0, 0.0, 4.0, 4.0)

CUES: dict[str, tuple[str, ...]] = {"face": ("face",), "colour": ("colour",), "face and colour": ("face", "colour")}

SIZES = (0.7, 0.5, 0.35, 0.25, 0.15)
"""Shares of the frame's height at which close-ups are shown again."""

GREY = 110

LEAST_RATED = 0.1
"""Valence from which a rating has a side."""


@dataclass(frozen=True)
class JudgedPicture:
    """A photograph with its rating and what the cues tell of it.

    Arguments:
        name: Theme and number.
        valence: Mean rating, from -1 to 1.
        estimates: Estimates of faces, where one is judged, and of colour.
    """

    name: str
    valence: float
    estimates: tuple[AffectEstimate, ...]

    @property
    def has_face(self) -> bool:
        """True where a face is judged."""
        return any(estimate.name == FaceExtractor.name for estimate in self.estimates)


def judged_pictures(pictures: Path, ratings: Path, size: float = 1.0) -> Iterator[JudgedPicture]:
    """Yield the photographs of people.

    Arguments:
        pictures: A zip file of JPEG files that are named after their themes.
        ratings: Table of ratings.
        size: Share of a grey frame's height that a photograph fills.

    Raises:
        CorpusError: A file is missing or is none of these.
    """
    import cv2

    face, look = FaceExtractor(), LookExtractor()
    rated = read_ratings(ratings)
    try:
        with zipfile.ZipFile(pictures) as archive:
            for entry in sorted(archive.namelist()):
                name = Path(entry).stem.strip()
                if not PEOPLE.fullmatch(name) or name not in rated:
                    continue
                picture = cv2.imdecode(np.frombuffer(archive.read(entry), np.uint8), cv2.IMREAD_COLOR)
                if picture is None:
                    raise CorpusError(f"The picture {name} cannot be decoded", where=pictures)
                framed = np.full([round(side / size) for side in picture.shape[:2]] + [3], GREY, np.uint8)
                top, left = (
                    (whole - part) // 2 for whole, part in zip(framed.shape[:2], picture.shape[:2], strict=True)
                )
                framed[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
                wide = cv2.resize(framed, (WIDE, SIDE), interpolation=cv2.INTER_AREA)[:, :, ::-1]
                square = cv2.resize(wide, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
                faces = face.measure_detailed([np.ascontiguousarray(wide)], picture.shape[1] / picture.shape[0])
                looks = look.measure([np.ascontiguousarray(square)], [None])
                told = (*face.estimates(SHOT, faces), *look.estimates(SHOT, looks))
                yield JudgedPicture(name, rated[name][0], told)
    except (OSError, zipfile.BadZipFile, cv2.error) as problem:
        raise CorpusError(f"The pictures cannot be read: {problem}", where=pictures) from None


def valences(judged: Sequence[JudgedPicture], cues: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the valence of photographs by some of the cues, and its errors.

    Arguments:
        judged: The photographs.
        cues: Names of the cues.
    """
    values, errors = [], []
    for picture in judged:
        reading = weigh(calibrated([each for each in picture.estimates if each.name in cues]))[0]
        precision = reading.precision + PRIOR_SIGMA**-2
        values.append(reading.mean * reading.precision / precision)
        errors.append(sigma(1 / precision, 0))
    return np.array(values), np.array(errors)


@click.command(help="Judge faces and colour on rated photographs of people.")
@click.argument("pictures", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.argument("ratings", type=click.Path(dir_okay=False, exists=True, path_type=Path))
def main(pictures: Path, ratings: Path) -> None:
    """Judge from the command line."""
    try:
        everything = list(judged_pictures(pictures, ratings))
        smaller = {size: [*judged_pictures(pictures, ratings, size)] for size in SIZES}
    except EmsyncError as problem:
        raise click.ClickException(str(problem)) from None
    for kind in ("face", "pose"):
        found = [picture for picture in everything if f" {kind} " in picture.name]
        seen = [picture for picture in found if picture.has_face]
        click.echo(f"{kind}s: {len(found)}, a face is judged in {len(seen)}")
        for label, judged in (("all", found), ("with a face", seen)):
            truth = np.array([picture.valence for picture in judged])
            sided = np.where(np.abs(truth) >= LEAST_RATED, truth, 0.0)
            click.echo(f"  {label:12s} constant          rmse {truth.std():.3f}")
            for name, cues in CUES.items():
                value, error = valences(judged, cues)
                told = {**scores(value, error, truth), "sign": scores(value, error, sided)["sign"]}
                said = "  ".join(f"{score} {told[score]:.3f}" for score in ("rmse", "mae", "r", "auc", "sign"))
                click.echo(f"  {label:12s} {name:17s} {said}  of {int((sided != 0).sum())} signs")
    for size, shown in smaller.items():
        faces = sum(picture.has_face for picture in shown if " face " in picture.name)
        click.echo(f"close-ups that fill {size:.2f} of the height: a face is judged in {faces}")


if __name__ == "__main__":
    main()
