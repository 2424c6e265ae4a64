"""Text on screen, titles and signs: Florence-2 reads a frame every few seconds, a classifier judges it.

Xiao et al. 2023, Florence-2: Advancing a Unified Representation for a Variety of Vision Tasks (arXiv 2311.06242).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.emotion.extractors.interface import GRID, AffectEstimate, Rows, ShotPart
from emsync_bridge.emotion.pretrained.labels import estimate_of_shares
from emsync_bridge.emotion.pretrained.networks import load_network, load_part, on_device
from emsync_bridge.emotion.pretrained.text_emotion import ERROR, TextClassifier, TextExtractor

TASK = "<OCR>"
"""Task for the network: read all text of a picture."""

MAX_TOKENS = 64

FEWEST_LETTERS = 4
"""Of a text; less is a number plate or a mistake."""


@dataclass(frozen=True)
class _ScreenReader:
    network: Any
    processor: Any
    words: TextClassifier


class ScreenTextExtractor(TextExtractor):
    """Text on screen: a row is 1 where there is text, then the scores of the text's classes.

    Arguments:
        reader: Network that reads.
        words: Classifier of text.

    Raises:
        CheckpointError: The classes of the classifier are no emotions.
    """

    name: ClassVar[str] = "screen-text"
    sense: ClassVar[Literal["picture"]] = "picture"
    span: ClassVar[int] = 768
    every: ClassVar[int] = 4 * GRID
    at_once: ClassVar[int] = 2

    def estimates(self, part: ShotPart, rows: Rows) -> list[AffectEstimate]:  # noqa: ARG002
        """Return one estimate where there is text."""
        coverage = float(rows[:, 0].mean())
        if coverage == 0:
            return []
        return [estimate_of_shares(self.name, self._shares(rows), ERROR, coverage=coverage, subject="text on screen")]

    def _load(self) -> _ScreenReader:
        reader, words = self._networks
        network = load_network(reader, "Florence2ForConditionalGeneration")
        return _ScreenReader(network, load_part(reader, "AutoProcessor"), TextClassifier(words))

    def _rows(self, loaded: _ScreenReader, samples: Sequence[NDArray[Any]]) -> NDArray[Any]:
        rows = np.zeros((len(samples), 1 + len(self._matrix)), np.float32)
        texts = read(loaded.network, loaded.processor, samples)
        legible = [i for i, text in enumerate(texts) if sum(letter.isalpha() for letter in text) >= FEWEST_LETTERS]
        if legible:
            rows[legible, 0] = 1.0
            rows[legible, 1:] = loaded.words.scores([texts[i] for i in legible])
        return rows


def read(network: Any, processor: Any, frames: Sequence[NDArray[Any]]) -> list[str]:
    """Return the text on each frame.

    Arguments:
        network: Florence-2.
        processor: Processor that prepares its input.
        frames: Pictures of (height, width, 3) bytes.
    """
    inputs = on_device(processor(text=[TASK] * len(frames), images=list(frames), return_tensors="pt"), network)
    tokens = network.generate(**inputs, max_new_tokens=MAX_TOKENS, num_beams=1, do_sample=False)
    texts: list[str] = processor.batch_decode(tokens, skip_special_tokens=True)
    return [text.strip() for text in texts]
