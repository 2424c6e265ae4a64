from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("transformers")

import tiny_models
from click.testing import CliRunner
from loopback_hub import open_hub

from emsync_bridge.cli import main
from emsync_bridge.emotion.pretrained import installed
from emsync_bridge.emotion.pretrained.audio_tags import AudioTagExtractor
from emsync_bridge.emotion.pretrained.catalogue import BEATS, CATALOGUE, model_named
from emsync_bridge.emotion.pretrained.installed import require

REPOSITORY = "MIT__ast-finetuned-audioset-10-10-0.4593"


def emsync(*arguments: str, endpoint: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, where the hub is the one on loopback."""
    settings = {"HF_ENDPOINT": endpoint, "HF_HOME": str(home / "hf"), "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    return subprocess.run(
        [sys.executable, "-m", "emsync_bridge", *arguments],
        env={**os.environ, **settings, "NO_PROXY": "*", "HF_HUB_DISABLE_XET": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Return a repository as hubs hold it, with more files than are wanted."""
    folder = tmp_path / "published"
    tiny_models.ast(folder)
    (folder / "README.md").write_text("# A tagger", encoding="utf-8")
    (folder / "pytorch_model.bin").write_bytes(b"pickled")
    return folder


def test_a_model_is_fetched_whole_and_without_code(published: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    with open_hub(**{REPOSITORY: published}) as hub:
        done = emsync("models", "get", "ast", "--models-dir", str(models), endpoint=hub.url, home=tmp_path)
        assert done.returncode == 0, done.stderr
        again = emsync(
            "models", "get", "ast", "--models-dir", str(models), endpoint="http://127.0.0.1:9", home=tmp_path
        )
    assert done.stdout.strip() == f"ast: in {models / 'ast'}"
    assert again.returncode == 0, again.stderr
    assert again.stdout.strip() == f"ast: already in {models / 'ast'}"
    assert "346 MB, BSD-3-Clause" in done.stderr
    assert sorted(path.name for path in models.iterdir()) == ["ast"]
    assert sorted(path.name for path in (models / "ast").iterdir()) == [
        *("config.json", "emsync.json", "model.safetensors", "preprocessor_config.json")
    ]
    assert (models / "ast" / "model.safetensors").read_bytes() == (published / "model.safetensors").read_bytes()
    assert (
        json.loads((models / "ast" / "emsync.json").read_text(encoding="utf-8"))["revision"]
        == model_named("ast").revision
    )
    assert all(model_named("ast").revision in path for path in hub.asked if "MIT" in path), "the pinned revision alone"
    assert len(AudioTagExtractor(require(model_named("ast"), models)).measure([np.ones(800, np.float32)], [None])) == 5


def test_a_fetch_that_broke_keeps_what_is_whole(published: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    size = (published / "model.safetensors").stat().st_size
    with open_hub(**{REPOSITORY: published}) as hub:
        hub.breaks_after = size // 2
        broken = emsync("models", "get", "ast", "--models-dir", str(models), endpoint=hub.url, home=tmp_path)
        assert broken.returncode == 1
        assert "Traceback" not in broken.stderr
        assert "ast cannot be downloaded" in broken.stderr
        assert not (models / "ast").exists()
        hub.breaks_after = None
        hub.asked.clear()
        done = emsync("models", "get", "ast", "--models-dir", str(models), endpoint=hub.url, home=tmp_path)
    assert done.returncode == 0, done.stderr
    fetched = [path.rsplit("/", 1)[1] for path in hub.asked if "/resolve/" in path]
    assert set(fetched) == {"model.safetensors"}, "the settings were whole already"
    assert (models / "ast" / "model.safetensors").read_bytes() == (published / "model.safetensors").read_bytes()


def test_without_a_hub_there_is_one_line_and_nothing_is_left(tmp_path: Path) -> None:
    models = tmp_path / "no" / "models"
    failed = emsync(
        "models", "get", "emotion", "--models-dir", str(models), endpoint="http://127.0.0.1:9", home=tmp_path
    )
    assert failed.returncode == 1
    lines = failed.stderr.strip().splitlines()
    assert lines[-1].startswith("Error: ")
    assert len(lines) == 2
    for word in ("no connection to http://127.0.0.1:9", "copy", model_named("clip").revision, str(models / "clip")):
        assert word in lines[-1]
    assert not models.parent.exists()


def test_a_hub_that_serves_something_else(tmp_path: Path) -> None:
    tiny_models.face_expression(tmp_path / "published")
    with open_hub(**{REPOSITORY: tmp_path / "published"}) as hub:
        models = ("--models-dir", str(tmp_path / "models"))
        other = emsync("models", "get", "ast", *models, endpoint=hub.url, home=tmp_path)
        missing = emsync("models", "get", "clip", *models, endpoint=hub.url, home=tmp_path)
    assert other.returncode == missing.returncode == 1
    assert "another kind" in other.stderr
    assert "answered 404" in missing.stderr
    assert not (tmp_path / "models" / "ast").exists()


def test_a_folder_that_is_unfit_is_not_overwritten(tmp_path: Path) -> None:
    tiny_models.ast(tmp_path / "ast")
    tiny_models.pickled(tmp_path / "ast")
    found = CliRunner().invoke(main, ["models", "get", "ast", "--models-dir", str(tmp_path)])
    assert found.exit_code == 1
    assert "pickled" in found.output
    assert "Remove this folder" in found.output
    assert (tmp_path / "ast" / "pytorch_model.bin").exists()


def test_an_unknown_name_lists_the_known_ones() -> None:
    found = CliRunner().invoke(main, ["models", "get", "clap"])
    assert found.exit_code == 2
    assert "clap is not among emotion, ast, clip, " in found.output


def test_the_list_says_what_is_here_and_under_which_licence(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "user_folder", lambda: tiny / "nowhere")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tiny / "nowhere"))
    bare = json.loads(CliRunner().invoke(main, ["models", "list", "--json"]).stdout)
    assert {line["name"]: line["installed"] for line in bare if line["kind"] == "pretrained"} == {
        model.name: False for model in (*CATALOGUE, BEATS)
    }
    assert all(line["licence"] for line in bare)
    assert {line["kind"] for line in bare} == {"embedded", "pretrained", "generator"}
    here = json.loads(CliRunner().invoke(main, ["models", "list", "--json", "--models-dir", str(tiny)]).stdout)
    for line in here:
        if line["kind"] == "pretrained" and line["name"] != "beats":
            assert line["installed"]
            assert line["path"] == str(tiny / line["name"])
            assert 0 < line["megabytes"] < 10
    table = CliRunner().invoke(main, ["models", "list"]).stdout
    assert "Apache-2.0" in table
    assert "default" in table


def test_what_is_imported_is_not_fetched() -> None:
    ran = CliRunner().invoke(main, ["models", "get", "beats"])
    assert ran.exit_code == 2
    assert "emsync models import --beats FILE" in " ".join(ran.output.split())


def test_the_list_names_damage(tmp_path: Path) -> None:
    tiny_models.ast(tmp_path / "ast")
    tiny_models.pickled(tmp_path / "ast")
    lines = json.loads(CliRunner().invoke(main, ["models", "list", "--json", "--models-dir", str(tmp_path)]).stdout)
    (line,) = (line for line in lines if line["name"] == "ast")
    assert not line["installed"]
    assert "pickled" in line["note"]
