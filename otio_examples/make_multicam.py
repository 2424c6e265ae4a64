"""Write a multicam clip that is cut by switching angles, and a compound clip with the same multicam clip inside.

As Final Cut Pro exports them (FCPXML 1.11), at 50 frames per second with media at 24.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).parent
RATE = 50
START = 10 * 3600 * RATE
FILM = 24
ROLLS = {"A001_bay": 384, "B001_lanterns": 216, "B002_dancers": 96, "B003_fireworks": 108, "C004_sea": 162}
PROJECT, SOURCE = "r1", "r2"
"""Ids of the formats of the project and of its media."""
FEAST, STORM = "r10", "r11"
"""Ids of the multicam clip and of the compound clip."""
WIDE, CLOSE = "angle-wide", "angle-close"
ANGLES = {WIDE: "Wide", CLOSE: "Close"}

# angle, first frame in the multicam clip, frames
SWITCHES = ((WIDE, 0, 100), (CLOSE, 100, 100), (WIDE, 200, 50), (WIDE, 250, 50), (CLOSE, 300, 75))


def main() -> None:
    """Write the document into its folder."""
    path = HERE / "multicam" / "multicam.fcpxml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(multicam(), encoding="utf-8")


def multicam() -> str:
    """Return the document's text: hits at frames 100, 200, 300, 400, 475, 525 and 600, none at the blade cut at 350."""
    root = ET.Element("fcpxml", version="1.11")
    resources = ET.SubElement(root, "resources")
    for key, rate in ((PROJECT, RATE), (SOURCE, FILM)):
        ET.SubElement(resources, "format", id=key, frameDuration=f"1/{rate}s", width="640", height="360")
    for roll, frames in ROLLS.items():
        _asset(resources, roll, frames)
    _feast(resources)
    _storm(resources)
    project = ET.SubElement(ET.SubElement(root, "event", name="Storm"), "project", name="Multicam")
    spine = _spine(project, 700, START)
    _clip(spine, START, "A001_bay", 25, 100)
    at = 100
    for angle, first, count in SWITCHES:
        clip = _angle(spine, START + at, angle, first, count)
        if at == 100:
            ET.SubElement(clip, "marker", start=seconds(first), duration=seconds(1), value="emsync: joy")
        at += count
    place = {"offset": seconds(START + at), "start": seconds(50), "duration": seconds(125)}
    ET.SubElement(spine, "ref-clip", ref=STORM, name="The storm breaks", **place)
    _clip(spine, START + 600, "A001_bay", 450, 100)
    ET.indent(root, "    ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{ET.tostring(root, encoding="unicode")}\n'


def seconds(frames: int, rate: int = RATE) -> str:
    """Return frames as FCPXML writes time: rational seconds."""
    time = Fraction(frames, rate)
    return f"{time.numerator}s" if time.denominator == 1 else f"{time.numerator}/{time.denominator}s"


def _feast(resources: ET.Element) -> None:
    """Add the multicam clip: one camera on the lanterns, the other on the dancers and then on the fireworks."""
    media = ET.SubElement(resources, "media", id=FEAST, name="The feast")
    inside = ET.SubElement(media, "multicam", format=PROJECT, tcStart="0s", tcFormat="NDF")
    wide, close = (ET.SubElement(inside, "mc-angle", name=name, angleID=key) for key, name in ANGLES.items())
    _clip(wide, 0, "B001_lanterns", 0, 450)
    _clip(close, 0, "B002_dancers", 0, 200)
    _clip(close, 200, "B003_fireworks", 0, 225)


def _storm(resources: ET.Element) -> None:
    """Add the compound clip: the sea, then the feast from afar; its cut is at frame 100."""
    media = ET.SubElement(resources, "media", id=STORM, name="The storm breaks")
    spine = _spine(media, 200, 0)
    _clip(spine, 0, "C004_sea", 25, 100)
    _angle(spine, 100, WIDE, 350, 100)


def _asset(resources: ET.Element, roll: str, frames: int) -> None:
    asset = ET.SubElement(
        resources,
        "asset",
        id=_id(roll),
        name=roll,
        start="0s",
        duration=seconds(frames, FILM),
        hasVideo="1",
        format=SOURCE,
        hasAudio="1",
        videoSources="1",
        audioSources="1",
        audioChannels="1",
        audioRate="48000",
    )
    ET.SubElement(asset, "media-rep", kind="original-media", src=f"../storm/media/{roll}.mp4")


def _id(roll: str) -> str:
    return f"r{3 + list(ROLLS).index(roll)}"


def _spine(parent: ET.Element, frames: int, start: int) -> ET.Element:
    sequence = ET.SubElement(
        parent,
        "sequence",
        format=PROJECT,
        duration=seconds(frames),
        tcStart=seconds(start),
        tcFormat="NDF",
        audioLayout="stereo",
        audioRate="48k",
    )
    return ET.SubElement(sequence, "spine")


def _clip(line: ET.Element, at: int, roll: str, first: int, count: int) -> None:
    place = {"offset": seconds(at), "start": seconds(first), "duration": seconds(count)}
    clip = ET.SubElement(line, "asset-clip", ref=_id(roll), name=roll, **place, format=SOURCE, tcFormat="NDF")
    # played at its own speed, not frame for frame at 25
    ET.SubElement(clip, "conform-rate", scaleEnabled="0", srcFrameRate=str(FILM))


def _angle(line: ET.Element, at: int, angle: str, first: int, count: int) -> ET.Element:
    """Add a piece of the multicam clip: its picture from an angle, its sound always from the wide one."""
    place = {"offset": seconds(at), "start": seconds(first), "duration": seconds(count)}
    clip = ET.SubElement(line, "mc-clip", ref=FEAST, name="The feast", **place)
    if angle == WIDE:
        ET.SubElement(clip, "mc-source", angleID=WIDE, srcEnable="all")
    else:
        ET.SubElement(clip, "mc-source", angleID=WIDE, srcEnable="audio")
        ET.SubElement(clip, "mc-source", angleID=angle, srcEnable="video")
    return clip


if __name__ == "__main__":
    main()
