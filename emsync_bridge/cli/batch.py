"""``emsync batch``: many cuts at once."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emsync_bridge.cli.console import print_json
from emsync_bridge.cli.options import NEW_FOLDER

if TYPE_CHECKING:
    from emsync_bridge.batch.execution import JobResult


@click.command()
@click.argument("jobs", metavar="LIST|FOLDER", type=click.Path(exists=True, path_type=Path))
@click.option("--out", "-o", type=NEW_FOLDER, required=True, metavar="DIR", help="Folder; each cut gets one inside.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes side by side.")
@click.option("--dask", metavar="tcp://HOST:PORT", help="A Dask scheduler whose workers do the work.")
@click.option("--shard", metavar="I/N", help="Only every N-th job, beginning with the I-th.")
@click.option("--map", "prefixes", metavar="THERE=HERE", multiple=True, help="A path prefix and what it is here.")
@click.option("--memory", type=click.FloatRange(0, 1024), default=0.0, help="GiB a job needs, as a Dask resource.")
@click.option("--timeout", type=click.FloatRange(min=1), metavar="S", help="Seconds after which a job has failed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
def batch(
    *,
    jobs: Path,
    out: Path,
    shard: str | None,
    prefixes: tuple[str, ...],
    as_json: bool,
    **run: Any,
) -> None:
    """Score every cut of a list or folder; run again, it does what is left.

    LIST is a CSV table with a column "source" and a column for each option of emsync score that rows set. A cut is done
    when the cue in its folder carries the digest of its inputs, options and version. What failed is in DIR/failed.csv.

    \b
    Examples:
      emsync batch episodes/ --out scores --workers 4
      emsync batch season.csv --out scores --dask tcp://10.0.0.5:8786
      emsync batch season.csv --out scores --shard $SLURM_ARRAY_TASK_ID/50
    """
    from emsync_bridge.batch.listing import read_jobs, shard_of
    from emsync_bridge.batch.run import BatchOptions, run_batch

    listed = read_jobs(jobs, [_prefix(text) for text in prefixes])
    if shard is not None:
        listed = shard_of(listed, *_shard(shard))
    began, counts = time.monotonic(), Counter[str]()

    def tell(result: JobResult) -> None:
        counts[result.outcome] += 1
        ended = sum(counts.values())
        spent = time.monotonic() - began
        left = spent / max(1, ended - counts["skipped"]) * (len(listed) - ended)
        reason = f": {result.message}" if result.message else ""
        took = f" in {result.seconds:.0f} s" if result.seconds else ""
        click.echo(f"{ended}/{len(listed)} {result.name} {result.outcome}{took}{reason} ({left:.0f} s left)", err=True)

    results = run_batch(listed, out, BatchOptions(run["workers"], run["dask"], run["memory"], run["timeout"]), tell)
    if as_json:
        print_json({"jobs": len(listed), **counts, "failed": [r.name for r in results if r.outcome == "failed"]})
    else:
        click.echo(", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "nothing to do")
    if counts["failed"]:
        raise click.ClickException(f"{counts['failed']} of {len(listed)} cuts failed; see {out / 'failed.csv'}")


def _prefix(text: str) -> tuple[str, str]:
    there, equals, here = text.partition("=")
    if not equals or not there:
        raise click.BadParameter(f"{text!r} is not THERE=HERE", param_hint="--map")
    return there, here


def _shard(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise click.BadParameter(f"{text!r} is not I/N with I from 1 to N", param_hint="--shard")
    return int(found[1]), int(found[2])
