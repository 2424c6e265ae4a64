"""Batches on the start page: their progress, what has failed and what to do about it."""

import httpx
from page_driving import PATIENCE

from emsync_bridge.batch.execution import JobResult
from emsync_bridge.batch.progress import RunProgress
from emsync_bridge.server.client import ask
from emsync_bridge.server.paths import Home, read_address


def test_a_batch_is_followed_and_taken_off_the_list(tab, home, tmp_path):
    bridge = read_address(Home(home, home / "bridge.log"))
    out = tmp_path / "scores"
    with RunProgress(out, "season 1.csv", "", 4) as run:
        run.count(JobResult("ep01", "done"))
        run.count(JobResult("ep02", "failed", "Cannot be read", "Check the path"))
        run.running(["ep03"])
        ask(bridge, "POST", "/v1/batches", {"folder": str(out)})
        tab.open()
        row = tab.tab.locator("#batches > li")
        row.get_by_text("Now: ep03").wait_for(timeout=PATIENCE)
        row.get_by_text("1 of 4 done, 1 failed, 2 left").wait_for(timeout=PATIENCE)
        row.locator("summary").click()
        assert row.locator("details li").inner_text() == "ep02: Cannot be read. Check the path."
        assert tab.violations() == {}
        run.count(JobResult("ep03", "done"))
        run.count(JobResult("ep04", "done"))
    row.get_by_text("3 of 4 done, 1 failed", exact=True).wait_for(timeout=PATIENCE)
    tab.tab.get_by_role("button", name="Remove season 1.csv").click()
    tab.tab.wait_for_selector("#batches-box", state="hidden", timeout=PATIENCE)
    assert (out / ".batch").is_dir()


def test_folders_that_are_no_batch_are_refused(address, home, tmp_path):
    bridge = read_address(Home(home, home / "bridge.log"))
    http = httpx.Client(base_url=bridge.url, headers={"Authorization": f"Bearer {bridge.token}"}, trust_env=False)
    for folder in ("relative", str(tmp_path / "none"), "", "x" * 9000):
        answer = http.post("/v1/batches", json={"folder": folder})
        assert answer.status_code == 422, folder
    assert http.delete(f"/v1/batches/{'0' * 16}").status_code == 404
    (tmp_path / "empty").mkdir()
    assert http.post("/v1/batches", json={"folder": str(tmp_path / "empty")}).status_code == 201
    assert http.get("/v1/batches").json() == []
    assert httpx.get(f"{bridge.url}/v1/batches", trust_env=False).status_code == 401
