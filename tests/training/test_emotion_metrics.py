from __future__ import annotations

import math

import numpy as np
import pytest

from emsync_bridge.training.emotion.metrics import (
    affect_metrics,
    average_precision,
    best_temperature,
    calibration_error,
    class_metrics,
    confusion,
    confusion_lines,
    log_loss,
    probabilities,
)


def drawn(count: int, sharpness: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return logits and truth drawn from their probabilities; the logits are then made too sharp."""
    rng = np.random.default_rng(seed)
    logits = 1.5 * rng.normal(size=(count, 6))
    chances = probabilities(logits, several=False)
    truth = np.eye(6)[[rng.choice(6, p=row) for row in chances]]
    return logits * sharpness, truth


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 3.0])
def test_a_temperature_finds_how_sharp_logits_are(sharpness: float) -> None:
    logits, truth = drawn(2000, sharpness, 1)
    temperature = best_temperature(logits, truth, several=False)
    assert temperature == pytest.approx(sharpness, rel=0.12)
    held_out, its_truth = drawn(2000, sharpness, 2)
    raw, cooled = probabilities(held_out, False), probabilities(held_out, False, temperature)
    assert cooled.sum(axis=1) == pytest.approx(np.ones(2000))
    if sharpness != 1.0:
        assert log_loss(cooled, its_truth, False) < log_loss(raw, its_truth, False) - 0.02
        assert calibration_error(cooled, its_truth) < 0.5 * calibration_error(raw, its_truth)


def test_a_few_lucky_clips_do_not_make_it_sure_of_itself() -> None:
    logits = 3 * np.eye(6)
    assert 0.4 < best_temperature(logits, np.eye(6), several=False) < 1


def test_average_precision_by_hand() -> None:
    # found at places 1 and 3: (1/1 + 2/3) / 2
    assert average_precision(np.array([0.9, 0.8, 0.7, 0.1]), np.array([1, 0, 1, 0])) == pytest.approx(5 / 6)
    assert average_precision(np.full(4, 0.5), np.array([1, 1, 0, 0])) == 0.5
    assert math.isnan(average_precision(np.array([0.9]), np.array([0])))


def test_class_metrics_by_hand() -> None:
    chances = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
    truth = np.eye(3)[[0, 1, 2, 2]]
    found = class_metrics(chances, truth, several=False)
    assert found["accuracy"] == 0.75
    assert found["macro_f1"] == pytest.approx((1 + 2 / 3 + 2 / 3) / 3)
    assert found["log_loss"] == pytest.approx(-np.log([0.7, 0.6, 0.3, 0.8]).mean())
    assert confusion(chances, truth) == [[1, 0, 0], [0, 1, 0], [0, 1, 1]]
    assert confusion_lines(confusion(chances, truth), ["joy", "fear", "anger"])[3].split() == ["anger", "0", "1", "1"]


def test_several_labels_at_once() -> None:
    truth = np.array([[1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])
    sure = probabilities(20 * (truth - 0.5), several=True)
    found = class_metrics(sure, truth, several=True)
    assert (found["accuracy"], found["macro_f1"], found["map"]) == (1, 1, 1)
    assert found["log_loss"] < 1e-4


def test_affect_metrics() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(size=(500, 2)) * 0.4
    told = truth + rng.normal(size=(500, 2)) * 0.2
    found = affect_metrics(told, truth, np.full((500, 2), 0.2))
    assert found["rms_error_over_sigma"] == pytest.approx([1, 1], abs=0.1)
    assert found["rmse"] == pytest.approx([0.2, 0.2], abs=0.02)
    assert found["r"] == pytest.approx([0.4 / math.hypot(0.4, 0.2)] * 2, abs=0.03)
    assert found["ccc"][0] < found["r"][0]
