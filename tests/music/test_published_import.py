"""Importing published weights: names and orders are found, and nothing in a file is ever run."""

import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import save_file
from torch_emsync import TINY, network, ours, renamed

from emsync_bridge.cli import main
from emsync_bridge.music.emsync_original import generator, weight_files
from emsync_bridge.music.network import checkpoint

FUSED = (("pos_embedding.", "pos_enc."), ("embedding.", "net.emb."), ("layers.", "net.blocks."), ("self_attn", "att"))


@pytest.fixture(scope="module")
def made():
    return network(TINY)


@pytest.fixture(scope="module")
def weights(made):
    return made.state_dict()


def imported(place, out, *more):
    ran = CliRunner().invoke(main, ["models", "import", "--emsync", str(place), "--out", str(out), *map(str, more)])
    if ran.exception is not None and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return ran


def with_fused_projections(weights):
    """Return weights with query, key and value in one matrix, and both missing vectors too, under other names."""
    found = dict(weights)
    for number in range(TINY.layers):
        for end in ("weight", "bias"):
            parts = [found.pop(f"layers.{number}.self_attn.{letter}_proj.{end}") for letter in "qkv"]
            found[f"layers.{number}.self_attn.in_proj_{end}"] = torch.cat(parts)
    found["cond_nan"] = torch.stack([found.pop("missing_valence"), found.pop("missing_arousal")])
    found = renamed(found, ("valence.", "fc_cond.0."), ("arousal.", "fc_cond.1."), ("norm1", "ln_1"), ("norm2", "ln_2"))
    return renamed(found, *FUSED)


@pytest.mark.parametrize(
    "change",
    [
        dict,
        lambda w: {"epoch": 7, "model": w, "optimizer": {"state": {0: {"exp_avg": torch.ones(3)}}}},
        lambda w: renamed(w, ("embedding.", "module.embedding."), ("layers.", "module.layers.")),
        with_fused_projections,
        lambda w: renamed(
            w, ("linear2", "odd"), ("chord_offset", "net"), ("fc_out.bias", "b"), ("pos_embedding.", "pos.")
        ),
        lambda w: {name: weight.double() for name, weight in w.items()},
    ],
    ids=["plain", "nested", "prefixed", "fused", "told by shape", "double"],
)
def test_weights_are_found_under_the_names_that_people_use(made, weights, change, tmp_path):
    torch.save(change(weights), tmp_path / "model.pt")
    ran = imported(tmp_path, tmp_path / "out")
    assert ran.exit_code == 0, ran.output
    found = generator.load(tmp_path / "out")
    assert found.sizes == TINY
    for name, weight in ours(made).items():
        np.testing.assert_array_equal(found.weights[name], weight.astype(np.float16).astype(np.float32))


def test_the_card_says_where_the_weights_came_from_and_that_their_licence_is_not_known(weights, tmp_path):
    torch.save(dict(weights), tmp_path / "model.pt")
    ran = imported(tmp_path, tmp_path / "out", "--name", "theirs", "--json")
    document = json.loads(ran.stdout)
    card = checkpoint.card_of(tmp_path / "out")
    assert card["imported"]["sha256"] == document["sha256"]
    assert (card["name"], card["licence"], card["imported"]["file"]) == ("theirs", "not known", "model.pt")
    assert "leave" in card["rights"]
    assert any("token map" in note for note in document["notes"])
    assert any("chance" in note for note in document["notes"])


def test_without_pytorch_safetensors_are_read_and_other_files_say_what_is_needed(weights, tmp_path):
    save_file(dict(weights), tmp_path / "model.safetensors")
    torch.save(dict(weights), tmp_path / "other.pt")
    said = {}
    for name in ("model.safetensors", "other.pt"):
        command = ["models", "import", "--emsync", str(tmp_path / name), "--out", str(tmp_path / f"{name}-out")]
        script = f"import sys; sys.modules['torch'] = None\nfrom emsync_bridge.cli import main\nmain({command!r})"
        said[name] = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert said["model.safetensors"].returncode == 0, said["model.safetensors"].stderr
    assert generator.load(tmp_path / "model.safetensors-out").sizes == TINY
    assert said["other.pt"].returncode == 1
    assert "emsync-bridge[train]" in said["other.pt"].stderr


class Bomb:
    """Runs a command when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("packed", [True, False], ids=["zip", "pickle"])
def test_a_file_that_would_run_code_is_refused_and_runs_none(weights, packed, tmp_path):
    hit = tmp_path / "hit"
    content = {**weights, "bomb": Bomb(hit)}
    torch.save(content, tmp_path / "model.pt", _use_new_zipfile_serialization=packed)
    ran = imported(tmp_path, tmp_path / "out")
    assert ran.exit_code == 1
    assert "asks to run code (posix.mkdir)" in ran.output or "asks to run code (nt.mkdir)" in ran.output
    assert not hit.exists()
    assert not (tmp_path / "out").exists()
    torch.load(tmp_path / "model.pt", weights_only=False)  # that this bomb is a live one
    assert hit.exists()


def test_a_token_map_that_would_run_code_runs_none(weights, tmp_path):
    torch.save(dict(weights), tmp_path / "model.pt")
    torch.save({"map": Bomb(tmp_path / "hit")}, tmp_path / "tokens.pt")
    assert imported(tmp_path, tmp_path / "out").exit_code == 0
    ran = imported(tmp_path, tmp_path / "out", "--tokens", tmp_path / "tokens.pt")
    assert ran.exit_code == 1
    assert not (tmp_path / "hit").exists()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path, w: path.write_bytes(b""), "damaged"),
        (lambda path, w: path.write_bytes(b"PK\x03\x04 and no more"), "damaged"),
        (lambda path, w: torch.save([1, 2], path), "no tensors by name"),
        (lambda path, w: torch.save({"a": torch.ones(2)}, path), "Missing: tokens.weight"),
        (lambda path, w: torch.save({**w, "fc_out.bias": torch.full((1011,), float("nan"))}, path), "are NaN"),
        (lambda path, w: torch.save({**w, "fc_out.bias": torch.full((1011,), 1e6)}, path), "no trained network"),
        (lambda path, w: torch.save({**w, "last_norm.weight": torch.ones(32)}, path), "Left over: last_norm.weight"),
        (lambda path, w: torch.save({**w, "fc_out.bias": torch.ones(3)}, path), "Missing: scores.bias [1011]"),
        (lambda path, w: torch.save({**w, "layers.999999999.norm1.bias": torch.ones(3)}, path), "Missing"),
        (lambda path, w: torch.save({**w, "pos_embedding.weight": torch.zeros(1).expand(10**9, 16)}, path), "Missing"),
        (lambda path, w: torch.save({**w, "output.weight": w["fc_out.weight"]}, path), "may both be scores.weight"),
    ],
)
def test_a_file_that_is_not_the_network_is_refused_by_what_is_wrong_with_it(weights, spoil, said, tmp_path):
    path = tmp_path / "model.pt"
    spoil(path, weights)
    ran = imported(tmp_path, tmp_path / "out")
    assert ran.exit_code == 1
    assert said in ran.output
    assert str(path) in ran.output
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_too_large_or_unpacks_to_too_much_is_refused_unread(weights, tmp_path, monkeypatch):
    monkeypatch.setattr(weight_files, "MAX_BYTES", 10**5)
    torch.save(dict(weights), tmp_path / "large.pt")
    with zipfile.ZipFile(tmp_path / "small.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(10**6))
    assert (tmp_path / "small.pt").stat().st_size < 10**4
    assert "is larger than" in imported(tmp_path / "large.pt", tmp_path / "out").output
    assert "unpacks to" in imported(tmp_path / "small.pt", tmp_path / "out").output


def test_a_table_of_names_settles_what_is_not_recognised(weights, tmp_path):
    strange = renamed(weights, ("q_proj", "alpha"), ("k_proj", "beta"))
    torch.save(strange, tmp_path / "model.pt")
    ran = imported(tmp_path, tmp_path / "out")
    assert ran.exit_code == 1
    assert "layers.0.query.weight [32, 32]" in ran.output
    assert "layers.0.self_attn.alpha.weight" in ran.output
    words = {"alpha": "query", "beta": "key"}
    table = {
        f"layers.{n}.self_attn.{theirs}.{end}": f"layers.{n}.{word}.{end}"
        for n in range(TINY.layers)
        for theirs, word in words.items()
        for end in ("weight", "bias")
    }
    (tmp_path / "names.json").write_text(json.dumps(table), encoding="utf-8")
    assert imported(tmp_path, tmp_path / "out", "--names", tmp_path / "names.json").exit_code == 0
    (tmp_path / "names.json").write_text('{"embedding.weight": "nonsense"}', encoding="utf-8")
    assert "nonsense" in imported(tmp_path, tmp_path / "out", "--names", tmp_path / "names.json").output


def test_several_files_of_weights_are_a_question_and_a_usual_name_answers_it(weights, tmp_path):
    for name in ("first.pt", "second.pt"):
        torch.save(dict(weights), tmp_path / name)
    assert "first.pt, second.pt" in imported(tmp_path, tmp_path / "out").output
    assert imported(tmp_path / "second.pt", tmp_path / "out").exit_code == 0
    (tmp_path / "first.pt").rename(tmp_path / "model.pt")
    assert imported(tmp_path, tmp_path / "out").exit_code == 0


def test_what_is_not_an_earlier_import_is_not_written_over(weights, tmp_path):
    torch.save(dict(weights), tmp_path / "model.pt")
    ran = imported(tmp_path, tmp_path)
    assert ran.exit_code == 1
    assert "something else here" in ran.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.pt"]


def test_an_import_is_listed_among_the_generators_with_what_is_to_be_known_of_it(weights, tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: tmp_path / "data")
    torch.save(dict(weights), tmp_path / "model.pt")
    ran = CliRunner().invoke(main, ["models", "import", "--emsync", str(tmp_path)])
    assert ran.exit_code == 0, ran.output
    folder = tmp_path / "data" / "checkpoints" / "emsync"
    assert str(folder) in ran.output
    listed = json.loads(CliRunner().invoke(main, ["models", "list", "--json"]).stdout)
    line = next(line for line in listed if line["path"] == str(folder))
    assert (line["kind"], line["installed"], line["licence"]) == ("generator", True, "not known")
    assert "leave" in line["note"]
