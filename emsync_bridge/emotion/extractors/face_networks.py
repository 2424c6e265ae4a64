"""The two face networks in OpenCV: a detector of faces, and a classifier of seven expressions.

Detector: a small relative of Tiny YOLO v2 (Redmon and Farhadi 2017, arXiv 1612.08242) with separable convolutions;
anchors, means and order of the outputs as published with it in face-api.js. The classifier knows the seven classes of
FER2013. ``emsync_bridge.training.emotion.face_network`` makes both files. Who a face belongs to stays unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.errors import CheckpointError

DETECTOR = Path(__file__).with_name("face_detector.onnx")
EXPRESSION = Path(__file__).with_name("face_expression.onnx")

EXPRESSIONS = ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
"""Classes in the order of the classifier's outputs."""

CROP = 112
"""Pixels of the square that a face is brought to."""

CELL = 32
"""Pixels of the detector's input for one cell of its output."""

FOUND = 0.5
"""Score from which a box is a face."""

CLOSE_UP = 0.35
"""Share of the picture's height from which a face counts that is found at half size.

Of 41 rated close-ups a face is found in 25 without that look and in 31 with it; of 554 photographs without people in 24
and 26.
"""

OVERLAP = 0.4
"""Intersection over union from which two boxes are one face."""

_ANCHORS = np.array(
    [(1.603231, 2.094468), (6.041143, 7.080126), (2.882459, 3.518061), (4.266906, 5.178857), (9.041765, 10.66308)]
)
"""Width and height of the detector's anchors in cells."""

_DETECTOR_MEANS = (117.001, 114.697, 97.404)
_EXPRESSION_MEANS = (122.782, 117.001, 104.298)

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Box:
    """A face in a picture.

    Arguments:
        left: Pixels.
        top: Pixels.
        width: Pixels.
        height: Pixels.
        score: The detector's, from 0 to 1.
    """

    left: float
    top: float
    width: float
    height: float
    score: float

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.width * self.height

    def stretched(self, wider: float, higher: float) -> Box:
        """Return the box in a picture that is so many times as wide and as high."""
        return Box(self.left * wider, self.top * higher, self.width * wider, self.height * higher, self.score)


class FaceNetworks:
    """Both networks.

    Arguments:
        detector: File of the detector.
        expression: File of the classifier.

    Raises:
        CheckpointError: A file is missing or damaged.
    """

    def __init__(self, detector: Path = DETECTOR, expression: Path = EXPRESSION) -> None:
        self._detector, self._expression = _load(detector), _load(expression)

    def detect(self, picture: Picture) -> list[Box]:
        """Return the faces in a picture, the surest first, each once.

        The picture is looked at twice, the second time at half its size, where the detector sees close-ups better.

        Arguments:
            picture: Bytes of (height, width, 3), red, green and blue, with square pixels.
        """
        import cv2

        size = (max(CELL, picture.shape[1] // 2), max(CELL, picture.shape[0] // 2))
        half = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        stretch = (picture.shape[1] / size[0], picture.shape[0] / size[1])
        close = [box.stretched(*stretch) for box in self._boxes(np.asarray(half, np.uint8))]
        close = [box for box in close if box.height >= CLOSE_UP * picture.shape[0]]
        kept: list[Box] = []
        for box in sorted([*self._boxes(picture), *close], key=lambda box: -box.score):
            if all(_overlap(box, other) < OVERLAP for other in kept):
                kept.append(box)
        return kept

    def _boxes(self, picture: Picture) -> list[Box]:
        """Return what the detector takes for faces at one size, the same face perhaps several times."""
        high, wide = (-(-side // CELL) * CELL for side in picture.shape[:2])
        padded = np.zeros((high, wide, 3), np.float32)
        padded[: picture.shape[0], : picture.shape[1]] = picture
        out = _run(self._detector, padded, _DETECTOR_MEANS)[0]
        rows, columns = out.shape[1:]
        out = out.reshape(len(_ANCHORS), 5, rows, columns).transpose(2, 3, 0, 1).astype(np.float64)
        centre = _sigmoid(out[..., :2]) + np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), -1)[:, :, None]
        size = np.exp(np.clip(out[..., 2:4], -8, 8)) * _ANCHORS
        boxes = np.concatenate(((centre - size / 2) * CELL, size * CELL, _sigmoid(out[..., 4:5])), axis=-1)
        return [Box(*row) for row in boxes.reshape(-1, 5).tolist() if row[4] >= FOUND]

    def express(self, face: Picture) -> NDArray[np.float32]:
        """Return the probabilities of the seven expressions.

        Arguments:
            face: Bytes of (height, width, 3), red, green and blue: a face and little else.
        """
        import cv2

        scale = CROP / max(face.shape[:2])
        size = tuple(max(1, round(side * scale)) for side in face.shape[1::-1])
        small = cv2.resize(face, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        square = np.zeros((CROP, CROP, 3), np.float32)
        top, left = (CROP - small.shape[0]) // 2, (CROP - small.shape[1]) // 2
        square[top : top + small.shape[0], left : left + small.shape[1]] = small
        found: NDArray[np.float32] = _run(self._expression, square, _EXPRESSION_MEANS)[0].copy()
        return found


def cut_out(picture: Picture, box: Box) -> Picture:
    """Return the part of a picture inside a box; empty where the box lies outside."""
    high, wide = picture.shape[:2]
    left, top = max(0, int(box.left)), max(0, int(box.top))
    right, bottom = min(wide, int(box.left + box.width)), min(high, int(box.top + box.height))
    return picture[top : max(top, bottom), left : max(left, right)]


def _load(path: Path) -> Any:
    import cv2

    try:
        return cv2.dnn.readNetFromONNX(np.fromfile(path, np.uint8))
    except (OSError, cv2.error):
        raise CheckpointError(
            "This face network cannot be read by OpenCV", where=path, hint="Install emsync-bridge again"
        ) from None


def _run(net: Any, picture: NDArray[np.float32], means: tuple[float, float, float]) -> NDArray[np.float32]:
    import cv2

    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)  # a second thread gains little, and takes the core away that decodes the picture
    try:
        net.setInput(((picture - np.array(means, np.float32)) / 255).transpose(2, 0, 1)[None].astype(np.float32))
        found: NDArray[np.float32] = net.forward()
    except cv2.error as problem:
        raise CheckpointError(
            f"A face network cannot be run: {str(problem).splitlines()[0]}", hint="Install emsync-bridge again"
        ) from None
    finally:
        cv2.setNumThreads(threads)
    return found


def _sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(values, -30, 30)))
    return found


def _overlap(one: Box, other: Box) -> float:
    width = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    height = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    shared = max(0.0, width) * max(0.0, height)
    return shared / (one.area + other.area - shared) if shared else 0.0
