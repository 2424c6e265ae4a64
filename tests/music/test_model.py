"""The network and its cache."""

import json

import numpy as np
import pytest
import torch

from emsync_bridge.errors import CheckpointError
from emsync_bridge.music.network import checkpoint
from emsync_bridge.music.network.batch_decoder import BatchDecoder
from emsync_bridge.music.network.config import ModelConfig, weight_shapes
from emsync_bridge.music.network.decoder import Decoder
from emsync_bridge.music.network.model import GeneratorNetwork
from emsync_bridge.music.tokenizer import conditions as cond

TINY = ModelConfig(layers=2, width=32, heads=2, hidden=64, context=24)


@pytest.fixture(scope="module")
def generator():
    torch.manual_seed(3)
    network = GeneratorNetwork(TINY).eval()
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(4.0)  # far from the quiet start, so that a wrong position or mask shows
    return network


def sequence(length, seed=0):
    rng = np.random.default_rng(seed)
    return (
        rng.integers(1, TINY.vocabulary, length),
        rng.random((length, cond.SCALARS), dtype=np.float32),
        rng.integers(0, 8, (length, 3)).astype(np.uint8),
    )


def whole(generator, tokens, scalars, place):
    with torch.inference_mode():
        return generator(
            torch.from_numpy(tokens)[None], torch.from_numpy(scalars)[None], torch.from_numpy(place).long()[None]
        )[0].numpy()


def test_one_token_at_a_time_scores_as_the_whole_sequence_does(generator):
    tokens, scalars, place = sequence(TINY.context)
    decoder = Decoder(TINY, generator.weights())
    steps = np.stack([decoder.step(int(t), s, p) for t, s, p in zip(tokens, scalars, place, strict=True)])
    np.testing.assert_allclose(steps, whole(generator, tokens, scalars, place), atol=2e-4)


def test_the_cache_stays_right_long_after_the_window_has_moved_on(generator):
    """A one-layer network sees exactly its window, so a full pass over the window alone must agree."""
    torch.manual_seed(5)
    shallow = GeneratorNetwork(ModelConfig(layers=1, width=32, heads=2, hidden=64, context=24)).eval()
    tokens, scalars, place = sequence(5 * TINY.context, seed=1)
    decoder = Decoder(shallow.config, shallow.weights())
    for index, (t, s, p) in enumerate(zip(tokens, scalars, place, strict=True)):
        scores = decoder.step(int(t), s, p)
        if index >= TINY.context and index % 7 == 0:
            window = slice(index + 1 - TINY.context, index + 1)
            np.testing.assert_allclose(
                scores, whole(shallow, tokens[window], scalars[window], place[window])[-1], atol=2e-4
            )


@pytest.mark.parametrize("length", [TINY.context, 4200])
def test_going_back_forgets_what_came_after(generator, length):
    """Also where the window has moved on since, and across the blocks in which rotary angles are worked out."""
    tokens, scalars, place = sequence(length + 5, seed=2)
    other = np.roll(tokens, 3)
    straight, back = (Decoder(TINY, generator.weights()) for _ in range(2))
    for decoder in (straight, back):
        for t, s, p in zip(tokens[:-5], scalars, place, strict=False):
            decoder.step(int(t), s, p)
    for t, s, p in zip(other[:8], scalars, place, strict=False):
        back.step(int(t), s, p)
    back.rewind(length)
    for t, s, p in zip(tokens[-5:], scalars[-5:], place[-5:], strict=True):
        expected, found = (decoder.step(int(t), s, p) for decoder in (straight, back))
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_pieces_side_by_side_score_as_each_alone(generator):
    """Rows leave on the way, and the window moves on."""
    pieces = [sequence(3 * TINY.context, seed=seed) for seed in range(4)]
    alone = [Decoder(TINY, generator.weights()) for _ in pieces]
    together, rows = BatchDecoder(TINY, generator.weights(), len(pieces)), [0, 1, 2, 3]
    for index in range(3 * TINY.context):
        if index == 20:
            together.keep([0, 2, 3])
            rows = [0, 2, 3]
        tokens, scalars, place = ([pieces[row][part][index] for row in rows] for part in range(3))
        scores = together.step([int(token) for token in tokens], np.stack(scalars), np.stack(place))
        for row, found in zip(rows, scores, strict=True):
            token, conditions, where = (part[index] for part in pieces[row])
            np.testing.assert_allclose(found, alone[row].step(int(token), conditions, where), atol=2e-4)


def test_no_position_sees_what_comes_after_it(generator):
    tokens, scalars, place = sequence(20)
    before = whole(generator, tokens, scalars, place)
    changed = tokens.copy()
    changed[12] = (changed[12] + 1) % TINY.vocabulary
    after = whole(generator, changed, scalars, place)
    np.testing.assert_allclose(before[:12], after[:12], atol=1e-5)
    assert np.abs(before[12:] - after[12:]).max() > 1e-3


def test_every_condition_reaches_the_scores(generator):
    tokens, scalars, place = sequence(6)
    before = whole(generator, tokens, scalars, place)
    for column in range(cond.SCALARS):
        changed = scalars.copy()
        changed[3, column] += 1
        assert np.abs(whole(generator, tokens, changed, place) - before).max() > 1e-5


def test_a_checkpoint_comes_back_as_it_was_saved(generator, tmp_path):
    checkpoint.save(TINY, generator.weights(), {"name": "tiny", "licence": "CC0-1.0"}, tmp_path)
    loaded = checkpoint.load(tmp_path)
    assert loaded.card["licence"] == "CC0-1.0"
    assert loaded.config == TINY
    assert {name: weight.shape for name, weight in generator.weights().items()} == weight_shapes(TINY)
    for name, weight in generator.weights().items():
        np.testing.assert_array_equal(loaded.weights[name], weight.astype(np.float16).astype(np.float32))
    again = checkpoint.load(tmp_path)
    assert again.name == loaded.name
    assert loaded.name.startswith("tiny-")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["card.json", "weights.safetensors"]


def damaged_card(folder):
    (folder / "card.json").write_text("{")


def other_layout(folder):
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, "format": 99}))


def other_sizes(folder):
    card = json.loads((folder / "card.json").read_text())
    card["model"]["width"] = 64
    (folder / "card.json").write_text(json.dumps(card))


def absurd_sizes(folder):
    card = json.loads((folder / "card.json").read_text())
    card["model"]["layers"] = 10**9
    (folder / "card.json").write_text(json.dumps(card))


def cut_off(folder):
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:500])


def gone(folder):
    (folder / "weights.safetensors").unlink()


def a_list(folder):
    (folder / "card.json").write_text("[]")


@pytest.mark.parametrize("damage", [damaged_card, other_layout, other_sizes, absurd_sizes, cut_off, gone, a_list])
def test_a_damaged_checkpoint_is_refused_by_name(generator, tmp_path, damage):
    checkpoint.save(TINY, generator.weights(), {}, tmp_path)
    damage(tmp_path)
    with pytest.raises(CheckpointError) as refusal:
        checkpoint.load(tmp_path)
    assert str(tmp_path) in str(refusal.value)
