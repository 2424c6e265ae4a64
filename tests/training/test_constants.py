import math
from dataclasses import replace

import pytest

from emsync_bridge.cue import Affect
from emsync_bridge.training.corpus.constants import fit_affect, onset_range, usual_measures, windows
from emsync_bridge.training.corpus.dataset import read_split


@pytest.fixture(scope="module")
def found(corpus):
    return list(windows(read_split(corpus, "train"), 20))


def test_a_mood_that_features_tell_wholly_is_found_in_them(found):
    assert len(found) > 5

    def told(window):
        counted = window.counted
        valence = 0.3 * counted.key_corr_major - 0.1 * math.log(counted.mean_note_duration)
        return replace(window, affect=Affect(valence, 0.2 * math.log(counted.tempo) - 0.5))

    fitted = fit_affect([told(window) for window in found])
    assert fitted["valence"].correlation == pytest.approx(1.0, abs=1e-6)
    assert fitted["arousal"].correlation == pytest.approx(1.0, abs=1e-6)


def test_the_busyness_of_a_mood_is_that_of_its_windows_but_for_the_rarest(found):
    levels = (-0.8, -0.4, 0.0, 0.4, 0.8)

    def busy(level: float, onsets: float):
        return replace(found[0], affect=Affect(0.0, level), counted=replace(found[0].counted, onset_density=onsets))

    limits = onset_range(
        [busy(level, 10 * index + tenth / 10) for index, level in enumerate(levels) for tenth in range(101)]
    )
    assert limits["floor"] == pytest.approx([0.2, 10.2, 20.2, 30.2, 40.2])
    assert limits["ceiling"] == pytest.approx([9.8, 19.8, 29.8, 39.8, 49.8])


def test_what_is_usual_is_the_mean(found):
    mean, deviation = usual_measures(found)["range"]
    ranges = [window.measured.range for window in found]
    assert min(ranges) < mean < max(ranges)
    assert 0 < deviation < max(ranges) - min(ranges)
