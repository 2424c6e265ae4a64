"""Calibrating a head on clips for validation, and trying it on clips that it has not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.emotion.fusion.head import Head, distance, emotion_of
from emsync_bridge.emotion.fusion.head_file import HeadSheet
from emsync_bridge.emotion.fusion.head_tokens import Stretch
from emsync_bridge.emotion.overrides.moods import EMOTIONS
from emsync_bridge.training.emotion.batches import stretch_of, truth_of
from emsync_bridge.training.emotion.features import SeenClip
from emsync_bridge.training.emotion.metrics import (
    affect_metrics,
    best_temperature,
    class_metrics,
    confusion,
    log_loss,
    probabilities,
)

MIN_WIDEN, MAX_WIDEN = 0.5, 5.0

PARTS = 4
"""Parts of one clip at most that count as cases of their own."""

Tensors = Mapping[str, NDArray[np.float32]]


def calibrate(sheet: HeadSheet, tensors: Tensors, clips: Sequence[SeenClip], train: Sequence[SeenClip]) -> HeadSheet:
    """Return the sheet with temperatures and error scales that suit these clips, and what is usual in training."""
    head = Head(sheet, tensors)
    found: dict[str, Any] = {"usual": _usual(sheet, tensors, train)}
    labelled = [clip for clip in clips if clip.clip.labels and sheet.labels]
    if labelled:
        found["temperature"] = {
            over: best_temperature(logits, truth, sheet.several)
            for over, (logits, truth) in (("part", _by_part(head, labelled)), ("clip", _by_clip(head, labelled)))
        }
    rated = [clip for clip in clips if clip.clip.affect and sheet.affect]
    if rated:
        told, sigma, truth = _affect(head, rated, by_part=True)
        ratio = np.sqrt((((told - truth) / sigma) ** 2).mean(axis=0))
        found["widen"] = tuple(float(scale) for scale in np.clip(ratio, MIN_WIDEN, MAX_WIDEN))
    return sheet.model_copy(update=found)


def _some_parts(clip: SeenClip) -> list[Stretch]:
    """Return a few parts of a clip at equal distances: parts of one clip are alike."""
    count = min(PARTS, len(clip.parts))
    return [clip.parts[i] for i in np.linspace(0, len(clip.parts) - 1, count).round().astype(int)]


def _usual(sheet: HeadSheet, tensors: Tensors, clips: Sequence[SeenClip]) -> dict[str, float]:
    found = {}
    for name in (modality.name for modality in sheet.modalities):
        far = [distance(tensors, name, part[name]) for clip in clips for part in _some_parts(clip) if name in part]
        found[name] = max(1.0, float(np.percentile(far, 99)))
    return found


def report(sheet: HeadSheet, tensors: Tensors, clips: Sequence[SeenClip]) -> dict[str, Any]:
    """Return how well a head does on clips, beside chance and the fusion that was never trained."""
    head = Head(sheet, tensors)
    found: dict[str, Any] = {}
    labelled = [clip for clip in clips if clip.clip.labels and sheet.labels]
    if labelled:
        found |= _classes(head, labelled)
    rated = [clip for clip in clips if clip.clip.affect and sheet.affect]
    if rated:
        told, sigma, truth = _affect(head, rated)
        found["affect"] = affect_metrics(told, truth, sigma)
        told, sigma, part_truth = _affect(head, rated, by_part=True)
        found["affect_of_parts"] = affect_metrics(told, part_truth, sigma)
        plain = np.array([[c.untrained_affect.valence, c.untrained_affect.arousal] for c in rated])
        found["untrained_affect"] = affect_metrics(plain, truth)
    return found


def _classes(head: Head, clips: Sequence[SeenClip]) -> dict[str, Any]:
    sheet = head.sheet
    logits, truth = _by_clip(head, clips)
    part_logits, part_truth = _by_part(head, clips)
    chances = probabilities(logits, sheet.several, sheet.temperature["clip"])
    shares = np.tile(truth.mean(axis=0), (len(truth), 1))
    found: dict[str, Any] = {
        "classes": class_metrics(chances, truth, sheet.several),
        "chance": class_metrics(shares, truth, sheet.several),
        "log_loss": {
            "clip": _two_losses(logits, truth, sheet.several, sheet.temperature["clip"]),
            "part": _two_losses(part_logits, part_truth, sheet.several, sheet.temperature["part"]),
        },
    }
    if not sheet.several:
        found["confusion"] = confusion(chances, truth)
    meant = [emotion_of(label) for label in sheet.labels]
    if all(meant):
        untrained = np.array([clip.untrained for clip in clips])
        columns = [EMOTIONS.index(emotion) for emotion in meant if emotion]
        plain = untrained[:, columns] / untrained[:, columns].sum(axis=1, keepdims=True)
        found["untrained"] = class_metrics(plain, truth, sheet.several)
    return found


def _two_losses(logits: NDArray[np.float64], truth: NDArray[np.float64], several: bool, t: float) -> dict[str, float]:
    return {
        "raw": log_loss(probabilities(logits, several), truth, several),
        "calibrated": log_loss(probabilities(logits, several, t), truth, several),
    }


def _by_clip(head: Head, clips: Sequence[SeenClip]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    logits = np.array([head.predict(stretch_of(clip))[0] for clip in clips], np.float64)
    return logits, truth_of(clips, head.sheet.labels)[0]


def _by_part(head: Head, clips: Sequence[SeenClip]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return logits and truth of parts of the clips, each part as a case of its own."""
    truth = truth_of(clips, head.sheet.labels)[0]
    cases = [(part, row) for clip, row in zip(clips, truth, strict=True) for part in _some_parts(clip)]
    return np.array([head.predict(part)[0] for part, _ in cases], np.float64), np.array([row for _, row in cases])


def _affect(
    head: Head, clips: Sequence[SeenClip], *, by_part: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return valence and arousal of whole clips, or of each part, as told, their standard errors, and as rated."""
    truth = truth_of(clips, head.sheet.labels)[1]
    cases = [
        (stretch, row)
        for clip, row in zip(clips, truth, strict=True)
        for stretch in (_some_parts(clip) if by_part else [stretch_of(clip)])
    ]
    found = [head.predict(stretch)[1] for stretch, _ in cases]
    told = np.clip(np.array([row[:2] for row in found], np.float64), -1, 1)
    sigma = np.array([head.sigma(row) for row in found], np.float64)
    return told, sigma, np.array([row for _, row in cases])
