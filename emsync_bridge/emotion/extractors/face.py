"""Facial expressions: the valence and arousal that the faces in the picture show."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.cue import Affect
from emsync_bridge.emotion.extractors.face_networks import (
    DETECTOR,
    EXPRESSION,
    EXPRESSIONS,
    Box,
    FaceNetworks,
    Picture,
    cut_out,
)
from emsync_bridge.emotion.extractors.interface import GRID, AffectEstimate, Rows, ShotPart
from emsync_bridge.emotion.extractors.low_level import black_bars
from emsync_bridge.emotion.overrides.moods import RUSSELL_MEHRABIAN
from emsync_bridge.picture.shot_detection import WIDE

SMALLEST = 20
"""Pixels of a face's height, in a picture 448 wide, below which its expression is not judged."""

LARGE_ENOUGH = 44
"""Pixels of a face's height from which it counts in full."""

DARKEST = 24.0
"""Mean luma of a face, of 255, below which its expression is not judged."""

LIGHT_ENOUGH = 60.0
"""Mean luma of a face from which it counts in full."""

LEAST_QUALITY = 0.15

MAX_FACES = 5
"""Faces of a frame that are judged, the largest first."""

SIGMA = (0.38, 0.50)
"""Error of a shot's valence and arousal where a face is seen all the time.

On 15 acted shots the valence of the expression alone was off by 0.35 in the mean; clips of music videos leave both
open.
"""

NAMED = 0.4
"""Probability from which an expression is a reason."""

_EKMAN = {"happy": "joy", "sad": "sadness", "angry": "anger", "fearful": "fear", "disgusted": "disgust"}
_EKMAN["surprised"] = "surprise"

AFFECT = np.array(
    [
        (RUSSELL_MEHRABIAN[_EKMAN[word]][0], RUSSELL_MEHRABIAN[_EKMAN[word]][2]) if word in _EKMAN else (0.0, 0.0)  # type: ignore[index]
        for word in EXPRESSIONS
    ]
)
"""Valence and arousal of each expression (Russell and Mehrabian 1977), neutral in the middle."""


class FaceExtractor:
    """Facial expressions: a row is the area of the judged faces, then seven probabilities weighted by area and quality.

    A face is judged twice, as it is and mirrored. Where the two differ, as on profiles and half-hidden faces, it counts
    less.
    """

    name: ClassVar[str] = "face"
    version: ClassVar[str] = "3"
    origin: ClassVar[str] = "face detector and expression classifier of @vladmandic/face-api (MIT)"
    sense: ClassVar[Literal["picture"]] = "picture"
    every: ClassVar[int] = GRID
    paired: ClassVar[tuple[int, ...]] = ()

    @cached_property
    def _networks(self) -> FaceNetworks:
        return FaceNetworks()

    def measure(self, samples: Sequence[NDArray[Any]], before: Sequence[NDArray[Any] | None]) -> Rows:  # noqa: ARG002
        """Return one row for each frame of (height, width, 3), taken to have square pixels."""
        return np.stack([self._row(frame) for frame in samples])

    def measure_detailed(self, frames: Sequence[NDArray[Any]], aspect: float) -> Rows:
        """Return one row for each frame.

        Arguments:
            frames: Frames of (SIDE, WIDE, 3) bytes, red, green and blue.
            aspect: Width of the picture as shown divided by its height.
        """
        import cv2

        rows: list[NDArray[np.float32]] = []
        for index, frame in enumerate(frames):
            if index and np.array_equal(frame, frames[index - 1]):
                rows.append(rows[-1])  # key frames and freezes repeat the frame before
                continue
            top, left = black_bars(frame)
            inside = frame[top : frame.shape[0] - top, left : frame.shape[1] - left]
            true = aspect * inside.shape[1] / frame.shape[1] * frame.shape[0] / inside.shape[0]
            size = (WIDE, round(WIDE / true)) if true >= 1 else (round(WIDE * true), WIDE)
            rows.append(self._row(np.asarray(cv2.resize(inside, (max(32, size[0]), max(32, size[1]))), np.uint8)))
        return np.stack(rows)

    def estimates(self, part: ShotPart, rows: Rows) -> list[AffectEstimate]:  # noqa: ARG002
        """Return one estimate where faces are seen; its error grows as the share of time with a face falls."""
        seen = rows[:, 0] > 0
        coverage = float(seen.mean())
        if coverage == 0:
            return []
        shares = rows[seen, 1:].mean(axis=0)
        valence, arousal = (float(value) for value in shares @ AFFECT)
        leading = int(np.argmax(shares))
        reason = f"{EXPRESSIONS[leading]} face" if leading and shares[leading] >= NAMED else ""
        sigma = (SIGMA[0] / coverage**0.5, SIGMA[1] / coverage**0.5)
        return [AffectEstimate(self.name, Affect(valence, arousal), sigma, reason, coverage=coverage)]

    def features(self, rows: Rows) -> Rows:
        """Return the rows with unknown expressions where there is no face."""
        found: Rows = rows.copy()
        found[rows[:, 0] == 0, 1:] = np.nan
        return found

    def _row(self, picture: Picture) -> NDArray[np.float32]:
        """Return the row of a picture with square pixels."""
        row = np.zeros(1 + len(EXPRESSIONS), np.float32)
        boxes = sorted(self._networks.detect(picture), key=lambda box: -box.area)[:MAX_FACES]
        total = 0.0
        for box in boxes:
            judged = self._judge(picture, box)
            if judged is None:
                continue
            shares, quality = judged
            row[0] += box.area / (picture.shape[0] * picture.shape[1])
            row[1:] += box.area * quality * shares
            total += box.area * quality
        if total > 0:
            row[1:] /= total
        return row

    def _judge(self, picture: Picture, box: Box) -> tuple[NDArray[np.float32], float] | None:
        """Return the probabilities of a face's expressions and how far they count; None where they do not."""
        face = cut_out(picture, box)
        if face.size == 0 or box.height < SMALLEST:
            return None
        light = float(face.mean())
        if light < DARKEST:
            return None
        straight, mirrored = self._networks.express(face), self._networks.express(face[:, ::-1])
        agreement = 1 - float(np.abs(straight - mirrored).sum()) / 2
        large = min(1.0, box.height / LARGE_ENOUGH)
        lit = min(1.0, (light - DARKEST) / (LIGHT_ENOUGH - DARKEST))
        quality = agreement * large * lit
        return ((straight + mirrored) * np.float32(0.5), quality) if quality >= LEAST_QUALITY else None


def networks_installed() -> bool:
    """Return whether the files of both networks are part of the installation."""
    return DETECTOR.is_file() and EXPRESSION.is_file()
