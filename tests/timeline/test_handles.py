"""Sound that rings on after the music: more media than the clip shows, for an editor to draw it out."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import opentimelineio as otio
import pytest
from opentimelineio.opentime import RationalTime, TimeRange

from emsync_bridge.timeline.insertion import music_only, place
from emsync_bridge.timeline.placement import Placement
from emsync_bridge.timeline.reading import read_timeline
from emsync_bridge.timeline.source import open_source

STORM = Path(__file__).parents[2] / "otio_examples" / "storm"
FRAMES, HANDLE = 1584, 120


@pytest.fixture
def placement(tmp_path: Path) -> Placement:
    audio = tmp_path / "storm.wav"
    audio.write_bytes(b"RIFF")
    return Placement(audio, FRAMES, 48_000, 2, stems=(("strings", audio),), handle=HANDLE)


def test_otio_clips_show_a_part_of_what_there_is(placement: Placement, tmp_path: Path) -> None:
    out = tmp_path / "storm.scored.otio"
    place(STORM / "storm.otio", out, placement)
    timeline = otio.adapters.read_from_file(str(out))
    assert isinstance(timeline, otio.schema.Timeline)
    music = [clip for track in timeline.audio_tracks() for clip in track.find_clips() if "AI Music" in track.name]
    assert len(music) == 2
    for clip in music:
        assert clip.source_range == TimeRange(RationalTime(0, 24), RationalTime(FRAMES, 24))
        assert clip.available_range() == TimeRange(RationalTime(0, 24), RationalTime(FRAMES + HANDLE, 24))


def test_xmeml_clips_show_a_part_of_what_there_is(placement: Placement, tmp_path: Path) -> None:
    out = tmp_path / "storm.scored.xml"
    place(STORM / "storm.xml", out, placement)
    clips = [clip for clip in ET.parse(out).getroot().iter("clipitem") if clip.findtext("name") == "AI Music"]
    assert len(clips) == 2
    for clip in clips:
        frames = [int(clip.findtext(name) or -1) for name in ("start", "end", "in", "out", "duration")]
        assert frames == [0, FRAMES, 0, FRAMES, FRAMES + HANDLE]
    assert clips[0].findtext("file/duration") == str(FRAMES + HANDLE)


def test_fcpxml_assets_are_longer_than_their_clips(placement: Placement, tmp_path: Path) -> None:
    out = tmp_path / "storm.scored.fcpxml"
    place(STORM / "storm.fcpxml", out, placement)
    root = ET.parse(out).getroot()
    clip = next(clip for clip in root.iter("asset-clip") if clip.get("name") == "AI Music")
    asset = next(each for each in root.iter("asset") if each.get("id") == clip.get("ref"))
    lengths = [Fraction((each.get("duration") or "0s").removesuffix("s")) for each in (clip, asset)]
    assert lengths == [Fraction(FRAMES, 24), Fraction(FRAMES + HANDLE, 24)]


@pytest.mark.parametrize("name", ["storm.otio", "storm.xml", "storm.fcpxml"])
def test_the_handle_makes_no_timeline_longer(placement: Placement, tmp_path: Path, name: str) -> None:
    source = open_source(STORM / name)
    model = read_timeline(source)
    written = music_only(source, model, placement, tmp_path / "storm.music")
    assert read_timeline(open_source(written)).duration == model.duration
