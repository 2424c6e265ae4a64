"""Files handed over instead of paths."""

import socket
from pathlib import Path

import pytest

from emsync_bridge.server import uploads


def send(bridge, name, data=b"{}", **options):
    return bridge.http.post("/v1/uploads", params={"name": name}, content=data, **options)


def test_an_upload_becomes_a_source(bridge, cut):
    answer = send(bridge, "Schnitt ü.otio", cut.read_bytes())
    path = Path(answer.json()["path"])
    assert path.name == "Schnitt ü.otio"
    assert path.read_bytes() == cut.read_bytes()
    assert len(bridge.done(kind="spot", source=str(path))["result"]["shots"]) == 4


@pytest.mark.parametrize(
    "name",
    [
        *("", "..", "../a.otio", "a/b.otio", "a\\b.otio", "/etc/a.otio", "C:a.otio", ".otio", ".hidden.otio"),
        *(
            "a.otio ",
            "a.otio.",
            "nul.otio",
            "a\0.otio",
            "a\n.otio",
            "x" * 250 + ".otio",
            "a.exe",
            "a.html",
            "a.js",
            "a",
        ),
    ],
)
def test_names_that_are_no_plain_names_are_refused(bridge, name):
    before = sorted(bridge.home.rglob("*"))
    answer = send(bridge, name)
    assert answer.status_code == 422
    assert answer.json()["error"]["what"]
    assert sorted(bridge.home.rglob("*")) == before


def test_an_empty_file_and_no_name_are_refused(bridge):
    assert send(bridge, "a.otio", b"").status_code == 422
    assert bridge.http.post("/v1/uploads", content=b"{}").status_code == 422
    assert not any((bridge.home / "inputs").glob("*/a.otio"))


def test_a_timeline_that_is_too_large_is_refused_at_once_or_on_the_way(bridge):
    before = sorted((bridge.home / "inputs").iterdir())
    with socket.create_connection(("127.0.0.1", bridge.told["port"]), timeout=10) as wire:
        head = f"POST /v1/uploads?name=a.otio HTTP/1.1\r\nHost: 127.0.0.1:{bridge.told['port']}\r\n"
        head += f"Authorization: Bearer {bridge.token}\r\nContent-Length: {uploads.LARGEST_TIMELINE + 1}\r\n\r\n"
        wire.sendall(head.encode())
        assert wire.recv(100).startswith(b"HTTP/1.1 413")
    unsaid = send(bridge, "a.otio", (b" " * uploads.MB for _ in range(65)))
    assert unsaid.status_code == 413
    assert sorted((bridge.home / "inputs").iterdir()) == before


def test_an_upload_that_breaks_off_leaves_nothing(bridge):
    def broken():
        yield b"{"
        raise RuntimeError("the editor has crashed")

    before = sorted((bridge.home / "inputs").iterdir())
    with pytest.raises(RuntimeError):
        send(bridge, "broken.otio", broken())
    assert bridge.http.get("/v1/status").status_code == 200
    assert sorted((bridge.home / "inputs").iterdir()) == before


def test_media_may_be_larger_than_timelines():
    assert uploads.largest("a.mov") == uploads.LARGEST_MEDIA > uploads.largest("a.otio") == uploads.LARGEST_TIMELINE
