"""Measures of composed pieces: hits, response to the mood, likeness to written music, failures."""

from dataclasses import replace

import numpy as np
import pytest

from emsync_bridge.cue import Affect, Note, Tempo, TempoMap
from emsync_bridge.music.analysis import metrics
from emsync_bridge.training.corpus.pieces import Music
from emsync_bridge.training.evaluation.hit_accuracy import hit_accuracy
from emsync_bridge.training.evaluation.mood_response import response, spearman
from emsync_bridge.training.evaluation.similarity import bars_alike, failures
from emsync_bridge.training.evaluation.trials import Prompt, PromptTrial

FLAT = TempoMap((Tempo(0, 500_000),))  # two beats a second
PROMPT = Prompt(Affect(0.0, 0.0), (4.0, 10.0), 20.0, 1)


def music(*notes, end=480, bars=range(0, 480, 96)):
    return Music(tuple(sorted(notes)), FLAT, tuple(bars), (), end)


def note(start, length=24, pitch=60, instrument="piano", velocity=74):
    return Note(start, start + length, instrument, pitch, velocity)


def test_hits_that_are_met_are_counted_at_each_tolerance():
    trial = PromptTrial(PROMPT, music(), (), (4.0, 10.0), (4.03, 11.0, 15.0))
    found = hit_accuracy([trial])
    assert (found["one frame"].rate, found["one frame"].precision) == (0.5, pytest.approx(1 / 3))
    assert (found["1 s"].rate, found["1 s"].precision) == (1.0, pytest.approx(2 / 3))
    assert found["250 ms"].rate == 0.5


def test_chance_is_what_random_chords_reach():
    rng = np.random.default_rng(0)
    trials = [PromptTrial(PROMPT, music(), (), (4.0, 10.0), tuple(rng.uniform(0, 20, 3))) for _ in range(4000)]
    for found in hit_accuracy(trials).values():
        assert found.rate == pytest.approx(found.chance_rate, abs=0.02)
        assert found.precision == pytest.approx(found.chance_precision, abs=0.02)


def test_rank_correlation_shares_ranks_among_equals():
    assert spearman([1, 2, 3, 4], [10, 20, 30, 45]) == pytest.approx(1.0)
    assert spearman([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1.0)
    assert spearman([1, 1, 2, 2], [1, 2, 3, 4]) == pytest.approx(2 / 5**0.5)  # by hand: covariance 1, spreads 1 and 5/4
    assert spearman([1, 2, 3], [5, 5, 5]) == 0.0


def test_the_response_finds_what_follows_arousal():
    trials = [
        PromptTrial(
            replace(PROMPT, affect=Affect(0.0, level)),
            music(*(note(t, 6, 60 + t % 5, velocity=60 + index) for t in range(0, 960, 48 // (index + 1)))),
        )
        for index, level in enumerate((-0.8, -0.4, 0.0, 0.4, 0.8))
    ]
    found = response("arousal", trials).measured
    assert found["note density"] == found["velocity"] == found["label arousal"] == pytest.approx(1.0)
    assert found["tempo"] == 0.0


def test_measures_are_those_of_muspy():
    notes = [note(0, pitch=60), note(24, pitch=62), note(48, pitch=60), note(72, pitch=61), note(96, 48, pitch=64)]
    found = metrics.measure(notes, FLAT, [0, 96], 0, 192)
    assert found.pitch_class_entropy == pytest.approx(-(0.4 * np.log2(0.4) + 3 * 0.2 * np.log2(0.2)))
    assert found.scale_consistency == pytest.approx(0.8)
    assert found.groove_consistency == pytest.approx(1 - 3 / 96)
    assert found.empty_beat_rate == pytest.approx(2 / 8)
    assert found.polyphony == pytest.approx(1.0)
    assert found.onsets == pytest.approx(5 / 4)
    together = [note(0, 48, 60), note(0, 24, 64), note(0, 24, 67)]
    assert metrics.measure(together, FLAT, [0], 0, 96).polyphony == pytest.approx((3 + 1) / 2)
    assert metrics.repetition([note(0), note(96), note(192, pitch=62)], [0, 96, 192, 288]) == pytest.approx(1 / 3)


def test_bars_that_return_are_alike_at_their_distance():
    bars = [note(96 * i + 24 * k, pitch=60 + (i % 2) + 2 * k) for i in range(12) for k in range(3)]
    lag_1, lag_2, _, _ = bars_alike(music(*bars, end=1152, bars=range(0, 1152, 96)), 0, 1152)
    assert lag_2 == pytest.approx(1.0)
    assert lag_1 < 0.1


def test_failures_are_counted_by_kind():
    fine = music(*(note(t, 48) for t in range(0, 960, 48)), end=960)
    gap = music(note(0, 48), *(note(t, 48) for t in range(480, 960, 48)), end=960)
    high = music(*(note(t, 48, pitch=107, instrument="strings") for t in range(0, 960, 48)), end=960)
    found = failures([PromptTrial(PROMPT, which) for which in (fine, gap, high, None)])
    assert (found.pieces, found.stuck, found.silent, found.out_of_range) == (4, 1, 1, 1)
