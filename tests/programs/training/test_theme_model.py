"""A theme model from corpus to motifs: reduced, trained, measured, and composed with."""

import pytest

from emsync_bridge.cue import ThemeNote
from emsync_bridge.music.arranging.themes.critic import score_motif
from emsync_bridge.music.arranging.themes.motifs import Motif, known_shape
from emsync_bridge.music.network import checkpoint
from emsync_bridge.music.network.config import ModelConfig
from emsync_bridge.training.corpus.dataset import read_split
from emsync_bridge.training.generator.trainer import TrainingPlan, TrainingRun, train
from emsync_bridge.training.instruments.lead_sheets import build_lead_sheets
from emsync_bridge.training.themes.measures import held_out_loss, quality
from emsync_bridge.training.themes.mine_motifs import known_shapes, proposals

SMALL = ModelConfig(layers=1, width=32, heads=2, hidden=64, context=96)


@pytest.fixture(scope="module")
def sheets(corpus, tmp_path_factory):
    out = tmp_path_factory.mktemp("sheets")
    build_lead_sheets(corpus, out)
    return out


def trained(sheets, out, steps):
    plan = TrainingPlan(steps=steps, batch=8, validate_every=steps, validation=4, threads=1)
    train(TrainingRun(sheets, out, SMALL, plan))
    return held_out_loss(sheets, checkpoint.load(out), "valid")


def test_a_network_foretells_lead_sheets_better_the_longer_it_is_trained(sheets, tmp_path):
    early, late = trained(sheets, tmp_path / "early", 2), trained(sheets, tmp_path / "late", 80)
    assert late.network < early.network
    assert late.network_melody < early.network_melody
    assert late.ngrams == early.ngrams


def test_its_sketches_give_motifs_with_scores(sheets, tmp_path):
    train(TrainingRun(sheets, tmp_path, SMALL, TrainingPlan(steps=2, batch=2, validate_every=2, validation=2)))
    first = next(proposals(1, checkpoint.load(tmp_path), (("piano", "strings"),)))
    assert first.affect.valence == -0.8  # the grid begins there; a sketch may hold no motif
    assert first.score == score_motif(first)
    assert 4 <= len(first.notes) <= 12


def test_a_motif_that_stands_in_a_training_piece_counts_as_copied(sheets):
    known = known_shapes(read_split(sheets, "train"))
    assert {len(shape) for shape in known} == {6, 7}
    degrees = (0, 6, -5, 8, -3, 9, 2)
    strange = Motif(tuple(ThemeNote(24 * i, 24, degree) for i, degree in enumerate(degrees)), False, score=1.0)
    assert quality([strange], known).copied == 0.0
    assert quality([strange], known).fresh == 1
    assert quality([strange], known | {known_shape(strange)}).copied == 1.0
    assert quality([strange], known | {known_shape(strange)}).fresh == 0
    assert quality([], known).motifs == 0
