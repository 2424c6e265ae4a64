"""The page to listen to a generator: one file that needs nothing else."""

import base64
import re

import torch

from emsync_bridge.music.network import checkpoint
from emsync_bridge.music.network.config import ModelConfig
from emsync_bridge.music.network.model import GeneratorNetwork
from emsync_bridge.picture.probe import probe
from emsync_bridge.training.evaluation import listening_page


def test_the_page_holds_sound_and_notes_of_every_piece(tmp_path, monkeypatch):
    torch.manual_seed(1)
    config = ModelConfig(layers=1, width=32, heads=2, hidden=64, context=64)
    checkpoint.save(config, GeneratorNetwork(config).weights(), {"name": "untrained"}, tmp_path / "model")
    monkeypatch.setattr(listening_page, "_PIECES", listening_page._PIECES[:2])
    monkeypatch.setattr(listening_page, "_SECONDS", 9.0)
    monkeypatch.setattr(listening_page, "_HITS", (5.0,))
    out = tmp_path / "page"
    page = listening_page.write_page(checkpoint.load(tmp_path / "model"), out, lambda _step, _share: None)
    assert [path.name for path in out.iterdir()] == ["listening.html"]
    text = page.read_text(encoding="utf-8")
    sounds = re.findall(r'src="data:audio/mp4;base64,([^"]+)"', text)
    assert len(sounds) == text.count("<svg") == 2
    (tmp_path / "one.m4a").write_bytes(base64.b64decode(sounds[0]))
    info = probe(tmp_path / "one.m4a")
    assert info.has_sound
    assert abs(info.duration - 9.0) < 0.1
    assert text.count("<rect") > 20
    assert not re.findall(r'(?:src|href)="(?!data:)', text)
