"""A trained head: attention over the frozen features of all modalities, in plain NumPy.

The design follows Sulun, Viana and Davies 2024 (arXiv 2410.19760, 2410.21303): attention over time within each
modality, then over all modalities together. Learned queries attend over whatever modalities are there, so that one may
be missing. Layers normalise before they attend (Xiong et al. 2020, arXiv 2002.04745).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.cue import Affect, Ekman
from emsync_bridge.emotion.extractors.interface import AffectEstimate, Extractor, Rows, ShotPart
from emsync_bridge.emotion.fusion.head_file import HeadSheet, read_head
from emsync_bridge.emotion.fusion.head_tokens import CUTTING, Stretch, Tokens, tokens_of
from emsync_bridge.emotion.overrides.mood_names import SYNONYMS
from emsync_bridge.emotion.overrides.moods import EMOTIONS
from emsync_bridge.errors import CheckpointError

PERIODS = np.geomspace(0.5, 64.0, 8).astype(np.float32)
"""Seconds of the waves that tell a token's place in time."""

FARTHEST = 5.0
"""Standard deviations at which features are cut off."""

LEAST_LOG_VARIANCE, MAX_LOG_VARIANCE = -6.0, 2.0

NAMED = 0.5
"""Probability from which the likeliest label becomes a reason."""

STRANGE = 1.5
"""Times as far from the mean as its examples from which a head says that it does not know such pictures or sounds."""

STRANGE_REASON = "unknown to the head"

LEAST_TOLD = 1e-6
"""Sum of probabilities below which they tell nothing."""

WORDS: dict[str, str] = {"happiness": "joy", "comedy": "joy", "thriller": "fear"}
"""Names of data sets for some of the six emotions, and genres that are there to cause them."""

Floats = NDArray[np.float32]
Tensors = Mapping[str, NDArray[np.float32]]


class Head:
    """A trained head.

    Arguments:
        sheet: Purpose and measured quality.
        tensors: Its weights by name.
    """

    name = "head"

    def __init__(self, sheet: HeadSheet, tensors: Tensors) -> None:
        self.sheet = sheet
        self._tensors = tensors
        self._emotions = {i: emotion for i, label in enumerate(sheet.labels) if (emotion := emotion_of(label))}
        self._known = {modality.name for modality in sheet.modalities}

    @property
    def origin(self) -> str:
        """Kind and training data, for reports."""
        return f"trained head ({self.sheet.data})"

    def check(self, extractors: Sequence[Extractor]) -> None:
        """Make sure that the head tells something of emotions, and that what it was trained on is measured here.

        Raises:
            CheckpointError: Its labels are no emotions, an extractor is missing, or another version of it is here.
        """
        if not self._emotions and not self.sheet.affect:
            raise CheckpointError(
                f"This head tells {', '.join(self.sheet.labels[:4])} apart, none of which is one of the six emotions",
                where=self.sheet.place,
                hint="Train one on emotions or on valence and arousal",
            )
        here = {extractor.name: extractor.version for extractor in extractors}
        for modality in self.sheet.modalities:
            if modality.name == CUTTING:
                continue
            if modality.name not in here:
                raise CheckpointError(
                    f"The head was trained on the features {modality.name!r} ({modality.origin}), which are not here",
                    where=self.sheet.place,
                    hint="Install what gives them (emsync doctor says what is missing), or train a head without them "
                    "with emsync train-emotion",
                )
            if here[modality.name] != modality.version:
                raise CheckpointError(
                    f"The head was trained on version {modality.version} of the features {modality.name!r}; "
                    f"here is version {here[modality.name]}",
                    where=self.sheet.place,
                    hint="Train it again with emsync train-emotion, or install the release that it was trained with",
                )

    def estimates(
        self, part: ShotPart, rows: Mapping[str, Rows], extractors: Sequence[Extractor]
    ) -> list[AffectEstimate]:
        """Return the head's estimate of a part.

        Arguments:
            part: The part.
            rows: Measurements of the part, by the extractor's name.
            extractors: Extractors that measured it.
        """
        stretch = {name: tokens for name, tokens in tokens_of(part, rows, extractors).items() if name in self._known}
        if not set(stretch) - {CUTTING}:
            return []  # nothing was seen or heard
        logits, affect = self.predict(stretch)
        # it was tried on what is like its examples, so what is not makes its errors larger and its classes vaguer
        strange = self.strangeness(stretch)
        labels = self.probabilities(logits / strange**2, "part")
        point, sigma = (Affect(0.0, 0.0), (math.inf, math.inf))
        if self.sheet.affect:
            point = Affect(float(affect[0]), float(affect[1])).clipped()
            valence, arousal = self.sigma(affect)
            sigma = (valence * strange**2, arousal * strange**2)
        reason = STRANGE_REASON if strange >= STRANGE else ""
        if not reason and len(labels) and labels.max() >= NAMED:
            reason = f"like {self.sheet.labels[int(labels.argmax())]}"
        return [AffectEstimate(self.name, point, sigma, reason, self.emotions(labels))]

    def strangeness(self, stretch: Stretch) -> float:
        """Return how many times farther from the mean of its examples a stretch lies than they do; at least 1."""
        times = [
            distance(self._tensors, name, tokens) / self.sheet.usual[name]
            for name, tokens in stretch.items()
            if name in self.sheet.usual
        ]
        return max(1.0, *times) if times else 1.0

    def predict(self, stretch: Stretch) -> tuple[Floats, Floats]:
        """Return raw logits of the labels, and valence, arousal and the logarithms of their variances.

        Raises:
            CheckpointError: The features have another number of columns than those it was trained on.
        """
        for modality in self.sheet.modalities:
            tokens = stretch.get(modality.name)
            if tokens is not None and tokens.values.shape[1] != modality.columns:
                raise CheckpointError(
                    f"The head was trained on {modality.columns} columns of {modality.name!r}; "
                    f"here are {tokens.values.shape[1]}",
                    where=self.sheet.place,
                    hint="Train it again with emsync train-emotion",
                )
        return _forward(self._tensors, self.sheet, stretch)

    def probabilities(self, logits: Floats, over: Literal["part", "clip"] = "part") -> NDArray[np.float64]:
        """Return calibrated probabilities of the labels: they sum to 1 unless several may hold at once.

        Arguments:
            logits: Logits as ``predict`` gives them.
            over: Whether for a part of a shot or for a whole clip, which are calibrated apart.
        """
        scaled = np.asarray(logits, np.float64) / self.sheet.temperature[over]
        if not len(scaled):
            return scaled
        if self.sheet.several:
            return np.asarray(1 / (1 + np.exp(-np.clip(scaled, -60, 60))))
        weights = np.exp(scaled - scaled.max())
        return np.asarray(weights / weights.sum())

    def sigma(self, affect: Floats) -> tuple[float, float]:
        """Return calibrated standard errors of valence and arousal, for what ``predict`` gives."""
        logs = np.clip(affect[2:], LEAST_LOG_VARIANCE, MAX_LOG_VARIANCE)
        valence, arousal = (math.exp(float(log) / 2) * scale for log, scale in zip(logs, self.sheet.widen, strict=True))
        return valence, arousal

    def emotions(self, labels: NDArray[np.float64]) -> dict[Ekman, float] | None:
        """Return the probabilities of the six emotions that the labels stand for; None when there are none.

        Emotions that no label stands for keep the share that they would have by chance, or, where several labels may
        hold, what is left when none of them does.
        """
        found: dict[Ekman, float] = {}
        for index, emotion in self._emotions.items():
            found[emotion] = found.get(emotion, 0.0) + float(labels[index])
        if not found or sum(found.values()) < LEAST_TOLD:
            return None
        others = [emotion for emotion in EMOTIONS if emotion not in found]
        if self.sheet.several:
            left = math.prod(1 - min(1.0, share) for share in found.values())
        else:
            found = {emotion: share * len(found) / len(EMOTIONS) for emotion, share in found.items()}
            left = len(others) / len(EMOTIONS)
        found |= {emotion: left / len(others) for emotion in others}
        total = sum(found.values())
        return {emotion: share / total for emotion, share in found.items()}


def load_head(folder: Path) -> Head:
    """Return a head that ``emsync train-emotion`` wrote.

    Arguments:
        folder: Folder that holds head.json and head.safetensors.

    Raises:
        CheckpointError: It is no head, damaged, or of no use for emotions.
    """
    return Head(*read_head(folder))


def emotion_of(label: str) -> Ekman | None:
    """Return which of the six emotions a label means: itself, or what it is a word for; None when it is another."""
    word = label.strip().lower()
    word = SYNONYMS.get(word, WORDS.get(word, word))
    return next((emotion for emotion in EMOTIONS if emotion == word), None)


def time_encoding(times: Floats) -> Floats:
    """Return sines and cosines of times in seconds: (tokens, 16)."""
    angles = 2 * np.pi * times[:, None] / PERIODS
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


def standardised(tensors: Tensors, name: str, values: Floats) -> Floats:
    """Return features on the scale that the head was trained on; what is not a number becomes the mean."""
    floor = tensors[f"floor.{name}"]
    scaled = np.where(floor > 0, np.log(np.maximum(values, 0.0) + np.where(floor > 0, floor, 1.0)), values)
    scaled = (scaled - tensors[f"mean.{name}"]) / tensors[f"spread.{name}"]
    return np.asarray(np.nan_to_num(np.clip(scaled, -FARTHEST, FARTHEST), nan=0.0), np.float32)


def distance(tensors: Tensors, name: str, tokens: Tokens) -> float:
    """Return how far a modality's features lie from their mean, as the root mean square of standard deviations."""
    return float(np.sqrt((standardised(tensors, name, tokens.values) ** 2).mean()))


def _forward(t: Tensors, sheet: HeadSheet, stretch: Stretch) -> tuple[Floats, Floats]:
    seen = []
    for modality in sheet.modalities:
        tokens = stretch.get(modality.name)
        if tokens is None or not len(tokens.times):
            continue
        x = _linear(t, f"project.{modality.name}", standardised(t, modality.name, tokens.values))
        x = x + _linear(t, "time", time_encoding(tokens.times)) + t[f"modality.{modality.name}"]
        seen.append(_block(t, f"temporal.{modality.name}", x, x, sheet.heads))
    context = np.concatenate(seen)
    queries = _block(t, "fusion", t["queries"], context, sheet.heads)
    summary = _norm(t, "last", queries).reshape(-1)
    logits = _linear(t, "classes", summary) if sheet.labels else np.zeros(0, np.float32)
    return logits, _linear(t, "affect", summary) if sheet.affect else np.zeros(4, np.float32)


def _linear(t: Tensors, name: str, x: Floats) -> Floats:
    return np.asarray(x @ t[f"{name}.weight"].T + t[f"{name}.bias"], np.float32)


def _norm(t: Tensors, name: str, x: Floats) -> Floats:
    centred = x - x.mean(axis=-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
    return np.asarray(scaled * t[f"{name}.weight"] + t[f"{name}.bias"], np.float32)


def _block(t: Tensors, name: str, x: Floats, context: Floats, heads: int) -> Floats:
    """Return tokens after attention to a context and a small network, each added to what was there."""
    near, far = _norm(t, f"{name}.norm", x), _norm(t, f"{name}.context", context)
    query, key, value = (
        _linear(t, f"{name}.{part}", source).reshape(len(source), heads, -1).transpose(1, 0, 2)
        for part, source in (("query", near), ("key", far), ("value", far))
    )
    scores = query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[-1])
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = weights / weights.sum(axis=-1, keepdims=True) @ value
    x = x + _linear(t, f"{name}.out", mixed.transpose(1, 0, 2).reshape(len(x), -1))
    hidden = np.maximum(_linear(t, f"{name}.up", _norm(t, f"{name}.middle", x)), 0.0)
    return np.asarray(x + _linear(t, f"{name}.down", hidden), np.float32)
