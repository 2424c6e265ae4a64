"""Emotion that frames evoke: CLIP compares them with sentences, and its picture of them is kept as a feature.

Radford et al. 2021, Learning Transferable Visual Models From Natural Language Supervision (arXiv 2103.00020): the
sentences of one class are averaged, and the softmax has the temperature that the network learnt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.emotion.extractors.interface import GRID, AffectEstimate, Rows, ShotPart
from emsync_bridge.emotion.pretrained.labels import COLUMNS, NEUTRAL, estimate_of_shares
from emsync_bridge.emotion.pretrained.networks import PretrainedExtractor, as_numpy, load_network, load_part, on_device
from emsync_bridge.picture.shot_detection import SIDE

TEMPLATES = (
    "a video frame that makes people feel {}",
    "a scene of a film that is full of {}",
    "a photo that people look at with {}",
)

WORDS = {NEUTRAL: "no particular emotion"}
"""Words for classes whose name does not fit into a sentence."""

ERROR = (0.45, 0.50)
"""Errors in valence and arousal, judged."""


@dataclass(frozen=True)
class _ClipNetwork:
    network: Any
    pictures: Any
    sentences: Any


class ClipExtractor(PretrainedExtractor):
    """Emotion that frames evoke: rows are the shares of the six emotions and neutral, then the frame's features."""

    name: ClassVar[str] = "clip"
    sense: ClassVar[Literal["picture"]] = "picture"
    span: ClassVar[int] = SIDE
    every: ClassVar[int] = GRID

    def estimates(self, part: ShotPart, rows: Rows) -> list[AffectEstimate]:  # noqa: ARG002
        """Return one estimate on both axes and on classes."""
        return [estimate_of_shares(self.name, rows[:, : len(COLUMNS)].mean(axis=0), ERROR, subject="sight")]

    def _load(self) -> _ClipNetwork:
        (folder,) = self._networks
        network = load_network(folder, "CLIPModel")
        tokens = load_part(folder, "AutoTokenizer")
        sentences = [template.format(WORDS.get(word, word)) for word in COLUMNS for template in TEMPLATES]
        inputs = tokens(sentences, padding=True, truncation=True, return_tensors="pt")
        said = _unit(network.text_projection(network.text_model(**on_device(inputs, network)).pooler_output))
        classes = _unit(said.reshape(len(COLUMNS), len(TEMPLATES), -1).mean(dim=1))
        return _ClipNetwork(network, load_part(folder, "AutoImageProcessor"), classes)

    def _rows(self, loaded: _ClipNetwork, samples: Sequence[NDArray[Any]]) -> NDArray[Any]:
        network = loaded.network
        inputs = on_device(loaded.pictures(images=list(samples), return_tensors="pt"), network)
        seen = _unit(network.visual_projection(network.vision_model(**inputs).pooler_output))
        logits = network.logit_scale.float().exp() * (seen @ loaded.sentences.T)
        return np.concatenate((as_numpy(logits.softmax(dim=-1)), as_numpy(seen)), axis=1)


def _unit(vectors: Any) -> Any:
    vectors = vectors.float()
    return vectors / vectors.norm(dim=-1, keepdim=True)
