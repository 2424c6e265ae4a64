from __future__ import annotations

import csv

from emsync_bridge.batch.execution import JobResult
from emsync_bridge.batch.failures import FALLBACK, write_failures
from emsync_bridge.batch.jobs import BatchJob
from emsync_bridge.batch.listing import shard_of

JOBS = tuple(BatchJob(name, f"/cuts/{name}.otio") for name in ("a", "b", "c", "d"))


def rows(out):
    with (out / "failed.csv").open(encoding="utf-8", newline="") as stream:
        return {row["name"]: row for row in csv.DictReader(stream)}


def test_each_failure_has_a_reason_and_advice(tmp_path):
    results = [
        JobResult("a", "failed", 'Says "no", twice', "Do\nthis"),
        JobResult("b", "done"),
        JobResult("c", "failed", "x"),
    ]
    write_failures(results, JOBS, JOBS, tmp_path)
    found = rows(tmp_path)
    assert found["a"] == {"source": "/cuts/a.otio", "name": "a", "reason": 'Says "no", twice', "hint": "Do\nthis"}
    assert found["c"]["hint"] == FALLBACK
    assert set(found) == {"a", "c"}


def test_shards_keep_the_rows_of_each_other(tmp_path):
    first, second = shard_of(JOBS, 1, 2), shard_of(JOBS, 2, 2)
    write_failures([JobResult("a", "failed", "one")], first, JOBS, tmp_path)
    write_failures([JobResult("d", "failed", "two")], second, JOBS, tmp_path)
    assert list(rows(tmp_path)) == ["a", "d"]
    write_failures([JobResult("a", "done")], first, JOBS, tmp_path)
    assert list(rows(tmp_path)) == ["d"]
    write_failures([], JOBS[:3], JOBS[:3], tmp_path)  # d has been taken off the list
    assert not (tmp_path / "failed.csv").exists()
