from __future__ import annotations

import numpy as np
import pytest

from emsync_bridge.render.midi_events import SAMPLE_RATE
from emsync_bridge.render.mix import filters
from emsync_bridge.render.mix.accents import Accent, accent_shape
from emsync_bridge.render.mix.dynamics import PEAK_STEP
from emsync_bridge.render.mix.level import GainCurve, Leveled, LoudnessTarget, find_gain
from emsync_bridge.render.mix.meter import integrated, loudness_of, power_of, true_peaks


def weighted(sound: np.ndarray) -> np.ndarray:
    size = 1 << (len(sound) + SAMPLE_RATE).bit_length()
    spectrum = np.fft.rfft(sound, size, axis=0) * filters.k_weighting(size)[:, None]
    return np.fft.irfft(spectrum, size, axis=0)[: len(sound)].astype(np.float32)


def tone(level: float, seconds: float, frequency: float = 1000.0) -> np.ndarray:
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    wave = 10 ** (level / 20) * np.sin(2 * np.pi * frequency * at)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def test_a_known_tone() -> None:
    # EBU Tech 3341, test 1: a stereo sine at 1 kHz and -23 dBFS reads -23 LUFS
    assert integrated(power_of(weighted(tone(-23, 20)))) == pytest.approx(-23.0, abs=0.1)


def test_quiet_passages_are_gated() -> None:
    # EBU Tech 3341, test 3: 10 s at -36, 60 s at -23, 10 s at -36 dBFS read -23 LUFS
    sound = np.concatenate([tone(-36, 10), tone(-23, 60), tone(-36, 10)])
    assert integrated(power_of(weighted(sound))) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize(("levels", "spread"), [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20)])
def test_the_loudness_range_of_two_levels(levels: tuple[float, float], spread: float) -> None:
    # EBU Tech 3342, tests 1 to 3: 20 s each
    sound = np.concatenate([tone(level, 20) for level in levels])
    found = loudness_of(power_of(weighted(sound)), -1.0)
    assert found.range == pytest.approx(spread, abs=1.0)
    assert found.short_term_maximum == pytest.approx(max(levels), abs=0.1)


def test_a_peak_between_samples_is_seen() -> None:
    # a quarter of the sample rate at 45 degrees: samples reach 0.707 of the wave, EBU Tech 3341, test 16
    at = np.arange(SAMPLE_RATE)
    wave = 0.5 * np.sin(np.pi / 2 * at + np.pi / 4)
    sound = np.stack([wave, wave], 1).astype(np.float32)
    assert np.abs(sound).max() == pytest.approx(0.354, abs=0.001)
    found = true_peaks(sound[1000:-1000], PEAK_STEP)
    assert 20 * np.log10(found[2:-2].max() / 0.5) == pytest.approx(0, abs=0.2)


def test_silence_and_what_is_too_short() -> None:
    silent = find_gain(np.zeros(500), np.zeros(5000), LoudnessTarget(-20))
    assert silent.gain.base == 0
    assert not np.isfinite(silent.loudness.integrated)


def test_the_limiter_keeps_the_ceiling_and_the_target() -> None:
    music = tone(-26, 10)
    music[SAMPLE_RATE * 5 : SAMPLE_RATE * 5 + 2000] *= 12
    power, peaks = power_of(weighted(music)), true_peaks(music, PEAK_STEP)
    found = find_gain(power, peaks, LoudnessTarget(-20, -1))
    after = np.concatenate([found.gain.apply(music[a : a + 7777], a) for a in range(0, len(music), 7777)])
    assert 20 * np.log10(true_peaks(after, PEAK_STEP).max()) <= -1.0
    assert integrated(power_of(weighted(after))) == pytest.approx(-20, abs=0.2)
    assert 0 < found.limited <= 6.1
    assert np.allclose(after[: SAMPLE_RATE * 4], music[: SAMPLE_RATE * 4] * 10 ** (found.gain.base / 20), rtol=1e-5)


def leveled(music: np.ndarray, target: LoudnessTarget) -> tuple[Leveled, np.ndarray]:
    found = find_gain(power_of(weighted(music)), true_peaks(music, PEAK_STEP), target)
    after = np.concatenate([found.gain.apply(music[a : a + 7777], a) for a in range(0, len(music), 7777)])
    return found, after


@pytest.mark.parametrize("spike", [24.0, 30.0])
def test_a_mix_that_needs_more_than_the_limiter_gives_stays_softer(spike: float) -> None:
    music = tone(-32, 8)
    music[SAMPLE_RATE * 5 : SAMPLE_RATE * 5 + 2000] *= 10 ** (spike / 20)
    peak = 20 * np.log10(true_peaks(music, PEAK_STEP).max())
    found, after = leveled(music, LoudnessTarget(-14, -1))
    assert found.limited == pytest.approx(6.0, abs=0.1)
    assert found.gain.base == pytest.approx(-1.1 + 6.0 - peak, abs=0.1)  # as loud as limiter and ceiling let it be
    assert found.misses(LoudnessTarget(-14, -1)) < -3
    assert 20 * np.log10(true_peaks(after, PEAK_STEP).max()) == pytest.approx(-1.1, abs=0.01)
    assert integrated(power_of(weighted(after))) == pytest.approx(found.loudness.integrated, abs=0.1)


def test_the_ceiling_holds_where_the_level_jumps() -> None:
    random = np.random.default_rng(0)
    music = 0.02 * random.standard_normal((8 * SAMPLE_RATE, 2)).astype(np.float32)
    for at in random.integers(0, len(music) - 4000, 30):
        music[at : at + random.integers(20, 4000)] *= 4
    power, peaks = power_of(weighted(music)), true_peaks(music, PEAK_STEP)
    shape = accent_shape(power, (Accent(3.0), Accent(6.0033)), len(peaks))
    for form in (None, shape):
        found = find_gain(power, peaks, LoudnessTarget(-12, -1), form)
        told = found.loudness.true_peak
        assert told == pytest.approx(-1.1, abs=0.01)
        assert 20 * np.log10(true_peaks(found.gain.apply(music, 0), PEAK_STEP).max()) <= told + 0.01


def test_a_sound_below_the_gate_is_left_as_it_is() -> None:
    found, after = leveled(tone(-80, 2), LoudnessTarget(-14, -1))
    assert found.gain.base == 0
    assert found.loudness.true_peak == pytest.approx(-80, abs=0.1)
    assert np.array_equal(after, tone(-80, 2))


def test_a_gain_adds_its_moving_part_to_its_base() -> None:
    sound = np.ones((10 * PEAK_STEP, 2), np.float32)
    gain = GainCurve(-6.0, np.full(10, -3.0, np.float32))
    assert 20 * np.log10(gain.apply(sound, 0)) == pytest.approx(-9.0, abs=1e-3)
    assert 20 * np.log10(GainCurve(-6.0, np.zeros(0, np.float32)).apply(sound, 0)) == pytest.approx(-6.0, abs=1e-3)
