"""MCP server over stdio: one tool for each task, each a job of the bridge."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, TypeAlias, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from emsync_bridge import __version__
from emsync_bridge.agents.allowed_folders import AllowedFolders
from emsync_bridge.agents.bridge_jobs import BridgeJobs, summary
from emsync_bridge.agents.guide import guide
from emsync_bridge.errors import EmsyncError
from emsync_bridge.options import Seed, Takes

MAX_WAIT = 600.0
"""Seconds that a tool waits at most; clients give up earlier or later."""

Told: TypeAlias = dict[str, Any]
Options: TypeAlias = Annotated[
    dict[str, Any] | None, Field(description="Options by name, as the tool 'options' lists them for this group")
]
Wait: TypeAlias = Annotated[
    float,
    Field(ge=0, le=MAX_WAIT, description="Seconds to wait for the end; a job that takes longer goes on, see 'job'"),
]
PathText: TypeAlias = Annotated[str, Field(max_length=4096, description="Absolute path in an allowed folder")]
JobId: TypeAlias = Annotated[str, Field(pattern="^[0-9a-f]{16}$", description="Id that a tool has returned")]

Tool = TypeVar("Tool", bound=Callable[..., Any])


def serve(jobs: BridgeJobs, allowed: AllowedFolders) -> None:
    """Answer an agent on stdin and stdout until it leaves.

    Arguments:
        jobs: The bridge.
        allowed: Folders that the agent may touch.
    """
    create_server(jobs, allowed).run("stdio")


def create_server(jobs: BridgeJobs, allowed: AllowedFolders) -> MCPServer[Any]:
    """Return the server with its tools; see ``serve``."""
    instructions = f"{guide().split('---', 2)[-1].strip()}\n\nAllowed folders: {allowed}"
    server: MCPServer[Any] = MCPServer("emsync", version=__version__, instructions=instructions, log_level="WARNING")
    _add_looking(server, jobs)
    _add_scoring(server, jobs, allowed)
    _add_changing(server, jobs, allowed)
    return server


def _worded(tool: Tool) -> Tool:
    """Return a tool whose failures are told in words, without a traceback."""

    @wraps(tool)
    def run(*arguments: Any, **named: Any) -> Any:
        try:
            return tool(*arguments, **named)
        except EmsyncError as problem:
            raise ToolError(problem.text("")) from None

    return run  # type: ignore[return-value]  # the same signature


def _checked(allowed: AllowedFolders, **groups: Told | None) -> Told:
    """Return the groups of options that are given, with their paths checked."""
    return {name: allowed.check_options(name, options) for name, options in groups.items() if options}


def _add_looking(server: MCPServer[Any], jobs: BridgeJobs) -> None:
    @server.tool()
    @_worded
    def status() -> Told:
        """Tell how the bridge is doing, which editors wait for music, and the latest jobs."""
        latest = [summary(record) for record in jobs.ask("GET", "/v1/jobs?limit=20")]
        return {**jobs.ask("GET", "/v1/status"), "editors": jobs.ask("GET", "/v1/editors"), "jobs": latest}

    @server.tool()
    @_worded
    def options() -> Told:
        """List every option of the groups read, emotion, music and render, with type, bounds, default and help."""
        groups: Told = jobs.ask("GET", "/v1/options")
        return groups

    @server.tool()
    @_worded
    def job(job: JobId, wait: Wait = 60.0) -> Told:
        """Wait for a job that has been started, and tell what came of it."""
        return summary(jobs.wait(job, wait))

    @server.tool()
    @_worded
    def cancel(job: JobId) -> Told:
        """Stop a job."""
        return summary(jobs.ask("POST", f"/v1/jobs/{job}/cancel"))


def _add_scoring(server: MCPServer[Any], jobs: BridgeJobs, allowed: AllowedFolders) -> None:
    @server.tool()
    @_worded
    def spot(source: PathText, read: Options = None, wait: Wait = 60.0) -> Told:
        """Find the hit points of a timeline or video: where the viewer sees the picture change."""
        request = {"kind": "spot", "source": allowed.check(source, "source"), **_checked(allowed, read=read)}
        return summary(jobs.start(request, wait))

    @server.tool()
    @_worded
    def feel(source: PathText, read: Options = None, emotion: Options = None, wait: Wait = 120.0) -> Told:
        """Estimate the mood of every shot as valence and arousal from -1 to 1."""
        request = {
            "kind": "feel",
            "source": allowed.check(source, "source"),
            **_checked(allowed, read=read, emotion=emotion),
        }
        return summary(jobs.start(request, wait))

    @server.tool()
    @_worded
    def score(  # noqa: PLR0913  one argument for each part of the request
        source: PathText,
        out: Annotated[PathText | None, Field(description="Folder for the results; the bridge's own otherwise")] = None,
        seed: Seed = 1,
        takes: Takes = 1,
        read: Options = None,
        emotion: Options = None,
        music: Options = None,
        render: Options = None,
        wait: Wait = 300.0,
    ) -> Told:
        """Compose and render music for a cut and write it back into a copy of the timeline."""
        request = {
            "kind": "score",
            "source": allowed.check(source, "source"),
            "seed": seed,
            "takes": takes,
            **_checked(allowed, read=read, emotion=emotion, music=music, render=render),
        }
        if out is not None:
            request["out"] = allowed.check(out, "out")
        return summary(jobs.start(request, wait))


def _add_changing(server: MCPServer[Any], jobs: BridgeJobs, allowed: AllowedFolders) -> None:
    @server.tool()
    @_worded
    def redo(  # noqa: PLR0913  one argument for each part of the request
        job: JobId,
        start: Annotated[float, Field(ge=0, description="Seconds from the start of the music")],
        end: Annotated[float, Field(gt=0, description="Seconds from the start of the music")],
        seed: Seed = 2,
        only: Annotated[list[str] | None, Field(description="Roles, players or families to recompose")] = None,
        lock: Annotated[list[str] | None, Field(description="Roles, players or families that stay")] = None,
        out: Annotated[PathText | None, Field(description="Folder for the results; the bridge's own otherwise")] = None,
        wait: Wait = 300.0,
    ) -> Told:
        """Recompose a section of a finished score; every other note stays."""
        request: Told = {"kind": "redo", "job": job, "start": start, "end": end, "seed": seed}
        request.update(only=only or [], lock=lock or [])
        if out is not None:
            request["out"] = allowed.check(out, "out")
        return summary(jobs.start(request, wait))

    @server.tool()
    @_worded
    def conform(
        cue: Annotated[PathText, Field(description="The .cue.json of the old cut, in an allowed folder")],
        source: PathText,
        out: Annotated[PathText | None, Field(description="Folder for the results; the bridge's own otherwise")] = None,
        read: Options = None,
        emotion: Options = None,
        render: Options = None,
        wait: Wait = 300.0,
    ) -> Told:
        """Carry the music of an old cut over to a changed cut: what still fits is kept or moved, holes are composed."""
        request = {
            "kind": "conform",
            "cue": allowed.check(cue, "cue"),
            "source": allowed.check(source, "source"),
            **_checked(allowed, read=read, emotion=emotion, render=render),
        }
        if out is not None:
            request["out"] = allowed.check(out, "out")
        return summary(jobs.start(request, wait))

    @server.tool()
    @_worded
    def place(
        job: JobId,
        editor: Annotated[str | None, Field(description="Id from 'status'; needed where several editors wait")] = None,
    ) -> Told:
        """Order an editor that waits, such as DaVinci Resolve with its entry 'Open the emsync page', to place music."""
        present = jobs.ask("GET", "/v1/editors")
        chosen = [each for each in present if editor in (None, each["id"])]
        if not chosen:
            raise ToolError("No editor waits. Start 'Open the emsync page' in the editor's script menu")
        if len(chosen) > 1:
            raise ToolError(f"Several editors wait, name one: {json.dumps(present)}")
        order = jobs.ask("POST", f"/v1/editors/{chosen[0]['id']}/orders", {"place": job})["order"]
        return {"editor": chosen[0], "order": order}
