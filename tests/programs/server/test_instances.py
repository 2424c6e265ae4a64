"""One bridge for each user."""

import json
import os
import stat
import subprocess
import sys

import pytest
from bridge_running import COMMAND, begin, bridge_in, environment, finish

STALE = (
    '{"protocol": 1, "version": "0", "url": "http://127.0.0.1:9", "port": 9, "token": "x", "pid": 1, "exchange": "/"}'
)


def serve(home, *options):
    return subprocess.run(
        [*COMMAND, *options], env=environment(home), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    yield folder
    serve(folder, "--stop")


def test_the_file_that_tells_where_it_answers_is_the_user_s_alone(bridge):
    told = bridge.told
    assert set(told) == {"protocol", "version", "url", "port", "token", "pid", "exchange"}
    assert told["protocol"] == 1
    assert told["url"] == f"http://127.0.0.1:{told['port']}"
    assert told["pid"] == bridge.process.pid
    assert len(told["token"]) >= 32
    if os.name != "nt":
        assert stat.S_IMODE((bridge.home / "bridge.json").stat().st_mode) == 0o600
        for folder in (bridge.home, bridge.home / "exchange", bridge.home / "jobs", bridge.home / "inputs"):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_second_one_tells_the_address_of_the_first_and_ends(bridge):
    second = serve(bridge.home)
    assert second.returncode == 0
    assert second.stdout.strip() == bridge.url
    assert json.loads((bridge.home / "bridge.json").read_text()) == bridge.told


def test_of_two_that_start_at_once_one_wins(home):
    both = [
        subprocess.Popen(COMMAND, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for _ in range(2)
    ]
    urls = [process.stdout.readline().strip() for process in both]
    assert urls[0] == urls[1]
    assert urls[0] == json.loads((home / "bridge.json").read_text())["url"]
    assert serve(home, "--stop").returncode == 0
    assert [process.wait(20) for process in both] == [0, 0]
    for process in both:
        process.stdout.close()


def test_detached_it_outlives_the_command_that_started_it(home):
    started = serve(home, "--detach")
    assert started.returncode == 0, started.stderr
    assert "Open the page with: emsync serve --open" in started.stderr
    status = serve(home, "--status")
    assert json.loads(status.stdout)["url"] == started.stdout.strip()
    assert json.loads(status.stdout)["queued"] == 0
    assert serve(home, "--detach").stdout == started.stdout
    assert "has stopped" in serve(home, "--stop").stderr
    assert not (home / "bridge.json").exists()
    gone = serve(home, "--status")
    assert (gone.returncode, json.loads(gone.stdout)) == (1, None)
    assert "No bridge" in serve(home, "--stop").stderr


@pytest.mark.parametrize(
    "stale",
    [
        "",
        "{",
        "[1]",
        '{"protocol": 1}',
        STALE,
    ],
)
def test_a_stale_file_is_recognised(home, stale):
    (home / "bridge.json").write_text(stale)
    assert serve(home, "--status").returncode == 1
    if stale is STALE:
        with bridge_in(home) as running:
            assert running.http.get("/v1/status").json()["pid"] == running.process.pid


def test_a_new_one_starts_while_the_old_one_is_still_stopping(home):
    first = begin(home)
    first.http.post("/v1/stop")
    with bridge_in(home) as second:
        assert second.token != first.token
        assert second.http.get("/v1/status").status_code == 200
    finish(first)


def test_options_that_contradict_each_other_are_refused(home):
    assert serve(home, "--stop", "--detach").returncode == 2
    assert serve(home, "--idle", "0").returncode == 2


def test_commands_do_not_wait_for_the_server_s_libraries():
    look = "import sys, emsync_bridge.cli.serve, emsync_bridge.server.client\n"
    look += "print([name for name in ('fastapi', 'uvicorn', 'starlette', 'numpy', 'torch') if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.strip() == "[]"
