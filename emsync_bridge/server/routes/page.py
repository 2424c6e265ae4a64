"""The page, and how a browser gets in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from emsync_bridge.server.access import OPEN
from emsync_bridge.server.bridge import Bridge
from emsync_bridge.server.errors import RequestError

PAGE = Path(__file__).parents[1] / "page"

_NAME = re.compile(r"[A-Za-z0-9_.@/-]{1,200}")

# mimetypes asks the system, whose answers differ (Windows' registry may say text/plain for scripts)
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
}

# Its script keeps the two secrets in the tab's sessionStorage and leads on to the page.
_WAY_IN = (
    '<!doctype html><html lang="en"><title>emsync</title>'
    '<meta name="secret" content="{secret}"><meta name="pass" content="{media_pass}">'
    '<script src="/page/enter.js"></script><noscript>The page needs JavaScript.</noscript></html>'
)


def router(bridge: Bridge) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(OPEN)
    async def enter(ticket: Annotated[str, Query(max_length=200)] = "") -> HTMLResponse:
        tab = bridge.tabs.redeem(ticket)
        if tab is None:
            raise RequestError(
                401, "The ticket is used or too old", where="ticket", hint="Open the page with: emsync serve --open"
            )
        return HTMLResponse(_WAY_IN.format(secret=tab.secret, media_pass=tab.media_pass))

    @routes.get("/")
    async def index(request: Request) -> Response:
        return page_file("index.html", request)

    @routes.get("/favicon.ico")
    async def icon(request: Request) -> Response:
        return page_file("icon.svg", request)

    @routes.get("/page/{path:path}")
    async def asset(path: str, request: Request) -> Response:
        return page_file(path, request)

    return routes


def page_file(name: str, request: Request) -> Response:
    """Return a file of the page, or that the browser has it already.

    Raises:
        RequestError: There is none of that name.
    """
    path = (PAGE / name).resolve() if _NAME.fullmatch(name) else PAGE
    if not path.is_relative_to(PAGE.resolve()) or path.suffix not in _TYPES or not path.is_file():
        raise RequestError(404, "The page has no such file", where=name[:200])
    headers = {"Cache-Control": "no-cache"}
    answer = FileResponse(path, media_type=_TYPES[path.suffix], headers=headers, stat_result=path.stat())
    if request.headers.get("if-none-match") == answer.headers["etag"]:
        return Response(status_code=304, headers={**headers, "ETag": answer.headers["etag"]})
    return answer
