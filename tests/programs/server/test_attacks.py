"""Requests as an attacker on this computer, or a page in its browser, would send them, over plain sockets."""

import json
import os
import re
import socket
import time

import httpx
import pytest
from bridge_running import bridge_in, eventually

LINE = "\r\n"


def raw(bridge, data, within=5.0):
    """Send bytes; return all that is answered until the bridge closes the connection or falls silent."""
    with socket.create_connection(("127.0.0.1", bridge.told["port"]), timeout=within) as wire:
        wire.sendall(data.encode("latin-1") if isinstance(data, str) else data)
        answer = b""
        try:
            while block := wire.recv(65536):
                answer += block
        except (TimeoutError, ConnectionError):
            pass
    return answer


def head(bridge, target="/v1/status", *headers, method="GET", version="HTTP/1.1", host=True):
    lines = [f"{method} {target} {version}", f"Authorization: Bearer {bridge.token}", "Connection: close", *headers]
    if host:
        lines.insert(1, f"Host: 127.0.0.1:{bridge.told['port']}")
    return LINE.join([*lines, "", ""])


def statuses(answer):
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def well(bridge):
    return bridge.http.get("/v1/status").status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "127.0.0.1", "127.0.0.1:80", "[::1]:{port}", "127.0.0.1.:{port}", "user@127.0.0.1:{port}"),
        *("localhost.:{port}", "127.0.0.1:{port}@evil.example", "127.1:{port}", "0.0.0.0:{port}", "2130706433:{port}"),
    ],
)
def test_names_that_lead_to_the_bridge_but_are_not_its_own_are_refused(bridge, host):
    answer = raw(bridge, head(bridge, "/v1/status", f"Host: {host.format(port=bridge.told['port'])}", host=False))
    assert statuses(answer) in ([403], [400])
    assert b"uptime" not in answer


def test_no_host_two_hosts_and_an_old_http_are_refused(bridge):
    own = f"Host: 127.0.0.1:{bridge.told['port']}"
    for request in (
        head(bridge, host=False),
        head(bridge, "/v1/status", own),
        head(bridge, "/v1/status", "Host: evil.example"),
        head(bridge, host=False, version="HTTP/1.0"),
    ):
        assert statuses(raw(bridge, request))[0] in (400, 403)


def test_a_whole_address_as_the_target_leads_nowhere(bridge):
    for target in ("http://evil.example/v1/status", "http://127.0.0.1/v1/status", "//evil.example/v1/status"):
        answer = raw(bridge, head(bridge, target))
        assert statuses(answer)[0] in (400, 403, 404)
        assert b"uptime" not in answer


@pytest.mark.parametrize(
    "framing",
    [
        ("Content-Length: 6", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 6"),
        ("Content-Length: 6", "Content-Length: 60"),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding : chunked",),
        ("Content-Length: +6",),
    ],
)
def test_no_second_request_is_smuggled_in_a_body(bridge, framing):
    body = f"0{LINE}{LINE}" + head(bridge, "/v1/stop", method="POST")
    request = head(bridge, "/v1/log", *framing, method="POST").replace("Connection: close" + LINE, "")
    answer = raw(bridge, request + body, within=1.0)
    assert 204 not in statuses(answer)
    assert len(statuses(answer)) <= 1
    assert well(bridge)
    assert not eventually(lambda: bridge.process.poll() is not None, 0.3)


def test_a_connection_is_not_changed_into_a_web_socket(bridge):
    asked = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")
    answer = raw(bridge, head(bridge, "/v1/status", *asked, "Sec-WebSocket-Version: 13"), within=1.0)
    assert 101 not in statuses(answer)
    assert well(bridge)


@pytest.mark.parametrize("declared", ["1000000000000", "99999999999999999999999999"])
def test_a_size_that_is_only_declared_reserves_nothing(bridge, declared):
    before = sorted((bridge.home / "inputs").iterdir())
    for target in ("/v1/uploads?name=a.mov", "/v1/jobs"):
        asked = head(bridge, target, f"Content-Length: {declared}", "Content-Type: application/json", method="POST")
        answer = raw(bridge, asked, within=0.5)
        assert all(status >= 400 for status in statuses(answer))
    assert eventually(lambda: sorted((bridge.home / "inputs").iterdir()) == before)
    assert well(bridge)


@pytest.mark.parametrize(
    "body", [b'{"source": NaN}', b'{"kind": "\\ud800"}', b"kind=spot", b"\x00" * 100, b'{"kind": 1e999}']
)
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_bodies_that_are_no_requests_are_refused(bridge, body, kind):
    answer = bridge.http.post("/v1/jobs", content=body, headers={"Content-Type": kind} if kind else {})
    assert answer.status_code in (400, 415, 422)
    assert answer.json()["error"]["what"]


def test_a_deep_document_is_refused(bridge):
    deep = b'{"kind": "spot", "source": "/a", "client": ' + b"[" * 10**6 + b"]" * 10**6 + b"}"
    answer = bridge.http.post("/v1/jobs", content=deep, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert well(bridge)


@pytest.fixture(scope="module")
def scored(bridge, cut):
    return bridge.done(kind="score", source=str(cut), music={"style": "network"})


@pytest.mark.parametrize(
    "ranges",
    [
        *("bytes=9-1", "bytes=-0", "bytes=0-99999999999999999999", "bytes=" + ",".join(["0-0"] * 2000), "lines=1-2"),
        *("bytes=", "bytes=a-b", "bytes=-99999999999999999999", "bytes=0-0,-1,5-3"),
    ],
)
def test_ranges_do_not_make_more_of_a_file(bridge, scored, ranges):
    answer = bridge.http.get(f"/v1/jobs/{scored['id']}/files/midi", headers={"Range": ranges})
    assert answer.status_code in (200, 206, 400, 416)
    assert len(answer.content) <= scored["sizes"]["midi"] + 2000


@pytest.mark.parametrize(
    "way",
    [
        "..",
        "../..",
        "%2e%2e",
        "..%2f..%2fbridge.json",
        "....//",
        "%00",
        "..%5c..",
        "%c0%ae%c0%ae",
        "/etc/passwd",
        "-1",
        "~",
    ],
)
def test_no_part_of_an_address_leads_out_of_a_job(bridge, scored, way):
    job = f"/v1/jobs/{scored['id']}"
    for target in (
        f"{job}/files/{way}",
        f"{job}/shots/{way}/media",
        f"{job}/takes/{way}",
        f"/v1/jobs/{way}/archive",
        f"/v1/jobs/{way}/proxy",
        f"/v1/cuts/{way}/notes",
        f"/v1/cuts/{way}/jobs",
        f"/v1/editors/{way}/orders/1",
    ):
        answer = raw(bridge, head(bridge, target))
        assert statuses(answer)[0] in (400, 404, 405, 422), (target, answer[:300])
        assert b"root:" not in answer
        assert bridge.token.encode() not in answer


def test_a_file_s_name_cannot_write_headers(bridge, tmp_path, cut):
    folder = tmp_path / 'a"\r\nSet-Cookie: x=y\r\n\r\n<script>'
    folder.mkdir()
    source = folder / 'cut"\r\nX-Injected: yes.otio'
    source.write_bytes(cut.read_bytes())
    record = bridge.done(kind="score", source=str(source), music={"style": "network"})
    for kind in record["files"]:
        answer = bridge.http.get(f"/v1/jobs/{record['id']}/files/{kind}")
        assert answer.status_code == 200
        assert "x-injected" not in answer.headers
        assert "set-cookie" not in answer.headers
    assert not any(line.startswith(("Set-Cookie", "X-Injected")) for line in bridge.log().splitlines())


def test_what_is_no_timeline_is_not_quoted(bridge, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret of forty-two characters, not quoted")
    secret.chmod(0o600)
    pipe = tmp_path / "pipe.otio"
    os.mkfifo(pipe)
    for source in (secret, "/proc/self/environ", "/etc/shadow", tmp_path):
        job = bridge.start(kind="spot", source=str(source))
        said = json.dumps(bridge.until(job, "failed", within=20))
        assert "forty-two" not in said
        assert "root:" not in said
        assert "EMSYNC_BRIDGE_HOME" not in said
    for source in (pipe, "/dev/zero", "/dev/stdin"):
        assert bridge.http.post("/v1/jobs", json={"kind": "spot", "source": str(source)}).status_code == 422


@pytest.mark.parametrize(
    "media",
    [
        *(
            "http://127.0.0.1:{port}/v1/stop",
            "//127.0.0.1/share/a.mov",
            "\\\\127.0.0.1\\share\\a.mov",
            "concat:/etc/passwd",
        ),
        *("file://127.0.0.1/etc/passwd", "rtsp://127.0.0.1:{port}/", "data:text/plain,x", "/etc/passwd", "pipe:0"),
    ],
)
def test_media_that_a_foreign_timeline_names_are_not_asked_for_on_the_network(bridge, tmp_path, media):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(5)
        listener.settimeout(0.2)
        cut = json.loads(CUT.replace("MEDIA", json.dumps(media.format(port=listener.getsockname()[1]))))
        path = tmp_path / "foreign.otio"
        path.write_text(json.dumps(cut))
        job = bridge.start(kind="feel", source=str(path))
        bridge.until(job, "done", "failed")
        answer = bridge.http.get(f"/v1/jobs/{job}/shots/0/media")
        assert answer.status_code == 404
        assert b"root:" not in answer.content
        with pytest.raises(TimeoutError):
            listener.accept()


CUT = """{"OTIO_SCHEMA": "Timeline.1", "name": "foreign", "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [
 {"OTIO_SCHEMA": "Track.1", "kind": "Video", "name": "V1", "children": [{"OTIO_SCHEMA": "Clip.1", "name": "shot",
  "media_reference": {"OTIO_SCHEMA": "ExternalReference.1", "target_url": MEDIA},
  "source_range": {"OTIO_SCHEMA": "TimeRange.1",
   "start_time": {"OTIO_SCHEMA": "RationalTime.1", "rate": 24, "value": 0},
   "duration": {"OTIO_SCHEMA": "RationalTime.1", "rate": 24, "value": 96}}}]}]}}"""


def test_the_queue_is_bounded_and_the_bridge_still_answers(bridge, long_cut, cut):
    running = bridge.start(kind="score", source=str(long_cut))
    asked = {"kind": "spot", "source": str(cut)}
    answers = [bridge.http.post("/v1/jobs", json=asked) for _ in range(215)]
    assert {answer.status_code for answer in answers} == {202, 409}
    refused = [answer for answer in answers if answer.status_code == 409]
    assert len(refused) < 20
    assert refused[0].json()["error"]["hint"]
    assert well(bridge)
    for answer in answers:
        if answer.status_code == 202:
            bridge.http.post(f"/v1/jobs/{answer.json()['id']}/cancel")
    bridge.http.post(f"/v1/jobs/{running}/cancel")
    assert eventually(lambda: bridge.http.get("/v1/status").json()["queued"] == 0)


def test_the_token_of_a_bridge_is_worth_nothing_to_the_next(tmp_path):
    home = tmp_path / "home"
    with bridge_in(home) as first:
        token, url = first.token, first.http.post("/v1/tickets").json()["url"]
    with bridge_in(home) as second:
        assert second.token != token
        bearer = {"Authorization": f"Bearer {token}"}
        assert httpx.get(f"{second.url}/v1/status", headers=bearer, trust_env=False).status_code == 401
        later = url.replace(first.url, second.url)
        assert httpx.get(later, trust_env=False).status_code == 401


def test_nothing_of_the_bridge_is_for_other_users(bridge):
    for path in (
        bridge.home,
        *(bridge.home / name for name in ("jobs", "inputs", "notes", "proxies", "drafts", "exchange", "scratch")),
    ):
        assert path.stat().st_mode & 0o077 == 0, path
    assert (bridge.home / "bridge.json").stat().st_mode & 0o077 == 0


def test_an_address_that_does_not_end_is_refused(bridge):
    began = time.monotonic()
    answer = raw(bridge, "GET /" + "a" * 200_000, within=3)
    assert statuses(answer) in ([400], [431], [])
    assert time.monotonic() - began < 12
    assert well(bridge)
