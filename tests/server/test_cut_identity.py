"""A cut is recognised by its content, so that its edits, letters and notes are found again."""

import os
import shutil

from made_jobs import asking, ended

from emsync_bridge.server.cuts import identity
from emsync_bridge.server.cuts.identity import content_of


def written(path, text="the cut"):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_a_file_dropped_again_under_another_name_is_the_same_cut(bridge, tmp_path):
    first = ended(bridge, written(tmp_path / "one" / "storm.otio"))
    again = ended(bridge, written(tmp_path / "two" / "storm (1).otio"), kind="feel")
    other = ended(bridge, written(tmp_path / "two" / "other.otio", "another cut"))
    assert again.cut == first.cut != other.cut
    rows = asking(bridge).get("/v1/cuts").json()
    assert {row["file"] for row in rows} == {"storm (1).otio", "other.otio"}
    assert next(row for row in rows if row["id"] == first.cut)["versions"] == 1
    listed = asking(bridge).get(f"/v1/cuts/{first.cut}/jobs").json()
    assert [job["id"] for job in listed] == [first.id, again.id]
    assert ended(bridge, tmp_path / "two" / "storm (1).otio").letters == ["B"]


def test_a_file_that_is_written_over_stays_the_cut_that_it_was(bridge, tmp_path):
    path = written(tmp_path / "storm.otio")
    first = ended(bridge, path)
    written(path, "with a longer title sequence")
    assert ended(bridge, path).cut == first.cut


def test_a_moved_file_stays_the_cut_that_it_was_and_a_changed_copy_does_not(bridge, tmp_path):
    path = written(tmp_path / "storm.otio")
    first = ended(bridge, path)
    copy = tmp_path / "storm 2.otio"
    shutil.copy(path, copy)
    assert ended(bridge, copy).cut == first.cut
    written(copy, "with another end")
    changed = ended(bridge, copy)
    assert changed.cut != first.cut
    moved = path.rename(tmp_path / "moved.otio")
    assert ended(bridge, moved).cut == first.cut
    written(moved, "edited where it is now")
    assert ended(bridge, moved).cut == first.cut


def test_each_sequence_of_a_file_is_a_cut_of_its_own(bridge, tmp_path):
    path = written(tmp_path / "reels.xml")
    before = ended(bridge, path)
    before.title = "Reel 1"  # the only sequence at first
    first, second = (ended(bridge, path, read={"sequence": name}) for name in ("Reel 1", "Reel 2"))
    assert first.cut == before.cut != second.cut
    copy = tmp_path / "copy.xml"
    shutil.copy(path, copy)
    assert ended(bridge, copy, read={"sequence": "Reel 2"}).cut == second.cut
    assert ended(bridge, path).cut == before.cut


def test_large_files_are_told_apart_by_samples(tmp_path, monkeypatch):
    monkeypatch.setattr(identity, "WHOLE", 1000)
    data = bytearray(b"x" * 10_000_000)
    paths = [tmp_path / f"{number}.mov" for number in range(4)]
    for number, path in enumerate(paths):
        data[[-1, -1, 0, 5_000_000][number]] = 0 if number > 1 else ord("x")
        path.write_bytes(data)
    first, same, other, third = map(content_of, map(str, paths))
    assert first == same
    assert len({first, other, third}) == 3 or other != first
    paths[1].write_bytes(bytes(data[:-1]))
    assert content_of(str(paths[1])) != third


def test_what_cannot_be_read_has_no_content(tmp_path):
    assert content_of(str(tmp_path / "nowhere.otio")) == ""
    assert content_of(str(tmp_path)) == ""
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.otio")
    assert content_of(str(tmp_path)) == ""
    bundle = written(tmp_path / "cut.otiod" / "content.otio").parent
    assert content_of(str(bundle)) == content_of(str(bundle / "content.otio"))
