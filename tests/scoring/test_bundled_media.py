"""Media inside a zipped bundle are looked at like others, and a bundle cannot write anywhere else."""

import zipfile

import pytest
from places import STORM_MEDIA
from test_starting_again import write_cut

from emsync_bridge.options import EmotionOptions
from emsync_bridge.scoring import bundled_media, steps
from emsync_bridge.timeline.reading import read_timeline
from emsync_bridge.timeline.source import open_source
from emsync_bridge.timeline.spotting.spot import spot


def bundle(folder, members):
    content = write_cut(folder / "content.otio", 48, media="media/%d.mp4").read_text()
    with zipfile.ZipFile(folder / "cut.otioz", "w") as packed:
        packed.writestr("content.otio", content)
        for name, data in members.items():
            packed.writestr(name, data)
    (folder / "content.otio").unlink()
    return folder / "cut.otioz"


def found(path):
    source = open_source(path)
    return steps.find_media(source, spot(read_timeline(source)), EmotionOptions()), source


def test_media_inside_are_found_and_unpacked_once(tmp_path):
    movie = sorted(STORM_MEDIA.glob("*.mp4"))[0].read_bytes()
    relinked, source = found(bundle(tmp_path, {"media/0.mp4": movie}))
    assert not relinked.missing
    assert relinked.sources[0].path.read_bytes() == movie
    assert bundled_media.unpack_media(source) == bundled_media.unpack_media(source)


@pytest.mark.parametrize(
    "name", ["../0.mp4", "/media/0.mp4", "media/../../0.mp4", "C:/media/0.mp4", "media\\..\\0.mp4"]
)
def test_names_that_point_outside_are_left_out(tmp_path, name):
    relinked, _ = found(bundle(tmp_path, {name: b"movie"}))
    assert relinked.missing == ("media/0.mp4",)
    assert [path.name for path in tmp_path.iterdir()] == ["cut.otioz"]


def test_a_bundle_that_is_too_large_stays_packed(tmp_path, monkeypatch):
    monkeypatch.setattr(bundled_media, "MAX_BYTES", 100)
    relinked, _ = found(bundle(tmp_path, {"media/0.mp4": b"m" * 101}))
    assert relinked.missing == ("media/0.mp4",)


def test_a_damaged_member_is_a_missing_one(tmp_path):
    path = bundle(tmp_path, {"media/0.mp4": b"movie" * 50})
    data = path.read_bytes()
    place = data.index(b"moviemovie")
    path.write_bytes(data[:place] + b"X" * 20 + data[place + 20 :])
    relinked, _ = found(path)
    assert relinked.missing == ("media/0.mp4",)
