"""A source is read from the disk once, whatever is done with it, and stays as it was when it was opened."""

import hashlib
import sys
import wave
import zipfile
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.formats import Format
from emsync_bridge.timeline.insertion import music_only, place
from emsync_bridge.timeline.placement import Placement
from emsync_bridge.timeline.reading import read_timeline
from emsync_bridge.timeline.source import open_source

STORM = Path(__file__).parents[2] / "otio_examples" / "storm"
_opened: list[str] = []
_watched: list[Path] = []


def _note(event, arguments):
    if event == "open" and _watched and isinstance(arguments[0], (str, bytes)) and "r" in (arguments[1] or "r"):
        path = Path(arguments[0] if isinstance(arguments[0], str) else arguments[0].decode())
        if path.name in {watched.name for watched in _watched}:
            _opened.append(path.name)


sys.addaudithook(_note)


@contextmanager
def openings_of(path):
    """Count how often a file is opened for reading."""
    _opened.clear()
    _watched.append(path)
    try:
        yield _opened
    finally:
        _watched.clear()


@pytest.fixture
def music(tmp_path):
    path = tmp_path / "music.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(48000)
        sound.writeframes(b"\0" * 4 * 48000)
    return Placement(path, 24, 48000, 2)


@pytest.mark.parametrize("suffix", [".otio", ".xml", ".fcpxml"])
def test_reading_and_both_ways_of_writing_open_the_file_once(tmp_path, music, suffix):
    path = tmp_path / f"input{suffix}"
    path.write_bytes(next(STORM.glob(f"storm{suffix}")).read_bytes())
    with openings_of(path) as opened:
        source = open_source(path)
        model = read_timeline(source)
        assert read_timeline(source) is model
        place(source, tmp_path / f"placed{suffix}", music)
        music_only(source, model, music, tmp_path / "alone")
    assert opened == [path.name]
    assert source.digest == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("suffix", [".otio", ".xml", ".fcpxml"])
def test_a_file_that_is_saved_again_meanwhile_is_handed_back_as_it_was_read(tmp_path, music, suffix):
    path = tmp_path / f"input{suffix}"
    path.write_bytes(next(STORM.glob(f"storm{suffix}")).read_bytes())
    source = open_source(path)
    place(source, tmp_path / f"expected{suffix}", music)
    path.write_bytes(b"half of a new docu")
    place(source, tmp_path / f"placed{suffix}", music)
    placed = (tmp_path / f"placed{suffix}").read_text(encoding="utf-8")
    assert placed == (tmp_path / f"expected{suffix}").read_text(encoding="utf-8").replace("expected", "placed")


def test_a_bundle_is_known_by_its_document(tmp_path):
    document = (STORM / "storm.otio").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.otioz", "w") as bundle:
        bundle.writestr("content.otio", document)
    folder = tmp_path / "b.otiod"
    folder.mkdir()
    (folder / "content.otio").write_bytes(document)
    plain, zipped, unpacked = (open_source(path) for path in (STORM / "storm.otio", tmp_path / "a.otioz", folder))
    assert (zipped.format, unpacked.format) == (Format.OTIOZ, Format.OTIOD)
    assert plain.digest == zipped.digest == unpacked.digest
    assert read_timeline(zipped).leaves == read_timeline(plain).leaves


def test_sequence_and_rate_belong_to_the_source(tmp_path):
    with pytest.raises(TimelineError) as refused:
        read_timeline(open_source(STORM / "storm.otio", sequence="Another"))
    assert refused.value.setting == "sequence"
    with pytest.raises(TimelineError) as refused:
        read_timeline(STORM / "storm.otio", rate=Fraction(2000))
    assert refused.value.setting == "rate"


def test_a_folder_or_a_file_that_is_not_there_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere.otio"):
        with pytest.raises(TimelineError):
            open_source(path)
