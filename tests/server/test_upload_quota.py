"""Room for uploads: all of them together are bounded, and some of the disk stays free."""

import asyncio
from collections import namedtuple

import pytest
from starlette.requests import Request

from emsync_bridge.server import uploads
from emsync_bridge.server.errors import RequestError

MB = 10**6


def sent(home, size, *, declared=True, name="film.mov"):
    """Hand over a file of a size in blocks of a megabyte."""
    blocks = [b"x" * MB] * (size // MB)

    async def receive():
        return {"type": "http.request", "body": blocks.pop(), "more_body": bool(blocks)}

    headers = [(b"content-length", str(size).encode())] if declared else []
    request = Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)
    return asyncio.run(uploads.keep(home, name, request))


def parts(home):
    return [path for path in home.inputs.rglob("*") if path.is_file()]


def test_uploads_together_are_bounded(home, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_KEPT", 5 * MB)
    sent(home, 2 * MB)
    sent(home, 2 * MB)
    with pytest.raises(RequestError, match="would take up more than") as refusal:
        sent(home, 2 * MB)
    assert refusal.value.status == 507
    assert refusal.value.hint
    sent(home, MB)
    assert sum(path.stat().st_size for path in parts(home)) == 5 * MB


def test_an_upload_that_does_not_say_its_size_is_stopped_on_the_way(home, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_KEPT", 5 * MB)
    monkeypatch.setattr(uploads, "_LOOK_EVERY", MB)
    with pytest.raises(RequestError, match="would take up more than"):
        sent(home, 20 * MB, declared=False)
    assert parts(home) == []


def test_some_of_the_disk_stays_free(home, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(uploads.shutil, "disk_usage", lambda _path: usage(0, 0, uploads.MIN_FREE + 3 * MB))
    sent(home, 2 * MB)
    with pytest.raises(RequestError, match="would be left on the disk"):
        sent(home, 4 * MB)
    assert len(parts(home)) == 1
