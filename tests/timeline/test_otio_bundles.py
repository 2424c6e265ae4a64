"""OpenTimelineIO in a zip or a folder with its media: read, and given music."""

from __future__ import annotations

import json
import zipfile

import opentimelineio as otio
import otio_make as make
import pytest
from otio_make import clip, placement, track, url_of

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.insertion import place
from emsync_bridge.timeline.reading import read_timeline


def test_bundles(tmp_path):
    document = make.timeline(track(clip("A", 24, media="media/a%20b.mov")))
    folder = tmp_path / "cut.otiod"
    folder.mkdir()
    make.save(folder, document, "content.otio")
    (leaf,) = read_timeline(folder).leaves
    assert leaf.media == str(folder / "media" / "a b.mov")
    path = tmp_path / "cut.otioz"
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("content.otio", json.dumps(document))
        bundle.writestr("../outside.txt", "no")
    (leaf,) = read_timeline(path).leaves
    assert leaf.media == "media/a%20b.mov"
    assert not (tmp_path.parent / "outside.txt").exists()


def test_a_bundle_that_lies_about_its_size_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("emsync_bridge.timeline.formats.MAX_BYTES", 10_000)
    monkeypatch.setattr("emsync_bridge.timeline.source.MAX_BYTES", 10_000)
    path = tmp_path / "bomb.otioz"
    document = make.timeline(track(clip("A", 24)), metadata={"filler": "x" * 100_000})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("content.otio", json.dumps(document))
    assert path.stat().st_size < 10_000
    with pytest.raises(TimelineError, match="larger"):
        read_timeline(path)


def bundle_of(tmp_path, members):
    path = tmp_path / "cut.otioz"
    document = make.timeline(track(clip("A", 48, media="media/a.mov")))
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr(zipfile.ZipInfo("version.txt", (2020, 1, 2, 3, 4, 6)), "1.0.0", zipfile.ZIP_DEFLATED)
        bundle.writestr("content.otio", json.dumps(document, indent=4), zipfile.ZIP_DEFLATED)
        for name, data in members.items():
            bundle.writestr(name, data)
    return path


def test_a_zip_gets_the_music_among_its_media(tmp_path, wav):
    source, out, again = (
        bundle_of(tmp_path, {"media/a.mov": b"picture" * 1000}),
        tmp_path / "out.otioz",
        tmp_path / "again.otioz",
    )
    place(source, out, placement(wav))
    place(out, again, placement(wav))
    for path in (out, again):
        with zipfile.ZipFile(path) as bundle, zipfile.ZipFile(source) as old:
            assert bundle.namelist() == ["version.txt", "content.otio", "media/a.mov", "media/the score #1.wav"]
            for name in ("version.txt", "media/a.mov"):
                assert bundle.read(name) == old.read(name)
                assert bundle.getinfo(name).date_time == old.getinfo(name).date_time
                assert bundle.getinfo(name).compress_type == old.getinfo(name).compress_type
            assert bundle.read("media/the score #1.wav") == wav.read_bytes()
            document = json.loads(bundle.read("content.otio"))
            assert url_of(document["tracks"]["children"][1]["children"][0]) == "media/the%20score%20%231.wav"
    timeline = otio.adapters.read_from_file(str(out))
    assert len(timeline.tracks) == 2


def test_the_users_own_file_of_that_name_stays(tmp_path, wav):
    source = bundle_of(tmp_path, {"media/a.mov": b"", f"media/{wav.name}": b"theirs"})
    out = tmp_path / "out.otioz"
    place(source, out, placement(wav))
    with zipfile.ZipFile(out) as bundle:
        assert bundle.read(f"media/{wav.name}") == b"theirs"
        assert bundle.read("media/the score #1 2.wav") == wav.read_bytes()


def test_a_folder_gets_the_music_among_its_media(tmp_path, wav):
    source, out, again = (tmp_path / f"{name}.otiod" for name in ("cut", "out", "again"))
    (source / "media").mkdir(parents=True)
    (source / "media" / "a.mov").write_bytes(b"picture")
    make.save(source, make.timeline(track(clip("A", 48, media="media/a.mov"))), "content.otio")
    place(source, out, placement(wav))
    place(out, again, placement(wav))
    place(source, again, placement(wav))  # over a folder that is there
    for path in (out, again):
        names = sorted(file.relative_to(path).as_posix() for file in path.rglob("*"))
        assert names == ["content.otio", "media", "media/a.mov", "media/the score #1.wav"]
    assert sorted(file.name for file in source.rglob("*")) == ["a.mov", "content.otio", "media"]
    assert read_timeline(out).duration == 2
