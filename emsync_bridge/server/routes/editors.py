"""Routes by which the page gives orders to an editor's script."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import StringConstraints

from emsync_bridge.server.bridge import Bridge
from emsync_bridge.server.editor_sessions import Editors
from emsync_bridge.server.errors import RequestError, failures
from emsync_bridge.server.jobs.requests import JobId, Text
from emsync_bridge.server.jobs.wire import RequestPart

_MAX_WAIT_LENGTH = 30.0


class EditorRegistration(RequestPart):
    """An editor that stays and takes orders."""

    name: Text
    project: Text = ""
    timeline: Text = ""


class Placing(RequestPart):
    """An order to place a job's music."""

    place: JobId


class Outcome(RequestPart):
    """Outcome of an order."""

    state: Literal["waiting", "placed", "failed"]
    message: Annotated[str, StringConstraints(max_length=5000)] = ""


def router(bridge: Bridge) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/editors", responses=failures(404, 409))
    editors = Editors()

    @routes.post("")
    async def register(registration: EditorRegistration) -> dict[str, str]:
        """Say that an editor is there."""
        return {"id": editors.register(registration.name, registration.project, registration.timeline)}

    @routes.get("")
    async def present() -> list[dict[str, str]]:
        """List the editors that asked in the last minute."""
        return editors.present()

    @routes.get("/{editor}/orders")
    async def next_order(
        editor: str, request: Request, wait: Annotated[float, Query(ge=0, le=_MAX_WAIT_LENGTH)] = 20.0
    ) -> dict[str, Any]:
        """Wait for the next order."""
        return await editors.next_order(editor, wait, request.is_disconnected)

    @routes.post("/{editor}/orders")
    async def order(editor: str, placing: Placing) -> dict[str, int]:
        """Order an editor to place a job's music."""
        if bridge.job(placing.place).state != "done":
            raise RequestError(409, "The job is not done", where=placing.place)
        return {"order": editors.order(editor, placing.place)}

    @routes.get("/{editor}/orders/{number}")
    async def outcome(editor: str, number: int) -> Outcome:
        """Tell how an order went."""
        order = editors.outcome(editor, number)
        return Outcome.model_validate({"state": order.state, "message": order.message})

    @routes.post("/{editor}/orders/{number}")
    async def report(editor: str, number: int, told: Outcome) -> Outcome:
        """Say how an order went."""
        order = editors.outcome(editor, number)
        order.state, order.message = told.state, told.message
        if told.state == "placed" and order.place in bridge.jobs:
            await asyncio.to_thread(bridge.mark_placed, bridge.jobs[order.place])
        return told

    return routes
