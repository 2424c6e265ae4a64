"""A bridge whose disk is full: it says so, stays, and goes on once there is room."""

from contextlib import suppress

from bridge_running import bridge_in, short_cut
from small_disk import small_disk_at


def test_a_full_disk_is_said_and_work_goes_on_once_there_is_room(tmp_path):
    cut = short_cut(tmp_path, 2)
    with small_disk_at(tmp_path / "disk", "size=24m") as disk, bridge_in(disk / "home") as bridge:
        first = bridge.done(kind="spot", source=str(cut))
        filler = disk / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass
        for answer in (
            bridge.http.post("/v1/jobs", json={"kind": "spot", "source": str(cut)}),
            bridge.http.post("/v1/uploads", params={"name": "a.otio"}, content=b"{}" * 5000),
        ):
            assert answer.status_code == 507, answer.text
            assert answer.json()["error"]["hint"]
        assert bridge.http.get(f"/v1/jobs/{first['id']}").status_code == 200
        assert not list((bridge.home / "inputs").rglob("*.part"))
        filler.unlink()
        assert bridge.done(kind="spot", source=str(cut))["result"]["shots"]
