"""The protocol over HTTP; see the module of each subject for what it does."""

from __future__ import annotations

import errno
import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from emsync_bridge import __version__
from emsync_bridge.errors import EmsyncError, OutputError
from emsync_bridge.files.atomic import DISK_FULL
from emsync_bridge.server.bridge import Bridge
from emsync_bridge.server.errors import ALWAYS, RequestError, error_document, failures
from emsync_bridge.server.routes import batches, cuts, editors, jobs, page, results, system

_log = logging.getLogger(__name__)

_KINDS = ("spot", "feel", "score", "redo", "conform", "take", "players", "live")
"""Steps to a value that name the kind of a request and are no field of it."""

_OF_SHAPE = ("extra_forbidden", "missing", "json_invalid", "union_tag_invalid", "union_tag_not_found")
"""Faults that only programs make; a person makes faults of values."""


def create_app(bridge: Bridge) -> FastAPI:
    """Return the ASGI application, without the gate in front of it.

    Arguments:
        bridge: Bridge that it serves.
    """
    app = FastAPI(title="emsync-bridge", version=__version__, docs_url=None, redoc_url=None, redirect_slashes=False)
    for routes in (system, jobs, results, cuts, editors, batches):
        app.include_router(routes.router(bridge), responses=failures(*ALWAYS))
    app.include_router(page.router(bridge))
    app.add_exception_handler(EmsyncError, _refused)
    app.add_exception_handler(OSError, _system)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(Exception, _unknown)
    return app


async def _refused(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, EmsyncError)  # noqa: S101  registered for it
    full = isinstance(problem, OutputError) and problem.what == DISK_FULL
    status = problem.status if isinstance(problem, RequestError) else 507 if full else 422
    return JSONResponse(error_document(problem), status)


async def _system(request: Request, problem: Exception) -> Response:
    if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT):
        hint = "Make room on the disk; removing cuts on the start page frees what the bridge uses"
        return JSONResponse(error_document(RequestError(507, DISK_FULL, hint=hint)), 507)
    return await _unknown(request, problem)


async def _malformed(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, RequestValidationError)  # noqa: S101  registered for it
    first = problem.errors()[0]
    steps = [str(step)[:60] for step in first["loc"] if step not in ("body", "query", "path", *_KINDS)]
    where = ".".join(steps)
    status = 400 if first["type"] == "json_invalid" else 422
    shape = not steps or first["type"] in _OF_SHAPE
    hint = "See /openapi.json for what a request looks like" if shape else "Correct this value"
    words = str(first["msg"])[:500].removeprefix("Value error, ")
    refusal = RequestError(
        status, words[:1].upper() + words[1:], where=where, hint=hint, setting=steps[-1] if steps else ""
    )
    return JSONResponse(error_document(refusal), status)


async def _plain(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)  # noqa: S101  registered for it
    document = error_document(RequestError(problem.status_code, str(problem.detail)))
    return JSONResponse(document, problem.status_code, problem.headers)


async def _unknown(_request: Request, problem: Exception) -> Response:
    _log.error("an answer failed", exc_info=problem)
    return JSONResponse(error_document(RequestError(500, "The bridge has failed", hint="Look into its log")), 500)
