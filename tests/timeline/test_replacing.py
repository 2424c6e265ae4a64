"""Music of an earlier run that is replaced after other people have worked on the timeline: theirs stays as it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import fcpxml_text
import opentimelineio as otio
import otio_make as make
import xmeml_text
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.timeline.insertion import place
from emsync_bridge.timeline.placement import PlacedMarker, Placement

OWN = "emsync_bridge"
RATE = 24.0


@dataclass(frozen=True)
class Work:
    """Work of another person: on a track of its own, in a marker, or in a clip on the track of our music."""

    kind: str
    place: int
    frame: int
    name: str


names = st.sampled_from(["temp music", "hit: door", "AI Music", "emsync", "[emsync] louder", "a < b & 'c' 漢"])
works = st.builds(
    Work, st.sampled_from(["track", "marker", "clip", "beside"]), st.integers(0, 5), st.integers(0, 40), names
)
hits = st.lists(st.integers(0, 60), max_size=4, unique=True)


def music(folder: Path, version: int, frames: list[int], stems: int) -> Placement:
    """Return music of a version with stems and a marker on each of some frames."""
    for name in ("mix", *(f"stem {n}" for n in range(stems))):
        (folder / f"{name} v{version:02d}.wav").write_bytes(b"")
    beside = tuple((f"stem {n}", folder / f"stem {n} v{version:02d}.wav") for n in range(stems))
    marks = tuple(PlacedMarker(frame, f"hit {frame} v{version}") for frame in sorted(frames))
    return Placement(folder / f"mix v{version:02d}.wav", 96, 48000, 2, marks, stems=beside)


def replaced(folder: Path, suffix: str, text: str, change, given) -> tuple[Path, Path]:
    """Return a timeline with music of version 1 that people have changed, and the same with version 2 in its place."""
    first, second, stems, done = given
    source, once, twice = (folder / f"{name}{suffix}" for name in ("cut", "cut v01", "cut v02"))
    source.write_text(text, encoding="utf-8")
    place(source, once, music(folder, 1, first, stems))
    change(once, done)
    before = once.read_bytes()
    place(once, twice, music(folder, 2, second, 2 - stems))
    assert once.read_bytes() == before
    assert (b"v01.wav" in twice.read_bytes()) is False
    again = folder / f"again{suffix}"
    place(twice, again, music(folder, 2, second, 2 - stems))
    assert again.read_bytes() == twice.read_bytes()
    return once, twice


given_work = st.tuples(hits, hits, st.integers(0, 2), st.lists(works, max_size=5))


# OpenTimelineIO


def change_otio(path: Path, done: list[Work]) -> None:
    timeline = otio.adapters.read_from_file(str(path))

    def clip(work):
        source = otio.opentime.TimeRange(
            otio.opentime.RationalTime(work.frame, RATE), otio.opentime.RationalTime(12, RATE)
        )
        return otio.schema.Clip(work.name, otio.schema.ExternalReference(f"/sound/{work.frame}.wav"), source)

    for work in done:
        tracks, audio = timeline.tracks, [t for t in timeline.tracks if t.kind == "Audio"]
        if work.kind == "track":
            one = otio.schema.Track(work.name, [clip(work)], kind="Audio")
            tracks.insert(min(work.place, len(tracks)), one)
        elif work.kind == "marker":
            where = otio.opentime.TimeRange(
                otio.opentime.RationalTime(work.frame, RATE), otio.opentime.RationalTime(1, RATE)
            )
            marks = tracks.markers
            marks.insert(min(work.place, len(marks)), otio.schema.Marker(work.name, where))
        elif work.kind == "clip":
            tracks[0].append(clip(work))
        else:
            audio[work.place % len(audio)].append(clip(work))
    otio.adapters.write_to_file(timeline, str(path))


@given(given_work)
def test_an_otio_timeline_keeps_what_people_did(tmp_path_factory, given):
    folder = tmp_path_factory.mktemp("otio")
    text = json.dumps(make.timeline(make.track(make.clip("A", 48), make.clip("B", 48)), markers=[make.marker("m", 3)]))
    once, twice = replaced(folder, ".otio", text, change_otio, given)
    sound = {work.name for work in given[3]}
    before, after = (otio.adapters.read_from_file(str(path)) for path in (once, twice))
    assert clips_of(before) == clips_of(after)
    assert marks_of(before) == marks_of(after)
    mine = [t.name for t in after.tracks if OWN in t.metadata]
    assert mine == ["AI Music", *(f"AI Music stem {n}" for n in range(2 - given[2]))]
    assert sorted(m.name for m in after.tracks.markers if OWN in m.metadata) == sorted(f"hit {n} v2" for n in given[1])
    assert sound >= {clip for *_, clip in clips_of(after)} - {"A", "B"}


def clips_of(timeline) -> list[tuple]:
    """Return track, place in frames and name of every clip that is not emsync's, track by track."""
    return [
        (
            track.kind,
            clip.transformed_time_range(clip.trimmed_range(), timeline.tracks),
            clip.to_json_string(),
            clip.name,
        )
        for track in timeline.tracks
        for clip in track.find_clips()
        if OWN not in clip.metadata
    ]


def marks_of(timeline) -> list[str]:
    return [mark.to_json_string() for mark in timeline.tracks.markers if OWN not in mark.metadata]


# XML


def canonical(root: ET.Element) -> str:
    return ET.canonicalize(ET.tostring(root, encoding="unicode"), strip_text=True)


def change_xmeml(path: Path, done: list[Work]) -> None:
    root = ET.fromstring(path.read_bytes())
    sequence = root.find("sequence")
    audio = sequence.find("media/audio")
    for number, work in enumerate(done):
        clip = ET.fromstring(xmeml_text.clip(work.frame, work.frame + 5, 0, 5, '<file id="file-1"/>', name=work.name))
        clip.set("id", f"theirs-{number}")
        found = audio.findall("track")
        if work.kind == "track":
            track = ET.fromstring(xmeml_text.track())
            track.insert(0, clip)
            before = [at for at, child in enumerate(audio) if child.tag == "track"]
            audio.insert(before[min(work.place, len(before) - 1)], track)
        elif work.kind == "marker":
            mark = ET.fromstring("<marker><name/><comment/><in/><out>-1</out></marker>")
            mark.find("name").text = mark.find("comment").text = work.name
            mark.find("in").text = str(work.frame)
            sequence.append(mark)
        elif work.kind == "clip":
            sequence.findall("media/video/track")[0].insert(1, clip)
        else:
            found[work.place % len(found)].insert(0, clip)
    path.write_bytes(b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n' + ET.tostring(root))


def theirs_in_xmeml(path: Path) -> str:
    root = ET.fromstring(path.read_bytes())
    for track in root.findall("sequence/media/audio/track"):
        mine = [clip for clip in track.findall("clipitem") if clip.get("id").startswith("emsync-")]
        for clip in mine:
            track.remove(clip)
        if mine and track.find("clipitem") is None:
            root.find("sequence/media/audio").remove(track)
    for sequence in root.findall("sequence"):
        for mark in sequence.findall("marker"):
            if mark.findtext("comment").endswith("[emsync]"):
                sequence.remove(mark)
    return canonical(root)


@given(given_work)
def test_an_xmeml_timeline_keeps_what_people_did(tmp_path_factory, given):
    folder = tmp_path_factory.mktemp("xmeml")
    first = xmeml_text.clip(0, 48, 0, 48, xmeml_text.file(1))
    text = xmeml_text.document(xmeml_text.sequence(xmeml_text.track(first)))
    once, twice = replaced(folder, ".xml", text, change_xmeml, given)
    assert theirs_in_xmeml(once) == theirs_in_xmeml(twice)
    root = ET.fromstring(twice.read_bytes())
    mine = [mark.findtext("name") for mark in root.iter("marker") if mark.findtext("comment").endswith("[emsync]")]
    assert sorted(mine) == sorted(f"hit {n} v2" for n in given[1])


def change_fcpxml(path: Path, done: list[Work]) -> None:
    root = ET.fromstring(path.read_bytes())
    hosts = list(root.find(".//spine"))
    for number, work in enumerate(done):
        host = hosts[work.place % len(hosts)]
        start = host.get("start")
        if work.kind == "marker":
            mark = ET.Element("marker", start=start, duration=fcpxml_text.t(1), value=work.name)
            host.append(mark)
            continue
        facts = {"offset": start, "lane": str(number + 1 if work.kind == "clip" else -number - 20), "name": work.name}
        clip = ET.fromstring(fcpxml_text.tag("asset-clip", ref="a2", start="0s", duration=fcpxml_text.t(5), **facts))
        clips = [at for at, child in enumerate(host) if child.tag == "asset-clip"]
        host.insert(clips[work.frame % len(clips)] if clips else 0, clip)
    path.write_bytes(b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n' + ET.tostring(root))


def theirs_in_fcpxml(path: Path) -> str:
    root = ET.fromstring(path.read_bytes())
    for parent in list(root.iter()):
        for child in list(parent):
            if child.get("id", "").startswith("emsync-") or child.get("ref", "").startswith("emsync-"):
                parent.remove(child)
    return canonical(root)


@given(given_work)
def test_an_fcpxml_timeline_keeps_what_people_did(tmp_path_factory, given):
    folder = tmp_path_factory.mktemp("fcpxml")
    text = fcpxml_text.document(*(fcpxml_text.clip(n, 30 * (n - 1), 30, 7 * n) for n in (1, 2, 3)))
    once, twice = replaced(folder, ".fcpxml", text, change_fcpxml, given)
    assert theirs_in_fcpxml(once) == theirs_in_fcpxml(twice)
    root = ET.fromstring(twice.read_bytes())
    mine = [clip for clip in root.iter("asset-clip") if clip.get("ref").startswith("emsync-")]
    assert len(mine) == 3 - given[2]
    assert sorted(m.get("value") for clip in mine for m in clip.iter("marker")) == sorted(
        f"hit {n} v2" for n in given[1]
    )
