"""Routes that concern cuts: the list of them, their edits, and their removal."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import StringConstraints

from emsync_bridge.server.bridge import Bridge
from emsync_bridge.server.cuts.catalogue import jobs_of, listed
from emsync_bridge.server.cuts.disk_use import sizes_of_cuts
from emsync_bridge.server.cuts.drafts import DraftRequest
from emsync_bridge.server.cuts.identity import cut_of, source_of
from emsync_bridge.server.cuts.version_notes import Letter, VersionNote
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
        """List cuts that were read or scored, those with music first; where ``source`` names a file, its own alone."""
        own = {cut_of(job) for job in bridge.jobs.values() if source_of(job) == source}
        jobs = [job for job in bridge.jobs.values() if source is None or cut_of(job) in own]

        def rows() -> list[dict[str, Any]]:
            sizes = sizes_of_cuts(bridge.home, jobs)
            return [{**row, "bytes": sizes.get(row["id"], 0)} for row in listed(jobs, bridge.drafts)[:limit]]

        return await asyncio.to_thread(rows)

    @routes.get("/{cut}/jobs")
    async def jobs(cut: Cut) -> list[dict[str, Any]]:
        """List all jobs of a cut in order of creation, without their results."""
        return [job.record() for job in jobs_of(bridge.jobs.values(), cut)]

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

    @routes.get("/{cut}/notes")
    async def notes(cut: Cut) -> dict[str, VersionNote]:
        """Tell a person's notes on a cut's versions by their letters."""
        return await asyncio.to_thread(bridge.notes.read, cut)

    @routes.put("/{cut}/notes/{letter}")
    async def note(cut: Cut, letter: Annotated[Letter, Path()], noted: VersionNote) -> dict[str, VersionNote]:
        """Keep a note on a version: its name, star and words."""
        return bridge.note_version(cut, letter, noted)

    return routes
