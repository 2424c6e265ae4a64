"""Routes that concern cuts: the list of them, their edits, and their removal."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import StringConstraints

from emsync_bridge.server.bridge import Bridge
from emsync_bridge.server.cuts.catalogue import listed
from emsync_bridge.server.cuts.drafts import DraftRequest, cut_id
from emsync_bridge.server.errors import failures
from emsync_bridge.server.jobs.wire import MAX_PATH

Cut = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]


def router(bridge: Bridge) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/cuts", responses=failures(404, 409, 507))
    keeping = asyncio.Lock()  # a revision is compared and kept in one go

    @routes.get("")
    async def cuts(
        source: Annotated[str, StringConstraints(max_length=MAX_PATH)] | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    ) -> list[dict[str, Any]]:
        """List cuts that were read or scored, those with music first; of a file alone where ``source`` names it."""
        wanted = cut_id(source) if source is not None else None
        jobs = [job for job in bridge.jobs.values() if wanted is None or cut_id(job.basis.get("source", "")) == wanted]
        return (await asyncio.to_thread(listed, jobs, bridge.drafts))[:limit]

    @routes.delete("/{cut}", status_code=204)
    async def remove(cut: Cut) -> None:
        """Remove a cut with its music and its edits; results in a folder of the user's stay."""
        bridge.remove_cut(cut)

    @routes.get("/{cut}/edits")
    async def edits(cut: Cut) -> dict[str, Any]:
        """Tell the edits of a cut as they were last kept; revision 0 and no document where there are none."""
        kept = await asyncio.to_thread(bridge.drafts.read, cut)
        return kept or {"revision": 0, "saved": None, "tab": "", "document": None}

    @routes.put("/{cut}/edits")
    async def keep(cut: Cut, asked: DraftRequest) -> dict[str, Any]:
        """Keep the edits of a cut."""
        async with keeping:
            return await asyncio.to_thread(bridge.drafts.save, cut, asked)

    return routes
