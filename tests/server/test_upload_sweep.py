"""Uploads that nothing needs go after days of use, whatever the clock says; equal ones take up room once."""

from datetime import date

from made_jobs import upload

from emsync_bridge.server.cuts.disk_use import folder_size
from emsync_bridge.server.cuts.upload_sweep import share_content, sweep


def test_a_jump_of_the_clock_deletes_nothing(home):
    today = upload(home, "today.mov", age=0)
    for when in (date(2026, 3, 1), date(2031, 9, 9), date(2031, 9, 9), date(1970, 1, 1), date(2026, 3, 1)):
        sweep(home, set(), when)
    assert today.exists()


def test_an_upload_goes_after_seven_days_of_use(home):
    stray, wanted = upload(home, "stray.mov"), upload(home, "wanted.mov")
    for day in range(1, 7):
        sweep(home, set(), date(2026, 3, day))
    sweep(home, {wanted.parent}, date(2026, 3, 7))
    assert not stray.exists()
    assert wanted.exists()
    sweep(home, set(), date(2026, 3, 8))
    assert wanted.exists()  # it was needed on a day between, so its days count again from there


def test_a_broken_record_of_days_deletes_nothing(home):
    stray = upload(home, "stray.mov")
    for text in ("{", "[1]", '{"a": 3}'):
        (home.root / "unneeded.json").write_text(text)
        sweep(home, set(), date(2026, 3, 1))
    assert stray.exists()


def test_the_same_film_twice_takes_up_room_once(home):
    first, again, other = (upload(home, name) for name in ("film.mov", "film (1).mov", "other.mov"))
    for path, byte in ((first, b"a"), (again, b"a"), (other, b"b")):
        path.write_bytes(byte * 5000)
    assert share_content(home, again)
    assert not share_content(home, other)
    assert folder_size(home.inputs) == 10_000
    first.unlink()
    assert again.read_bytes() == b"a" * 5000
    assert [path.name for path in again.parent.iterdir()] == ["film (1).mov"]
