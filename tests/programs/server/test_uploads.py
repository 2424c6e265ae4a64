"""Files handed over instead of paths."""

import socket
from pathlib import Path

import pytest
from bridge_running import short_cut
from places import STORM_MEDIA

from emsync_bridge.server import uploads


def send(bridge, name, data=b"{}", **options):
    return bridge.http.post("/v1/uploads", params={"name": name}, content=data, **options)


def test_an_upload_becomes_a_source(bridge, cut):
    answer = send(bridge, "Schnitt ü.otio", cut.read_bytes())
    path = Path(answer.json()["path"])
    assert path.name == "Schnitt ü.otio"
    assert path.read_bytes() == cut.read_bytes()
    assert len(bridge.done(kind="spot", source=str(path))["result"]["shots"]) == 4


def test_signs_that_windows_forbids_are_replaced_and_the_media_are_found_all_the_same(bridge, tmp_path):
    movie = sorted(STORM_MEDIA.glob("*.mp4"))[0]
    first = send(bridge, 'C:Scene 12: "night"?.otio', short_cut(tmp_path, 2, "media/a: b?.mp4").read_bytes()).json()
    assert Path(first["path"]).name == "C_Scene 12_ _night__.otio"
    asked = {"name": "media/a: b?.mp4", "beside": first["id"]}
    beside = bridge.http.post("/v1/uploads", params=asked, content=movie.read_bytes()).json()
    assert Path(beside["path"]).name == "a_ b_.mp4"
    felt = bridge.done(kind="feel", source=first["path"], emotion={"mood": "joy"})
    assert felt["result"]["missing"] == []


@pytest.mark.parametrize(
    "name", ["%2e%2e%2f.otio", "a\u202eotio.xml", "$(id).otio", "-rf.otio", "`id`;&.otio", "~.otio"]
)
def test_names_that_mean_something_to_others_are_names_here(bridge, name):
    path = Path(send(bridge, name).json()["path"])
    assert path.name == name
    assert path.parent.parent == bridge.home / "inputs"


@pytest.mark.parametrize("name", ["a.braw", "A001.R3D", "still.png", "scan.exr"])
def test_camera_files_and_stills_are_refused_with_what_to_do(bridge, name):
    error = send(bridge, name).json()["error"]
    assert error["where"] == name
    assert "ProRes" in error["hint"]


@pytest.mark.parametrize(
    "name",
    [
        *("", "..", "../a.otio", "a/b.otio", "a\\b.otio", "/etc/a.otio", ".otio", ".hidden.otio"),
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
        head += f"Authorization: Bearer {bridge.token}\r\nContent-Length: {uploads.MAX_TIMELINE + 1}\r\n\r\n"
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
    assert uploads.upload_limit("a.mov") == uploads.MAX_MEDIA > uploads.upload_limit("a.otio") == uploads.MAX_TIMELINE


def test_media_go_beside_their_timeline(bridge, tmp_path):
    movie = sorted(STORM_MEDIA.glob("*.mp4"))[0]
    first = send(bridge, "cut.otio", short_cut(tmp_path, 2, "media/a.mp4").read_bytes()).json()
    beside = bridge.http.post(
        "/v1/uploads", params={"name": "media/a.mp4", "beside": first["id"]}, content=movie.read_bytes()
    ).json()
    assert Path(beside["path"]) == Path(first["path"]).parent / "media" / "a.mp4"
    assert beside["id"] == first["id"]
    felt = bridge.done(kind="feel", source=first["path"], emotion={"mood": "joy"})
    assert (felt["result"]["media"], felt["result"]["video"], felt["result"]["missing"]) == ([True, True], False, [])
    url = f"/v1/jobs/{felt['id']}/shots/1/media"
    part = bridge.http.get(url, headers={"Range": "bytes=0-99"})
    assert (part.status_code, part.content) == (206, movie.read_bytes()[:100])
    assert bridge.http.get(f"/v1/jobs/{felt['id']}/shots/2/media").status_code == 404
    wide = bridge.http.get(f"/v1/jobs/{felt['id']}/shots/0/thumbnail", params={"width": 480})
    assert wide.content != bridge.http.get(f"/v1/jobs/{felt['id']}/shots/0/thumbnail").content
    assert bridge.http.get(f"/v1/jobs/{felt['id']}/shots/0/thumbnail", params={"width": 10**6}).status_code == 422


@pytest.mark.parametrize(
    ("name", "status"),
    [("a.mov", 200), ("a.otio", 409), ("../a.mov", 422), ("a/b/c.mov", 422), ("/a.mov", 422), (".a/b.mov", 422)],
)
def test_beside_an_upload_is_nowhere_else(bridge, name, status):
    first = send(bridge, "a.otio").json()
    before = sorted(bridge.home.rglob("*"))
    answer = bridge.http.post("/v1/uploads", params={"name": name, "beside": first["id"]}, content=b"x")
    assert answer.status_code == status
    new = [path.name for path in sorted(bridge.home.rglob("*")) if path not in before]
    assert new == (["a.mov"] if status == 200 else [])
    for beside in ("..", "0" * 16, "", "../jobs"):
        assert (
            bridge.http.post("/v1/uploads", params={"name": "b.mov", "beside": beside}, content=b"x").status_code == 404
        )


def test_media_that_a_timeline_names_are_sent_only_if_they_are_pictures(bridge, tmp_path):
    secret = tmp_path / "secret.mov"
    secret.write_text("no movie at all")
    job = bridge.done(kind="spot", source=str(short_cut(tmp_path, 1, secret)))["id"]
    assert bridge.http.get(f"/v1/jobs/{job}/shots/0/media").status_code == 404
