"""Routes that concern jobs: start, watch, cancel, fetch, remove."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import StreamingResponse

from emsync_bridge.server import uploads
from emsync_bridge.server.bridge import Bridge
from emsync_bridge.server.cuts.identity import content_of
from emsync_bridge.server.cuts.upload_sweep import share_content
from emsync_bridge.server.errors import RequestError, failures
from emsync_bridge.server.jobs import requests
from emsync_bridge.server.jobs.store import ENDED, Job

Record = dict[str, Any]


def router(bridge: Bridge) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1")

    async def whole(job: Job) -> Record:
        record = job.record()
        if record["state"] == "done":  # of the moment of the record: the job may end while the file is read
            record["result"] = await asyncio.to_thread(bridge.result, job)
        return record

    @routes.post("/uploads", responses=failures(404, 409, 507))
    async def upload(
        name: Annotated[str, Query(max_length=255)], request: Request, beside: str | None = None
    ) -> dict[str, str]:
        """Hand over a file: the raw body; ``beside`` is the id of an earlier upload that it belongs to."""
        kept = await uploads.keep(bridge.home, name, request, beside)
        # apart: comparing a movie with an earlier one of its size takes a while
        sharing = asyncio.get_running_loop().run_in_executor(None, share_content, bridge.home, Path(kept["path"]))
        sharing.add_done_callback(lambda done: done.exception())
        return kept

    @routes.post("/jobs", status_code=202, responses=failures(404, 409, 507))
    async def start(asked: Annotated[requests.Request, Body()]) -> Record:
        """Queue a job."""
        if isinstance(asked, requests.SourceRequest) and not _readable(asked.source):
            raise RequestError(422, "File not found", where=asked.source[:500], hint="Check the path")
        if isinstance(asked, requests.ConformRequest) and asked.cue is not None and not _readable(asked.cue):
            raise RequestError(422, "File not found", where=asked.cue[:500], hint="Name the .cue.json of the old cut")
        source = asked.source if isinstance(asked, requests.SourceRequest) else ""
        content = await asyncio.to_thread(content_of, source) if source else ""
        request = asked.model_dump(mode="json", by_alias=True, exclude_none=True)
        return bridge.submit(client_of(asked), request, content).record()

    @routes.get("/jobs")
    async def jobs(limit: Annotated[int, Query(ge=1, le=1000)] = 50) -> list[Record]:
        """List jobs, newest first, without their results."""
        newest = sorted(bridge.jobs.values(), key=lambda job: job.created, reverse=True)
        return [job.record() for job in newest[:limit]]

    @routes.get("/jobs/{name}", responses=failures(404))
    async def job(name: str) -> Record:
        """Tell all about one job."""
        return await whole(bridge.job(name))

    @routes.get(
        "/jobs/{name}/events",
        response_class=StreamingResponse,
        responses={**failures(404), 200: {"content": {"text/event-stream": {}}}},
    )
    async def events(name: str) -> StreamingResponse:
        """Tell what happens to a job as server-sent events, beginning with how it stands."""
        job = bridge.job(name)
        return StreamingResponse(_events(bridge, job, whole), media_type="text/event-stream")

    @routes.post("/jobs/{name}/cancel", responses=failures(404))
    async def cancel(name: str) -> Record:
        """Stop a job."""
        job = bridge.job(name)
        await bridge.cancel(job)
        return await whole(job)

    @routes.delete("/jobs/{name}", status_code=204, responses=failures(404, 409))
    async def remove(name: str, results: bool = False) -> None:
        """Remove an ended job and its results that nobody has changed; in a folder of the user's only if so asked."""
        bridge.retention.remove(bridge.job(name), results=results)

    return routes


def client_of(asked: Any) -> str:
    """Return who takes turns with others: what the request says, else the editor's project, else the page."""
    editor = getattr(asked, "editor", None)
    return asked.client or (f"editor {editor.project}" if editor else "page")


def _readable(source: str) -> bool:
    """Tell whether there is a file or a bundle, and no device that could be read for ever."""
    path = Path(source)
    return path.is_file() or path.is_dir()


async def _events(bridge: Bridge, job: Job, whole: Any) -> AsyncIterator[str]:
    told: Any = ()
    bridge.stream(1)
    try:
        while not bridge.stopping.is_set():
            if (job.state, job.progress) != told:
                told = (job.state, job.progress)
                if job.state in ENDED:
                    yield _event(job.state, await whole(job))
                    return
                yield _event("progress", job.progress or {"step": "Waiting", "share": 0.0, "seconds_left": None})
            elif not await bridge.change(job):
                yield ": still here\n\n"
    finally:
        bridge.stream(-1)


def _event(kind: str, data: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n"
