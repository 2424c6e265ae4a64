"""Composer's Assistant 2: its tokens, bringing it in, whole takes under hits, and parts of a take written again."""

import json
from dataclasses import replace
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
from emsync_bridge.errors import CheckpointError, MusicError
from emsync_bridge.music.composers_assistant import filling, generator
from emsync_bridge.music.composers_assistant import vocabulary as tok
from emsync_bridge.music.composers_assistant.score import ScoreBar, Track, TrackNote, in_order, on_grid, request
from emsync_bridge.music.generation.request import SectionChange
from emsync_bridge.music.generation.sampling import Sampler
from emsync_bridge.music.generators import compose_takes
from emsync_bridge.music.recomposing import recompose
from emsync_bridge.options import MusicOptions, RedoOptions, Sampling

SIZES = {
    "d_model": 16,
    "d_kv": 8,
    "d_ff": 32,
    "num_layers": 1,
    "num_decoder_layers": 1,
    "num_heads": 2,
    "relative_attention_num_buckets": 64,
    "relative_attention_max_distance": 128,
    "vocab_size": tok.VOCABULARY,
    "feed_forward_proj": "gated-gelu",
}
HITS = (3.0, 7.5, 11.0)
WRITER = MusicOptions(bpm=96, ensemble=("piano", "strings"))


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Return a folder as transformers writes it, with a network that has learned nothing."""
    torch.manual_seed(2)
    folder = tmp_path_factory.mktemp("published")
    transformers.T5ForConditionalGeneration(transformers.T5Config(**SIZES)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def assistant(published, tmp_path_factory):
    out = tmp_path_factory.mktemp("mine") / "helper"
    done = CliRunner().invoke(main, ["models", "import", "--composers-assistant", str(published), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "May you sell what it writes? Yes." in done.output
    return out


def cut(*, silence=False):
    hits = tuple(HitPoint(time, round(time * 24), "cut") for time in HITS)
    spotting = Spotting("cut", 14.0, Fraction(24), hits=hits)
    quiet = EmotionSpan(3.0, 7.5, Affect(0, 0), confidence=1.0, silence=True)
    return spotting, EmotionCurve(
        (
            EmotionSpan(0.0, 3.0, Affect(-0.5, -0.6), confidence=1.0),
            quiet if silence else EmotionSpan(3.0, 7.5, Affect(0.5, 0.8), confidence=1.0),
            EmotionSpan(7.5, 14.0, Affect(-0.6, 0.1), confidence=1.0),
        )
    )


def whole(folder, seed=1, **changed):
    return compose_takes(*cut(), folder, seeds=[seed], options=replace(WRITER, **changed))[0]


def test_tokens_lie_where_the_published_vocabulary_has_them():
    assert (tok.UNKNOWN, tok.BEGIN, tok.END, tok.PAD) == (0, 1, 2, 3)
    assert (tok.tempo(59.0), tok.tempo(120.0), tok.loudness(64.3), tok.loudness(110.0)) == (4, 9, 12, 19)
    assert tok.BAR_LENGTH + 1 == 20  # bars of 1 to 192 clicks
    assert tok.INSTRUMENT == 20 + 192
    assert tok.TRACK_NUMBER + 1 == 212 + 258
    assert tok.BLANK == 470 + 63
    assert tok.INSTRUCTION == 533 + 256 + 2
    assert tok.NOTE == 791 + 512
    assert tok.DURATION == 1303 + 128  # of 0 to 192 clicks
    assert tok.DRUM == 1431 + 193
    assert tok.WAIT + 1 == 1624 + 128
    assert tok.VOCABULARY == 1752 + 192


def test_a_score_with_a_blank_is_said_as_the_published_code_says_it():
    bars = [ScoreBar(0, 96, 100.0, 85.0), ScoreBar(96, 168, 100.0, 85.0)]
    violin = Track(40, [TrackNote(0, 72, 24), TrackNote(24, 74, 24), TrackNote(24, 77, 48)])
    viola = Track(40, [TrackNote(96, 60, 72)])
    kit = Track(tok.DRUMS, [TrackNote(96, 36, 3), TrackNote(108, 42, 3)])
    tokens = request(bars, [violin, viola, kit], [(0, 1)], {0: (tok.density(1.0),)})
    bar = [tok.LOUDNESS + 3, tok.TEMPO + 3]
    assert tokens == [
        *bar, tok.BAR_LENGTH + 96,
        tok.INSTRUMENT + 40,
        tok.DURATION + 24, tok.NOTE + 72, tok.WAIT + 24, tok.NOTE + 74, tok.DURATION + 48, tok.NOTE + 77,
        *bar, tok.BAR_LENGTH + 72,
        tok.INSTRUMENT + 40, tok.BLANK,
        tok.INSTRUMENT + 40, tok.TRACK_NUMBER + 1, tok.DURATION + 72, tok.NOTE + 60,
        tok.INSTRUMENT + tok.DRUMS, tok.DRUM + 36, tok.WAIT + 12, tok.DRUM + 42,
        tok.TRACK_INSTRUCTIONS, tok.INSTRUMENT + 40, tok.DENSITY + 2,
    ]  # fmt: skip


@given(st.integers(1, 192), st.integers(0, 191))
def test_notes_are_told_on_the_grids_that_it_knows_and_inside_their_bar(length, click):
    place = on_grid(click % length, length)
    assert 0 <= place < length
    assert place % 3 == 0 or place % 4 == 0
    assert abs(place - click % length) <= 3


def test_tracks_come_by_instrument_and_the_highest_first():
    low, high, flute = Track(40, [TrackNote(0, 50, 3)]), Track(40, [TrackNote(0, 80, 3)]), Track(73)
    assert [id(track) for track in in_order([flute, low, high])] == [id(high), id(low), id(flute)]


class _Noise:
    """A network that finds everything equally likely but for noise."""

    def __init__(self, seed):
        self._rng = np.random.default_rng(seed)
        self.scores = np.zeros(tok.VOCABULARY)
        self.answer = []

    def read(self, token):
        self.answer.append(token)
        self.scores = self._rng.normal(size=tok.VOCABULARY) * 2


@given(st.integers(0, 2**32 - 1), st.integers(12, 192), st.booleans(), st.data())
def test_whatever_the_network_says_its_answer_is_one_and_stays_within_what_is_free(seed, length, drums, data):
    free = np.array(data.draw(st.lists(st.booleans(), min_size=length, max_size=length)))
    free &= (np.arange(length) % 3 == 0) | (np.arange(length) % 4 == 0)
    pitches = np.zeros(128, dtype=bool)
    pitches[60:73] = True
    hit = data.draw(st.integers(0, length - 1))
    only = np.zeros(128, dtype=bool)
    only[[60, 64, 67]] = True
    until = 96 + data.draw(st.integers(1, 2 * length))
    bar = ScoreBar(96, 96 + length, 100.0, 80.0)
    blanks = [filling.Blank(bar, drums, free, pitches, np.zeros(128), 3, until, {hit: only})] * 2
    session = _Noise(seed)
    found = list(filling.fill(session, blanks, Sampler(np.random.default_rng(seed), Sampling(1.0, 1.0, 0.0))))
    assert [token for token in session.answer if tok.BLANK <= token < tok.BLANK + tok.BLANKS] == [
        tok.BLANK, tok.BLANK + 1,
    ]  # fmt: skip
    for notes in found:
        assert len(set(notes)) == len(notes)
        for note in notes:
            click = note.start - 96
            assert free[click]
            assert pitches[note.pitch]
            assert click != hit or only[note.pitch]
            assert note.length >= 1
            assert note.start + note.length <= until
            assert sum(other.start == note.start for other in notes) <= 3


def test_every_hit_is_met_to_the_tick_and_a_seed_decides_everything(assistant):
    first, again, other = (whole(assistant, seed) for seed in (1, 1, 2))
    assert first == again
    assert first.notes != other.notes
    assert len(first.answers) == len(HITS)
    assert all(abs(answer.error_ms) < 1.0 for answer in first.answers)
    assert first.model.startswith("composers-assistant-")
    assert {note.instrument for note in first.notes} == {"piano", "strings"}
    assert len(first.notes) > 6 * len(HITS)


def test_nothing_else_begins_beside_a_hit_and_nothing_in_a_silence(assistant):
    (take,) = compose_takes(*cut(silence=True), assistant, seeds=[3], options=WRITER)
    seconds = [take.tempo_map.seconds(note.start) for note in take.notes]
    assert all(time < 3.01 or time > 7.49 for time in seconds)
    for answer in take.answers:
        assert not [time for time in seconds if 0.01 < abs(time - answer.onset) < 0.07]


def test_it_gives_motifs_to_the_arranger(assistant):
    options = MusicOptions(style="orchestra", sampling=Sampling())
    (take,) = compose_takes(*cut(), assistant, seeds=[1], options=options)
    assert take.score is not None
    assert take.model.startswith("composers-assistant-")
    assert all(abs(answer.error_ms) < 1.0 for answer in take.answers)


def test_one_player_of_an_arranged_take_is_written_again_and_nothing_else(assistant):
    spotting, curve = cut()
    (take,) = compose_takes(spotting, curve, seeds=[1], options=MusicOptions(bpm=96))
    busiest = max({note.player for note in take.notes}, key=lambda name: sum(n.player == name for n in take.notes))
    change = SectionChange(0.0, 14.0, 5, parts=RedoOptions(only=(busiest,)))
    found = recompose(take, spotting, curve, change, assistant)
    assert found == recompose(take, spotting, curve, change, assistant)
    assert [note for note in found.notes if note.player != busiest] == [n for n in take.notes if n.player != busiest]
    before, after = ([n for n in t.notes if n.player == busiest] for t in (take, found))
    assert before != after
    struck = {round(take.tempo_map.tick(answer.onset)) for answer in take.answers if answer.onset is not None}
    assert [n for n in before if n.start in struck] == [n for n in after if n in before and n.start in struck]
    assert [answer.error_ms for answer in found.answers] == [answer.error_ms for answer in take.answers]
    assert found.model == f"{take.model} + {generator.load(assistant).name}"


def test_a_section_of_its_own_take_is_written_again_between_its_hits(assistant):
    spotting, curve = cut()
    take = whole(assistant)
    found = recompose(take, spotting, curve, SectionChange(3.0, 7.5, 9), assistant)
    first, last = (round(take.tempo_map.tick(time)) for time in (3.0, 7.5))
    outside = [[n for n in t.notes if n.start < first or n.start >= last] for t in (take, found)]
    assert outside[0] == outside[1]
    assert found.notes != take.notes
    assert all(abs(answer.error_ms) < 1.0 for answer in found.answers)
    with pytest.raises(MusicError, match="can be written again"):
        recompose(take, spotting, curve, SectionChange(3.0, 7.5, 9, parts=RedoOptions(only=("tuba",))), assistant)


def test_the_card_says_what_the_licence_file_repeats(assistant):
    card = json.loads((assistant / "card.json").read_text())
    assert card["licence"] == "MIT"
    assert card["rights"].endswith("May you sell what it writes? Yes.")
    assert card["parameters"] > tok.VOCABULARY * SIZES["d_model"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vocab_size": 16_500}, "models/unjoined/infill"),
        ({"num_layers": 10**9}, "sizes are not those"),
        ({"d_model": "wide"}, "sizes are not those"),
        ({"feed_forward_proj": "other"}, "sizes are not those"),
    ],
)
def test_another_network_is_refused(tmp_path, change, message):
    (tmp_path / "config.json").write_text(json.dumps({**SIZES, **change}))
    done = CliRunner().invoke(
        main, ["models", "import", "--composers-assistant", str(tmp_path), "--out", str(tmp_path / "out")]
    )
    assert done.exit_code == 1
    assert message in done.output
    assert not (tmp_path / "out").exists()


def test_damaged_weights_and_two_sources_are_refused(assistant, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(SIZES))
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    arguments = ["models", "import", "--composers-assistant", str(tmp_path), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1
    assert "cannot be read" in done.output
    assert CliRunner().invoke(main, [*arguments, "--anticipation", str(tmp_path)]).exit_code == 2
    card = json.loads((assistant / "card.json").read_text())
    card["model"]["num_layers"] = 2
    (tmp_path / "card.json").write_text(json.dumps(card))
    (tmp_path / "weights.safetensors").write_bytes((assistant / "weights.safetensors").read_bytes())
    with pytest.raises(CheckpointError, match="do not fit together"):
        generator.load(tmp_path)


def test_read_token_by_token_it_says_what_it_says_at_once(assistant):
    network = generator.load(assistant)
    asked = [tok.loudness(80), tok.tempo(100), tok.BAR_LENGTH + 96, tok.INSTRUMENT + 40, tok.BLANK]
    answer = [tok.BLANK, tok.DURATION + 24, tok.NOTE + 60]
    session = network.session(asked)
    for token in answer:
        session.read(token)
    with torch.inference_mode():
        out = network.network(
            input_ids=torch.tensor([asked]), decoder_input_ids=torch.tensor([[tok.PAD, *answer]]), use_cache=False
        )
    np.testing.assert_allclose(session.scores, out.logits[0, -1].numpy(), atol=1e-4)
