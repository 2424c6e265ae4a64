"""Routes that concern the bridge itself."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import StringConstraints

from emsync_bridge.options import GROUPS
from emsync_bridge.options.fields import options_of
from emsync_bridge.server.access import OPEN
from emsync_bridge.server.bridge import Bridge
from emsync_bridge.server.cuts.disk_use import use_of
from emsync_bridge.server.jobs.wire import RequestPart

EXAMPLE = Path(__file__).parents[3] / "otio_examples" / "storm" / "storm.otio"
"""A cut with its media to try the page with; it comes with the source code and not with the installed package."""

_log = logging.getLogger(__name__)


class ScriptReport(RequestPart):
    """Failure in a script, for the log."""

    source: Annotated[str, StringConstraints(max_length=100)]
    message: Annotated[str, StringConstraints(max_length=20_000)]


def router(bridge: Bridge) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1")

    @routes.get("/status")
    async def status() -> dict[str, Any]:
        """Tell how the bridge is doing."""
        return {**bridge.status(), "example": str(EXAMPLE) if EXAMPLE.is_file() else None}

    @routes.get("/disk")
    async def disk() -> dict[str, Any]:
        """Tell how much of the disk the bridge's files take up, in bytes, and their bounds."""
        return await asyncio.to_thread(use_of, bridge.home, list(bridge.jobs.values()))

    @routes.get("/options")
    async def options() -> dict[str, dict[str, Any]]:
        """Type, bounds, default and help of every option of a request, by class and name."""
        return {name: {option.name: option.document() for option in options_of(kind)} for name, kind in GROUPS.items()}

    @routes.get("/moods")
    async def moods() -> list[dict[str, Any]]:
        """Named moods."""
        from emsync_bridge.emotion.overrides.moods import MOODS

        return [
            {"name": name, "valence": affect.valence, "arousal": affect.arousal}
            for name, affect in sorted(MOODS.items())
        ]

    @routes.post("/log", status_code=204)
    async def log(report: ScriptReport) -> None:
        """Take note of what went wrong in a script."""
        _log.warning("%r says: %r", report.source, report.message)

    @routes.post("/tickets")
    async def ticket() -> dict[str, str]:
        """Give an address that opens the page in a browser once, within a minute."""
        return {"url": f"{bridge.address.url}{OPEN}?ticket={bridge.tabs.ticket()}"}

    @routes.post("/stop", status_code=204)
    async def stop() -> None:
        """End the bridge."""
        bridge.stopping.set()

    return routes
