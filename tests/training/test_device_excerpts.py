"""Excerpts drawn on a device are those that the processor draws."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from emsync_bridge.music.tokenizer import conditions as cond
from emsync_bridge.music.tokenizer import vocabulary as tok
from emsync_bridge.training.corpus.dataset import read_split
from emsync_bridge.training.generator.device_excerpts import DeviceExcerpts
from emsync_bridge.training.generator.excerpts import PLAIN, Augmentation, Excerpts

AT_START = replace(PLAIN, at_start=1.0)


def drawn(split, length, rule, count=1, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return DeviceExcerpts(split, length, rule, "cpu").draw(count, generator)


@pytest.mark.parametrize("length", [64, 200, 600])
@pytest.mark.parametrize(
    "rule",
    [AT_START, replace(AT_START, no_chords=1.0), replace(AT_START, no_offsets=1.0, no_valence=1.0, no_tempo=1.0)],
)
def test_the_same_excerpt_is_told_the_same(corpus, length, rule):
    split = read_split(corpus, "valid")  # of one piece
    ours, theirs = drawn(split, length, rule), Excerpts(split, length, rule).draw(1, np.random.default_rng(0))
    assert ours.tokens.tolist() == theirs.tokens.tolist()
    assert ours.place.tolist() == theirs.place.tolist()
    np.testing.assert_allclose(ours.scalars.numpy(), theirs.scalars, atol=1e-4)


def test_boundaries_that_are_taken_out_are_not_told(corpus):
    split = read_split(corpus, "train")
    batch = drawn(split, 256, replace(AT_START, drop_chord=0.5, tempo=0.25), count=64)
    whole = drawn(split, 256, AT_START, count=64)
    assert (batch.tokens == tok.CHORD).sum() < 0.7 * (whole.tokens == tok.CHORD).sum()
    for tokens, scalars in zip(batch.tokens, batch.scalars, strict=True):
        near = scalars[:, cond.BOUNDARY]
        ahead = torch.nonzero(tokens[1:256] == tok.CHORD).flatten()
        assert torch.all(near[ahead] > 0.99)  # told as now, just before it comes
        after = tokens[:255] == tok.CHORD
        assert torch.all(near[:255][after] < 0.99)


def test_excerpts_begin_where_the_rules_say(corpus):
    split = read_split(corpus, "train")
    at_bars = drawn(split, 64, replace(PLAIN, at_start=0.0, at_bar=1.0), count=200).tokens
    assert (at_bars[:, 0] == tok.BAR).float().mean() > 0.8  # the rest begins after its piece's last bar line
    at_start = drawn(split, 64, AT_START, count=50).tokens
    assert set(at_start[:, 0].tolist()) == {tok.START}
    anywhere = drawn(split, 64, replace(PLAIN, at_start=0.0, at_bar=0.0), count=200).tokens
    assert len(set(anywhere[:, 0].tolist())) > 10


def test_what_may_be_missing_is_missing_as_often_as_asked(corpus):
    split = read_split(corpus, "train")
    rule = Augmentation(no_tempo=0.3, no_arousal=0.6, no_ensemble=0.5)
    scalars = drawn(split, 64, rule, count=600).scalars[:, 0]
    for column, share in ((cond.HAS_TEMPO, 0.7), (cond.HAS_AROUSAL, 0.4), (cond.HAS_ENSEMBLE, 0.5)):
        assert float(scalars[:, column].mean()) == pytest.approx(share, abs=0.08)


def test_a_place_in_the_feed_decides_what_comes(corpus):
    held = DeviceExcerpts(read_split(corpus, "train"), 64, Augmentation(), "cpu")
    feed, later = held.feed(3, seed=1), held.feed(3, seed=1, first=2)
    first, _, third = (next(feed).tokens.tolist() for _ in range(3))
    assert next(later).tokens.tolist() == third
    assert next(held.feed(3, seed=2)).tokens.tolist() != first
    assert next(held.feed(3, seed=1, rank=1)).tokens.tolist() != first
