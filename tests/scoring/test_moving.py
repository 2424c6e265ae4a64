"""Note on the files that have to move to the media: only those that the timeline names relative to itself."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from emsync_bridge.cue import Cue, EmotionCurve, Spotting, Take, TempoMap
from emsync_bridge.options import RenderOptions
from emsync_bridge.render.files.wav import WavFormat, write_wav
from emsync_bridge.scoring.outputs import write_back
from emsync_bridge.timeline.reading import read_timeline
from emsync_bridge.timeline.source import open_source

TIME = '{"OTIO_SCHEMA": "RationalTime.1", "value": %d, "rate": 25}'
RANGE = f'{{"OTIO_SCHEMA": "TimeRange.1", "start_time": {TIME % 0}, "duration": {TIME % 100}}}'
OTIO = f"""{{"OTIO_SCHEMA": "Timeline.1", "name": "cut", "tracks": {{"OTIO_SCHEMA": "Stack.1", "children": [
{{"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [{{"OTIO_SCHEMA": "Clip.1", "name": "a",
"source_range": {RANGE}, "media_reference": {{"OTIO_SCHEMA": "ExternalReference.1", "target_url": "URL",
"available_range": {RANGE}}}}}]}}]}}}}"""
RATE = "<rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>"
XMEML = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE xmeml>
<xmeml version="4"><sequence id="s"><name>cut</name><duration>100</duration>{RATE}<media><video><track>
<clipitem id="c"><name>a</name><duration>100</duration>{RATE}<start>0</start><end>100</end><in>0</in><out>100</out>
<file id="f"><name>a</name><pathurl>URL</pathurl>{RATE}<duration>100</duration><media><video/></media></file></clipitem>
</track></video><audio/></media></sequence></xmeml>
"""
FCPXML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="1.8"><resources><format id="r1" frameDuration="1/25s" width="1920" height="1080"/>
<asset id="r2" name="a" src="URL" start="0s" duration="4s" hasVideo="1" format="r1"/></resources>
<project name="cut"><sequence format="r1" duration="4s" tcStart="0s"><spine>
<asset-clip ref="r2" name="a" offset="0s" duration="4s"/></spine></sequence></project></fcpxml>
"""
TEXTS = {"otio": OTIO, "xml": XMEML, "fcpxml": FCPXML}


def notes(tmp_path: Path, suffix: str, url: str, stem: str = "cut.drums.wav") -> tuple[str, str]:
    """What is said to be copied, and the timeline that was written."""
    cut, out = tmp_path / "cut", tmp_path / "out"
    cut.mkdir()
    (cut / f"cut.{suffix}").write_text(TEXTS[suffix].replace("URL", url))
    files = {"audio": out / "cut.wav", "stem drums": out / stem}
    for path in files.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_wav(path, [np.zeros((48_000 * 4, 2), np.float32)], 48_000 * 4, form=WavFormat(48_000, "16"))
    source = open_source(cut / f"cut.{suffix}")
    cue = Cue(Spotting("cut", 4.0, Fraction(25)), EmotionCurve(()), (Take(1, (), TempoMap()),))
    written, said = write_back(source, read_timeline(source), cue, files, RenderOptions())
    found = re.search(r"so copy (.*) to .* and open it there", "\n".join(said))
    return found[1] if found else "", written["timeline"].read_text()


@pytest.mark.parametrize("suffix", ["xml", "fcpxml"])
def test_only_the_timeline_moves_where_the_sound_has_an_absolute_path(tmp_path: Path, suffix: str) -> None:
    moved, text = notes(tmp_path, suffix, "media/a.mov")
    assert moved == f"cut.scored.{suffix}"
    assert (tmp_path / "out" / "cut.wav").as_uri() in text


def test_stems_move_with_the_music(tmp_path: Path) -> None:
    moved, text = notes(tmp_path, "otio", "media/a.mov")
    assert moved == "cut.scored.otio, cut.wav and cut.drums.wav"
    assert {"cut.wav", "cut.drums.wav"} <= set(re.findall(r'"target_url": "([^"]*)"', text))
    assert json.loads(text)


def test_the_folder_of_the_stems_moves_as_one(tmp_path: Path) -> None:
    moved, _ = notes(tmp_path, "otio", "media/a.mov", "cut.stems/cut_DRUMS_v01.wav")
    assert moved == "cut.scored.otio, cut.wav and cut.stems"


@pytest.mark.parametrize("suffix", TEXTS)
def test_nothing_moves_where_all_media_has_absolute_paths(tmp_path: Path, suffix: str) -> None:
    assert notes(tmp_path, suffix, "file:///m/a.mov")[0] == ""
