"""Requests and answers as files."""

import json
import os
import stat

import pytest
from bridge_running import eventually


def ask(bridge, name, request, *, text=None):
    folder = bridge.home / "exchange"
    draft, target, answer = folder / f"{name}.draft", folder / f"{name}.request.json", folder / f"{name}.answer.json"
    draft.write_text(json.dumps(request) if text is None else text, encoding="utf-8")
    draft.replace(target)
    assert eventually(answer.exists)
    assert eventually(lambda: not target.exists())
    if os.name != "nt":
        assert stat.S_IMODE(answer.stat().st_mode) == 0o600
    told = json.loads(answer.read_text(encoding="utf-8"))
    answer.unlink()
    return told["status"], told["body"]


def test_a_job_is_done_without_http(bridge, cut):
    token = {"token": bridge.token}
    status, status_document = ask(bridge, "a-1", {**token, "method": "GET", "path": "/v1/status"})
    assert (status, status_document["exchange"]) == (200, str(bridge.home / "exchange"))
    body = {"kind": "spot", "source": str(cut)}
    status, record = ask(bridge, "a-2", {**token, "method": "POST", "path": "/v1/jobs", "body": body})
    assert status == 202
    bridge.until(record["id"], "done")
    status, record = ask(bridge, "a-3", {**token, "method": "GET", "path": f"/v1/jobs/{record['id']}"})
    assert (status, record["state"], len(record["result"]["shots"])) == (200, "done", 4)
    path = f"/v1/jobs/{record['id']}"
    assert ask(bridge, "a-4", {**token, "method": "DELETE", "path": path}) == (204, None)
    assert (bridge.home / "exchange" / "exports").is_dir()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"token": "wrong"}, 401),
        ({"token": ""}, 400),
        ({"token": "a\r\nHost: evil"}, 400),
        ({"method": "PUT"}, 400),
        ({"method": "GET / HTTP/1.1\r\n"}, 400),
        ({"path": "/openapi.json"}, 400),
        ({"path": "/v1/status HTTP/1.1\r\nHost: evil"}, 400),
        ({"path": "@evil.example/"}, 400),
        ({"path": 7}, 400),
        ({"path": "/v1/nothing"}, 404),
        ({"path": "/v1/jobs/0123456789abcdef/events"}, 400),
        ({"path": "/v1/uploads?name=a.otio", "method": "POST"}, 400),
        ({"method": "POST", "path": "/v1/jobs", "body": {"kind": "dance"}}, 422),
    ],
)
def test_the_same_is_refused_as_over_http(bridge, change, status):
    request = {"token": bridge.token, "method": "GET", "path": "/v1/status", **change}
    told, body = ask(bridge, "b", request)
    assert told == status
    assert body["error"]["what"]


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "null", "[" * 100_000])
def test_what_is_no_request_is_answered_so(bridge, text):
    assert ask(bridge, "c", None, text=text)[0] == 400


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_and_other_names_are_left_alone(bridge, tmp_path):
    folder = bridge.home / "exchange"
    secret = tmp_path / "secret"
    secret.write_text("mine")
    (folder / "link.request.json").symlink_to(secret)
    (folder / "some thing.request.json").write_text("{}")
    assert ask(bridge, "d", {})[0] == 400
    assert (folder / "link.request.json").is_symlink()
    assert not (folder / "link.answer.json").exists()
    assert (folder / "some thing.request.json").exists()
