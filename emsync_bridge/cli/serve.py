"""``emsync serve``: the bridge, a local daemon for editors and the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from emsync_bridge.cli.shared.console import print_json
from emsync_bridge.cli.shared.numbers import Number

if TYPE_CHECKING:
    from emsync_bridge.server.paths import Address

_OPENING = "Open the page with: emsync serve --open"
"""Advice beside an address, which opens nothing without a ticket."""


@click.command()
@click.option(
    "--detach", is_flag=True, help="Start the bridge in the background unless it runs, and print its address."
)
@click.option("--open", "open_page", is_flag=True, help="Open the page in the browser; starts the bridge if need be.")
@click.option("--job", metavar="ID", help="Open the page at this job; needs --open.")
@click.option("--stop", "stop_it", is_flag=True, help="Stop the bridge that runs.")
@click.option("--status", "show_status", is_flag=True, help="Print the state of the bridge as one JSON document.")
@click.option(
    "--idle",
    type=Number(0.01, 60 * 24 * 365),
    default=30.0,
    show_default=True,
    metavar="MINUTES",
    help="Stop when nobody has asked for anything for so long.",
)
def serve(detach: bool, open_page: bool, job: str | None, stop_it: bool, show_status: bool, idle: float) -> None:
    """Run the bridge: it keeps models warm and serves editors' scripts and the page, on this computer only.

    There is one for each user; a second one prints the address of the first and ends.

    \b
    Examples:
      emsync serve             in the foreground; Ctrl-C ends it
      emsync serve --open      the page, in the browser
      emsync serve --detach    in the background, as editors' scripts start it
      emsync serve --stop
    """
    if sum((detach or open_page, stop_it, show_status)) > 1:
        raise click.UsageError("Choose one of --detach, --open, --stop and --status.")
    if job is not None and not (open_page and re.fullmatch(r"[0-9a-f]{16}", job)):
        raise click.UsageError("--job takes the ID of a job, and needs --open.")
    from emsync_bridge.server import client
    from emsync_bridge.server.paths import home

    place = home()
    if show_status:
        found = client.find(place)
        print_json({"url": found[0].url, **found[1]} if found else None)
        if found is None:
            click.echo("No bridge is running; emsync serve starts one.", err=True)
            raise click.exceptions.Exit(1)
    elif stop_it:
        click.echo("The bridge has stopped." if client.stop(place) else "No bridge was running.", err=True)
    elif detach or open_page:
        address = client.start(place, idle)
        click.echo(address.url)
        if not open_page:
            click.echo(_OPENING, err=True)
        else:
            by_hand = client.open_page(address, job)
            if by_hand is not None:
                click.echo(f"No browser was found. Within a minute, open {by_hand}", err=True)
    else:
        from emsync_bridge.server.daemon import serve as run

        def ready(address: Address) -> None:
            click.echo(address.url)
            click.echo(_OPENING, err=True)

        running = client.wait_or(place, lambda: run(place, idle, ready))
        if running is not None:
            click.echo(running.url)
            click.echo("The bridge was running already.", err=True)
