"""Leftovers of a killed run are cleared, and a cue is used for the cut alone that it was made for."""

import os
from dataclasses import replace

import pytest
from places import STORM_MEDIA

from emsync_bridge.cue import Cue, EmotionCurve
from emsync_bridge.cue.trimming import trim_spotting
from emsync_bridge.errors import TimelineError
from emsync_bridge.files import leftovers
from emsync_bridge.files.overwriting import protecting, remember
from emsync_bridge.options import EmotionOptions
from emsync_bridge.scoring import steps
from emsync_bridge.scoring.fingerprint import refuse_another_cut
from emsync_bridge.timeline.reading import read_timeline
from emsync_bridge.timeline.source import open_source
from emsync_bridge.timeline.spotting.spot import spot

CLIP = """{"OTIO_SCHEMA": "Clip.1", "name": "%s", "media_reference": {"OTIO_SCHEMA": "ExternalReference.1",
"target_url": "%s"}, "source_range": {"OTIO_SCHEMA": "TimeRange.1",
"start_time": {"OTIO_SCHEMA": "RationalTime.1", "value": 0, "rate": 24},
"duration": {"OTIO_SCHEMA": "RationalTime.1", "value": %d, "rate": 24}}}"""
CUT = """{"OTIO_SCHEMA": "Timeline.1", "name": "cut", "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [
{"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [%s]}]}}"""


def write_cut(path, *lengths, media="/Volumes/A/%d.mov", name="clip %d"):
    clips = [CLIP % (name % number, media % number, length) for number, length in enumerate(lengths)]
    path.write_text(CUT % ", ".join(clips))
    return path


@pytest.fixture
def cut(tmp_path):
    return write_cut(tmp_path / "cut.otio", 60, 36)


def cue_of(path, **settings):
    return Cue(spot(read_timeline(path)), EmotionCurve(()), settings=settings)


def check(cue, path):
    refuse_another_cut(cue, read_timeline(path), path)


def test_the_rest_of_a_killed_run_is_cleared_and_that_of_a_living_one_is_not(tmp_path):
    dead = next(number for number in range(4_000_000, 5_000_000) if not leftovers.is_alive(number))
    host = leftovers.host_mark()
    gone, alive, elsewhere = (
        tmp_path / f".emsync-{number}-{mark}-x" for number, mark in ((dead, host), (os.getpid(), host), (dead, "0" * 6))
    )
    for folder in (gone, alive, elsewhere):
        folder.mkdir()
        (folder / "mix").write_bytes(b"half")
    (tmp_path / ".emsync-claim cut v02").write_text(f"{dead} {host}")
    half, mine = tmp_path / "cut v02.wav", tmp_path / "cut v02.mid"
    half.write_bytes(b"half")
    with protecting():
        remember(half)
    mine.write_bytes(b"mine")
    leftovers.clear(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {alive.name, elsewhere.name, mine.name}


def test_two_runs_at_once_get_versions_of_their_own(tmp_path):
    with (
        leftovers.claim_version(tmp_path, "cut", {".wav"}) as one,
        leftovers.claim_version(tmp_path, "cut", {".wav"}) as other,
    ):
        assert (one, other) == ("cut", "cut v02")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("lengths", [(40, 56), (60, 36, 24), (60, 20), (48, 12, 36)])
def test_a_cue_of_another_cut_is_refused_and_conform_named(cut, lengths):
    cue = cue_of(cut)
    check(cue, cut)
    with pytest.raises(TimelineError, match="emsync conform"):
        check(cue, write_cut(cut, *lengths))


def test_a_drive_or_a_clip_that_is_called_otherwise_is_no_other_cut(cut):
    cue = cue_of(cut)
    check(cue, write_cut(cut, 60, 36, media="file:///D:/B/%d.MOV", name="renamed %d"))
    with pytest.raises(TimelineError, match="shot 1"):
        check(cue, write_cut(cut, 60, 36, media="/Volumes/A/other %d.mov"))


def test_of_a_range_only_the_range_counts(cut):
    write_cut(cut, 48, 48, 48)
    cue = cue_of(cut, between="2.0, 4.0")
    cue = replace(cue, spotting=trim_spotting(cue.spotting, 2.0, 4.0))
    check(cue, cut)
    check(cue, write_cut(cut, 48, 48, 12, 12))
    with pytest.raises(TimelineError, match="emsync conform"):
        check(cue, write_cut(cut, 60, 48, 48))
    with pytest.raises(TimelineError, match="emsync conform"):
        check(cue, write_cut(cut, 48))


def test_a_picture_of_another_length_is_said(cut):
    write_cut(cut, 2400)
    (movie, *_) = sorted(STORM_MEDIA.glob("*.mp4"))
    (note,) = steps.picture_notes(open_source(cut), read_timeline(cut), EmotionOptions(picture=movie))
    assert movie.name in note
    assert "100.0 s" in note
