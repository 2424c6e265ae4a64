"""Live playing as a job, beside other jobs."""

import socket

import pytest
from bridge_running import short_cut

FAST = {"emotion": {"mood": "joy"}, "music": {"style": "network"}, "render": {"engine": "midirenderer"}}


@pytest.fixture(scope="module")
def scored(bridge, tmp_path_factory):
    cut = short_cut(tmp_path_factory.mktemp("cut"), 12, name="longer")
    return bridge.done(kind="score", source=str(cut), **FAST)["id"]


@pytest.fixture
def receiver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(60)
        yield ear


def test_music_is_played_until_cancelled_while_other_jobs_are_done(bridge, scored, receiver, cut):
    job = bridge.start(kind="live", job=scored, osc=f"127.0.0.1:{receiver.getsockname()[1]}", **{"from": 1.0})
    heard = b"".join(receiver.recv(65536) for _ in range(5))
    assert b"/emsync/" in heard
    assert bridge.working(job)["progress"]["step"].startswith("Playing into ")
    assert bridge.done(kind="spot", source=str(cut))["state"] == "done"
    assert bridge.record(job)["state"] == "running"
    assert bridge.http.post(f"/v1/jobs/{job}/cancel").json()["state"] == "cancelled"
    receiver.settimeout(3)
    with pytest.raises(TimeoutError):
        [receiver.recv(65536) for _ in range(1000)]


@pytest.mark.parametrize(
    ("where", "status"),
    [({"dialect": "../../etc/passwd", "osc": "127.0.0.1:9"}, 422), ({"from": -1}, 422), ({"port": "x" * 2000}, 422)],
)
def test_orders_to_play_that_make_no_sense_are_refused(bridge, scored, where, status):
    assert bridge.http.post("/v1/jobs", json={"kind": "live", "job": scored, **where}).status_code == status


def test_an_address_that_is_none_fails_with_a_reason(bridge, scored):
    record = bridge.until(bridge.start(kind="live", job=scored, osc="127.0.0.1:99999"), "failed")
    assert record["error"]["what"]
    assert record["error"]["hint"]
