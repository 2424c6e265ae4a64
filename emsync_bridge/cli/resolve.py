"""``emsync resolve``: the entries in DaVinci Resolve's menu."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from emsync_bridge.cli.shared.console import print_json, print_table, warn


@click.group()
def resolve() -> None:
    """Install the entries in DaVinci Resolve's Scripts menu, check them, or remove them.

    \b
    Examples:
      emsync resolve install       then in Resolve: Workspace > Scripts > emsync
      emsync resolve status
    """


@resolve.command()
@click.option("--all-users", is_flag=True, help="Install for everybody on this computer; needs an administrator.")
@click.option(
    "--markers",
    type=click.Choice(["none", "hits", "all"]),
    default="hits",
    show_default=True,
    help="Markers that a score gets: none, for its hits, or for all: its hits and where sections of its form begin.",
)
@click.option(
    "--most-markers",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    metavar="NUMBER",
    help="Hits of one score that get a marker at most, those of greatest weight.",
)
@click.option("--dry-run", is_flag=True, help="List what would be written and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
def install(all_users: bool, markers: str, most_markers: int, dry_run: bool, as_json: bool) -> None:
    """Write the menu entries into every folder that Resolve looks in.

    A file that emsync did not write is never touched.

    \b
    Examples:
      emsync resolve install --dry-run
      emsync resolve install
      emsync resolve install --markers none
    """
    from emsync_bridge.errors import OutputError
    from emsync_bridge.resolve import install as installing
    from emsync_bridge.resolve.advice import survey
    from emsync_bridge.resolve.folders import HostSystem, menus

    system = HostSystem.here()
    wanted = installing.plan(system, all_users=all_users, markers=markers, most_markers=most_markers)
    if not wanted:
        raise OutputError(
            "DaVinci Resolve was not found",
            where=menus(system, all_users=all_users)[0].product,
            hint="Start Resolve once so that it makes its folders, then try again",
        )
    removed = [] if dry_run else installing.install(wanted)
    written = [str(one.path) for one in wanted]
    advice = [] if dry_run else survey(system)["advice"]
    if all_users and Path(sys.executable).is_relative_to(system.home):
        advice.append(f"emsync runs from {sys.executable}, which other users may not be allowed to start")
    if as_json:
        print_json(
            {"written": written, "removed": [str(path) for path in removed], "advice": advice, "done": not dry_run}
        )
        return
    for folder in dict.fromkeys(str(Path(path).parent) for path in written):
        names = [Path(path).name for path in written if str(Path(path).parent) == folder]
        click.echo(f"{'Would write' if dry_run else 'Written'}: {len(names)} files in {folder}")
    if not dry_run:
        click.echo("In Resolve, with a project open: Workspace > Scripts > emsync. If it is missing, restart Resolve.")
    warn(advice)


@resolve.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
def status(as_json: bool) -> None:
    """Say where the entries are, which of them your edition runs, and what will be missing.

    \b
    Example:
      emsync resolve status
    """
    from emsync_bridge.resolve.advice import survey
    from emsync_bridge.resolve.folders import HostSystem

    found = survey(HostSystem.here())
    if as_json:
        print_json(found)
        return
    rows = [
        [
            place["edition"],
            "yes" if place["present"] else "no",
            f"{place['python']} + {place['lua']}",
            ", ".join(place["versions"]) or "-",
            place["folder"],
        ]
        for place in found["places"]
    ]
    print_table(rows, ("for", "Resolve there", "Python + Lua", "emsync", "folder"))
    click.echo()
    if found["resolve"]:
        click.echo(f"Resolve {found['resolve']}. ", nl=False)
    click.echo("What each edition runs ('Check installation' in its menu tells which one yours is):")
    print_table([[rule["edition"], rule["runs"]] for rule in found["rules"]], ("edition", "runs"))
    warn(found["advice"])


@resolve.command()
@click.option("--all-users", is_flag=True, help="Remove what was installed for everybody; needs an administrator.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
def uninstall(all_users: bool, as_json: bool) -> None:
    """Remove the menu entries; files that emsync did not write stay.

    \b
    Example:
      emsync resolve uninstall
    """
    from emsync_bridge.resolve.folders import HostSystem
    from emsync_bridge.resolve.install import uninstall as take_away

    gone = take_away(HostSystem.here(), all_users=all_users)
    if as_json:
        print_json({"removed": [str(path) for path in gone]})
        return
    click.echo(f"Removed {len(gone)} files." if gone else "There was nothing to remove.")
