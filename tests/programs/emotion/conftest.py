"""Rendered clips and tiny pretrained models; no test of this folder may use the network."""

from __future__ import annotations

from pathlib import Path

import pytest
from clip_fixtures import _no_network, studio  # noqa: F401


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of all pretrained models, tiny ones, of which those that can agree on anger."""
    pytest.importorskip("transformers")
    import tiny_models
    import tiny_talkers

    folder = tmp_path_factory.mktemp("models")
    tiny_models.clip(folder / "clip")
    tiny_models.text_emotion(folder / "text-emotion", "anger")
    tiny_models.ast(folder / "ast", "Angry music")
    tiny_models.owlvit(folder / "owlvit")
    tiny_models.face_expression(folder / "face-expression", "angry")
    tiny_talkers.whisper(folder / "whisper", "I hate this night.", 0.5, 3.0)
    tiny_talkers.florence(folder / "florence", "run now")
    return folder
