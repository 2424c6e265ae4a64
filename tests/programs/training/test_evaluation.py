"""The proof of a generator: what is measured is what happened."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from made_corpus import END, TEMPO_MAP, piece

from emsync_bridge.cue import Affect
from emsync_bridge.music.network import checkpoint
from emsync_bridge.music.network.config import ModelConfig
from emsync_bridge.music.network.model import GeneratorNetwork
from emsync_bridge.music.tokenizer import vocabulary as tok
from emsync_bridge.training.corpus.dataset import read_split
from emsync_bridge.training.corpus.pieces import music_of
from emsync_bridge.training.evaluation import evaluate
from emsync_bridge.training.evaluation.evaluate import EvaluationSize
from emsync_bridge.training.evaluation.memorization import NgramIndex
from emsync_bridge.training.evaluation.trials import Prompt, attempt

PROMPT = Prompt(Affect(0.0, 0.0), (4.0, 10.0), 20.0, 1)


@pytest.fixture(scope="module")
def untrained(tmp_path_factory):
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("checkpoint")
    config = ModelConfig(layers=1, width=32, heads=2, hidden=64, context=64)
    checkpoint.save(config, GeneratorNetwork(config).weights(), {"name": "untrained"}, folder)
    return checkpoint.load(folder)


def test_a_piece_of_the_corpus_comes_back_as_it_was(corpus):
    split = read_split(corpus, "valid")
    found = music_of(split, split.pieces[0])
    assert found.notes == piece(3)
    assert list(found.bar_lines) == TEMPO_MAP.bar_lines(END)
    assert found.tempo_map.seconds(END) == pytest.approx(TEMPO_MAP.seconds(END), abs=0.01)
    assert len(found.chords) == 8


def test_a_run_that_was_copied_is_found_whatever_its_loudness(corpus):
    split = read_split(corpus, "train")
    library = NgramIndex(np.array(split.tokens))
    run = [t for t in split.tokens[100:160].tolist() if not tok.is_velocity(t)]
    louder = [x for t in run for x in ((tok.velocity(3), t) if tok.is_on(t) else (t,))]
    strange = [tok.on("bass", 30 + i) for i in range(20)]
    assert library.longest_shared([*strange, *louder, *strange]) >= len(run)
    assert library.longest_shared(strange) == 0
    assert library.longest_shared([tok.BAR]) == 1


@pytest.mark.parametrize("mode", ["soft", "off"])
def test_chords_come_freely_where_hits_are_not_enforced(untrained, mode):
    trial = attempt(replace(PROMPT, mode=mode), untrained)
    assert trial.music is not None
    assert trial.music.tempo_map.seconds(trial.music.end) == pytest.approx(20.0, abs=0.05)
    assert set(trial.chords) != set(attempt(PROMPT, untrained).chords)


def test_all_of_it_together(untrained, corpus):
    extent = EvaluationSize(
        excerpts=4, seeds=1, response_seconds=8.0, pieces=2, seconds=14.0, heldout=1, guidances=(2.0,)
    )
    told = []
    found = evaluate.evaluate(untrained, corpus, "test", extent, lambda step, share: told.append((step, share)))
    assert set(found.losses) == {
        "unigram", "bigram", "generator", "CHORD token, offsets told", "CHORD token, offsets untold",
    }  # fmt: skip
    assert found.losses["generator"] > found.losses["bigram"]  # nobody taught it anything
    assert found.hits["exact"]["one frame"].rate == 1.0
    assert set(found.responses) == {"valence", "valence, guidance 2", "arousal", "arousal, guidance 2"}
    assert found.responses["arousal"].measured["tempo"] > 0.9  # the plan's doing
    assert {"polyphony", "scale consistency", "bars alike at 1"} <= {m.name for m in found.measures}
    assert 0 < found.bend.mean < found.bend.most < 0.2
    assert set(found.costs[0].means) == {"exact", "soft", "off", "no hits"}
    assert {cost.name for cost in found.costs} <= {measure.name for measure in found.measures}
    assert found.recipe is None
    assert found.failures.pieces == 2 * 4 + 4 * 5
    assert found.failures.stuck == found.failures.out_of_range == 0
    assert found.copying.written[1] > found.copying.composed[1]  # the small corpus repeats itself
    assert told
