"""Write the edit as ``storm.fcpxml``, the way Final Cut Pro exports a project (FCPXML 1.11)."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

from cut import DISSOLVE, DISSOLVE_AFTER, RATE, ROLLS, START, TITLE, Roll, Shot
from make_timeline import LENGTH, MARKERS, NAME, placed
from paint import HEIGHT, WIDTH

HERE = Path(__file__).parent
FORMAT = "r1"
DISSOLVE_EFFECT, TITLE_EFFECT = "r2", "r3"
OWN_CLOCK = 3600 * RATE
"""Frame at which the own clock of gaps and titles begins in Final Cut Pro's exports."""


def main() -> None:
    """Write the document beside this script."""
    (HERE / "storm.fcpxml").write_text(document(), encoding="utf-8")


def document() -> str:
    """Return the document's text."""
    root = ET.Element("fcpxml", version="1.11")
    _resources(ET.SubElement(root, "resources"))
    event = ET.SubElement(root, "event", name="Storm")
    project = ET.SubElement(event, "project", name=NAME)
    sequence = ET.SubElement(
        project,
        "sequence",
        format=FORMAT,
        duration=seconds(LENGTH),
        tcStart=seconds(START),
        tcFormat="NDF",
        audioLayout="stereo",
        audioRate="48k",
    )
    spine = ET.SubElement(sequence, "spine")
    for number, at, shot in placed():
        if number == DISSOLVE_AFTER + 1:
            _dissolve(spine, at)
        if shot.roll is None:
            place = {"offset": seconds(START + at), "start": seconds(OWN_CLOCK), "duration": seconds(shot.frames)}
            ET.SubElement(spine, "gap", name="Gap", **place)
        else:
            _clip(spine, at, shot, shot.roll)
    ET.indent(root, "    ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{ET.tostring(root, encoding="unicode")}\n'


def seconds(frames: int) -> str:
    """Return frames as FCPXML writes time: rational seconds."""
    time = Fraction(frames, RATE)
    return f"{time.numerator}s" if time.denominator == 1 else f"{time.numerator}/{time.denominator}s"


def _resources(resources: ET.Element) -> None:
    ET.SubElement(resources, "format", id=FORMAT, frameDuration=f"1/{RATE}s", width=str(WIDTH), height=str(HEIGHT))
    ET.SubElement(
        resources,
        "effect",
        id=DISSOLVE_EFFECT,
        name="Cross Dissolve",
        uid="FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265",
    )
    ET.SubElement(
        resources,
        "effect",
        id=TITLE_EFFECT,
        name="Basic Title",
        uid=".../Titles.localized/Bumper:Opener.localized/Basic Title.localized/Basic Title.moti",
    )
    for roll in ROLLS:
        asset = ET.SubElement(
            resources,
            "asset",
            id=_asset(roll),
            name=roll.name,
            start="0s",
            duration=seconds(roll.frames),
            hasVideo="1",
            format=FORMAT,
            hasAudio="1",
            videoSources="1",
            audioSources="1",
            audioChannels="1",
            audioRate="48000",
        )
        ET.SubElement(asset, "media-rep", kind="original-media", src=roll.url)


def _asset(roll: Roll) -> str:
    return f"r{ROLLS.index(roll) + 4}"


def _clip(spine: ET.Element, at: int, shot: Shot, roll: Roll) -> None:
    clip = ET.SubElement(
        spine,
        "asset-clip",
        ref=_asset(roll),
        offset=seconds(START + at),
        name=shot.name,
        start=seconds(shot.first),
        duration=seconds(shot.frames),
        tcFormat="NDF",
        audioRole="dialogue",
    )
    words, first, count = TITLE
    if at <= first < at + shot.frames:
        _title(clip, shot.first + first - at, words, count)
    # markers belong to clips here and count in the clip's own time; one that outlasts its clip goes on in the next
    for name, frame, length, comment, _ in MARKERS:
        begin, end = max(frame, at), min(frame + length, at + shot.frames)
        if begin < end:
            start = seconds(shot.first + begin - at)
            ET.SubElement(clip, "marker", start=start, duration=seconds(end - begin), value=name, note=comment)


def _title(clip: ET.Element, offset: int, words: str, count: int) -> None:
    title = ET.SubElement(
        clip,
        "title",
        ref=TITLE_EFFECT,
        lane="1",
        offset=seconds(offset),
        name=f"Title: {words}",
        start=seconds(OWN_CLOCK),
        duration=seconds(count),
    )
    text = ET.SubElement(title, "text")
    ET.SubElement(text, "text-style", ref="ts1").text = words
    style = ET.SubElement(title, "text-style-def", id="ts1")
    ET.SubElement(style, "text-style", font="Helvetica", fontSize="63", fontColor="1 1 1 1", alignment="center")


def _dissolve(spine: ET.Element, at: int) -> None:
    transition = ET.SubElement(
        spine,
        "transition",
        name="Cross Dissolve",
        offset=seconds(START + at - DISSOLVE),
        duration=seconds(2 * DISSOLVE),
    )
    ET.SubElement(transition, "filter-video", ref=DISSOLVE_EFFECT, name="Cross Dissolve")


if __name__ == "__main__":
    main()
