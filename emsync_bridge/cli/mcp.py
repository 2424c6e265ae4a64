"""``emsync mcp``: tools for agents over the Model Context Protocol."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option(
    "--allow",
    "folders",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="DIR",
    help="Folder that the agent may read cuts from and write results to; may be given several times.",
)
@click.option("--skill", is_flag=True, help="Print the guide for agents (SKILL.md) and end.")
def mcp(folders: tuple[Path, ...], *, skill: bool) -> None:
    """Serve an agent on stdin and stdout, over the jobs of the bridge.

    \b
    Examples:
      emsync mcp --allow ~/Films
      emsync mcp --skill > ~/skills/emsync/SKILL.md
    """
    if skill:
        from emsync_bridge.agents.guide import guide

        click.echo(guide(), nl=False)
        return
    if not folders:
        raise click.UsageError("Name at least one folder that the agent may touch: --allow DIR")
    from emsync_bridge.agents.allowed_folders import AllowedFolders
    from emsync_bridge.agents.bridge_jobs import BridgeJobs
    from emsync_bridge.agents.mcp_server import serve
    from emsync_bridge.server.paths import home

    serve(BridgeJobs(home()), AllowedFolders(folders))
