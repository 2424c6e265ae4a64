"""Training: it learns, it resumes, and a seed decides everything."""

import json
import os
import signal
import subprocess
import sys

import pytest
import torch
from click.testing import CliRunner

from emsync_bridge.cli.training.train import train as train_command
from emsync_bridge.errors import CorpusError
from emsync_bridge.music.network import checkpoint
from emsync_bridge.music.network.config import ModelConfig
from emsync_bridge.training.corpus.dataset import read_split
from emsync_bridge.training.generator.baselines import bigram_loss, unigram_loss
from emsync_bridge.training.generator.muon import orthogonalise
from emsync_bridge.training.generator.run_state import read_log
from emsync_bridge.training.generator.trainer import TrainingPlan, TrainingRun, train

SMALL = ModelConfig(layers=1, width=32, heads=2, hidden=64, context=96)
PLAN = TrainingPlan(steps=12, batch=4, validate_every=4, validation=4, seed=5, threads=1)


def test_training_beats_knowing_nothing_and_knowing_only_how_often_tokens_come(corpus, tmp_path):
    plan = TrainingPlan(steps=100, batch=8, validate_every=50, validation=4, threads=1)
    last = train(TrainingRun(corpus, tmp_path, SMALL, plan))
    pieces, heldout = read_split(corpus, "train"), read_split(corpus, "valid")
    assert bigram_loss(pieces, heldout) < unigram_loss(pieces, heldout)
    assert last["valid"] < 0.8 * unigram_loss(pieces, heldout)
    assert checkpoint.load(tmp_path).card["training"]["steps"] == 100


def test_the_same_seed_gives_the_same_weights(corpus, tmp_path):
    for name in ("one", "two"):
        train(TrainingRun(corpus, tmp_path / name, SMALL, PLAN))
    assert checkpoint.load(tmp_path / "one").name[-12:] == checkpoint.load(tmp_path / "two").name[-12:]


def test_the_card_says_what_it_learned_from_and_how_well(corpus, tmp_path):
    said = tmp_path / "said.json"
    said.write_text(json.dumps({"name": "mine", "rights": "All mine.", "data": [{"name": "me", "licence": "CC0-1.0"}]}))
    sizes = ["--layers", "1", "--width", "32", "--heads", "2", "--context", "96"]
    run = ["--steps", "4", "--validate-every", "4", "--batch", "2", "--threads", "1", *sizes]
    first, second = str(tmp_path / "first"), str(tmp_path / "second")
    invoked = CliRunner().invoke(train_command, [str(corpus), "--out", first, "--card", str(said), *run])
    assert invoked.exit_code == 0, invoked.output
    CliRunner().invoke(
        train_command, [str(corpus), "--out", second, "--start-from", first, *run], catch_exceptions=False
    )
    card, later = (checkpoint.load(tmp_path / name).card for name in ("first", "second"))
    assert card["name"] == "mine"
    assert card["data"][0]["licence"] == "CC0-1.0"
    assert card["splits"]["train"]["pieces"] == len(read_split(corpus, "train").pieces)
    assert card["splits"]["train"]["sources"]
    assert set(card["losses"]) == {"train", "valid", "test"}
    assert 0 < card["losses"]["valid"]["all"] < 8
    assert later["corpus_sha256"] == card["corpus_sha256"]
    assert later["started_from"]["name"] == checkpoint.load(tmp_path / "first").name
    assert later["started_from"]["training"]["step"] == 4


class PowerCut(Exception):  # noqa: N818
    """Ends a run in its middle."""


def test_a_run_that_was_cut_off_ends_as_if_it_had_not_been(corpus, tmp_path):
    train(TrainingRun(corpus, tmp_path / "whole", SMALL, PLAN))

    def stop_early(line):
        if line["step"] == 8:
            raise PowerCut

    with pytest.raises(PowerCut):
        train(TrainingRun(corpus, tmp_path / "cut", SMALL, PLAN), progress=stop_early)
    train(TrainingRun(corpus, tmp_path / "cut", SMALL, PLAN))
    whole, cut = (checkpoint.load(tmp_path / name) for name in ("whole", "cut"))
    assert whole.name[-12:] == cut.name[-12:]
    assert [line["step"] for line in read_log(tmp_path / "cut")] == [4, 8, 12]


def test_a_folder_with_another_run_is_not_overwritten(corpus, tmp_path):
    train(TrainingRun(corpus, tmp_path, SMALL, PLAN))
    with pytest.raises(CorpusError, match="other settings"):
        train(
            TrainingRun(
                corpus, tmp_path, SMALL, TrainingPlan(steps=13, batch=4, validate_every=4, validation=4, threads=1)
            )
        )


@pytest.mark.parametrize("shape", [(32, 32), (96, 32), (32, 128)])
def test_muon_steps_are_nearly_orthogonal(shape):
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonalise(torch.randn(shape)))
    assert values.min() > 0.5
    assert values.max() < 1.4


def test_processes_that_train_together_write_one_run(corpus, tmp_path):
    sizes = ["--layers", "1", "--width", "32", "--heads", "2", "--context", "96"]
    run = ["--steps", "4", "--validate-every", "4", "--batch", "2", "--threads", "1", "--workers", "1"]
    together = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    together += ["--rdzv-backend", "c10d", "--rdzv-endpoint", "127.0.0.1:0", "--local-addr", "127.0.0.1"]
    done = subprocess.run(
        [*together, "-m", "emsync_bridge", "train", str(corpus), "--out", str(tmp_path), *sizes, *run],
        env={**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("nats per token") == 1
    (line,) = read_log(tmp_path)
    assert line["tokens"] == 4 * 2 * 96 * 2
    assert checkpoint.load(tmp_path).card["training"]["step"] == 4
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_training_from_the_device_learns(corpus, tmp_path):
    lines = []
    plan = TrainingPlan(steps=60, batch=8, validate_every=30, validation=4, threads=1, on_device=True)
    train(TrainingRun(corpus, tmp_path, SMALL, plan), progress=lines.append)
    assert lines[-1]["valid"] < lines[0]["valid"] < 5


SHORT = ["--layers", "1", "--width", "32", "--heads", "2", "--context", "96", "--batch", "2", "--threads", "1"]
SHORT += ["--steps", "30", "--validate-every", "30"]


def trained(corpus, out):
    """Train by the command in this process, which has imported PyTorch already; return the hash of the weights."""
    done = CliRunner().invoke(train_command, [str(corpus), *SHORT, "--out", str(out)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return checkpoint.load(out).name[-12:]


@pytest.fixture(scope="module")
def uninterrupted(corpus, tmp_path_factory):
    return trained(corpus, tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_an_interrupted_run_keeps_its_state_and_goes_on(corpus, tmp_path, uninterrupted, number):
    """A run that is stopped before its first validation, and continued, ends with the weights of one that was not."""
    out = tmp_path / "out"
    run = [sys.executable, "-m", "emsync_bridge", "train", str(corpus), *SHORT, "--out", str(out)]
    with subprocess.Popen(run, stderr=subprocess.PIPE, text=True) as process:
        first = process.stderr.readline()
        process.send_signal(getattr(signal, number))
        said = process.stderr.read()
    assert first.startswith("Training")
    assert process.returncode == -getattr(signal, number), said
    assert "the same command goes on" in said
    assert [path.name for path in out.iterdir()] == ["state.pt"]
    assert trained(corpus, out) == uninterrupted
