"""Who is let in, and who is refused with a reason."""

import json
import re
import socket

import httpx
import pytest
from openapi_spec_validator import validate


def refused(answer, status):
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert set(error) == {"what", "where", "hint", "setting"}
    assert error["what"]
    return error


@pytest.fixture
def stranger(bridge):
    with httpx.Client(base_url=bridge.url, trust_env=False) as client:
        yield client


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic nonsense"},
        {"Cookie": "emsync=nonsense"},
        {"Cookie": 'emsync="; a=[]'},
    ],
)
@pytest.mark.parametrize("path", ["/", "/v1/status", "/v1/jobs", "/openapi.json", "/page/index.html", "/nowhere"])
def test_without_the_token_nothing_is_told(stranger, header, path):
    assert refused(stranger.get(path, headers=header), 401)["where"] == "Authorization"


def test_part_of_the_token_is_not_the_token(bridge, stranger):
    for wrong in (bridge.token[:-1], bridge.token + "x", bridge.token.swapcase(), bridge.token.encode("utf-16").hex()):
        refused(stranger.get("/v1/status", headers={"Authorization": f"Bearer {wrong}"}), 401)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", ""])
def test_a_foreign_host_is_refused_even_with_the_token(bridge, stranger, host):
    headers = {**bridge.bearer, "Host": host.format(port=bridge.told["port"])}
    assert refused(stranger.get("/v1/status", headers=headers), 403)["where"] == "Host"


def test_localhost_by_name_is_the_bridge_too(bridge, stranger):
    headers = {**bridge.bearer, "Host": f"localhost:{bridge.told['port']}"}
    assert stranger.get("/v1/status", headers=headers).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1"])
def test_a_foreign_origin_is_refused_even_with_the_token(bridge, stranger, origin):
    headers = {**bridge.bearer, "Origin": origin.format(port=bridge.told["port"])}
    assert refused(stranger.post("/v1/stop", headers=headers), 403)["where"] == "Origin"


def test_another_site_s_page_is_refused(bridge):
    headers = {"Sec-Fetch-Site": "same-site"}
    assert refused(bridge.http.get("/v1/status", headers=headers), 403)["where"] == "Sec-Fetch-Site"


def test_the_bridge_listens_on_loopback_only(bridge):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing; tells which address would be used
        own = probe.getsockname()[0]
    if own.startswith("127."):
        pytest.skip("this machine has no other address")
    with pytest.raises(ConnectionRefusedError), socket.create_connection((own, bridge.told["port"]), timeout=2):
        pass


def test_a_browser_gets_in_by_the_token_and_stays_in_by_a_cookie(bridge, stranger):
    refused(stranger.get("/open", params={"token": "wrong"}), 401)
    entered = stranger.get("/open", params={"token": bridge.token})
    assert entered.status_code == 200
    assert 'http-equiv="refresh" content="0;url=/"' in entered.text
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert bridge.token not in cookie
    assert stranger.get("/v1/status").status_code == 200
    assert refused(stranger.post("/v1/log", json={"source": "a", "message": "b"}), 403)["where"] == "Origin"
    own = {"Origin": bridge.url}
    assert stranger.post("/v1/log", json={"source": "a", "message": "b"}, headers=own).status_code == 204


def test_who_types_the_page_s_address_is_told_how_to_get_in(stranger):
    answer = stranger.get("/", headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == 401
    assert "emsync serve --open" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


def test_a_ticket_lets_a_browser_in_once(bridge, stranger):
    url = bridge.http.post("/v1/tickets").json()["url"]
    assert bridge.token not in url
    assert stranger.get(url).status_code == 200
    assert stranger.get("/v1/status").status_code == 200
    refused(httpx.get(url, trust_env=False), 401)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"[]", 422),
        (b'"\xff"', 400),
        (b"[" * 100_000, 400),
        (b'{"kind": "dance"}', 422),
        (b'{"kind": "spot"}', 422),
        (b'{"kind": "spot", "source": "relative.otio"}', 422),
        (b'{"kind": "spot", "source": "/tmp/\\u0000"}', 422),
        (b'{"kind": "spot", "source": "/' + b"x" * 5000 + b'"}', 422),
        (b'{"kind": "spot", "source": "/nowhere/a.otio"}', 422),
        (b'{"kind": "spot", "source": "/dev/zero"}', 422),
        (b'{"kind": "spot", "source": "/", "read": {"minGap": 3}}', 422),
        (b'{"kind": "spot", "source": "/", "read": {"min_gap": NaN}}', 422),
        (b'{"kind": "spot", "source": "/", "read": {"min_gap": -1}}', 422),
        (b'{"kind": "spot", "source": "/", "read": {"rate": "1e9999999"}}', 422),
        (b'{"kind": "spot", "source": "/", "read": {"rate": "24/0"}}', 422),
        (b'{"kind": "score", "source": "/", "seed": 1e99}', 422),
        (b'{"kind": "score", "source": "/", "takes": 1000}', 422),
        (b'{"kind": "score", "source": "/", "music": {"ensemble": ["kazoo"]}}', 422),
        (b'{"kind": "score", "source": "/", "curve": {"spans": []}}', 422),
        (b'{"kind": "redo", "job": "../../../../etc", "start": 0, "end": 1, "seed": 1}', 422),
        (b'{"kind": "take", "job": "0123456789abcdef", "take": 0}', 404),
    ],
)
def test_malformed_requests_are_refused_with_a_reason(bridge, body, status):
    answer = bridge.http.post("/v1/jobs", content=body, headers={"Content-Type": "application/json"})
    refused(answer, status)
    assert bridge.http.get("/v1/status").json()["queued"] == 0


@pytest.mark.parametrize(
    "path",
    [
        "/v1/jobs/..%2f..%2fbridge.json",
        "/v1/jobs/0123456789abcdef/files/audio",
        "/page/..%2f..%2fbridge.py",
        "/page/%2e%2e/%2e%2e/bridge.py",
        "/page//etc/passwd",
        "/page/",
        "/page/vendor",
        "/page/%00.js",
    ],
)
def test_paths_that_lead_elsewhere_lead_nowhere(bridge, path):
    refused(bridge.http.get(path), 404)


def test_over_long_addresses_and_bodies_are_refused(bridge):
    refused(bridge.http.get("/v1/jobs/" + "a" * 5000), 400)
    large = b'{"kind": "spot", "source": "' + b" " * (17 << 20)
    refused(bridge.http.post("/v1/jobs", content=large, headers={"Content-Type": "application/json"}), 413)
    blocks = (b" " * (1 << 20) for _ in range(40))  # sent in chunks, without saying how much will come
    refused(bridge.http.post("/v1/jobs", content=blocks, headers={"Content-Type": "application/json"}), 413)


def test_what_is_no_http_does_no_harm(bridge):
    with socket.create_connection(("127.0.0.1", bridge.told["port"]), timeout=5) as wire:
        wire.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01" + b"\xff" * 500 + b"\r\n\r\n")
        assert wire.recv(100).startswith(b"HTTP/1.1 400")
    assert bridge.http.get("/v1/status").status_code == 200


def test_answers_forbid_what_a_page_does_not_need(bridge):
    headers = bridge.http.get("/v1/status").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


def test_the_log_tells_of_refusals_and_holds_no_secret(bridge, stranger):
    stranger.get("/v1/status?token=" + bridge.token)
    stranger.get("/open", params={"token": bridge.token})
    bridge.http.post("/v1/log", json={"source": "script\nforged line", "message": f"my token is {bridge.token}"})
    log = bridge.log()
    assert "refused 'GET' '/v1/status': The token is missing or wrong" in log
    assert "my token is [secret]" in log
    assert bridge.token not in log
    assert not re.search("^forged line", log, re.MULTILINE)
    assert stranger.cookies["emsync"] not in log


def test_the_openapi_document_is_valid_and_names_every_request(bridge):
    document = bridge.http.get("/openapi.json").json()
    validate(document)
    routes = {(method, path) for path, item in document["paths"].items() for method in item}
    assert ("post", "/v1/jobs") in routes
    assert ("get", "/v1/jobs/{name}/events") in routes
    assert len(routes) >= 20
    assert "Redo" in json.dumps(document["paths"]["/v1/jobs"])
