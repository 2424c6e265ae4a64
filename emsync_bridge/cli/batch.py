"""``emsync batch``: many cuts at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emsync_bridge.batch.options import BatchOptions
from emsync_bridge.cli.shared.console import print_json, visible
from emsync_bridge.cli.shared.options import NEW_FOLDER, options_from, values_of

if TYPE_CHECKING:
    from emsync_bridge.batch.execution import JobResult
    from emsync_bridge.batch.jobs import OptionNames

IDLE_MINUTES = 30.0
"""Minutes after which a bridge that was started for a batch stops when nobody asks for anything."""

_NOT_PER_ROW = frozenset({"out", "keep", "redo", "take", "only", "lock", "batch_digest", "as_json"})
"""Options of ``emsync score`` that a row cannot set: the batch sets them, or they concern music that is there."""


@click.command()
@click.argument("jobs", metavar="LIST|FOLDER", type=click.Path(exists=True, path_type=Path))
@click.option("--out", "-o", type=NEW_FOLDER, required=True, metavar="DIR", help="Folder; each cut gets one inside.")
@options_from(BatchOptions)
@click.option("--shard", metavar="I/N", help="Only every N-th job, beginning with the I-th.")
@click.option("--map", "prefixes", metavar="THERE=HERE", multiple=True, help="A path prefix and what it is here.")
@click.option("--page", is_flag=True, help="Show the progress on the bridge's page too, and open it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
def batch(
    *,
    jobs: Path,
    out: Path,
    shard: str | None,
    prefixes: tuple[str, ...],
    page: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Score every cut of a list or folder; run again, it does what is left.

    LIST is a CSV table with a column "source" and a column for each option of emsync score that rows set. A cut is done
    when the cue in its folder carries the digest of its inputs, options and version. DIR/failed.csv says what failed,
    why, and what to do about it.

    \b
    Examples:
      emsync batch episodes/ --out scores --workers 4
      emsync batch season.csv --out scores --dask tcp://10.0.0.5:8786
      emsync batch season.csv --out scores --shard $SLURM_ARRAY_TASK_ID/50
    """
    from emsync_bridge.batch.failures import hint_of
    from emsync_bridge.batch.listing import read_jobs, shard_of
    from emsync_bridge.batch.path_prefixes import parse_prefix
    from emsync_bridge.batch.progress import RunProgress
    from emsync_bridge.batch.run import run_batch

    part = _shard(shard) if shard is not None else (1, 1)
    out = out.absolute()
    listed = read_jobs(jobs, _option_names(), [parse_prefix(text) for text in prefixes], out)
    chosen = shard_of(listed, *part)

    def note(text: str) -> None:
        click.secho(f"Note: {visible(text)}", err=True, fg="yellow")

    with RunProgress(out, jobs.name, shard or "", len(chosen)) as progress:

        def tell(result: JobResult) -> None:
            progress.count(result)
            ended = sum(progress.counts.values())
            hint = f" {hint_of(result)}." if result.outcome == "failed" else ""
            reason = f": {result.message.rstrip('.')}.{hint}" if result.message else ""
            took = f" in {result.seconds:.0f} s" if result.seconds >= 1 else ""
            left = progress.seconds_left()
            rest = f" ({_duration(left)} left)" if left else ""
            click.echo(visible(f"{ended}/{len(chosen)} {result.name} {result.outcome}{took}{reason}{rest}"), err=True)

        if page:
            _show_on_page(out, note)
        try:
            results = run_batch(
                chosen, out, values_of(BatchOptions, options), tell, progress=progress, listed=listed, note=note
            )
        except KeyboardInterrupt:
            note("Stopped. The same line goes on with what is left")
            raise
    counts = progress.counts
    if as_json:
        failed = [{"name": r.name, "reason": r.message, "hint": hint_of(r)} for r in results if r.outcome == "failed"]
        print_json(
            {"jobs": len(chosen), **{name: counts.get(name, 0) for name in ("done", "skipped")}, "failed": failed}
        )
    else:
        click.echo(", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "nothing to do")
    if counts.get("failed"):
        raise click.ClickException(
            f"{counts['failed']} of {len(chosen)} cuts failed; {out / 'failed.csv'} says what to do about each"
        )


def _option_names() -> OptionNames:
    """Return the options that rows can set, as ``emsync score`` declares them."""
    from emsync_bridge.batch.jobs import OptionNames
    from emsync_bridge.cli.score import score

    flags, values, paths, inputs = set[str](), set[str](), set[str](), set[str]()
    for option in score.params:
        if not isinstance(option, click.Option) or option.name in _NOT_PER_ROW:
            continue
        name = max(option.opts, key=len).lstrip("-")
        (flags if option.is_flag else values).add(name)
        if isinstance(option.type, click.Path):
            paths.add(name)
            if option.type.exists:
                inputs.add(name)
    return OptionNames(frozenset(flags), frozenset(values), frozenset(paths), frozenset(inputs))


def _show_on_page(out: Path, note: Callable[[str], None]) -> None:
    """Have the bridge show the batch; one that cannot be reached stops no batch."""
    from emsync_bridge.errors import EmsyncError
    from emsync_bridge.server import client
    from emsync_bridge.server.paths import home

    try:
        out.mkdir(parents=True, exist_ok=True)
        address = client.start(home(), IDLE_MINUTES)
        client.ask(address, "POST", "/v1/batches", {"folder": str(out)})
        by_hand = client.open_page(address)
    except (EmsyncError, OSError) as problem:
        note(f"The page does not show this batch: {problem}")
        return
    if by_hand is not None:
        note(f"No browser was found. Within a minute, open {by_hand}")


def _duration(seconds: float) -> str:
    """Return a duration as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _shard(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise click.BadParameter(f"{text!r} is not I/N with I from 1 to N", param_hint="--shard")
    return int(found[1]), int(found[2])
