"""Sounds, as classes of AudioSet, by an Audio Spectrogram Transformer (Gong et al. 2021, arXiv 2104.01778)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.cue import Affect
from emsync_bridge.emotion.extractors.interface import GRID, AffectEstimate, Rows, ShotPart
from emsync_bridge.emotion.extractors.observe import RATE
from emsync_bridge.emotion.pretrained.audioset_affect import SOUNDS
from emsync_bridge.emotion.pretrained.installed import Installed
from emsync_bridge.emotion.pretrained.networks import PretrainedExtractor, as_numpy, load_network, load_part, on_device
from emsync_bridge.errors import CheckpointError

WINDOW = 5
"""Seconds heard at a time: half of what the network was trained on, so that sounds keep to their shots."""

HEARD = 0.1
"""Score from which a class counts as heard."""

CERTAIN = 0.3
"""Score from which the loudest class is named."""

ERROR = 0.5
"""Error in valence and in arousal, judged, as the table is."""

FEWEST_KNOWN = 20
"""Classes of a tagger that must be in the table."""


def heard(name: str, part: ShotPart, scores: Rows, known: Mapping[int, str]) -> list[AffectEstimate]:
    """Return one estimate where something is heard that moves people, and can be heard as it is.

    Arguments:
        name: Name of the cue.
        part: The part.
        scores: Rows of the scores of classes, from 0 to 1.
        known: Names of the classes that have a mood, by their column.
    """
    if part.speed == 0:
        return []
    mean = scores.mean(axis=0)
    found = {label: float(mean[i]) for i, label in known.items() if mean[i] >= HEARD}
    total = sum(found.values())
    if total == 0:
        return []
    valence = sum(score * SOUNDS[label][0] for label, score in found.items()) / total
    arousal = sum(score * SOUNDS[label][1] for label, score in found.items()) / total
    sigma = ERROR / math.sqrt(min(1.0, total))
    loudest = max(found, key=lambda label: found[label])
    reason = f"sound of {loudest.split(',')[0].lower()}" if found[loudest] > CERTAIN else ""
    return [AffectEstimate(name, Affect(valence, arousal), (sigma, sigma), reason)]


def with_mood(labels: Sequence[str]) -> dict[int, str]:
    """Return the classes that have a mood, by their column."""
    return {i: label for i, label in enumerate(labels) if label in SOUNDS}


@dataclass(frozen=True)
class _AudioTagger:
    network: Any
    preprocessor: Any


class AudioTagExtractor(PretrainedExtractor):
    """Sounds: rows are the scores of all classes, the same for each second of a window.

    Arguments:
        tagger: The network.

    Raises:
        CheckpointError: Its classes are not those of AudioSet.
    """

    name: ClassVar[str] = "tagging"
    sense: ClassVar[Literal["sound"]] = "sound"
    span: ClassVar[int] = WINDOW * GRID
    every: ClassVar[int] = GRID
    at_once: ClassVar[int] = 4

    def __init__(self, tagger: Installed) -> None:
        super().__init__(tagger)
        self._known = with_mood(tagger.labels)
        if len(self._known) < FEWEST_KNOWN:
            raise CheckpointError("Its classes are not those of AudioSet", where=tagger.folder)

    def estimates(self, part: ShotPart, rows: Rows) -> list[AffectEstimate]:
        """Return one estimate where something is heard that moves people, and can be heard as it is."""
        return heard(self.name, part, rows, self._known)

    def _load(self) -> _AudioTagger:
        (folder,) = self._networks
        return _AudioTagger(
            load_network(folder, "ASTForAudioClassification"), load_part(folder, "AutoFeatureExtractor")
        )

    def _rows(self, loaded: _AudioTagger, samples: Sequence[NDArray[Any]]) -> NDArray[Any]:
        # a frame of the spectrogram is 25 ms long, and a shorter window has none
        windows = [np.pad(window, (0, max(0, RATE // 10 - len(window)))) for window in samples]
        inputs = loaded.preprocessor(windows, sampling_rate=RATE, return_tensors="pt")
        logits = loaded.network(**on_device(inputs, loaded.network)).logits.float()
        return np.repeat(as_numpy(logits.sigmoid()), WINDOW, axis=0)
