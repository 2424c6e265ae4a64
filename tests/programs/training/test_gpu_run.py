"""A run on another machine: packed here, trained there, joined, verified and installed here, all on the processor."""

import json
import subprocess
import sys

import numpy as np
import pytest

from emsync_bridge.errors import CheckpointError, CorpusError
from emsync_bridge.music.network import checkpoint
from emsync_bridge.music.network.config import ModelConfig
from emsync_bridge.training.corpus.dataset import FIELDS, read_split
from emsync_bridge.training.generator.model_card import digest
from emsync_bridge.training.generator.trainer import TrainingPlan
from emsync_bridge.training.gpu_run import bundle
from emsync_bridge.training.gpu_run.__main__ import main
from emsync_bridge.training.gpu_run.bundle import RunSettings, pack
from emsync_bridge.training.gpu_run.checkpoint_parts import MANIFEST, join_parts, write_parts
from emsync_bridge.training.gpu_run.packed_corpus import pack_corpus, unpack_corpus
from emsync_bridge.training.gpu_run.run import run
from emsync_bridge.training.instruments.lead_sheets import build_lead_sheets
from emsync_bridge.training.themes.measures import held_out_loss

TINY = ModelConfig(layers=1, width=32, heads=2, hidden=128, context=96, dropout=0.1)
PLAN = TrainingPlan(steps=6, batch=4, validate_every=3, validation=4, threads=1, on_device=True)
PART = 20_000


@pytest.fixture(scope="module")
def result(corpus, tmp_path_factory):
    """Return what a tiny run brought back, with the folder that it was packed in."""
    place = tmp_path_factory.mktemp("gpu")
    pack(corpus, place / "packed", RunSettings(TINY, PLAN, {"name": "far", "licence": "Apache-2.0"}))
    report = run(place / "packed", place / "out", part_bytes=PART)
    return place, report


def test_a_packed_corpus_is_the_corpus(corpus, tmp_path):
    pack_corpus(corpus, tmp_path / "packed")
    unpack_corpus(tmp_path / "packed", tmp_path / "again")
    assert digest(tmp_path / "again") == digest(corpus)
    for split in ("train", "valid", "test"):
        before, after = read_split(corpus, split), read_split(tmp_path / "again", split)
        assert after.pieces == before.pieces
        for name in FIELDS:
            theirs, ours = np.asarray(getattr(before, name)), np.asarray(getattr(after, name))
            assert ours.dtype == theirs.dtype
            np.testing.assert_allclose(ours.astype(float), theirs.astype(float), atol=0.0006 if name == "time" else 0)


def test_a_run_brings_back_a_checkpoint_that_is_installed(result, tmp_path, capsys):
    place, report = result
    to = tmp_path / "mine"
    assert main(["install", str(place / "out"), str(to)]) == 0
    said = capsys.readouterr().out
    assert "valid: " in said
    loaded = checkpoint.load(to)
    assert loaded.config == TINY
    assert loaded.name.startswith("far-")
    assert loaded.card["losses"] == report["losses"]
    assert loaded.card["training"]["step"] in (3, 6)
    assert [line["step"] for line in report["log"]] == [3, 6]
    assert main(["install", str(place / "out"), str(to)]) == 1  # never over another without being asked
    assert "--replace" in capsys.readouterr().err
    assert main(["install", str(place / "out"), str(to), "--replace"]) == 0


def test_no_part_is_larger_than_asked_and_nothing_else_lies_there(result):
    place, _ = result
    files = {file.name: file.stat().st_size for file in (place / "out").iterdir()}
    manifest = json.loads((place / "out" / MANIFEST).read_text())
    assert set(files) == {MANIFEST, *(part["name"] for part in manifest["parts"])}
    assert len(manifest["parts"]) > 1
    assert all(size <= PART for name, size in files.items() if name != MANIFEST)


def test_parts_are_whole_before_the_run_ends(corpus, tmp_path, monkeypatch):
    pack(corpus, tmp_path / "packed", RunSettings(TINY, PLAN))
    monkeypatch.setattr("emsync_bridge.training.generator.model_card.finish_card", _power_cut)
    with pytest.raises(PowerCut):
        run(tmp_path / "packed", tmp_path / "out")
    document = join_parts(tmp_path / "out", tmp_path / "saved")
    assert "losses" not in document["report"]
    assert checkpoint.load(tmp_path / "saved").config == TINY
    assert main(["install", str(tmp_path / "out"), str(tmp_path / "there")]) == 0


class PowerCut(Exception):  # noqa: N818
    """Ends a run before its evaluation."""


def _power_cut(*_arguments, **_options):
    raise PowerCut


def test_a_run_goes_on_from_a_checkpoint_and_measures_it_first(result, corpus, tmp_path):
    place, _ = result
    join_parts(place / "out", tmp_path / "start")
    plan = TrainingPlan(steps=2, batch=2, validate_every=2, validation=4, threads=1, on_device=True)
    pack(corpus, tmp_path / "packed", RunSettings(plan=plan), start_from=tmp_path / "start")
    report = run(tmp_path / "packed", tmp_path / "out")
    assert report["start"] == checkpoint.load(tmp_path / "start").card["losses"]
    later = join_parts(tmp_path / "out", tmp_path / "later")["card"]
    assert later["started_from"]["name"] == checkpoint.load(tmp_path / "start").name


def test_damage_on_the_way_is_found_and_nothing_is_installed(result, tmp_path):
    place, _ = result
    manifest = json.loads((place / "out" / MANIFEST).read_text())

    def copied(name):
        folder = tmp_path / name
        folder.mkdir()
        for file in (place / "out").iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
        return folder

    first = manifest["parts"][0]["name"]
    missing, changed, renamed = copied("missing"), copied("changed"), copied("renamed")
    (missing / first).unlink()
    (changed / first).write_bytes(b"x" + (changed / first).read_bytes()[1:])
    evil = {**manifest, "parts": [{**manifest["parts"][0], "name": "../out/" + first}]}
    (renamed / MANIFEST).write_text(json.dumps(evil))
    for folder, told in ((missing, "missing"), (changed, "damaged"), (renamed, "manifest of this run is damaged")):
        with pytest.raises(CheckpointError, match=told):
            join_parts(folder, tmp_path / "installed")
    with pytest.raises(CheckpointError, match="not the result of a GPU run"):
        join_parts(tmp_path, tmp_path / "installed")
    assert not (tmp_path / "installed").exists()


def test_an_earlier_checkpoint_stays_until_the_next_is_whole(result, tmp_path):
    place, _ = result
    join_parts(place / "out", tmp_path / "one")
    out = tmp_path / "parts"
    first = write_parts(tmp_path / "one", out, {}, part_bytes=PART)
    card = {**checkpoint.load(tmp_path / "one").card, "name": "second"}
    one = checkpoint.load(tmp_path / "one")
    checkpoint.save(one.config, {name: -value for name, value in one.weights.items()}, card, tmp_path / "two")
    second = write_parts(tmp_path / "two", out, {}, part_bytes=PART)
    assert not set(first) & set(second)
    assert {file.name for file in out.iterdir()} == {MANIFEST, *second}


def test_a_run_that_is_too_large_to_travel_is_refused(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "MAX_BYTES", 10_000)
    with pytest.raises(CorpusError, match="MB"):
        pack(corpus, tmp_path / "packed", RunSettings(TINY, PLAN))
    assert not (tmp_path / "packed").exists()


def test_a_packed_corpus_that_is_damaged_is_refused(corpus, tmp_path):
    pack(corpus, tmp_path / "packed", RunSettings(TINY, PLAN))
    tokens = tmp_path / "packed" / "corpus" / "train" / "tokens.xz"
    tokens.write_bytes(tokens.read_bytes()[:-40])
    with pytest.raises(CorpusError, match="damaged"):
        run(tmp_path / "packed", tmp_path / "out")
    with pytest.raises(CorpusError, match="not a packed run"):
        run(tmp_path, tmp_path / "out")


BARE = """
import importlib.metadata, runpy, sys
kept = set("numpy torch torchgen functorch safetensors packaging typing_extensions emsync_bridge".split())
kept |= set("sympy mpmath filelock jinja2 markupsafe networkx fsspec".split())
for name in (set(importlib.metadata.packages_distributions()) - kept) | {sys.argv[2]}:
    sys.modules[name] = None
sys.argv = [sys.argv[1], *sys.argv[3:]]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a script as on a machine that has PyTorch with what it brings along, and nothing else."""


def bare_python(packed, *arguments, absent="mido"):
    command = [sys.executable, "-I", "-c", BARE, str(packed / "train.py"), absent, *arguments]
    return subprocess.run(command, cwd=packed, capture_output=True, text=True, timeout=300, check=False)


def test_what_the_other_machine_lacks_is_said(corpus, tmp_path):
    pack(corpus, tmp_path / "packed", RunSettings(TINY, PLAN))
    done = bare_python(tmp_path / "packed", "--out", str(tmp_path / "out"), absent="safetensors")
    assert done.returncode == 1
    assert done.stderr.strip() == "Needed and not installed: safetensors. Install with: pip install safetensors"


def test_a_theme_model_is_trained_the_same_way(corpus, tmp_path):
    build_lead_sheets(corpus, tmp_path / "sheets")
    pack(tmp_path / "sheets", tmp_path / "packed", RunSettings(TINY, PLAN, {"name": "themes"}))
    report = run(tmp_path / "packed", tmp_path / "out")
    assert main(["install", str(tmp_path / "out"), str(tmp_path / "themes")]) == 0
    trained = checkpoint.load(tmp_path / "themes")
    assert trained.name.startswith("themes-")
    assert trained.card["losses"] == report["losses"]
    found = held_out_loss(tmp_path / "sheets", trained, "valid")
    assert found.network_melody > 0
    assert 0 < found.network < 7


def test_the_one_command_trains_within_its_minutes(corpus, tmp_path):
    packed, out = tmp_path / "packed", tmp_path / "out"
    sizes = ["--layers", "1", "--width", "32", "--heads", "2", "--context", "96"]
    small = ["--batch", "4", "--validate-every", "5", "--minutes", "0.05", "--no-compile"]
    assert main(["pack", str(corpus), str(packed), *sizes, *small]) == 0
    done = bare_python(packed, "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)["losses"]) == {"train", "valid", "test"}
    assert main(["install", str(out), str(tmp_path / "mine")]) == 0
    assert checkpoint.load(tmp_path / "mine").card["training"]["step"] > 0
