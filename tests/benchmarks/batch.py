"""Batches: the cost of the engine for jobs of no work, short cuts on workers against a shell loop, and memory.

python tests/benchmarks/batch.py --jobs 10000 --cuts 40
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import opentimelineio as otio

from emsync_bridge.batch.jobs import BatchJob, OptionNames
from emsync_bridge.batch.listing import read_jobs
from emsync_bridge.batch.options import BatchOptions
from emsync_bridge.batch.run import run_batch

FRAMES = 36


def cut(path: Path) -> None:
    """Write a timeline of two shots of 1.5 seconds each."""
    timeline = otio.schema.Timeline(path.stem)
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    for number in range(2):
        span = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(FRAMES, 24))
        track.append(otio.schema.Clip(f"c{number}", otio.schema.ExternalReference(f"/nowhere/{number}.mov"), span))
    timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(path))


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds of wall time and of processors, children included, that something takes."""
    began, spent = time.perf_counter(), sum(os.times()[:4])
    work()
    return time.perf_counter() - began, sum(os.times()[:4]) - spent


def loop(jobs: tuple[BatchJob, ...], out: Path) -> None:
    """Score cut after cut, as a loop in a shell would."""
    for job in jobs:
        line = [sys.executable, "-m", "emsync_bridge", "score", job.source, "--out", str(out / job.name)]
        subprocess.run(line, check=True, capture_output=True)


def peak(who: str) -> str:
    """Return the greatest memory of this process, or of one that it started and that has ended."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return "unknown"
    spent = resource.getrusage(resource.RUSAGE_SELF if who == "self" else resource.RUSAGE_CHILDREN)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return f"{spent.ru_maxrss / unit:.0f} MiB"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000, help="jobs of no work: their sources are missing")
    parser.add_argument("--cuts", type=int, default=40, help="cuts of three seconds")
    given = parser.parse_args()
    with TemporaryDirectory() as place:
        folder = Path(place)
        table = folder / "missing.csv"
        table.write_text("source\n" + "".join(f"/nowhere/{number}.otio\n" for number in range(given.jobs)))
        jobs = read_jobs(table, OptionNames())
        for workers in (1, 2):
            wall, cpu = timed(lambda n=workers: run_batch(jobs, folder / f"none{n}", BatchOptions(n), lambda _: None))
            each = 1e3 / len(jobs)
            click.echo(
                f"{len(jobs)} jobs of no work, {workers} worker(s): {wall * each:.2f} ms a job, CPU {cpu * each:.2f}"
            )
        click.echo(f"memory after them: {peak('self')}")
        if not given.cuts:
            return
        cuts = folder / "cuts"
        cuts.mkdir()
        for number in range(given.cuts):
            cut(cuts / f"{number:04}.otio")
        scored = read_jobs(cuts, OptionNames())
        plain, least = timed(lambda: loop(scored, folder / "loop"))
        count = len(scored)
        click.echo(f"{count} cuts in a shell loop: {plain:.1f} s, CPU {least:.1f} s, {peak('children')} each at most")
        for workers in (1, 2):
            out = folder / f"out{workers}"
            wall, cpu = timed(lambda n=workers, to=out: run_batch(scored, to, BatchOptions(n), lambda _: None))
            click.echo(
                f"{count} cuts, {workers} worker(s): {wall:.1f} s, {plain / wall:.2f} times as fast; "
                f"CPU {cpu:.1f} s, {1e3 * (cpu - least) / count:.0f} ms a job more"
            )
        click.echo(f"memory of the batch: {peak('self')}")
        again, _ = timed(lambda: run_batch(scored, folder / "out1", BatchOptions(1), lambda _: None))
        click.echo(f"once more, all done already: {1e3 * again / count:.1f} ms a job")


if __name__ == "__main__":
    main()
