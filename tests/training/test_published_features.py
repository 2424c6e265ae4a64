"""Features as the EMSYNC authors publish them, read without running anything in their file."""

from __future__ import annotations

import collections
import contextlib
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_features import published, stored

from emsync_bridge.errors import CheckpointError, CorpusError
from emsync_bridge.files.plain_pickle import read_plain_pickle
from emsync_bridge.training.emotion.published_features import read_published_features

MOST = 10**7


class Evil:
    """Touches a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("protocol", range(6))
def test_arrays_numbers_and_texts_come_back(tmp_path: Path, protocol: int) -> None:
    content = {
        "rows": np.arange(6, dtype=np.float32).reshape(2, 3),
        "columns": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "big": np.arange(3, dtype=">i4"),
        "empty": np.zeros((0, 768), np.float32),
        "number": np.float32(1.5),
        "named": collections.OrderedDict(a=1),
        "rest": [None, True, 2, "text", (1.5, b"bytes")],
    }
    found = read_plain_pickle(stored(tmp_path / "a.pkl", content, protocol), MOST)
    for name in ("rows", "columns", "big", "empty"):
        assert np.array_equal(found[name], content[name])
        assert found[name].shape == content[name].shape  # type: ignore[attr-defined]
    assert found["number"] == 1.5
    assert (found["named"], found["rest"]) == ({"a": 1}, content["rest"])


def test_tensors_come_back_as_arrays(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    turned = torch.arange(6.0).reshape(2, 3).T
    found = read_plain_pickle(stored(tmp_path / "a.pkl", {"t": turned}), MOST)["t"]
    assert np.array_equal(found, turned.numpy())


def test_a_tensor_larger_than_the_numbers_in_its_file_is_refused(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    repeated = torch.zeros(1).expand(10**9)
    with pytest.raises(CheckpointError, match="larger than its numbers"):
        read_plain_pickle(stored(tmp_path / "a.pkl", {"t": repeated}), MOST)


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    path = stored(tmp_path / "a.pkl", {"samples": {"a": Evil(tmp_path / "ran")}})
    with pytest.raises(CheckpointError, match="Nothing of it was run"):
        read_plain_pickle(path, MOST)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "content",
    [
        np.array([{}], dtype=object),
        np.zeros(2, dtype=[("a", "f4")]),
        Path("a"),
        {1, 2},
        print,
        np.ndarray,
    ],
)
def test_other_objects_are_refused(tmp_path: Path, content: object) -> None:
    with pytest.raises(CheckpointError, match="more than numbers and texts"):
        read_plain_pickle(stored(tmp_path / "a.pkl", content), MOST)


def test_containers_within_containers_have_a_bound(tmp_path: Path) -> None:
    nested: list[Any] = []
    nested.append(nested)
    with pytest.raises(CheckpointError, match="deep"):
        read_plain_pickle(stored(tmp_path / "a.pkl", nested), MOST)


def test_large_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="limit is 10"):
        read_plain_pickle(stored(tmp_path / "a.pkl", "x" * 100), 10)
    with pytest.raises(CheckpointError, match="cannot be read"):
        read_plain_pickle(tmp_path / "none.pkl", MOST)


@given(st.data())
def test_damage_is_refused_or_harmless(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    content = bytearray(pickle.dumps({"a": np.ones((2, 2), np.float32), "b": ["c", 1]}, 4))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.pkl"
    path.write_bytes(bytes(content[: data.draw(st.integers(0, len(content)))]))
    with contextlib.suppress(CheckpointError):
        read_plain_pickle(path, MOST)


def test_published_features_are_clips_with_their_splits(tmp_path: Path) -> None:
    seen, kinds = read_published_features(published(tmp_path))
    assert [kind.name for kind in kinds] == ["emsync-beats", "emsync-clip"]
    assert len(seen) == 29, "a name in no list is left out"
    by_name = {clip.clip.path.name: clip for clip in seen}
    assert by_name["video00"].clip.split == "train"
    assert by_name["video28"].clip.split == "test"
    assert by_name["video01"].clip.labels == ("B",)
    (part,) = by_name["video01"].parts
    assert {name: tokens.values.shape for name, tokens in part.items()} == {
        "emsync-clip": (20, 16),
        "emsync-beats": (5, 8),
    }
    assert len(read_published_features(tmp_path, without=["video01"])[0]) == 28


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"label": np.ones(4)}, "labels of 'video00' are not 3 numbers"),
        ({"features": None}, "has no features"),
        ({"features": {"clip": np.zeros((2, 2, 2))}}, "not rows of numbers"),
        ({"label": np.zeros(3)}, "Only 0 labelled clips"),
    ],
)
def test_other_layouts_are_refused(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(CorpusError, match=says):
        read_published_features(published(tmp_path, **changes))


def test_a_file_without_samples_is_refused(tmp_path: Path) -> None:
    stored(tmp_path / "features.pkl", {"x": 1})
    with pytest.raises(CorpusError, match="lacks samples"):
        read_published_features(tmp_path)
