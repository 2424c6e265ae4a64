"""The Anticipatory Music Transformer: its tokens, bringing it in, and hits that are given to it."""

import json
from fractions import Fraction

import numpy as np
import pytest
import torch
import transformers
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cli import main
from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, HitPoint, Spotting
from emsync_bridge.errors import CheckpointError
from emsync_bridge.music.anticipation import vocabulary as tok
from emsync_bridge.music.anticipation.generator import CachedReader, load
from emsync_bridge.music.anticipation.vocabulary import TimedNote, decode_note, encode_note
from emsync_bridge.music.generators import compose_takes
from emsync_bridge.options import MusicOptions

SIZES = {"n_layer": 1, "n_embd": 8, "n_head": 2, "n_positions": 192, "vocab_size": tok.VOCABULARY}
HITS = (3.0, 7.5, 11.0)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Return a folder as transformers writes it, with a network that has learned nothing."""
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("published")
    transformers.GPT2LMHeadModel(transformers.GPT2Config(**SIZES)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def generator(published, tmp_path_factory):
    out = tmp_path_factory.mktemp("mine") / "far"
    arguments = ["--anticipation", str(published), "--accept", "Apache-2.0", "--out", str(out)]
    done = CliRunner().invoke(main, ["models", "import", *arguments])
    assert done.exit_code == 0, done.output
    assert "Nobody knows" in done.output
    return out


def cut(*, silence=False):
    hits = tuple(HitPoint(time, round(time * 24), "cut") for time in HITS)
    spotting = Spotting("cut", 14.0, Fraction(24), hits=hits)
    middle = EmotionSpan(3.0, 7.5, Affect(0.5, 0.8), confidence=1.0)
    return spotting, EmotionCurve(
        (
            EmotionSpan(0.0, 3.0, Affect(-0.5, -0.6), confidence=1.0),
            middle if not silence else EmotionSpan(3.0, 7.5, Affect(0, 0), confidence=1.0, silence=True),
            EmotionSpan(7.5, 14.0, Affect(-0.6, 0.1), confidence=1.0),
        )
    )


def test_tokens_lie_where_the_published_configuration_has_them():
    assert (tok.TIME, tok.DURATION, tok.NOTE, tok.REST) == (0, 10_000, 11_000, 27_512)
    assert (tok.CONTROLS, tok.SEPARATOR, tok.AUTOREGRESS, tok.ANTICIPATE) == (27_513, 55_025, 55_026, 55_027)
    assert tok.VOCABULARY == 55_028


@given(st.integers(0, 9_999), st.integers(1, 999), st.integers(0, 128), st.integers(0, 127), st.booleans())
def test_a_note_comes_back_from_its_tokens(time, duration, program, pitch, control):
    event = TimedNote(time / 100, duration / 100, program, pitch)
    tokens = encode_note(event, control=control)
    assert decode_note(tokens) == event
    assert all((token >= tok.CONTROLS) == control for token in tokens)
    assert all(token < tok.SEPARATOR for token in tokens)


def test_every_hit_is_met_to_the_tick_and_a_seed_decides_everything(generator):
    spotting, curve = cut()
    first, again, other = (compose_takes(spotting, curve, generator, seeds=[seed])[0] for seed in (1, 1, 2))
    assert first == again
    assert first.notes != other.notes
    assert len(first.answers) == len(HITS)
    assert all(abs(answer.error_ms) < 1.0 for answer in first.answers)  # milliseconds
    assert first.model.startswith("far-") or first.model.startswith("anticipation-")
    assert {note.instrument for note in first.notes} <= {"piano", "strings"}
    assert len(first.notes) > 4 * len(HITS)  # and it writes music of its own


def test_nothing_else_begins_close_to_a_hit_and_nothing_in_a_silence(generator):
    spotting, curve = cut(silence=True)
    (take,) = compose_takes(spotting, curve, generator, seeds=[3])
    starts = {note.start: take.tempo_map.seconds(note.start) for note in take.notes}
    landed = [answer.onset for answer in take.answers]
    assert all(time < 3.05 or time > 7.45 for time in starts.values())
    for onset in landed:
        assert not [time for time in starts.values() if 0.03 < abs(time - onset) < 0.08]


def test_low_arousal_writes_fewer_notes_than_high(generator):
    counts = []
    for arousal in (-0.9, 0.9):
        spotting = Spotting("cut", 12.0, Fraction(24))
        curve = EmotionCurve((EmotionSpan(0.0, 12.0, Affect(0.0, arousal), confidence=1.0),))
        (take,) = compose_takes(spotting, curve, generator, seeds=[1], options=MusicOptions(bpm=96))
        counts.append(len({note.start for note in take.notes}))
    assert counts[0] < 0.6 * counts[1]


def test_what_was_read_before_is_not_read_again_and_changes_nothing(generator):
    network = load(generator)
    grown, fresh = CachedReader(network), CachedReader(network)
    tokens = [
        tok.ANTICIPATE,
        *encode_note(TimedNote(0.0, 0.5, 0, 60)),
        *encode_note(TimedNote(0.5, 0.5, 40, 64), control=True),
    ]
    for length in (1, 4, 7):
        found = grown.scores(tokens[:length])
    np.testing.assert_allclose(found, fresh.scores(tokens), atol=1e-4)
    np.testing.assert_allclose(grown.scores(tokens[:2]), CachedReader(network).scores(tokens[:2]), atol=1e-4)


def test_the_licence_has_to_be_accepted(published, tmp_path):
    arguments = ["models", "import", "--anticipation", str(published), "--out", str(tmp_path / "out")]
    for accept in ([], ["--accept", "MIT"]):
        done = CliRunner().invoke(main, [*arguments, *accept])
        assert done.exit_code == 1
        assert "Nobody knows" in done.output
        assert "Apache-2.0" in done.output
        assert "--accept" in done.output
    assert not (tmp_path / "out").exists()
    both = CliRunner().invoke(main, ["models", "import"])
    assert both.exit_code == 2


def test_the_card_says_what_the_licence_file_repeats(generator):
    card = json.loads((generator / "card.json").read_text())
    assert card["rights"].endswith("May you sell what it writes? Nobody knows.")
    assert card["data"][0]["name"] == "Lakh MIDI Dataset"
    assert card["parameters"] > tok.VOCABULARY * SIZES["n_embd"]


@pytest.mark.parametrize(
    "change",
    [{"vocab_size": 50_257}, {"n_layer": 10**9}, {"n_embd": "wide"}, {"n_head": 3}, {"n_positions": 8}],
)
def test_another_network_is_refused(published, tmp_path, change):
    (tmp_path / "config.json").write_text(json.dumps({**SIZES, **change}))
    arguments = ["--anticipation", str(tmp_path), "--accept", "Apache-2.0", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(main, ["models", "import", *arguments])
    assert done.exit_code == 1
    assert str(tmp_path) in done.output


def test_damaged_weights_are_refused(published, generator, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(SIZES))
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    arguments = ["--anticipation", str(tmp_path), "--accept", "Apache-2.0", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(main, ["models", "import", *arguments])
    assert done.exit_code == 1
    assert "cannot be read" in done.output
    card = json.loads((generator / "card.json").read_text())
    card["model"]["n_layer"] = 2
    (tmp_path / "card.json").write_text(json.dumps(card))
    (tmp_path / "weights.safetensors").write_bytes((generator / "weights.safetensors").read_bytes())
    with pytest.raises(CheckpointError, match="do not fit together"):
        load(tmp_path)
