"""Heads with weights by chance: what they tell means nothing, but they are whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from emsync_bridge.emotion.extractors.low_level import LookExtractor, SoundExtractor
from emsync_bridge.emotion.fusion.head import Head, load_head
from emsync_bridge.emotion.fusion.head_file import HeadSheet, Modality, shapes, write_head
from emsync_bridge.emotion.fusion.head_tokens import CUTTING, CUTTING_COLUMNS, CUTTING_VERSION
from emsync_bridge.emotion.overrides.moods import EMOTIONS

MODALITIES = (
    Modality(name=CUTTING, version=CUTTING_VERSION, columns=CUTTING_COLUMNS),
    Modality(name="look", version=LookExtractor.version, columns=69),
    Modality(name="sound", version=SoundExtractor.version, columns=2),
)


def sheet(**changes: Any) -> HeadSheet:
    usual: dict[str, Any] = {
        "modalities": MODALITIES,
        "labels": EMOTIONS,
        "several": False,
        "affect": True,
        "width": 16,
        "heads": 2,
        "queries": 3,
        "temperature": {"part": 1.3, "clip": 0.9},
        "widen": (1.1, 0.9),
        "data": "chance",
    }
    return HeadSheet(**{**usual, **changes})


def weights(of: HeadSheet, seed: int = 1) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    made = {name: (0.3 * rng.normal(size=shape)).astype(np.float32) for name, shape in shapes(of).items()}
    for modality in of.modalities:
        made[f"spread.{modality.name}"] = np.ones(modality.columns, np.float32)
        made[f"floor.{modality.name}"] = np.zeros(modality.columns, np.float32)
    if "sound" in {modality.name for modality in of.modalities}:
        made["floor.sound"] = np.array([1e-4, 0.0], np.float32)
        made["spread.sound"] = np.array([2.0, 1000.0], np.float32)
    return made


def random_head(folder: Path, **changes: Any) -> Head:
    """Write a head and read it back."""
    folder.mkdir(exist_ok=True)
    made = sheet(**changes)
    write_head(folder, made, weights(made))
    return load_head(folder)
