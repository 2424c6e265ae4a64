"""The emotion of sentences, by a classifier of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.emotion.extractors.interface import Rows
from emsync_bridge.emotion.pretrained.installed import Installed
from emsync_bridge.emotion.pretrained.labels import grouping, shares
from emsync_bridge.emotion.pretrained.networks import PretrainedExtractor, as_numpy, load_network, load_part, on_device

AT_ONCE = 16

LONGEST = 128
"""Tokens of a sentence that are read."""

ERROR = (0.40, 0.55)
"""Errors in valence and arousal, judged: words say more of what is pleasant than of how exciting it is."""


class TextClassifier:
    """A classifier of text.

    Arguments:
        folder: The network on disk.
    """

    def __init__(self, folder: Installed) -> None:
        self._network = load_network(folder, "AutoModelForSequenceClassification")
        self._tokens = load_part(folder, "AutoTokenizer")
        self._several = self._network.config.problem_type == "multi_label_classification"

    def scores(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Return the scores of each sentence.

        Arguments:
            sentences: Text.

        Returns:
            Floats of (sentences, labels) from 0 to 1.
        """
        found = [self._scores(sentences[i : i + AT_ONCE]) for i in range(0, len(sentences), AT_ONCE)]
        return np.concatenate(found) if found else np.zeros((0, self._network.config.num_labels), np.float32)

    def _scores(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        inputs: Any = self._tokens(
            list(sentences), padding=True, truncation=True, max_length=LONGEST, return_tensors="pt"
        )
        logits = self._network(**on_device(inputs, self._network)).logits.float()
        return as_numpy(logits.sigmoid() if self._several else logits.softmax(dim=-1))


class TextExtractor(PretrainedExtractor):
    """Extractors of words: a row is the share with words, then the scores of the text's classes.

    Arguments:
        source: Network that finds the words.
        words: Classifier of text.

    Raises:
        CheckpointError: The classes of the classifier are no emotions.
    """

    def __init__(self, source: Installed, words: Installed) -> None:
        super().__init__(source, words)
        self._matrix = grouping(words.labels)

    def features(self, rows: Rows) -> Rows:
        """Return the rows with the classes unknown where there are no words."""
        seen: Rows = rows.copy()
        seen[rows[:, 0] == 0, 1:] = np.nan
        return seen

    def _shares(self, rows: Rows) -> NDArray[np.float32]:
        """Return the shares of the six emotions and neutral in rows of which some have words."""
        return shares(rows[:, 0] @ rows[:, 1:] / rows[:, 0].sum(), self._matrix)
