"""Sounds by BEATs: classes of AudioSet where it was fine-tuned, and features for trained heads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.emotion.extractors.interface import GRID, AffectEstimate, Rows, ShotPart
from emsync_bridge.emotion.pretrained.audio_tags import FEWEST_KNOWN, WINDOW, heard, with_mood
from emsync_bridge.emotion.pretrained.beats.sizes import BeatsSizes, shapes_of
from emsync_bridge.emotion.pretrained.installed import Installed
from emsync_bridge.emotion.pretrained.networks import PretrainedExtractor, as_numpy, device, precision
from emsync_bridge.errors import CheckpointError

if TYPE_CHECKING:
    from emsync_bridge.emotion.pretrained.beats.network import Beats


class BeatsExtractor(PretrainedExtractor):
    """Sounds: rows are the probabilities of all classes and the mean token, the same for each second of a window.

    Arguments:
        network: Network as ``import_beats`` wrote it.

    Raises:
        CheckpointError: Its settings are not those of BEATs, or its classes not those of AudioSet.
    """

    name: ClassVar[str] = "beats"
    sense: ClassVar[Literal["sound"]] = "sound"
    span: ClassVar[int] = WINDOW * GRID
    every: ClassVar[int] = GRID

    def __init__(self, network: Installed) -> None:
        super().__init__(network)
        sizes = network.settings.get("beats")
        self._sizes = BeatsSizes.checked(sizes if isinstance(sizes, dict) else {}, network.folder)
        self._known = with_mood(network.labels)
        if self._sizes.classes and (len(self._known) < FEWEST_KNOWN or max(self._known) >= self._sizes.classes):
            raise CheckpointError("Its classes are not those of AudioSet", where=network.folder)

    def estimates(self, part: ShotPart, rows: Rows) -> list[AffectEstimate]:
        """Return one estimate where it tells classes, and something is heard that moves people."""
        return heard(self.name, part, rows[:, : self._sizes.classes], self._known) if self._sizes.classes else []

    def _load(self) -> Beats:
        from safetensors.torch import load_file

        from emsync_bridge.emotion.pretrained.beats.network import Beats

        (network,) = self._networks
        place = device()
        weights = {name: tensor for path in network.weights for name, tensor in load_file(path).items()}
        for name, shape in shapes_of(self._sizes).items():
            if name not in weights or tuple(weights[name].shape) != shape:
                raise CheckpointError(f"These are not the weights of its settings: {name}", where=network.folder)
        kind = precision(place)
        return Beats(self._sizes, {name: tensor.to(place, kind) for name, tensor in weights.items()})

    def _rows(self, loaded: Beats, samples: Sequence[NDArray[Any]]) -> NDArray[Any]:
        from emsync_bridge.emotion.pretrained.beats.network import FRAME, STEP, spectrogram

        least = FRAME + (self._sizes.patch - 1) * STEP  # one patch
        rows = []
        for window in samples:
            padded = np.pad(window, (0, max(0, least - len(window))))
            tokens, classes = loaded(spectrogram([padded]).to(loaded.device, loaded.dtype))
            told = [tokens.mean(dim=1)] if classes is None else [classes, tokens.mean(dim=1)]
            rows.append(np.concatenate([as_numpy(each)[0] for each in told]))
        return np.repeat(np.stack(rows), WINDOW, axis=0)
