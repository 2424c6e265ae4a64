"""Key frames of the music's level in the formats that have them, read by other programs' rules."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import opentimelineio as otio
import pytest

from emsync_bridge.timeline.insertion import place
from emsync_bridge.timeline.placement import Placement

STORM = Path(__file__).parents[2] / "otio_examples" / "storm"
RATE = Fraction(24)
LEVELS = ((5.0, 0.0), (5.4, -9.0), (10.0, -9.0), (11.2, 0.0))


@pytest.fixture
def placement(tmp_path: Path) -> Placement:
    audio = tmp_path / "storm.wav"
    audio.write_bytes(b"RIFF")
    return Placement(audio, 1584, 48_000, 2, levels=LEVELS, stems=(("strings", audio),))


def test_xmeml_carries_factors_on_both_channels(placement: Placement, tmp_path: Path) -> None:
    out = tmp_path / "storm.scored.xml"
    place(STORM / "storm.xml", out, placement)
    root = ET.parse(out).getroot()
    filters = root.findall(".//clipitem/filter/effect[effectid='audiolevels']")
    assert len(filters) == 2  # left and right of the music, none of the stems
    for effect in filters:
        keys = [(int(k.findtext("when")), float(k.findtext("value"))) for k in effect.iter("keyframe")]
        assert [frame for frame, _ in keys] == [120, 130, 240, 269]
        assert [value for _, value in keys] == pytest.approx([1, 0.354813, 0.354813, 1], abs=1e-5)


def test_a_second_program_reads_the_key_frames_of_xmeml(placement: Placement, tmp_path: Path) -> None:
    out = tmp_path / "storm.scored.xml"
    place(STORM / "storm.xml", out, placement)
    timeline = otio.adapters.read_from_file(str(out), adapter_name="fcp_xml")
    clips = [clip for clip in timeline.find_clips() if clip.name == "AI Music"]
    assert clips
    effects = [effect for clip in clips for effect in clip.effects]
    said = str([effect.metadata for effect in effects] + [clip.metadata for clip in clips])
    assert "audiolevels" in said
    assert "0.354813" in said


def test_fcpxml_carries_decibels(placement: Placement, tmp_path: Path) -> None:
    out = tmp_path / "storm.scored.fcpxml"
    place(STORM / "storm.fcpxml", out, placement)
    clips = [clip for clip in ET.parse(out).getroot().iter("asset-clip") if clip.get("name") == "AI Music"]
    volume = clips[0].find("adjust-volume")
    assert volume is not None
    assert list(clips[0]).index(volume) == 0  # the DTD has adjustments before markers
    keys = [(key.get("time"), key.get("value")) for key in volume.iter("keyframe")]
    assert [value for _, value in keys] == ["0.00dB", "-9.00dB", "-9.00dB", "0.00dB"]
    seconds = [Fraction(time.removesuffix("s")) for time, _ in keys if time]
    assert [float(second) for second in seconds] == pytest.approx([5.0, 5.4, 10.0, 11.2])
