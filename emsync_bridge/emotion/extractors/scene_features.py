"""The scene network's own features, for heads that learn what to make of them."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.emotion.extractors.interface import AffectEstimate, Extractor, Rows, ShotPart
from emsync_bridge.emotion.extractors.scene import HEAD, SceneExtractor, load_head

WIDTH = 1280
"""Features of the network."""


class SceneFeatures(SceneExtractor):
    """Content of the picture, kept as features and not only as valence and arousal."""

    @cached_property
    def version(self) -> str:
        """Return a mark of the network and the head's weights."""
        return f"features-{super().version}"

    @cached_property
    def _head(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return np.eye(WIDTH, dtype=np.float32), np.zeros(WIDTH, np.float32)

    def estimates(self, part: ShotPart, rows: Rows) -> list[AffectEstimate]:
        """Return the estimate of the shipped head from the features."""
        weight, bias = load_head(HEAD)
        return super().estimates(part, (rows @ weight.T + bias).astype(np.float32))


def with_features(extractors: list[Extractor]) -> list[Extractor]:
    """Return extractors as a trained head needs them: the scene's with its features."""
    return [SceneFeatures() if type(extractor) is SceneExtractor else extractor for extractor in extractors]
