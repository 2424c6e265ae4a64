"""The expressions of faces: a detector that is asked for faces finds them, a classifier judges each.

The detector is OWL-ViT (Minderer et al. 2022, arXiv 2205.06230), which finds what it is asked for in words. It looks
for faces and keeps none of them: who somebody is stays unknown.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.emotion.extractors.interface import GRID, AffectEstimate, Rows, ShotPart
from emsync_bridge.emotion.pretrained.installed import Installed
from emsync_bridge.emotion.pretrained.labels import estimate_of_shares, grouping, shares
from emsync_bridge.emotion.pretrained.networks import PretrainedExtractor, as_numpy, load_network, load_part, on_device

QUESTION = "a human face"

FOUND = 0.15
"""Score from which a box is a face, judged; scores of OWL-ViT are low."""

MAX_FACES = 6
"""Faces of a frame that are looked at, the largest first."""

SMALLEST = 0.03
"""Side of a face, as a share of the picture's: smaller ones have too few pixels."""

OVERLAP = 0.5
"""Intersection over union from which two boxes are one face."""

MARGIN = 0.1
"""Margin that is cut out beyond each edge of a box, as a share of its side."""

ERROR = (0.52, math.inf)
"""Errors on rated pictures: faces tell valence, and nothing of arousal (r = -0.01 on 154 pictures of OASIS)."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom as shares of the picture."""


@dataclass(frozen=True)
class _FaceNetworks:
    finder: Any
    pictures: Any
    question: Any
    judge: Any
    crops: Any


class PretrainedFaceExtractor(PretrainedExtractor):
    """The expressions of faces: a row is the area of the faces in a frame, then the scores weighted by area.

    Arguments:
        finder: Detector that understands words.
        judge: Classifier of expressions.

    Raises:
        CheckpointError: The classes of the classifier are no emotions.
    """

    name: ClassVar[str] = "faces"
    sense: ClassVar[Literal["picture"]] = "picture"
    span: ClassVar[int] = 768
    every: ClassVar[int] = 2 * GRID
    at_once: ClassVar[int] = 2

    def __init__(self, finder: Installed, judge: Installed) -> None:
        super().__init__(finder, judge)
        self._matrix = grouping(judge.labels)

    def estimates(self, part: ShotPart, rows: Rows) -> list[AffectEstimate]:  # noqa: ARG002
        """Return one estimate on valence and on classes where there are faces."""
        area = rows[:, 0]
        coverage = float((area > 0).mean())
        if coverage == 0:
            return []
        scores = area @ rows[:, 1:] / area.sum()
        return [estimate_of_shares(self.name, shares(scores, self._matrix), ERROR, coverage=coverage, subject="face")]

    def features(self, rows: Rows) -> Rows:
        """Return the rows with the classes unknown where there is no face."""
        seen: Rows = rows.copy()
        seen[rows[:, 0] == 0, 1:] = np.nan
        return seen

    def _load(self) -> _FaceNetworks:
        finder, judge = self._networks
        tokens = load_part(finder, "AutoTokenizer")
        network = load_network(finder, "AutoModelForZeroShotObjectDetection")
        length = network.config.text_config.max_position_embeddings
        question = tokens([QUESTION], padding="max_length", max_length=length, truncation=True, return_tensors="pt")
        return _FaceNetworks(
            network,
            load_part(finder, "AutoImageProcessor"),
            on_device({name: question[name] for name in ("input_ids", "attention_mask")}, network),
            load_network(judge, "AutoModelForImageClassification"),
            load_part(judge, "AutoImageProcessor"),
        )

    def _rows(self, loaded: _FaceNetworks, samples: Sequence[NDArray[Any]]) -> NDArray[Any]:
        pixels = on_device(loaded.pictures(images=list(samples), return_tensors="pt"), loaded.finder)
        question = {name: tensor.repeat(len(samples), 1) for name, tensor in loaded.question.items()}
        seen = loaded.finder(**question, pixel_values=pixels["pixel_values"])
        scores, places = as_numpy(seen.logits.float().sigmoid()[..., 0]), as_numpy(seen.pred_boxes)
        boxes = [faces(place, score) for place, score in zip(places, scores, strict=True)]
        rows = np.zeros((len(samples), 1 + len(self._matrix)), np.float32)
        crops = [_cut(frame, box) for frame, found in zip(samples, boxes, strict=True) for box in found]
        if not crops:
            return rows
        inputs = loaded.crops(images=crops, return_tensors="pt")
        logits = loaded.judge(**on_device(inputs, loaded.judge)).logits.float()
        judged = iter(as_numpy(logits.softmax(dim=-1)))
        for row, found in zip(rows, boxes, strict=True):
            for box in found:
                area = (box[2] - box[0]) * (box[3] - box[1])
                row[0] += area
                row[1:] += area * next(judged)
        rows[:, 1:] /= np.maximum(rows[:, :1], 1e-9)
        return rows


def faces(places: NDArray[np.float32], scores: NDArray[np.float32]) -> list[Box]:
    """Return the faces of one frame, the largest first, each once.

    Arguments:
        places: Boxes of (candidates, 4): middle, width and height as shares of the picture.
        scores: Likeness of each to a face, from 0 to 1.
    """
    kept: list[Box] = []
    for i in np.argsort(-scores, kind="stable"):
        x, y, width, height = (float(value) for value in places[i])
        box = (max(0.0, x - width / 2), max(0.0, y - height / 2), min(1.0, x + width / 2), min(1.0, y + height / 2))
        if scores[i] < FOUND:
            break
        if min(box[2] - box[0], box[3] - box[1]) >= SMALLEST and all(_overlap(box, other) < OVERLAP for other in kept):
            kept.append(box)
    return sorted(kept, key=lambda b: (b[0] - b[2]) * (b[3] - b[1]))[:MAX_FACES]


def _overlap(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0.0, width) * max(0.0, height)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / (areas - shared) if areas > shared else 0.0


def _cut(frame: NDArray[Any], box: Box) -> NDArray[Any]:
    """Return a face with a margin; the classifier makes it square, which undoes the squeezing of the frame."""
    side = frame.shape[0]
    wide, high = MARGIN * (box[2] - box[0]), MARGIN * (box[3] - box[1])
    left, top = int(max(0.0, box[0] - wide) * side), int(max(0.0, box[1] - high) * side)
    right, bottom = math.ceil(min(1.0, box[2] + wide) * side), math.ceil(min(1.0, box[3] + high) * side)
    return np.ascontiguousarray(frame[top:bottom, left:right])
