"""What the bridge answers when it does not do what it was asked."""

from __future__ import annotations

from typing import Any

from emsync_bridge.errors import EmsyncError
from emsync_bridge.server.advice import for_editors


class RequestError(EmsyncError):
    """A request that is not carried out.

    Arguments:
        status: HTTP status.
        what: What is wrong, as a full sentence without a stop.
        where: The part of the request that it concerns.
        hint: What to do next.
    """

    def __init__(self, status: int, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what, where=where, hint=hint)
        self.status = status


def told(problem: EmsyncError) -> dict[str, str]:
    """Return a failure as plain data, its hint in words for editors."""
    return {"what": problem.what, "where": problem.where, "hint": for_editors(problem.hint)}


def error_document(problem: EmsyncError) -> dict[str, Any]:
    """Return the body of an answer that reports a failure."""
    return {"error": told(problem)}
