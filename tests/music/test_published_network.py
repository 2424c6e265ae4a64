"""The published network: its number of values, and a textbook's scores, with its cache and without."""

from math import prod

import numpy as np
import pytest
import torch
from torch_emsync import TINY, network, ours

from emsync_bridge.cue import Affect
from emsync_bridge.music.emsync_original import vocabulary as tok
from emsync_bridge.music.emsync_original.config import PREFIX, PUBLISHED, Conventions, hop
from emsync_bridge.music.emsync_original.network import ContextWindow, Network, instruments_token
from emsync_bridge.music.emsync_original.tensor_names import shapes

LENGTH = 4 * TINY.context


@pytest.fixture(scope="module")
def textbook():
    return network(TINY)


def piece(length=LENGTH, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(1, tok.VOCABULARY, length).tolist(), rng.uniform(0, 12, length).tolist()


def textbook_scores(textbook, tokens, offsets, affect, instruments=tok.MORE_INSTRUMENTS):
    with torch.inference_mode():
        return textbook(tokens, offsets, affect, instruments)[-1].numpy()


def test_its_values_are_those_of_the_published_network():
    assert sum(map(prod, shapes(PUBLISHED).values())) == 37_178_355


def test_token_after_token_scores_as_a_textbook_does_for_the_whole_window(textbook):
    """Also when the window is full: it drops its oldest tokens, and positions count from its new front."""
    tokens, offsets = piece()
    window = ContextWindow(Network(TINY, ours(textbook), Conventions()), Affect(0.6, -0.3), tok.MORE_INSTRUMENTS)
    room, dropped, slides = TINY.context - PREFIX, 0, 0
    for index, (token, offset) in enumerate(zip(tokens, offsets, strict=True)):
        if index - dropped == room:
            dropped += hop(TINY)
            slides += 1
        scores = window.read(token, offset)
        inside = slice(dropped, index + 1)
        expected = textbook_scores(textbook, tokens[inside], offsets[inside], (0.6, -0.3))
        np.testing.assert_allclose(scores, expected, atol=2e-4)
    assert slides > 3


def test_another_mood_counts_from_the_next_token_on_as_if_it_had_always_been(textbook):
    tokens, offsets = piece(20, seed=1)
    window = ContextWindow(Network(TINY, ours(textbook), Conventions()), Affect(0.6, -0.3), tok.LESS_INSTRUMENTS)
    for index, (token, offset) in enumerate(zip(tokens, offsets, strict=True)):
        if index == 12:
            window.tell(Affect(-0.8, 0.9))
        affect = (0.6, -0.3) if index < 12 else (-0.8, 0.9)
        scores = window.read(token, offset)
        told = tokens[: index + 1], offsets[: index + 1], affect, tok.LESS_INSTRUMENTS
        np.testing.assert_allclose(scores, textbook_scores(textbook, *told), atol=2e-4)


def test_without_a_mood_the_learned_vectors_stand_in(textbook):
    tokens, offsets = piece(9, seed=2)
    window = ContextWindow(Network(TINY, ours(textbook), Conventions()), None, tok.MORE_INSTRUMENTS)
    window.tell(Affect(0.5, 0.5))  # nobody asks a window without a mood
    for token, offset in zip(tokens, offsets, strict=True):
        scores = window.read(token, offset)
    np.testing.assert_allclose(scores, textbook_scores(textbook, tokens, offsets, (None, None)), atol=2e-4)


def test_a_token_may_take_the_place_of_the_one_before_also_where_the_window_moved(textbook):
    tokens, offsets = piece(3 * TINY.context, seed=6)
    window = ContextWindow(Network(TINY, ours(textbook), Conventions()), Affect(0.6, -0.3), tok.MORE_INSTRUMENTS)
    for token, offset in zip(tokens, offsets, strict=True):
        window.read(tok.VOCABULARY - token, 2.0)
        if token % 3 == 0:
            window.tell(Affect(-0.5 - token / 5000, 0.9))
        scores = window.read_instead(token, offset)
    affect = (window.affect.valence, window.affect.arousal)
    inside = slice(len(tokens) - len(window.tokens), None)
    assert window.tokens == tokens[inside]
    expected = textbook_scores(textbook, tokens[inside], offsets[inside], affect)
    np.testing.assert_allclose(scores, expected, atol=2e-4)


def test_a_whole_piece_at_once_scores_as_token_after_token(textbook):
    tokens, offsets = piece(30, seed=3)
    made = Network(TINY, ours(textbook), Conventions())
    single = ContextWindow(made, Affect(0.1, 0.2), tok.MORE_INSTRUMENTS)
    whole = ContextWindow(made, Affect(0.1, 0.2), tok.MORE_INSTRUMENTS)
    steps = np.stack([single.read(token, offset) for token, offset in zip(tokens, offsets, strict=True)])
    # the prefix has the first token's offset either way
    np.testing.assert_allclose(whole.read_all(tokens, offsets), steps, atol=2e-4)


@pytest.mark.parametrize(
    "conventions", [Conventions(offset_first=False), Conventions(scaled_prefix=True), Conventions(False, True)]
)
def test_what_is_left_open_can_be_read_either_way(textbook, conventions):
    tokens, offsets = piece(10, seed=4)
    textbook.conventions = conventions
    window = ContextWindow(Network(TINY, ours(textbook), conventions), Affect(0.6, -0.3), tok.MORE_INSTRUMENTS)
    for token, offset in zip(tokens, offsets, strict=True):
        scores = window.read(token, offset)
    expected = textbook_scores(textbook, tokens, offsets, (0.6, -0.3))
    textbook.conventions = Conventions()
    np.testing.assert_allclose(scores, expected, atol=2e-4)
    assert np.abs(textbook_scores(textbook, tokens, offsets, (0.6, -0.3)) - expected).max() > 0.01


def test_three_instruments_are_more():
    assert [instruments_token(count) for count in (1, 2, 3, 5)] == [4, 4, 5, 5]
