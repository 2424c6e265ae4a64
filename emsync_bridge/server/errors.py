"""Answers of the bridge when it does not do what it was asked."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from emsync_bridge.errors import EmsyncError


class ErrorText(BaseModel):
    """Description of a failure.

    Arguments:
        what: The fact, as a full sentence without a stop.
        where: File, or part of the request.
        hint: The next step.
        setting: Field of the request to change.
        choices: Values that the field can have, where the failure names them.
    """

    what: str
    where: str
    hint: str
    setting: str
    choices: list[str] = []


class ErrorDocument(BaseModel):
    """Body of every answer that reports a failure."""

    error: ErrorText


_MEANINGS = {
    400: "The request cannot be read",
    401: "The token is missing or wrong",
    403: "The request comes from elsewhere, or leads elsewhere",
    404: "There is no such thing",
    409: "This is not possible at present",
    413: "The body is too large",
    416: "The file has no such part",
    422: "A value is wrong",
    500: "The bridge has failed",
    507: "There is no room on the disk",
}
ALWAYS = (400, 401, 403, 413, 422, 500)
"""Statuses that any request may be answered with."""


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the failures of a route for its OpenAPI document."""
    return {status: {"model": ErrorDocument, "description": _MEANINGS[status]} for status in statuses}


class RequestError(EmsyncError):
    """A request that is not carried out.

    Arguments:
        status: HTTP status.
        what: The problem, as a full sentence without a stop.
        where: The part of the request that it concerns.
        hint: The next step.
        setting: Field of the request to change.
    """

    def __init__(self, status: int, what: str, *, where: str = "", hint: str = "", setting: str = "") -> None:
        super().__init__(what, where=where, hint=hint, setting=setting)
        self.status = status


def to_response(problem: EmsyncError) -> dict[str, Any]:
    """Return an error as plain data; the page and the menu say what they call its setting."""
    said = {"what": problem.what, "where": problem.where, "hint": problem.hint, "setting": problem.setting}
    return {**said, "choices": list(problem.choices)} if problem.choices else said


def error_document(problem: EmsyncError) -> dict[str, Any]:
    """Return the body of an answer that reports a failure."""
    return {"error": to_response(problem)}
