from __future__ import annotations

import csv

import pytest

from emsync_bridge.batch.jobs import BatchJob
from emsync_bridge.batch.options import BatchOptions
from emsync_bridge.batch.run import run_batch

JOBS = tuple(BatchJob(name, f"/nowhere/{name}.otio") for name in ("a", "b", "c"))


def test_an_error_of_the_listener_is_no_failure_of_a_job(tmp_path):
    told = []

    def tell(result):
        told.append(result)
        if len(told) == 2:
            raise KeyError("of the listener")

    with pytest.raises(KeyError, match="of the listener"):
        run_batch(JOBS, tmp_path / "out", BatchOptions(), tell)
    assert [result.name for result in told] == ["a", "b"]
    with (tmp_path / "out" / "failed.csv").open() as stream:  # what is known by then is written
        assert [row["name"] for row in csv.DictReader(stream)] == ["a", "b"]


def test_missing_sources_fail_with_reason_and_advice(tmp_path):
    results = run_batch(JOBS, tmp_path / "out", BatchOptions(), lambda _: None)
    assert [result.outcome for result in results] == ["failed"] * 3
    assert all("The source cannot be read" in result.message and "--map" in result.hint for result in results)
    assert not (tmp_path / "out" / "a").exists()
