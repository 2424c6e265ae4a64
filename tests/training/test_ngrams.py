"""Counting tokens: an n-gram model foretells what comes again, and stays a distribution."""

import numpy as np
import pytest

from emsync_bridge.music.tokenizer.vocabulary import VOCABULARY
from emsync_bridge.training.generator.ngrams import NgramModel


def test_chances_of_all_tokens_sum_to_one_after_any_context():
    rng = np.random.default_rng(1)
    model = NgramModel(rng.integers(0, 12, 400), order=3)
    for context in ([3, 4], [11, 0], [500, 501]):
        chances = [np.exp(-model.nats(np.array([*context, token]))[-1]) for token in range(VOCABULARY)]
        assert sum(chances) == pytest.approx(1.0, abs=1e-9)


def test_a_worked_example_of_two_tokens():
    model = NgramModel(np.array([7, 8, 7, 8, 7, 9]), order=2)
    single = 3 / (6 + VOCABULARY)  # 8 comes twice, and once more for every token there is
    expected = (2 - 0.75 + 0.75 * 2 * single) / 3  # 7 is followed three times, by two kinds of token
    assert model.nats(np.array([7, 8]))[0] == pytest.approx(-np.log(expected))


def test_longer_runs_foretell_what_shorter_ones_cannot():
    pattern = np.tile([5, 6, 5, 7, 5, 8], 60)
    short, long = (NgramModel(pattern, order).nats(pattern).mean() for order in (2, 4))
    assert long < 0.5 * short


def test_each_token_after_the_first_has_a_cost_even_where_nothing_is_known():
    model = NgramModel(np.arange(20))
    assert np.isfinite(model.nats(np.array([800, 801, 802]))).all()
    assert len(model.nats(np.array([800, 801, 802]))) == 2
