"""Soft passages are lifted slowly; everything else keeps its level."""

from __future__ import annotations

import numpy as np
import pytest

from emsync_bridge.render.mix.meter import loudness_of
from emsync_bridge.render.mix.riding import ride


def passages(*levels: float, seconds: int = 20) -> np.ndarray:
    """Return power of passages of equal length, in dB."""
    return np.repeat(10 ** (np.array(levels, np.float64) / 10), 100 * seconds)


def test_a_soft_passage_is_lifted_by_a_part_and_a_loud_one_keeps_its_level() -> None:
    power = passages(-20, -34, -20)
    gain = ride(power)
    assert gain[:1700].max() < 0.01
    assert gain[4300:].max() < 0.01
    assert gain[3000] == pytest.approx(0.3 * (14 - 8), abs=0.05)  # the gate leaves it out of the whole
    before, after = (loudness_of(each, 0.0).range for each in (power, power * 10 ** (gain / 10)))
    assert before - after == pytest.approx(gain[3000], abs=0.3)


def test_the_gain_is_bounded_and_slow() -> None:
    gain = ride(passages(-20, -50, -20, -120))
    assert 0 <= gain.min() <= gain.max() <= 4
    assert np.abs(np.diff(gain)).max() * 100 < 5  # dB a second


def test_music_of_one_level_and_silence_are_left_alone() -> None:
    assert not len(ride(passages(-20, -23, -26)))
    assert not len(ride(np.zeros(500)))
