from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.render.ducking import (
    CLEARANCE,
    MOST,
    LevelKey,
    SpokenSpan,
    duck_keys,
    gain_at,
    power_after_ducking,
    write_ducked,
)
from emsync_bridge.render.files.metadata import Stamp
from emsync_bridge.render.files.reader import WavReader
from emsync_bridge.render.files.wav import SAMPLE_RATE, WavFormat, write_wav
from emsync_bridge.render.mix.meter import Power

DURATION = 60.0


def music(level: float = -20.0) -> Power:
    return np.full(6000, 10 ** ((level + 0.691) / 10))


def level_of(power: Power, start: float, end: float) -> float:
    return float(-0.691 + 10 * np.log10(power[round(start * 100) : round(end * 100)].mean()))


@pytest.mark.parametrize("loudness", [-34.0, -24.0, -14.0])
def test_speech_lies_ten_over_the_music_however_loud_it_is(loudness: float) -> None:
    speech = SpokenSpan(10.0, 14.0, loudness)
    keys = duck_keys([speech], music(), DURATION)
    after = loudness - level_of(power_after_ducking(music(), keys), 10, 14)
    assert after == pytest.approx(max(CLEARANCE, 0), abs=0.1) or keys[1].gain == -MOST
    assert min(key.gain for key in keys) >= -MOST


def test_speech_that_stands_out_leaves_the_music_alone() -> None:
    assert duck_keys([SpokenSpan(10, 14, -5.0)], music(), DURATION) == ()


def test_the_music_is_down_before_the_first_word_and_stays_down_in_short_pauses() -> None:
    keys = duck_keys([SpokenSpan(10, 12, -24), SpokenSpan(13, 15, -24), SpokenSpan(17.2, 18, -14)], music(), DURATION)
    assert gain_at(keys, np.array([9.75]))[0] == pytest.approx(-14.0)
    assert gain_at(keys, np.array([9.35]))[0] == pytest.approx(0)
    assert gain_at(keys, np.array([12.5]))[0] == pytest.approx(-14.0)
    # from one depth to the other without coming up in between
    between = gain_at(keys, np.linspace(15, 18, 50))
    assert between.max() <= -4.0 + 1e-6
    assert all(after.time > before.time for before, after in pairwise(keys))


@given(st.lists(st.tuples(st.floats(-5, 65), st.floats(0.1, 20), st.floats(-60, 0) | st.none()), max_size=12))
def test_any_speeches_give_keys_in_order_inside_the_limits(spans) -> None:
    keys = duck_keys(
        [SpokenSpan(start, start + length, loudness) for start, length, loudness in spans], music(), DURATION
    )
    times = [key.time for key in keys]
    assert times == sorted(times)
    assert all(0 <= time <= DURATION for time in times)
    assert all(-MOST <= key.gain <= 0 for key in keys)


@pytest.mark.parametrize("bits", ["16", "24", "32f"])
def test_the_ducked_file_is_the_music_times_the_curve(tmp_path: Path, bits) -> None:
    sound = np.random.default_rng(1).uniform(-0.5, 0.5, (SAMPLE_RATE * 3, 2)).astype(np.float32)
    form = WavFormat(SAMPLE_RATE, bits)
    write_wav(tmp_path / "a.wav", [sound], len(sound), form=form, stamp=Stamp(project="x"))
    keys = (LevelKey(0.5, 0.0), LevelKey(1.0, -12.0))
    write_ducked(tmp_path / "a.wav", tmp_path / "b.wav", keys)
    with WavReader(tmp_path / "b.wav") as reader:
        assert (reader.form, reader.samples) == (form, len(sound))
        found = np.concatenate(list(reader.blocks(10_000)))
    expected = sound * 10 ** (gain_at(keys, np.arange(len(sound)) / SAMPLE_RATE) / 20)[:, None]
    assert np.abs(found - expected).max() < {"16": 2e-4, "24": 1e-6, "32f": 1e-6}[bits]
    assert np.abs(found[2 * SAMPLE_RATE :] / sound[2 * SAMPLE_RATE :]).mean() == pytest.approx(
        10 ** (-12 / 20), rel=0.05
    )
