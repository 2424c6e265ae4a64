"""Calibration of the embedded cues: from what a cue measures to valence, arousal and an honest error.

A cue is taken to see mood m as zero + slope x m, with noise. Turned round, its estimate on m is (x - zero) / slope. The
numbers are in ``calibration.json``, which ``emsync_bridge.training.emotion.cues.calibration`` fits to labelled clips;
the errors there are those on clips that were left out of the fit.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from emsync_bridge.cue import Affect
from emsync_bridge.emotion.extractors.interface import AffectEstimate

DATA = Path(__file__).with_name("calibration.json")

AXES = ("valence", "arousal")

FARTHEST = 2.0
"""Mood beyond which a cue is not followed: an extreme of one cue, such as a black picture, is no extreme of mood."""

FACE = "face"

HIDDEN_BY_FACES = ("scene", "motion")
"""Cues that tell less of a shot of people: a large face fills the picture, and holds still whatever it feels."""

SHARE_HIDDEN = 0.5
"""Part of such a cue's precision that is lost where a face is seen all the time, judged."""


@dataclass(frozen=True)
class CueCalibration:
    """Straight line from a cue's measurement to one axis, and its error.

    Arguments:
        zero: Measurement of the cue where the mood is 0.
        slope: Increase of the measurement where the mood is greater by 1.
        sigma: One standard deviation of the error of the mood that it tells; infinite where it tells nothing.
    """

    zero: float = 0.0
    slope: float = 1.0
    sigma: float = math.inf

    def mood(self, measured: float) -> float:
        """Return the mood that the cue tells, from -FARTHEST to FARTHEST."""
        return max(-FARTHEST, min(FARTHEST, (measured - self.zero) / self.slope))


Calibration = Mapping[str, Mapping[str, CueCalibration]]
"""Calibrations by axis and cue."""


@lru_cache(maxsize=1)
def cue_calibration() -> Calibration:
    """Return the calibration that is part of the installation."""
    return read_calibration(json.loads(DATA.read_text(encoding="utf-8")))


@lru_cache(maxsize=1)
def widening() -> tuple[float, float]:
    """Return the factors by which errors of valence and arousal exceed what fusion claims, on left-out clips."""
    axes = json.loads(DATA.read_text(encoding="utf-8"))["axes"]
    return float(axes["valence"]["widening"]), float(axes["arousal"]["widening"])


def read_calibration(document: Mapping[str, Any]) -> Calibration:
    """Return the calibration in a document with ``axes``, and in each of these ``cues``."""
    return {
        axis: {name: CueCalibration(**numbers) for name, numbers in document["axes"][axis]["cues"].items()}
        for axis in AXES
    }


def calibrated(estimates: Sequence[AffectEstimate], calibration: Calibration | None = None) -> list[AffectEstimate]:
    """Return estimates with those of embedded cues calibrated; others, such as those of pretrained models, as they are.

    Arguments:
        estimates: All estimates on one part.
        calibration: The one of the installation by default.
    """
    table = cue_calibration() if calibration is None else calibration
    seen = max((estimate.coverage for estimate in estimates if estimate.name == FACE), default=0.0)
    return [_calibrated(estimate, table, seen) for estimate in estimates]


def _calibrated(estimate: AffectEstimate, table: Calibration, faces: float) -> AffectEstimate:
    known = [table[axis].get(estimate.name) for axis in AXES]
    if known == [None, None]:
        return estimate
    raw = (estimate.affect.valence, estimate.affect.arousal)
    left = 1 - SHARE_HIDDEN * faces if estimate.name in HIDDEN_BY_FACES else 1.0
    values, errors = [0.0, 0.0], [math.inf, math.inf]
    for axis, cue in enumerate(known):
        if cue is not None and math.isfinite(cue.sigma) and math.isfinite(estimate.sigma[axis]):
            values[axis], errors[axis] = cue.mood(raw[axis]), cue.sigma / math.sqrt(left)
    return replace(estimate, affect=Affect(*values), sigma=(errors[0], errors[1]))
