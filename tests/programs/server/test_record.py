"""The record of a job that ends at the very moment when somebody asks for it."""

from fastapi import FastAPI
from starlette.testclient import TestClient

from emsync_bridge.server.bridge import Bridge
from emsync_bridge.server.jobs.store import keep_outcome
from emsync_bridge.server.paths import Address, Home
from emsync_bridge.server.routes.jobs import router

RESULT = {"hits": []}


class Ending(Bridge):
    """A bridge whose job ends just after its result was looked for."""

    def result(self, job):
        found = super().result(job)
        job.state = "done"
        return found


def test_a_job_that_is_done_always_has_its_result(tmp_path):
    home = Home(tmp_path, tmp_path / "bridge.log")
    home.jobs.mkdir()
    bridge = Ending(home, Address(1, "0", "http://127.0.0.1:1", 1, "secret", 1, str(home.exchange)), 30)
    job = bridge.records.new("spot", "page", {})
    bridge.jobs[job.id] = job
    keep_outcome(bridge.records.folder(job), {"result": RESULT})
    app = FastAPI()
    app.include_router(router(bridge))
    with TestClient(app) as client:
        for state, result in (("running", None), ("done", RESULT)):
            job.state = state
            record = client.get(f"/v1/jobs/{job.id}").json()
            assert (record["state"], record["result"]) == (state, result)
