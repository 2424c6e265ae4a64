"""Access control of the bridge: secret, Host, Origin and size of every request, before any route."""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emsync_bridge.server.browser_tabs import BrowserTabs
from emsync_bridge.server.errors import RequestError, error_document

OPEN = "/open"
UPLOADS = "/v1/uploads"

MAX_BODY = 16 * 2**20
"""Bytes of a request, uploads apart: room for an edited timeline with thousands of shots."""

MEDIA_PASS = "pass"  # noqa: S105  the parameter's name
"""Parameter of a link that carries a tab's pass for media."""

_MEDIA = re.compile(r"/v1/jobs/[^/]+/(?:video|proxy|archive|files/[^/]+|shots/[^/]+/(?:thumbnail|media))")
"""Addresses that a pass opens: what elements of the page load, which cannot send a header."""

_PAGE = re.compile(r"/|/favicon\.ico|/page/.*", re.DOTALL)
"""Addresses without a secret: the page's own files, which are the same for everybody."""

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
_log = logging.getLogger(__name__)


class AccessMiddleware:
    """Lets only requests through that the user's own programs and pages can have sent.

    A foreign page that the user visits can send requests here too, by a name of its own that leads to 127.0.0.1 or
    straight away; so Host and Origin must be the bridge's own, and every request but those for the page's own files
    must show a secret that no browser sends by itself.

    Arguments:
        app: Application behind it.
        port: The bridge's.
        token: Secret of programs.
        tabs: The tabs of the user's browser.
        touch: Function called for every request with a secret.
    """

    def __init__(self, app: ASGIApp, *, port: int, token: str, tabs: BrowserTabs, touch: Callable[[], None]) -> None:
        self._app, self._token, self._tabs, self._touch = app, token, tabs, touch
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
            answer = _refusal(refusal)
            await _drain(receive)
            await answer(scope, receive, guarded_send)
            return
        await self._app(scope, receive if scope["path"] == UPLOADS else bounded_body(receive), guarded_send)
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
        if "transfer-encoding" in headers and "content-length" in headers:  # RFC 9112, 6.1: programs differ on its end
            raise RequestError(400, "The length of the body is given twice", where="Content-Length")
        if len(scope["raw_path"]) + len(scope["query_string"]) > _MAX_TARGET_LENGTH:
            raise RequestError(400, "The address is too long", where="path")
        if scope["path"] == OPEN:
            return
        site = headers.get("sec-fetch-site", "none")
        if site not in ("same-origin", "none"):
            raise RequestError(403, "Another site's page asks for this", where="Sec-Fetch-Site")
        if _PAGE.fullmatch(scope["path"]) and scope["method"] in ("GET", "HEAD"):
            return
        if not self._admits(scope, headers):
            raise RequestError(
                401,
                "The token is missing or wrong",
                where="Authorization",
                hint="Open the page with: emsync serve --open",
            )
        self._touch()

    def _admits(self, scope: Scope, headers: Headers) -> bool:
        given = _bearer(headers)
        if same_secret(given, self._token) or self._tabs.admits(given):
            return True
        if scope["method"] not in ("GET", "HEAD") or not _MEDIA.fullmatch(scope["path"]):
            return False
        passes = parse_qs(scope["query_string"].decode("ascii", "replace"), max_num_fields=20).get(MEDIA_PASS, [""])
        return self._tabs.admits_to_media(passes[0])


def _refusal(problem: RequestError) -> Response:
    return JSONResponse(error_document(problem), problem.status, {"Connection": "close"})


async def _drain(receive: Receive) -> None:
    """Take in a small body that nobody reads: a connection closed on unread data is reset, and the answer lost."""

    async def take() -> None:
        taken, more = 0, True
        while more and taken < _DRAINED:
            message = await receive()
            taken += len(message.get("body", b""))
            more = message.get("more_body", False)

    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(take(), _DRAIN_WITHIN)


def same_secret(given: str, secret: str) -> bool:
    """Compare in a time that does not tell how much is right."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())


def bounded_body(receive: Receive, max_bytes: int = MAX_BODY) -> Receive:
    """Return the body of a request, which ends with a refusal as soon as it is too large."""
    taken = 0

    async def limiting() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > max_bytes:
            raise HTTPException(413, f"The request is larger than {max_bytes >> 20} MB")
        return message

    return limiting


def _bearer(headers: Headers) -> str:
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""
