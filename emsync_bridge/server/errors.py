"""What the bridge answers when it does not do what it was asked."""

from __future__ import annotations

from typing import Any

from emsync_bridge.errors import EmsyncError


class RequestError(EmsyncError):
    """A request that is not carried out.

    Arguments:
        status: HTTP status.
        what: What is wrong, as a full sentence without a stop.
        where: The part of the request that it concerns.
        hint: What to do next.
        setting: Field of the request to change.
    """

    def __init__(self, status: int, what: str, *, where: str = "", hint: str = "", setting: str = "") -> None:
        super().__init__(what, where=where, hint=hint, setting=setting)
        self.status = status


def to_response(problem: EmsyncError) -> dict[str, str]:
    """Return an error as plain data; the page and the menu say what they call its setting."""
    return {"what": problem.what, "where": problem.where, "hint": problem.hint, "setting": problem.setting}


def error_document(problem: EmsyncError) -> dict[str, Any]:
    """Return the body of an answer that reports a failure."""
    return {"error": to_response(problem)}
