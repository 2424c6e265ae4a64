"""EfficientNet-Lite0, a small network that tells apart a thousand kinds of things, as a source of picture features.

Architecture: Tan and Le 2019, "EfficientNet", arXiv 1905.11946, variant B0 without squeeze-and-excitation and with
ReLU6 (EfficientNet-Lite). ``emsync_bridge.training.emotion.scene_network`` makes the file that lies beside this
module; it runs in OpenCV, which finding shots needs anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.errors import MediaError
from emsync_bridge.picture.shot_detection import SIDE

NETWORK = Path(__file__).with_name("efficientnet_lite0.onnx")

FEATURES = 1280

INPUT_SIDE = SIDE
"""Pixels of the square that pictures are squeezed to, for training as for use."""


class EfficientNetLite0:
    """The network up to its pooled features.

    Arguments:
        path: Its file.

    Raises:
        MediaError: The file is not what it should be.
    """

    def __init__(self, path: Path = NETWORK) -> None:
        import cv2

        try:
            self._net: Any = cv2.dnn.readNetFromONNX(np.fromfile(path, np.uint8))
            shape = self(np.zeros((1, INPUT_SIDE, INPUT_SIDE, 3), np.uint8)).shape
        except (OSError, cv2.error):
            shape = None
        if shape != (1, FEATURES):
            raise MediaError(
                "OpenCV cannot read this as EfficientNet-Lite0", where=path, hint="Install emsync-bridge again"
            )

    def __call__(self, pictures: Sequence[NDArray[np.uint8]] | NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the pooled features of pictures.

        Arguments:
            pictures: Bytes of (INPUT_SIDE, INPUT_SIDE, 3) each, red, green and blue.

        Returns:
            Floats of (pictures, 1280).
        """
        import cv2

        found = np.zeros((len(pictures), FEATURES), np.float32)
        threads = cv2.getNumThreads()
        # a second thread gains little, and takes the core away that decodes the picture or runs the editor
        cv2.setNumThreads(1)
        try:
            # one at a time is as fast as several, and takes the least memory
            for row, picture in zip(found, pictures, strict=True):
                self._net.setInput(cv2.dnn.blobFromImage(picture, 1 / 128, mean=(127, 127, 127)))
                row[:] = self._net.forward().reshape(-1)
        finally:
            cv2.setNumThreads(threads)
        return found
