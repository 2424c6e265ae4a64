from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from emsync_bridge.cue import Affect
from emsync_bridge.emotion.extractors.interface import AffectEstimate
from emsync_bridge.emotion.fusion.calibration import DATA, FARTHEST, calibrated, cue_calibration
from emsync_bridge.training.emotion.cues.calibration import calibration_document, read_clips

CUES = Path(__file__).parents[2].parent / "shared" / "data" / "video_mood" / "cues.csv"


def test_a_cue_is_brought_to_the_scale_of_moods() -> None:
    table = cue_calibration()["valence"]["colour"]
    (colour,) = calibrated([AffectEstimate("colour", Affect(table.zero + 0.5 * table.slope, 0.0), (0.5, math.inf))])
    assert colour.affect.valence == pytest.approx(0.5)
    assert colour.sigma == (table.sigma, math.inf)
    (extreme,) = calibrated([AffectEstimate("colour", Affect(-9.0, 0.0), (0.5, math.inf))])
    assert extreme.affect.valence == -FARTHEST


def test_estimates_of_others_stay_as_they_are() -> None:
    estimates = [
        AffectEstimate("clip", Affect(0.3, 0.2), (0.4, 0.5)),
        AffectEstimate("head", Affect(0.1, 0.2), (0.4, 0.5)),
    ]
    assert calibrated(estimates) == estimates


def test_scene_and_movement_tell_less_of_shots_of_people() -> None:
    scene = AffectEstimate("scene", Affect(0.3, 0.0), (0.34, math.inf))
    people = AffectEstimate("face", Affect(-0.5, 0.5), (0.45, 0.55), coverage=1.0)
    alone, beside = calibrated([scene])[0], calibrated([scene, people])[0]
    assert beside.affect == alone.affect
    assert beside.sigma[0] > 1.3 * alone.sigma[0]


def test_a_cue_that_says_nothing_still_says_nothing() -> None:
    (silent,) = calibrated([AffectEstimate("cutting")])
    assert silent.sigma == (math.inf, math.inf)


@pytest.mark.skipif(not CUES.is_file(), reason="the measured cues are not here")
def test_the_fit_gives_the_shipped_numbers() -> None:
    shipped, made = json.loads(DATA.read_text()), calibration_document(read_clips(CUES))
    for axis in ("valence", "arousal"):
        assert set(made["axes"][axis]["cues"]) == set(shipped["axes"][axis]["cues"])
        for name, numbers in made["axes"][axis]["cues"].items():
            assert shipped["axes"][axis]["cues"][name] == pytest.approx(numbers, abs=0.001)
        assert shipped["axes"][axis]["left_out"]["rmse"] == pytest.approx(
            made["axes"][axis]["left_out"]["rmse"], abs=0.005
        )
    assert shipped["axes"]["valence"]["left_out"]["sign"] > 0.8
    assert shipped["axes"]["arousal"]["left_out"]["auc"] > 0.9
