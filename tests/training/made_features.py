"""Files of features as the EMSYNC authors describe them."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np


def stored(path: Path, content: object, protocol: int = 4) -> Path:
    path.write_bytes(pickle.dumps(content, protocol))
    return path


def published(folder: Path, count: int = 30, **changes: Any) -> Path:
    """Write a file as the authors describe it: a genre shifts some columns of two kinds of features."""
    rng = np.random.default_rng(3)
    samples = {}
    for index in range(count):
        which = index % 3
        clip, beats = rng.normal(size=(20, 16)), rng.normal(size=(5, 8))
        clip[:, which] += 2.0
        beats[:, which] += 2.0
        label = np.zeros(3, np.float32)
        label[which] = 1.0
        features = {"clip": clip.astype(np.float32), "beats": beats, "ocr_sentiment": None, "asr_sentiment": []}
        samples[f"video{index:02}"] = {"features": features, "label": label, **changes}
    content = {"samples": samples, "stats": {"clip": {"min": np.float32(-4)}}, "idx_to_label": dict(enumerate("ABC"))}
    stored(folder / "features.pkl", content)
    names = sorted(samples)
    splits = {"trn": names[: count // 2], "val": names[count // 2 : -6], "tst": names[-6:-1]}
    (folder / "splits.json").write_text(json.dumps(splits))
    return folder
