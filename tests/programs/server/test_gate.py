"""Access to the bridge: requests that are let in, and those refused with a reason."""

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
    ],
)
@pytest.mark.parametrize(
    "path", ["/v1/status", "/v1/jobs", "/openapi.json", "/nowhere", "/v1/jobs/a/video?pass=nonsense"]
)
def test_without_the_token_nothing_is_told(stranger, header, path):
    assert refused(stranger.get(path, headers=header), 401)["where"] == "Authorization"


def test_the_token_in_an_address_lets_nobody_in(bridge, stranger):
    for name in ("token", "pass", "ticket", "access_token", "Authorization"):
        refused(stranger.get("/v1/status", params={name: bridge.token}), 401)


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


def let_in(bridge, client):
    """Open the page; return the secret and the pass of the tab."""
    entered = client.get(bridge.http.post("/v1/tickets").json()["url"])
    assert entered.status_code == 200
    return re.search('name="secret" content="([^"]+)".*name="pass" content="([^"]+)"', entered.text).groups()


def test_a_ticket_opens_one_tab_which_stays_in_by_a_secret_of_its_own(bridge, stranger):
    url = bridge.http.post("/v1/tickets").json()["url"]
    assert bridge.token not in url
    entered = stranger.get(url)
    assert entered.status_code == 200
    assert bridge.token not in entered.text
    assert entered.headers["cache-control"] == "no-store"
    assert refused(stranger.get(url), 401)["where"] == "ticket"
    secret, _ = let_in(bridge, stranger)
    other, _ = let_in(bridge, stranger)
    assert secret != other
    for each in (secret, other):
        assert stranger.get("/v1/status", headers={"Authorization": f"Bearer {each}"}).status_code == 200


def test_the_token_itself_opens_no_page(bridge, stranger):
    for name in ("token", "ticket"):
        refused(stranger.get("/open", params={name: bridge.token}), 401)
    refused(stranger.get("/open"), 401)


def test_no_answer_sets_a_cookie_and_none_lets_in(bridge, stranger):
    secret, media_pass = let_in(bridge, stranger)
    assert not stranger.cookies
    for value in (secret, media_pass, bridge.token):
        for name in ("emsync", "secret", "Authorization"):
            refused(stranger.get("/v1/status", headers={"Cookie": f"{name}={value}", "Origin": bridge.url}), 401)


def test_a_pass_for_media_opens_nothing_else(bridge, stranger, cut):
    _, media_pass = let_in(bridge, stranger)
    job = bridge.done(kind="spot", source=str(cut))["id"]
    mine = {"pass": media_pass}
    for kind in ("video", "proxy", "archive", "files/audio", "shots/0/thumbnail", "shots/0/media"):
        address = f"/v1/jobs/{job}/{kind}"
        assert refused(stranger.get(address, params=mine), 404)["what"]  # let in, though this job has none
        refused(stranger.get(address), 401)
        refused(stranger.post(address, params=mine), 401)
    for address in (
        "/v1/status",
        f"/v1/jobs/{job}",
        f"/v1/jobs/{job}/events",
        f"/v1/jobs/{job}/takes/0",
        "/openapi.json",
    ):
        refused(stranger.get(address, params=mine), 401)
        refused(stranger.get(address, headers={"Authorization": f"Bearer {media_pass}"}), 401)
    refused(stranger.request("DELETE", f"/v1/jobs/{job}", params=mine), 401)


def test_the_page_s_own_files_are_the_same_for_everybody(bridge, stranger):
    page = stranger.get("/", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.status_code == 200
    assert page.content == bridge.http.get("/").content
    assert refused(stranger.get("/", headers={"Sec-Fetch-Site": "cross-site"}), 403)["where"] == "Sec-Fetch-Site"


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
    secrets = let_in(bridge, stranger)
    bridge.http.post("/v1/log", json={"source": "script\nforged line", "message": f"my token is {bridge.token}"})
    log = bridge.log()
    assert "refused 'GET' '/v1/status': The token is missing or wrong" in log
    assert "my token is [secret]" in log
    assert bridge.token not in log
    assert not re.search("^forged line", log, re.MULTILINE)
    assert not any(secret in log for secret in secrets)


def test_the_openapi_document_is_valid_and_names_every_request(bridge):
    document = bridge.http.get("/openapi.json").json()
    validate(document)
    routes = {(method, path) for path, item in document["paths"].items() for method in item}
    assert ("post", "/v1/jobs") in routes
    assert ("get", "/v1/jobs/{name}/events") in routes
    assert len(routes) >= 20
    assert "Redo" in json.dumps(document["paths"]["/v1/jobs"])


def test_the_logs_are_for_their_user_alone(bridge, cut):
    bridge.done(kind="spot", source=str(cut))
    bridge.http.post("/v1/log", json={"source": "page", "message": "x" * 20_000})
    logs = sorted(path.name for path in bridge.home.glob("*.log*"))
    assert {"bridge.log", "worker.log"} <= set(logs)
    for name in logs:
        assert (bridge.home / name).stat().st_mode & 0o777 == 0o600, name


def test_no_file_but_a_picture_is_sent_as_the_picture(bridge, cut, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("not for others")
    for picture in (secret, bridge.home / "bridge.json", "/etc/passwd", "/dev/zero", tmp_path):
        job = bridge.start(kind="feel", source=str(cut), emotion={"picture": str(picture)})
        bridge.until(job, "done", "failed")
        video = f"/v1/jobs/{job}/video"
        proxy = f"/v1/jobs/{job}/proxy"
        for answer in (bridge.http.get(video), bridge.http.get(proxy), bridge.http.post(proxy)):
            refused(answer, 404)
            assert "not for others" not in answer.text
    assert not list((bridge.home / "proxies").iterdir())


@pytest.mark.parametrize("way", ["..", "../..", "../../jobs", "cut/../.."])
def test_removing_a_job_removes_nothing_outside_of_the_exports(bridge, way):
    kept = bridge.home / "exchange" / "kept.json"
    kept.write_text("{}")
    exports = bridge.home / "exchange" / "exports"
    (exports / "cut").mkdir(exist_ok=True)
    (exports / "other.otio").write_text("{}")
    job = bridge.start(kind="spot", source=f"{exports}/{way}")
    bridge.until(job, "failed")
    assert bridge.http.delete(f"/v1/jobs/{job}").status_code == 204
    assert kept.exists()
    assert (exports / "other.otio").exists()
    assert (bridge.home / "bridge.json").exists()


def test_a_link_among_the_exports_is_not_followed(bridge, tmp_path):
    film = tmp_path / "film"
    film.mkdir()
    (film / "cut.otio").write_text("{}")
    link = bridge.home / "exchange" / "exports" / "linked"
    link.symlink_to(film)
    job = bridge.start(kind="spot", source=str(link / "cut.otio"))
    bridge.until(job, "failed")
    assert bridge.http.delete(f"/v1/jobs/{job}").status_code == 204
    assert (film / "cut.otio").exists()
