"""Stretches of labelled clips as padded batches, and the scale of their features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emsync_bridge.emotion.fusion.head import Tensors, standardised
from emsync_bridge.emotion.fusion.head_file import Modality
from emsync_bridge.emotion.fusion.head_tokens import Stretch, Tokens, joined
from emsync_bridge.training.emotion.features import SeenClip

SKEWED = 20.0
"""A column without negative values whose 99th percentile is so many times its median is learnt from as a logarithm."""

FLOOR = 1e-3
"""Share of its median that is added to such a column first."""

MIN_SPREAD = 1e-6

MAX_ROWS = 5000
"""About as many rows as are enough for a scale; rows of all clips are looked at alike."""


@dataclass(frozen=True)
class ClipBatch:
    """Clips for the network: features, times and what is there by modality, and the truth.

    Arguments:
        values: Standardised features, (clips, tokens, columns).
        times: Seconds, (clips, tokens).
        known: Mask of the tokens that are there, (clips, tokens).
        labels: 1 where a label holds, (clips, labels).
        labelled: Mask of the clips that have labels.
        affect: Valence and arousal, (clips, 2); not a number where not rated.
    """

    values: dict[str, Tensor]
    times: dict[str, Tensor]
    known: dict[str, Tensor]
    labels: Tensor
    labelled: Tensor
    affect: Tensor


def measure_scale(modalities: Sequence[Modality], clips: Sequence[SeenClip]) -> dict[str, NDArray[np.float32]]:
    """Return mean, spread and floor of each modality's columns over the clips, under the names of the head's file."""
    found: dict[str, NDArray[np.float32]] = {}
    for modality in modalities:
        pieces = [part[modality.name].values for clip in clips for part in clip.parts if modality.name in part]
        count = sum(map(len, pieces))
        kept = np.concatenate(pieces[:: max(1, count // MAX_ROWS)])
        rows = np.where(np.isfinite(kept), kept, np.nan).astype(np.float64)
        filled = np.where(np.isnan(rows).all(axis=0), 0.0, rows)
        median, high, low = np.nanmedian(filled, 0), np.nanpercentile(filled, 99, axis=0), np.nanmin(filled, axis=0)
        floor = np.where((low >= 0) & (median > 0) & (high > SKEWED * median), FLOOR * median, 0.0)
        scaled = np.where(floor > 0, np.log(np.maximum(filled, 0) + np.where(floor > 0, floor, 1.0)), filled)
        spread = np.nanstd(scaled, axis=0)
        found[f"floor.{modality.name}"] = floor.astype(np.float32)
        found[f"mean.{modality.name}"] = np.nanmean(scaled, axis=0).astype(np.float32)
        # a column that never changes carries no information
        found[f"spread.{modality.name}"] = np.where(spread > MIN_SPREAD, spread, 1e6).astype(np.float32)
    return found


def scaled(clips: Sequence[SeenClip], modalities: Sequence[Modality], scale: Tensors) -> list[SeenClip]:
    """Return the clips with standardised features, of the modalities alone."""
    names = [modality.name for modality in modalities]
    return [
        replace(
            clip,
            parts=tuple(
                {n: Tokens(part[n].times, standardised(scale, n, part[n].values)) for n in names if n in part}
                for part in clip.parts
            ),
        )
        for clip in clips
    ]


def stretch_of(clip: SeenClip, first: int = 0, after: int | None = None) -> Stretch:
    """Return some neighbouring parts of a clip as one stretch; all of them by default."""
    chosen = slice(first, after)
    return joined(clip.parts[chosen], clip.starts[chosen])


def random_stretch(clip: SeenClip, rng: np.random.Generator) -> Stretch:
    """Return a random stretch: every other time one part, as the head is used on shots, else a few or all."""
    count = len(clip.parts)
    length = 1 if rng.random() < 0.5 else int(rng.integers(1, count + 1))
    first = int(rng.integers(0, count - length + 1))
    return stretch_of(clip, first, first + length)


def truth_of(clips: Sequence[SeenClip], labels: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the labels of clips, (clips, labels), and their valence and arousal, not a number where not rated."""
    place = {label: index for index, label in enumerate(labels)}
    classes, affect = np.zeros((len(clips), len(labels))), np.full((len(clips), 2), np.nan)
    for row, clip in enumerate(clips):
        for label in clip.clip.labels:
            classes[row, place[label]] = 1.0
        if clip.clip.affect is not None:
            affect[row] = clip.clip.affect.valence, clip.clip.affect.arousal
    return classes, affect


def batch_of(
    clips: Sequence[SeenClip],
    stretches: Sequence[Stretch],
    modalities: Sequence[Modality],
    labels: Sequence[str],
    *,
    dropped: float = 0.0,
    rng: np.random.Generator | None = None,
) -> ClipBatch:
    """Return clips as a batch.

    Arguments:
        clips: The clips, scaled.
        stretches: Stretch of each that is looked at.
        modalities: Modalities that the network looks at.
        labels: Names of the labels.
        dropped: Chance that a modality is left out of a clip; one always stays.
        rng: Source of chance for that.
    """
    values: dict[str, Tensor] = {}
    times: dict[str, Tensor] = {}
    known: dict[str, Tensor] = {}
    absent = _absent(stretches, [m.name for m in modalities], dropped, rng)
    for column, modality in enumerate(modalities):
        name = modality.name
        longest = max([1, *(len(s[name].times) for s in stretches if name in s)])
        x = np.zeros((len(clips), longest, modality.columns), np.float32)
        at, there = np.zeros((len(clips), longest), np.float32), np.zeros((len(clips), longest), bool)
        for row, stretch in enumerate(stretches):
            if name in stretch and not absent[row, column]:
                count = len(stretch[name].times)
                x[row, :count] = stretch[name].values
                at[row, :count], there[row, :count] = stretch[name].times, True
        values[name], times[name], known[name] = (torch.from_numpy(array) for array in (x, at, there))
    classes, affect = truth_of(clips, labels)
    return ClipBatch(
        values,
        times,
        known,
        torch.from_numpy(classes).float(),
        torch.tensor([bool(clip.clip.labels) for clip in clips]),
        torch.from_numpy(affect).float(),
    )


def _absent(
    stretches: Sequence[Stretch], names: Sequence[str], dropped: float, rng: np.random.Generator | None
) -> NDArray[np.bool_]:
    absent = np.zeros((len(stretches), len(names)), bool)
    if rng is None or dropped <= 0:
        return absent
    absent = rng.random(absent.shape) < dropped
    for row, stretch in enumerate(stretches):
        there = [index for index, name in enumerate(names) if name in stretch]
        if absent[row, there].all():
            absent[row, rng.choice(there)] = False
    return absent
