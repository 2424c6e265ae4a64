from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("transformers")

import tiny_models
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.emotion.overrides.moods import EMOTIONS
from emsync_bridge.emotion.pretrained import installed
from emsync_bridge.emotion.pretrained.catalogue import CATALOGUE, model_named
from emsync_bridge.emotion.pretrained.clip import ClipExtractor
from emsync_bridge.emotion.pretrained.installed import find, require
from emsync_bridge.emotion.pretrained.labels import COLUMNS, GROUPS, estimate_of_shares, grouping, shares
from emsync_bridge.emotion.pretrained.networks import free_threads
from emsync_bridge.emotion.pretrained.tier import EXTRACTORS, pretrained_extractors
from emsync_bridge.errors import CheckpointError

FRAME = np.zeros((224, 224, 3), np.uint8)

GO_EMOTIONS_ALL = (
    *("admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire"),
    *("disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear", "gratitude", "grief", "joy"),
    *("love", "nervousness", "optimism", "pride", "realization", "relief", "remorse", "sadness", "surprise", "neutral"),
)


@pytest.fixture
def models(tiny: Path, tmp_path: Path) -> Path:
    """Return a copy of the tiny models that a test may damage."""
    return Path(shutil.copytree(tiny, tmp_path / "models"))


def test_all_installed_models_make_all_extractors(tiny: Path) -> None:
    chosen, left_out = pretrained_extractors(tiny)
    assert [extractor.name for extractor in chosen] == list(EXTRACTORS)
    assert left_out == []
    assert {network for _, networks in EXTRACTORS.values() for network in networks} == {m.name for m in CATALOGUE}


def test_what_is_missing_is_named_with_the_way_to_get_it(models: Path) -> None:
    shutil.rmtree(models / "text-emotion")
    chosen, left_out = pretrained_extractors(models)
    assert [extractor.name for extractor in chosen] == ["clip", "tagging", "faces"]
    assert left_out == [
        f"{name} is left out: text-emotion is not installed. Get it: emsync models get text-emotion."
        for name in ("Speech", "Screen-text")
    ]


def test_without_any_model_there_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "user_folder", lambda: tmp_path)
    chosen, left_out = pretrained_extractors(tmp_path)
    assert chosen == []
    assert len(left_out) == 1
    assert "emsync models get emotion" in left_out[0]


def test_without_the_packages_there_is_one_line(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "PACKAGES", ("torch", "no_such_package_anywhere"))
    chosen, (line,) = pretrained_extractors(tiny)
    assert chosen == []
    assert line.endswith('needs no_such_package_anywhere. pip install "emsync-bridge[pretrained]".')


def no_settings(folder: Path) -> None:
    (folder / "config.json").write_text("[" * 100_000, encoding="utf-8")


def no_folder(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_bytes(b"")


def no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def of_another_kind(folder: Path) -> None:
    shutil.rmtree(folder)
    tiny_models.face_expression(folder)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (no_settings, "no readable network"),
        (no_folder, "clip is not installed"),
        (no_weights, "weights are missing"),
        (tiny_models.pickled, "pickled"),
        (of_another_kind, "another kind (vit, not clip)"),
    ],
)
def test_unfit_folders_are_left_out_before_anything_is_loaded(
    models: Path, damage: Callable[[Path], None], said: str
) -> None:
    damage(models / "clip")
    chosen, left_out = pretrained_extractors(models)
    assert "clip" not in [extractor.name for extractor in chosen]
    assert len(left_out) == 1
    assert said in left_out[0]
    assert "emsync models get clip" in left_out[0]


def cut_short(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-500])


def without_some(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = folder / "model.safetensors"
    tensors = load_file(weights)
    save_file({name: t for name, t in tensors.items() if "text_projection" not in name}, weights, {"format": "pt"})


def of_another_size(folder: Path) -> None:
    tiny_models.settings_of(folder, projection_dim=24)


def without_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


@pytest.mark.parametrize("damage", [cut_short, without_some, of_another_size, without_tokenizer])
def test_damaged_and_foreign_networks_give_one_line(models: Path, damage: Callable[[Path], None]) -> None:
    damage(models / "clip")
    clip = ClipExtractor(require(model_named("clip"), models))
    with pytest.raises(CheckpointError) as caught:
        clip.measure([FRAME], [None])
    assert "Clip is left out: " in str(caught.value)
    assert str(models / "clip") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_code_in_a_folder_is_never_run(models: Path, tmp_path: Path) -> None:
    folder, sprung = models / "clip", tmp_path / "sprung"
    (folder / "trap.py").write_text(f"open({str(sprung)!r}, 'w')\nclass Trap: pass\n", encoding="utf-8")
    tiny_models.settings_of(folder, auto_map={"AutoModel": "trap.Trap", "AutoTokenizer": "trap.Trap"})
    tokenizer = folder / "tokenizer_config.json"
    tokenizer.write_text(
        tokenizer.read_text(encoding="utf-8").replace("{", '{"auto_map": {"AutoTokenizer": ["trap.Trap", null]},', 1)
    )
    try:
        ClipExtractor(require(model_named("clip"), models)).measure([FRAME], [None])
    except CheckpointError as problem:
        assert "trust" in str(problem)  # noqa: PT017  either way of not running it will do
    assert not sprung.exists()


def test_a_classifier_of_something_else_is_refused(models: Path) -> None:
    shutil.rmtree(models / "text-emotion")
    tiny_models.text_emotion(models / "text-emotion", labels=("sports", "politics", "weather"))
    shutil.rmtree(models / "ast")
    tiny_models.ast(models / "ast", labels=("yes", "no", "stop"))
    chosen, left_out = pretrained_extractors(models)
    assert [extractor.name for extractor in chosen] == ["clip", "faces"]
    assert sum("no emotions" in line for line in left_out) == 2
    assert sum("AudioSet" in line for line in left_out) == 1


def test_places_are_looked_at_in_order(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_named("ast")
    monkeypatch.setattr(installed, "user_folder", lambda: tmp_path / "own")
    cache = tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    assert find(model) is None
    snapshot = cache / "models--MIT--ast-finetuned-audioset-10-10-0.4593" / "snapshots" / model.revision
    shutil.copytree(tiny / "ast", snapshot)
    assert find(model) == snapshot
    shutil.copytree(tiny / "ast", tmp_path / "own" / "ast")
    assert find(model) == tmp_path / "own" / "ast"
    monkeypatch.setenv(installed.VARIABLE, str(tiny))
    assert find(model) == tiny / "ast"
    shutil.copytree(tiny / "ast", tmp_path / "given" / "ast")
    assert find(model, tmp_path / "given") == tmp_path / "given" / "ast"


def test_the_classes_of_goemotions_are_grouped_without_rest() -> None:
    matrix = grouping(GO_EMOTIONS_ALL)
    assert (matrix.sum(axis=1) == 1).all()
    assert matrix.sum(axis=0).tolist() == [3, 1, 2, 12, 5, 4, 1]
    assert sorted(GROUPS) == sorted(COLUMNS)


@given(st.lists(st.floats(0, 1, width=32), min_size=28, max_size=28), st.floats(0.05, 1))
def test_estimates_of_classes_are_probabilities_and_lean_less_when_less_was_seen(
    scores: list[float], coverage: float
) -> None:
    found = shares(np.array(scores, np.float32), grouping(GO_EMOTIONS_ALL))
    assert found.sum() == pytest.approx(1, abs=1e-4)
    assert (found >= 0).all()
    whole, part = (estimate_of_shares("words", found, (0.4, 0.5), coverage=c) for c in (1.0, coverage))
    assert whole.probabilities is not None
    assert part.probabilities is not None
    assert sum(part.probabilities.values()) == pytest.approx(1, abs=1e-4)
    assert part.sigma[0] >= whole.sigma[0] >= 0.4
    even = 1 / len(EMOTIONS)
    for emotion in EMOTIONS:
        assert abs(part.probabilities[emotion] - even) <= abs(whole.probabilities[emotion] - even) + 1e-5


def test_threads_leave_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.setattr("os.getloadavg", lambda: (0.2, 0, 0), raising=False)
    assert free_threads() == 4
    monkeypatch.setattr("os.getloadavg", lambda: (7.5, 0, 0), raising=False)
    assert free_threads() == 1
