"""Weights from disk: what is read, and what is refused with the file named."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import save

from emsync_bridge.errors import CheckpointError
from emsync_bridge.files.weights import not_finite, read_tensors


def test_tensors_come_back_as_they_were_written(tmp_path):
    tensors = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array([7], dtype=np.int64)}
    (tmp_path / "w.safetensors").write_bytes(save(tensors))
    found = read_tensors(tmp_path / "w.safetensors", 10**6)
    assert found.keys() == tensors.keys()
    assert all(found[name].dtype == tensors[name].dtype and (found[name] == tensors[name]).all() for name in tensors)


@pytest.mark.parametrize("cut", [0, 4, 40, -1])
def test_a_cut_off_file_is_refused(tmp_path, cut):
    path = tmp_path / "w.safetensors"
    path.write_bytes(save({"a": np.ones(64, dtype=np.float32)})[:cut])
    with pytest.raises(CheckpointError) as refused:
        read_tensors(path, 10**6)
    assert refused.value.where == str(path)


def test_a_missing_file_is_refused_with_the_hint_of_the_caller(tmp_path):
    with pytest.raises(CheckpointError) as refused:
        read_tensors(tmp_path / "w.safetensors", 10**6, hint="Train it")
    assert refused.value.hint == "Train it"


def test_a_file_above_the_limit_is_not_read(tmp_path):
    path = tmp_path / "w.safetensors"
    path.write_bytes(save({"a": np.ones(64, dtype=np.float32)}))
    size = path.stat().st_size
    assert read_tensors(path, size)
    with pytest.raises(CheckpointError, match=f"{size - 1:,}"):
        read_tensors(path, size - 1)


def test_tensors_with_values_that_are_not_finite_are_named():
    tensors = {"good": np.zeros(2), "nan": np.array([0, np.nan]), "far": np.array([np.inf])}
    assert not_finite(tensors) == ["nan", "far"]
