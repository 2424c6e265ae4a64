"""Delivery of the page."""

from pathlib import Path

import pytest

from emsync_bridge.server.routes import page

TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def files():
    return [path for path in sorted(page.PAGE.rglob("*")) if path.is_file()] if page.PAGE.exists() else []


def test_every_file_of_the_page_is_sent_as_what_it_is(bridge):
    sent = 0
    for path in files():
        if path.suffix not in TYPES:
            continue
        answer = bridge.http.get(f"/page/{path.relative_to(page.PAGE).as_posix()}")
        assert answer.status_code == 200
        assert answer.content == path.read_bytes()
        assert answer.headers["content-type"].startswith(TYPES[path.suffix])
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["x-content-type-options"] == "nosniff"
        again = bridge.http.get(answer.url.path, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
        assert again.content == b""
        sent += 1
    assert sent


def test_the_page_itself_is_at_the_root(bridge):
    index = page.PAGE / "index.html"
    if not index.exists():
        pytest.skip("the page is not there")
    assert bridge.http.get("/").content == index.read_bytes()


def test_nothing_beside_the_page_is_sent(bridge):
    own = Path(page.__file__).name
    for path in (f"/page/..%2f{own}", f"/page/%2e%2e/{own}", f"/page/../{own}", "/page", "/page/.", "/page/nothing.js"):
        assert bridge.http.get(path).status_code == 404, path
