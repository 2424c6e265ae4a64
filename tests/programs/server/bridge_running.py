"""A real bridge in a folder of its own, asked over real sockets."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import opentimelineio as otio

COMMAND = [sys.executable, "-m", "emsync_bridge", "serve"]


def environment(home):
    return {**os.environ, "EMSYNC_BRIDGE_HOME": str(home), "OMP_NUM_THREADS": "1"}


class Running:
    """A bridge that answers.

    Arguments:
        home: Its folder.
        process: Its process.
    """

    def __init__(self, home, process):
        self.home, self.process = home, process
        self.told = json.loads((home / "bridge.json").read_text())
        self.url, self.token = self.told["url"], self.told["token"]
        self.bearer = {"Authorization": f"Bearer {self.token}"}
        self.http = httpx.Client(base_url=self.url, headers=self.bearer, timeout=60, trust_env=False)

    def start(self, **request):
        answer = self.http.post("/v1/jobs", json=request)
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    def record(self, job):
        return self.http.get(f"/v1/jobs/{job}").json()

    def until(self, job, *states, within=180.0):
        end = time.monotonic() + within
        while (record := self.record(job))["state"] not in states:
            assert time.monotonic() < end, record
            time.sleep(0.02)
        return record

    def done(self, **request):
        record = self.until(self.start(**request), "done", "failed", "cancelled")
        assert record["state"] == "done", record["error"]
        return record

    def working(self, job):
        """Wait until a job has told of its first step."""
        end = time.monotonic() + 180
        while not (record := self.record(job))["progress"]:
            assert record["state"] in ("queued", "running"), record
            assert time.monotonic() < end
            time.sleep(0.01)
        return record

    def events(self, job):
        with self.http.stream("GET", f"/v1/jobs/{job}/events") as stream:
            kind = ""
            for line in stream.iter_lines():
                if line.startswith("event: "):
                    kind = line[7:]
                elif line.startswith("data: "):
                    yield kind, json.loads(line[6:])

    def log(self):
        return (self.home / "bridge.log").read_text()


def begin(home, *options):
    """Start a bridge and wait until it answers."""
    process = subprocess.Popen(
        [*COMMAND, *options], env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    line = process.stdout.readline()
    assert line.startswith("http://127.0.0.1:"), process.communicate()[1]
    return Running(home, process)


def finish(running):
    """End a bridge the polite way, and see that nothing is left."""
    running.http.close()
    if running.process.poll() is None:
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(20)
    running.process.stdout.close()
    running.process.stderr.close()


@contextmanager
def bridge_in(home, *options):
    home.mkdir(exist_ok=True)
    running = begin(home, *options)
    try:
        yield running
    finally:
        finish(running)


def relatives(home):
    """Return the processes that belong to a bridge's folder, as far as the system tells (Linux)."""
    mark = f"EMSYNC_BRIDGE_HOME={home}".encode()
    found = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


def worker_of(running):
    """Return the number of the worker's process."""
    workers = [pid for pid, command in relatives(running.home).items() if "server.jobs.worker --warm" in command]
    assert len(workers) == 1, relatives(running.home)
    return workers[0]


def eventually(true, within=10.0):
    """Wait until something is true; return whether it came to be."""
    end = time.monotonic() + within
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def short_cut(folder, seconds=4, media=None, name="short"):
    """Write a timeline of a few shots of one second; return the file."""
    timeline = otio.schema.Timeline(name, global_start_time=otio.opentime.RationalTime(86400, 24))
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    for second in range(seconds):
        shown = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(24, 24))
        where = otio.schema.ExternalReference(str(media), shown) if media else otio.schema.MissingReference()
        track.append(otio.schema.Clip(f"shot {second}", where, shown))
    path = folder / f"{name}.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return path
