"""Routes that concern batches: the progress of those whose output folder somebody has named."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import StringConstraints

from emsync_bridge.batch.shown_folders import ShownFolders
from emsync_bridge.server.bridge import Bridge
from emsync_bridge.server.errors import RequestError, failures
from emsync_bridge.server.jobs.wire import MAX_PATH, RequestPart


class BatchRequest(RequestPart):
    """A batch to show."""

    folder: Annotated[str, StringConstraints(min_length=1, max_length=MAX_PATH)]


def router(bridge: Bridge) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/batches", responses=failures(404, 507))
    folders = ShownFolders(bridge.home.root / "batches.json")
    changing = asyncio.Lock()  # the list is read and written in one go

    @routes.get("")
    async def batches() -> list[dict[str, Any]]:
        """List batches with their progress, the latest first."""
        return await asyncio.to_thread(folders.progress)

    @routes.post("", status_code=201)
    async def add(asked: BatchRequest) -> dict[str, str]:
        """Show the batch that writes to a folder."""
        async with changing:
            return {"id": await asyncio.to_thread(folders.add, Path(asked.folder))}

    @routes.delete("/{batch}", status_code=204)
    async def remove(batch: Annotated[str, InPath(pattern=r"^[0-9a-f]{16}$")]) -> None:
        """Show a batch no longer; its files stay."""
        async with changing:
            if not await asyncio.to_thread(folders.remove, batch):
                raise RequestError(404, "Batch not found", where=batch)

    return routes
