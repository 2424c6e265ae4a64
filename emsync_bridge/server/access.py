"""Access control of the bridge: token or cookie, Host, Origin and size of every request, before any route."""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emsync_bridge.server.errors import RequestError, error_document

COOKIE = "emsync"
OPEN = "/open"
UPLOADS = "/v1/uploads"

MAX_BODY = 16 * 2**20
"""Bytes of a request, uploads apart: room for an edited timeline with thousands of shots."""

_MAX_TARGET_LENGTH = 4096
_DRAINED = 2**20
_DRAIN_WITHIN = 1.0
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_IN_WORDS = (
    '<!doctype html><html lang="en"><title>emsync</title><h1>emsync</h1>'
    "<p>Open this page with: <code>emsync serve --open</code></p></html>"
)
_log = logging.getLogger(__name__)


class AccessMiddleware:
    """Lets only requests through that the user's own programs and pages can have sent.

    A foreign page that the user visits can send requests here too, by a name of its own that leads to 127.0.0.1 or
    straight away; so Host and Origin must be the bridge's own, and every request must show the token or the cookie.

    Arguments:
        app: What is behind it.
        port: The bridge's.
        token: Secret of programs.
        cookie: Secret of the user's browser.
        touch: Called for every request that is let through.
    """

    def __init__(self, app: ASGIApp, *, port: int, token: str, cookie: str, touch: Callable[[], None]) -> None:
        self._app, self._token, self._cookie, self._touch = app, token, cookie, touch
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request and pass it on, or refuse it with a reason."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        began, status = time.monotonic(), 0

        async def guarded_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            self._check(scope)
        except RequestError as refusal:
            _log.warning("refused %r %.200r: %s", scope["method"][:20], scope["path"], refusal.what)
            answer = _said(refusal, scope)
            await _drain(receive)
            await answer(scope, receive, guarded_send)
            return
        self._touch()
        await self._app(scope, receive if scope["path"] == UPLOADS else limited(receive), guarded_send)
        if scope["method"] in _CHANGING or status >= 400:
            spent = (time.monotonic() - began) * 1000
            _log.info("%s %.200r -> %d in %.0f ms", scope["method"], scope["path"], status, spent)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            raise RequestError(
                403, "The Host header is not the bridge's", where="Host", hint="Use the url in bridge.json"
            )
        if any(origin not in self._origins for origin in origins) or len(origins) > 1:
            raise RequestError(403, "The Origin header is not the bridge's", where="Origin")
        if len(scope["raw_path"]) + len(scope["query_string"]) > _MAX_TARGET_LENGTH:
            raise RequestError(400, "The address is too long", where="path")
        if scope["path"] == OPEN:
            return
        site = headers.get("sec-fetch-site", "none")
        if site not in ("same-origin", "none"):
            raise RequestError(403, "Another site's page asks for this", where="Sec-Fetch-Site")
        if same_secret(_bearer(headers), self._token):
            return
        if not same_secret(_cookie(headers), self._cookie):
            raise RequestError(
                401,
                "The token is missing or wrong",
                where="Authorization",
                hint="Open the page with: emsync serve --open",
            )
        if scope["method"] in _CHANGING and not origins:
            raise RequestError(403, "A browser must say where it comes from", where="Origin")


def _said(refusal: RequestError, scope: Scope) -> Response:
    """Return a refusal as data, or in words for somebody who has typed the address of the page."""
    closing = {"Connection": "close"}
    if scope["path"] == "/" and "text/html" in Headers(scope=scope).get("accept", ""):
        return HTMLResponse(_IN_WORDS, refusal.status, closing)
    return JSONResponse(error_document(refusal), refusal.status, closing)


async def _drain(receive: Receive) -> None:
    """Take in a small body that nobody reads: a connection closed on unread data is reset, and the answer lost."""
    taken = 0
    with suppress(asyncio.TimeoutError):
        while taken < _DRAINED:
            message = await asyncio.wait_for(receive(), _DRAIN_WITHIN)
            taken += len(message.get("body", b""))
            if not message.get("more_body", False):
                return


def same_secret(given: str, secret: str) -> bool:
    """Compare in a time that does not tell how much is right."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())


def limited(receive: Receive, largest: int = MAX_BODY) -> Receive:
    """Return the body of a request, which ends with a refusal as soon as it is too large."""
    taken = 0

    async def limiting() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > largest:
            raise HTTPException(413, f"The request is larger than {largest >> 20} MB")
        return message

    return limiting


def _bearer(headers: Headers) -> str:
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""
