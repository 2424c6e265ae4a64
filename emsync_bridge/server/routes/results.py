"""Routes that show what is in a job: files, pictures, the video, takes."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import BaseModel

from emsync_bridge.files.portable import portable_name
from emsync_bridge.server.bridge import Bridge
from emsync_bridge.server.cuts import previews
from emsync_bridge.server.cuts.archive import zip_stream
from emsync_bridge.server.errors import RequestError, failures
from emsync_bridge.server.jobs.store import THUMBNAILS, Job

# mimetypes asks the system, whose answers differ
_TYPES = {
    ".wav": "audio/wav",
    ".mid": "audio/midi",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".png": "image/png",
    ".json": "application/json",
    ".otio": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
}
THUMBNAIL_WIDTH = 160
"""Pixels."""

_ANY = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
_FILE: dict[int | str, dict[str, Any]] = {
    **failures(404),
    200: {"description": "The file", "content": _ANY},
    206: {"description": "The part of it that was asked for", "content": _ANY},
    416: {"description": "The file has no such part"},
}

_PICTURES_AT_ONCE = 2
_HEADERS = {"Cache-Control": "private, no-cache"}


Shown = Annotated[int | None, Query(ge=0, description="Shot whose file it is; the movie of the whole cut otherwise")]


class ProxyState(BaseModel):
    """Progress of a movie that is made for browsers."""

    state: Literal["waiting", "making", "ready", "failed"]
    share: float
    what: str


def router(bridge: Bridge) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/jobs")
    pictures = ThreadPoolExecutor(_PICTURES_AT_ONCE, "pictures")  # apart, so that nothing else waits for pictures

    @routes.get("/{name}/files/{kind}", response_class=FileResponse, responses=_FILE)
    async def file(name: str, kind: str) -> FileResponse:
        """Send a result file."""
        return _sent(result_file(bridge.job(name), kind))

    @routes.get("/{name}/archive", response_class=StreamingResponse, responses=_FILE)
    async def archive(name: str) -> StreamingResponse:
        """Send all result files of a job as one ZIP file, in which they lie beside each other."""
        job = bridge.job(name)
        paths = [result_file(job, kind) for kind in job.files]
        if not paths:
            raise RequestError(404, "The job has no files", where=name[:40])
        called = portable_name(Path(job.files["audio"]).stem if "audio" in job.files else paths[0].name.split(".")[0])
        disposition = f"attachment; filename*=UTF-8''{quote(f'{called}.zip', safe='')}"
        return StreamingResponse(
            zip_stream(paths, called),
            media_type="application/zip",
            headers={**_HEADERS, "Content-Disposition": disposition},
        )

    @routes.get("/{name}/shots/{number}/thumbnail", response_class=FileResponse, responses=_FILE)
    async def thumbnail(
        name: str, number: int, width: Annotated[int, Query(ge=16, le=960)] = THUMBNAIL_WIDTH
    ) -> FileResponse:
        """Send a picture of a shot's middle."""
        job = bridge.job(name)

        def find() -> Path:
            shots = previews.shots_of(bridge.result(job))
            return previews.thumbnail(shots, number, job.basis, bridge.records.folder(job) / THUMBNAILS, width)

        path = await asyncio.get_running_loop().run_in_executor(pictures, find)
        return FileResponse(path, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})

    @routes.get("/{name}/shots/{number}/media", response_class=FileResponse, responses=_FILE)
    async def media(name: str, number: int) -> FileResponse:
        """Send the file behind a shot."""
        job = bridge.job(name)

        def find() -> Path:
            return previews.media_of(previews.shots_of(bridge.result(job)), number, job.basis)

        return _sent(await asyncio.get_running_loop().run_in_executor(pictures, find))

    async def movie_of(name: str, shot: int | None = None) -> Path:
        job = bridge.job(name)

        def find() -> Path:
            if shot is not None:
                return previews.media_of(previews.shots_of(bridge.result(job)), shot, job.basis)
            path = previews.video_of(job.basis)
            if path is None or not path.is_file():
                raise RequestError(404, "This timeline has no single picture")
            return previews.with_picture(path)

        return await asyncio.get_running_loop().run_in_executor(pictures, find)

    @routes.get("/{name}/video", response_class=FileResponse, responses=_FILE)
    async def video(name: str) -> FileResponse:
        """Send the picture to play along."""
        return _sent(await movie_of(name))

    @routes.get("/{name}/proxy", response_class=FileResponse, responses=_FILE)
    async def proxy(name: str, shot: Shown = None) -> FileResponse:
        """Send the picture to play along, or the file behind a shot, as H.264, once it has been made."""
        path = bridge.proxies.ready(await movie_of(name, shot))
        if path is None:
            raise RequestError(404, "There is no proxy of this movie yet", where=name[:40])
        return _sent(path)

    @routes.post("/{name}/proxy", responses=failures(404))
    async def want_proxy(name: str, shot: Shown = None) -> ProxyState:
        """Make what ``proxy`` sends and tell how far it is; asked again and again while it is wanted."""
        return ProxyState.model_validate(bridge.proxies.ask(await movie_of(name, shot)))

    @routes.delete("/{name}/proxy", status_code=204, responses=failures(404))
    async def leave_proxy(name: str, shot: Shown = None) -> None:
        """Say that a page does not wait for the H.264 picture any more; one that is made already stays."""
        bridge.proxies.leave(await movie_of(name, shot))

    @routes.get("/{name}/takes/{number}", responses=failures(404))
    async def take(name: str, number: int) -> dict[str, Any]:
        """Tell the notes of a take in seconds."""
        job = bridge.job(name)
        return await asyncio.to_thread(lambda: previews.take_document(bridge.result(job), number))

    return routes


def result_file(job: Job, kind: str) -> Path:
    """Return a result file of a job by its kind.

    Raises:
        RequestError: There is none, or something else now lies under its name.
    """
    if kind not in job.files or job.out is None:
        raise RequestError(404, "The job has no such file", where=kind[:40])
    path, out = Path(job.files[kind]), Path(job.out)
    if not path.resolve().is_relative_to(out.resolve()):
        raise RequestError(403, "The file lies outside the job's folder", where=kind)
    if not path.is_file():
        raise RequestError(404, "The file is not there any more", where=str(path))
    return path


def _sent(path: Path) -> FileResponse:
    kind = _TYPES.get(path.suffix.lower(), "application/octet-stream")
    shown = kind.startswith(("audio/", "video/", "image/"))
    return FileResponse(
        path,
        media_type=kind,
        filename=path.name,
        headers=_HEADERS,
        content_disposition_type="inline" if shown else "attachment",
    )
