"""The limit of a calibration: errors on unseen clips, and learners with more freedom that show it."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner
from places import SHARED

from emsync_bridge.training.emotion.cues.limit import interval, main, unseen_predictions

CUES = SHARED / "data" / "video_mood" / "cues.csv"


def off(values: np.ndarray, truth: np.ndarray) -> float:
    return float(np.sqrt(((values - truth) ** 2).mean()))


def test_a_product_of_two_cues_is_found_by_the_smooth_learner_alone() -> None:
    x = np.random.default_rng(1).normal(size=(120, 2))
    truth = np.tanh(x[:, 0] * x[:, 1])
    assert off(unseen_predictions(x, truth, "gaussian"), truth) < 0.5 * truth.std()
    assert off(unseen_predictions(x, truth, "linear"), truth) > 0.9 * truth.std()


@pytest.mark.parametrize("kernel", ["linear", "gaussian"])
def test_where_cues_tell_nothing_no_learner_is_better_than_the_mean(kernel: str) -> None:
    rng = np.random.default_rng(2)
    x, truth = rng.normal(size=(100, 8)), rng.choice([-0.6, 0.0, 0.6], size=100)
    assert off(unseen_predictions(x, truth, kernel), truth) > 0.97 * truth.std()  # type: ignore[arg-type]


def test_scales_of_cues_do_not_matter() -> None:
    x = np.random.default_rng(3).normal(size=(60, 3))
    truth = x @ [0.5, -0.2, 0.0]
    one, other = (unseen_predictions(x * scale + 7, truth, "gaussian") for scale in (1.0, 100.0))
    assert one == pytest.approx(other, abs=1e-6)


def test_intervals_hold_the_score_and_narrow_with_more_clips() -> None:
    rng = np.random.default_rng(4)
    truth = rng.choice([-0.6, 0.6], size=400)
    values = truth + rng.normal(size=400)
    widths = []
    for count in (40, 400):
        low, high = interval(values[:count], truth[:count], "rmse")
        assert low < off(values[:count], truth[:count]) < high
        widths.append(high - low)
    assert widths[1] < 0.6 * widths[0]


def test_a_damaged_table_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    table = tmp_path / "cues.csv"
    table.write_text("clip,valence\na,much\n")
    result = CliRunner().invoke(main, ["--cues", str(table)])
    assert result.exit_code == 1
    assert "cannot be read" in result.output
    assert "Traceback" not in result.output


@pytest.mark.skipif(not CUES.is_file(), reason="the measured cues are not here")
def test_the_shipped_calibration_is_at_the_limit_of_its_cues() -> None:
    result = CliRunner().invoke(main, ["--cues", str(CUES), "--seeds", "1"])
    assert result.exit_code == 0, result.output
    errors: dict[str, dict[str, float]] = {"valence": {}, "arousal": {}}
    for line in result.output.splitlines():
        axis, label, error = line[:8].strip(), line[9:37].strip(), float(line.split("rmse ")[1].split()[0])
        errors[axis][label] = error
    for found in errors.values():
        assert found["calibration"] < 0.85 * found["constant"]
        for label, error in found.items():
            if label.startswith(("linear", "smooth")):
                assert error > found["calibration"] - 0.02, label
