"""A head learns from features that are published, with no video at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_features import published

from emsync_bridge.cli import main


def test_a_head_learns_from_published_features_by_one_command(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    command = ["train-emotion", str(published(tmp_path, 60)), "--layout", "features", "--out", str(tmp_path / "head")]
    small = ["--width", "16", "--heads", "2", "--epochs", "6", "--batch", "8", "--rate", "0.005", "--threads", "1"]
    result = CliRunner().invoke(main, [*command, *small, "--json"])
    assert result.exit_code == 0, result.output
    metrics = json.loads(result.stdout)["metrics"]
    assert metrics["classes"]["map"] > metrics["chance"]["map"] + 0.2
    sheet = json.loads((tmp_path / "head" / "head.json").read_text())
    assert [modality["name"] for modality in sheet["modalities"]] == ["emsync-beats", "emsync-clip"]
