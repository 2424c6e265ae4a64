from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("transformers")

import tiny_models
from click.testing import CliRunner
from clips import Studio
from cuts import estimated, movie_cut

from emsync_bridge.cli import main
from emsync_bridge.emotion.estimate import CurveEstimate
from emsync_bridge.emotion.extractors.cache import DiskCache
from emsync_bridge.emotion.extractors.interface import split
from emsync_bridge.emotion.extractors.observe import observe
from emsync_bridge.emotion.pretrained.audio_tags import AudioTagExtractor
from emsync_bridge.emotion.pretrained.catalogue import model_named
from emsync_bridge.emotion.pretrained.installed import require
from emsync_bridge.picture.relink import relink


@pytest.fixture
def movie(studio: Studio) -> Path:
    """Return seven seconds of picture, with sound that changes after five."""
    return studio.movie(
        "heard.mp4",
        "testsrc2=s=160x90:r=25:d=7",
        "aevalsrc='if(lt(t,5),0.5*sin(2*PI*300*t),0.3*random(0))':s=16000:d=7",
    )


def felt(path: Path, *times: float, **options: object) -> CurveEstimate:
    cut = movie_cut(path, *times)
    return estimated(cut, tier="pretrained", **options)


def test_pretrained_models_are_heard_beside_the_embedded_cues(movie: Path, tiny: Path) -> None:
    told: list[float] = []
    found = felt(movie, 0, 3, 7, models_dir=tiny, progress=lambda share, _what: told.append(share))
    assert found.warnings == ()
    for name in ("clip", "whisper", "go_emotions", "ast", "owlvit", "vit-face-expression", "Florence"):
        assert name.lower() in " ".join(found.origins).lower()
    for span in found.curve.spans:
        assert span.ekman is not None
        assert max(span.ekman, key=lambda emotion: span.ekman[emotion]) == "anger"
        assert span.affect.valence < -0.1
        assert span.affect.arousal > 0
    assert "anger" in found.curve.spans[0].reason
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)


def test_rows_of_long_windows_go_to_the_shots_that_they_sound_in(movie: Path, tmp_path: Path) -> None:
    tiny_models.ast(tmp_path / "ast")
    tagging = AudioTagExtractor(require(model_named("ast"), tmp_path))
    cut = movie_cut(movie, 0, 2.5, 5, 5.1, 7)
    parts = list(split(cut.shots, relink(cut.shots, timeline=Path("/nowhere/cut.otio"))))
    rows = {part: found for (part, _), found in observe(parts, [tagging]).rows.items()}
    assert [len(rows[part]) for part in range(4)] == [3, 2, 1, 1]
    assert (rows[0] == rows[1][0]).all(), "one window of five seconds"
    assert (rows[2] == rows[3]).all(), "the next window"
    assert abs(rows[0][0] - rows[2][0]).max() > 0.01
    assert tagging._loaded is None, "its networks are let go"


def test_what_was_measured_is_not_measured_again(movie: Path, tiny: Path, tmp_path: Path) -> None:
    first = felt(movie, 0, 3, 7, models_dir=tiny, memory=DiskCache(tmp_path))
    again = felt(movie, 0, 3, 7, models_dir=tiny, memory=DiskCache(tmp_path))
    assert first.measured > 0
    assert again.measured == 0
    assert again.curve == first.curve
    longer = felt(movie, 0, 2, 4, 7, models_dir=tiny, memory=DiskCache(tmp_path))
    assert longer.measured < first.measured / 4


def test_a_broken_network_is_left_out_and_the_others_go_on(movie: Path, tiny: Path, tmp_path: Path) -> None:
    models = shutil.copytree(tiny, tmp_path / "models")
    weights = models / "owlvit" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    found = felt(movie, 0, 3, models_dir=models)
    assert len(found.warnings) == 1
    assert "Faces is left out: " in found.warnings[0]
    assert not any("owlvit" in origin for origin in found.origins)
    assert found.curve.spans[0].ekman is not None


def test_the_command_says_what_is_left_out_and_prints_the_curve(movie: Path, tiny: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny / "ast", tmp_path / "ast")
    asked = ["feel", str(movie), "--models-dir", str(tmp_path), "--no-cache", "--json"]
    embedded = CliRunner().invoke(main, asked)
    pretrained = CliRunner().invoke(main, [*asked, "--tier", "pretrained"], env={"EMSYNC_MODELS": ""})
    assert (embedded.exit_code, pretrained.exit_code) == (0, 0), pretrained.output
    lower, document = json.loads(embedded.stdout), json.loads(pretrained.stdout)
    assert lower["warnings"] == []
    assert sorted(line.split(" is left out")[0] for line in document["warnings"]) == [
        *("Clip", "Faces", "Screen-text", "Speech")
    ]
    assert document["spans"][0]["affect"]["arousal"] > lower["spans"][0]["affect"]["arousal"]
    assert "angry music" in document["spans"][0]["reason"]
