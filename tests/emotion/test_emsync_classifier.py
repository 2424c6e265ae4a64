from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from safetensors.numpy import load_file, save_file

from emsync_bridge.cli import main
from emsync_bridge.emotion.pretrained.emsync_classifier import import_classifier
from emsync_bridge.errors import CheckpointError


def published(classes: int = 6) -> dict[str, np.ndarray]:
    """Return tensors of the sizes that are published; their names are not."""
    shapes = {
        "project.speech.weight": (512, 768),
        "project.clip.weight": (512, 512),
        "fusion.in_proj_weight": (1536, 512),
        "fusion.out.weight": (512, 512),
        "classify.weight": (classes, 512),
        "classify.bias": (classes,),
    }
    return {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}


def test_weights_of_the_published_sizes_are_taken(tmp_path: Path) -> None:
    save_file(published(), tmp_path / "classifier.safetensors")
    found = import_classifier(tmp_path, tmp_path / "out")
    assert {"six classes", "fusion of width 512", "attention in the fusion"} <= set(found.agrees)
    assert found.differs == ()
    assert len(found.unknown) == 3
    assert set(load_file(tmp_path / "out" / "weights.safetensors")) == set(published())
    assert json.loads((tmp_path / "out" / "card.json").read_text())["tensors"] == 6


def test_files_of_torch_are_read_without_running_them(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (Path(tmp_path / "ran"),))  # type: ignore[return-value]

    state = {"epoch": 3, "model": {name: torch.from_numpy(value) for name, value in published().items()}}
    torch.save(state, tmp_path / "plain.pt")
    assert import_classifier(tmp_path / "plain.pt", tmp_path / "out").tensors == 6
    torch.save({"model": state["model"], "extra": Evil()}, tmp_path / "evil.pt")
    with pytest.raises(CheckpointError, match="asks to run code"):
        import_classifier(tmp_path / "evil.pt", tmp_path / "evil")
    assert not (tmp_path / "ran").exists()


def test_other_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no weights"):
        import_classifier(tmp_path, tmp_path / "out")
    save_file(published(classes=8), tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="six outputs"):
        import_classifier(tmp_path, tmp_path / "out")


def test_the_command_says_what_is_unknown(tmp_path: Path) -> None:
    save_file(published(), tmp_path / "classifier.safetensors")
    out = str(tmp_path / "out")
    run = CliRunner().invoke(main, ["models", "import", "--emsync-classifier", str(tmp_path), "--out", out])
    assert run.exit_code == 0, run.output
    assert "cannot be used yet" in run.output
    assert "minimum and maximum" in run.output
