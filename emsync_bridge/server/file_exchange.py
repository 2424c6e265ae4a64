"""Requests and answers as files, for scripts that can neither open a socket nor run curl."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from emsync_bridge.server.access import MAX_BODY
from emsync_bridge.server.paths import Address, write_private

_LOOK_EVERY = 0.2
_ANSWER_WITHIN = 60.0
_KEPT = 3600.0
_MAX_AT_ONCE = 8
_REQUEST = re.compile(r"[A-Za-z0-9_-]{1,64}\.request\.json")
_ENDING = ".request.json"
_METHODS = frozenset({"GET", "POST", "DELETE"})
_log = logging.getLogger(__name__)


async def poll_folder(address: Address) -> None:
    """Answer requests in the exchange folder for ever, each as if it had come over HTTP.

    Arguments:
        address: Address at which the bridge answers, and the folder.
    """
    folder = Path(address.exchange)
    loop = asyncio.get_running_loop()
    working: dict[str, asyncio.Future[None]] = {}
    # threads of their own: these wait for answers that the bridge may need its other threads for
    threads = ThreadPoolExecutor(_MAX_AT_ONCE, "exchange")
    while True:
        for name in await asyncio.to_thread(_waiting, folder):
            if name not in working and len(working) < _MAX_AT_ONCE:
                working[name] = loop.run_in_executor(threads, _serve, address, folder / name)
        working = {name: task for name, task in working.items() if not task.done()}
        await asyncio.sleep(_LOOK_EVERY)


def _waiting(folder: Path) -> list[str]:
    """Return the names of the requests; clear away what nobody has fetched."""
    names = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _REQUEST.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                names.append(entry.name)
            elif entry.name.endswith(".answer.json") and time.time() - entry.stat().st_mtime > _KEPT:
                with suppress(OSError):
                    Path(entry.path).unlink()
    return sorted(names)


def _serve(address: Address, path: Path) -> None:
    status, body = _answer(address, path)
    target = path.with_name(path.name.removesuffix(_ENDING) + ".answer.json")
    try:
        write_private(target, json.dumps({"status": status, "body": body}, ensure_ascii=False))
    except OSError as problem:
        _log.warning("the answer %s cannot be written: %s", target, problem)
    with suppress(OSError):
        path.unlink()


def _answer(address: Address, path: Path) -> tuple[int, Any]:
    try:
        if path.stat().st_size > MAX_BODY:
            return 413, _error("The request is too large")
        asked = json.loads(path.read_text(encoding="utf-8"))
        token, method, target = asked["token"], asked["method"], asked["path"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return 400, _error("Not a request", "Write token, method, path and body as JSON")
    if not all(isinstance(part, str) for part in (token, method, target)) or method not in _METHODS:
        return 400, _error("Not a request", "Write token, method, path and body as JSON")
    if not re.fullmatch(r"/v1/[!-~]{1,2000}", target) or not re.fullmatch(r"[!-~]{1,200}", token):
        return 400, _error("Not a request", "Paths begin with /v1/")
    if re.match(r"/v1/(uploads|jobs/[^/]*/(events|files|video|proxy|archive|shots)\b)", target):
        return 400, _error("This cannot be asked by files", "Read the files where the record says they are")
    return _ask(address, token, method, target, asked.get("body"))


def _ask(address: Address, token: str, method: str, target: str, body: Any) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(address.url + target, data, headers, method=method)  # noqa: S310  loopback
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_ANSWER_WITHIN) as answer:
            return answer.status, _document(answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, _document(refusal.read())
    except OSError as problem:
        return 503, _error(f"The bridge does not answer ({problem})")


def _document(text: bytes) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _error(what: str, hint: str = "") -> dict[str, Any]:
    return {"error": {"what": what, "where": "", "hint": hint, "setting": ""}}
