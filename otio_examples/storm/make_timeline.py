"""Write the edit as ``storm.otio`` and, the way Premiere Pro exports it, as ``storm.xml``."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import opentimelineio as otio
from cut import DISSOLVE, DISSOLVE_AFTER, LIGHTNING, RATE, SADNESS, SHOTS, START, TITLE, Roll, Shot
from opentimelineio.opentime import RationalTime, TimeRange
from paint import HEIGHT, WIDTH

HERE = Path(__file__).parent
NAME = "Storm over the Bay"
MARKERS = (
    ("Lightning", LIGHTNING, 1, "The music should hit this", "RED"),
    ("emsync: sadness", *SADNESS, "An order to the composer, until the picture goes black", "BLUE"),
)


def main() -> None:
    """Write both documents beside this script."""
    (HERE / "storm.otio").write_text(timeline().to_json_string(indent=2) + "\n", encoding="utf-8")
    tree = xmeml()
    ET.indent(tree, "\t")
    text = ET.tostring(tree, encoding="unicode")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n'
    (HERE / "storm.xml").write_text(f"{head}{text}\n", encoding="utf-8")


def placed() -> Iterator[tuple[int, int, Shot]]:
    """Yield number, first frame in the timeline and shot."""
    at = 0
    for number, shot in enumerate(SHOTS):
        yield number, at, shot
        at += shot.frames


LENGTH = sum(shot.frames for shot in SHOTS)


def frames(first: int, count: int) -> TimeRange:
    """Return a range in frames."""
    return TimeRange(RationalTime(first, RATE), RationalTime(count, RATE))


def timeline() -> otio.schema.Timeline:
    """Return the edit in OpenTimelineIO's own words."""
    picture = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    titles = otio.schema.Track("V2", kind=otio.schema.TrackKind.Video)
    sound = otio.schema.Track("A1", kind=otio.schema.TrackKind.Audio)
    for number, _, shot in placed():
        for track in (picture, sound):
            track.append(_clip(shot) if shot.roll else otio.schema.Gap(source_range=frames(0, shot.frames)))
        if number == DISSOLVE_AFTER:
            picture.append(
                otio.schema.Transition(
                    name="Cross Dissolve",
                    transition_type=otio.schema.TransitionTypes.SMPTE_Dissolve,
                    in_offset=RationalTime(DISSOLVE, RATE),
                    out_offset=RationalTime(DISSOLVE, RATE),
                )
            )
    words, first, count = TITLE
    titles.append(otio.schema.Gap(source_range=frames(0, first)))
    text = otio.schema.GeneratorReference(
        name=words, available_range=frames(0, count), generator_kind="Title", parameters={"text": words}
    )
    titles.append(otio.schema.Clip(f"Title: {words}", text, frames(0, count)))

    edit = otio.schema.Timeline(NAME, global_start_time=RationalTime(START, RATE))
    edit.tracks.extend([picture, titles, sound])
    for name, at, length, comment, colour in MARKERS:
        edit.tracks.markers.append(otio.schema.Marker(name, frames(at, length), colour, comment=comment))
    return edit


def _clip(shot: Shot) -> otio.schema.Clip:
    assert shot.roll is not None  # noqa: S101
    media = otio.schema.ExternalReference(shot.roll.url, available_range=frames(0, shot.roll.frames))
    media.name = f"{shot.roll.name}.mp4"
    return otio.schema.Clip(shot.name, media, frames(shot.first, shot.frames))


def xmeml() -> ET.Element:
    """Return the edit as Final Cut Pro 7 interchange, version 4 as Premiere Pro writes it."""
    root = ET.Element("xmeml", version="4")
    sequence = _sub(root, "sequence", id="sequence-1")
    _fields(sequence, duration=LENGTH)
    _rate(sequence)
    _fields(sequence, name=NAME)
    media = _sub(sequence, "media")
    known: set[str] = set()
    _picture(_sub(media, "video"), known)
    _sound(_sub(media, "audio"), known)
    _timecode(sequence, START, "01:00:00:00")
    for name, at, length, comment, _ in MARKERS:
        _fields(
            _sub(sequence, "marker"), comment=comment, name=name, **{"in": at, "out": at + length if length > 1 else -1}
        )
    return root


def _picture(video: ET.Element, known: set[str]) -> None:
    characteristics = _sub(_sub(video, "format"), "samplecharacteristics")
    _rate(characteristics)
    _fields(characteristics, width=WIDTH, height=HEIGHT, anamorphic="FALSE", pixelaspectratio="square")
    _fields(characteristics, fielddominance="none")
    track = _sub(video, "track")
    for number, at, shot in placed():
        if shot.roll is None:
            continue
        # beside a transition an edge is -1 and the material reaches through it
        before = DISSOLVE if number == DISSOLVE_AFTER + 1 else 0
        after = DISSOLVE if number == DISSOLVE_AFTER else 0
        if before:
            _transition(track, at)
        item = _item(track, f"clipitem-{number + 1}", shot.name, shot.roll.frames)
        edges = {"start": -1 if before else at, "end": -1 if after else at + shot.frames}
        _fields(item, **edges, **{"in": shot.first - before, "out": shot.first + shot.frames + after})
        _file(item, shot.roll, known)
        _link(item, number + 1)
    words, first, count = TITLE
    title = _sub(_sub(video, "track"), "generatoritem", id="title-1")
    _fields(title, name=words, enabled="TRUE", duration=count)
    _rate(title)
    _fields(title, start=first, end=first + count, **{"in": 0, "out": count})
    effect = _sub(title, "effect")
    _fields(effect, name="Text", effectid="Text", effectcategory="Text", effecttype="generator", mediatype="video")
    _fields(_sub(effect, "parameter"), parameterid="str", name="Text", value=words)


def _sound(audio: ET.Element, known: set[str]) -> None:
    _fields(audio, numOutputChannels=2)
    _fields(_sub(_sub(audio, "format"), "samplecharacteristics"), depth=16, samplerate=48000)
    track = _sub(audio, "track", premiereTrackType="Mono", currentExplodedTrackIndex="0", totalExplodedTrackCount="1")
    for number, at, shot in placed():
        if shot.roll is None:
            continue
        item = _item(track, f"clipitem-a{number + 1}", shot.name, shot.roll.frames)
        _fields(item, start=at, end=at + shot.frames, **{"in": shot.first, "out": shot.first + shot.frames})
        _file(item, shot.roll, known)
        _fields(_sub(item, "sourcetrack"), mediatype="audio", trackindex=1)
        _link(item, number + 1)
    _fields(track, enabled="TRUE", locked="FALSE", outputchannelindex=1)


def _item(track: ET.Element, identity: str, name: str, length: int) -> ET.Element:
    item = _sub(track, "clipitem", id=identity)
    _fields(item, name=name, enabled="TRUE", duration=length)
    _rate(item)
    return item


def _transition(track: ET.Element, at: int) -> None:
    item = _sub(track, "transitionitem")
    _fields(item, start=at - DISSOLVE, end=at + DISSOLVE, alignment="center")
    _rate(item)
    effect = _sub(item, "effect")
    _fields(effect, name="Cross Dissolve", effectid="Cross Dissolve", effectcategory="Dissolve")
    _fields(effect, effecttype="transition", mediatype="video")


def _file(item: ET.Element, roll: Roll, known: set[str]) -> None:
    file = _sub(item, "file", id=f"file-{roll.name}")
    if roll.name in known:
        return
    known.add(roll.name)
    _fields(file, name=f"{roll.name}.mp4", pathurl=roll.url)
    _rate(file)
    _fields(file, duration=roll.frames)
    _timecode(file, 0, "00:00:00:00")
    media = _sub(file, "media")
    picture = _sub(_sub(media, "video"), "samplecharacteristics")
    _rate(picture)
    _fields(picture, width=WIDTH, height=HEIGHT)
    sound = _sub(media, "audio")
    _fields(_sub(sound, "samplecharacteristics"), depth=16, samplerate=48000)
    _fields(sound, channelcount=1)


def _link(item: ET.Element, number: int) -> None:
    order = sum(1 for i, _, shot in placed() if shot.roll and i < number)
    for reference, kind in ((f"clipitem-{number}", "video"), (f"clipitem-a{number}", "audio")):
        _fields(_sub(item, "link"), linkclipref=reference, mediatype=kind, trackindex=1, clipindex=order)


def _timecode(parent: ET.Element, frame: int, text: str) -> None:
    timecode = _sub(parent, "timecode")
    _rate(timecode)
    _fields(timecode, string=text, frame=frame, displayformat="NDF")


def _rate(parent: ET.Element) -> None:
    _fields(_sub(parent, "rate"), timebase=RATE, ntsc="FALSE")


def _sub(parent: ET.Element, name: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, name, attributes)


def _fields(parent: ET.Element, **values: object) -> None:
    for name, value in values.items():
        ET.SubElement(parent, name).text = str(value)


if __name__ == "__main__":
    main()
