"""Jobs as they are after their workers have ended, and a bridge's answers without its process."""

import os
import time
from pathlib import Path

from fastapi.testclient import TestClient

from emsync_bridge.server.app import create_app
from emsync_bridge.server.bridge import Bridge
from emsync_bridge.server.cuts.identity import content_of
from emsync_bridge.server.paths import PROTOCOL, Address


def bridge_of(home):
    return Bridge(home, Address(PROTOCOL, "1", "http://127.0.0.1:1", 1, "token", 1, str(home.exchange)), 30)


def asking(bridge):
    return TestClient(create_app(bridge), raise_server_exceptions=False)


def ended(bridge, source, kind="score", state="done", files=(), **request):
    """Return a job as it is once its worker has ended."""
    asked = {"kind": kind, "source": str(source), **request}
    job = bridge.submit("page", asked, content_of(str(source)))
    job.state, job.ended = state, time.time()
    out = bridge.records.own_out(job)
    out.mkdir(parents=True)
    for name in files:
        (out / name).write_bytes(b"x" * 10)
        job.files[name.split(".")[-1]] = str(out / name)
    if kind == "score":
        job.files["cue"] = str(out / "cue.json")
        (out / "cue.json").write_text("{}")
    job.written = {path: [Path(path).stat().st_size, Path(path).stat().st_mtime_ns] for path in job.files.values()}
    return job


def upload(home, name, age=8 * 86400.0):
    path = home.inputs / os.urandom(8).hex() / name
    path.parent.mkdir()
    path.write_bytes(b"x")
    os.utime(path.parent, (time.time() - age,) * 2)
    return path
