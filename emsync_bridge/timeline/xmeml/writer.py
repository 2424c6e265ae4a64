"""Insertion of music into a Final Cut Pro 7 XML document: tracks and markers; every other byte stays."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

from emsync_bridge.errors import TimelineError
from emsync_bridge.files.urls import UrlStyle
from emsync_bridge.timeline.cut.model import CutModel
from emsync_bridge.timeline.output import refuse_same, save
from emsync_bridge.timeline.placement import Placement
from emsync_bridge.timeline.source import Source
from emsync_bridge.timeline.verification import check_same, length_notes
from emsync_bridge.timeline.xmeml.document import OUR_PREFIX, Xmeml, open_xmeml, tracks
from emsync_bridge.timeline.xmeml.elements import (
    TrackPlan,
    audio_format,
    marker_element,
    outputs,
    rate_element,
    timecode_element,
    tracks_of,
)
from emsync_bridge.timeline.xmeml.reader import is_emsync_clip, is_emsync_marker, is_emsync_track, read, read_xmeml
from emsync_bridge.timeline.xml.insertion import (
    ByteEdit,
    Element,
    Layout,
    apply,
    branch,
    element,
    legal_text,
    media_url,
    removal,
)
from emsync_bridge.timeline.xml.tree import Node


def place(source: Source, output: Path, placement: Placement) -> list[str]:
    """Write a copy of a document with the music on new tracks and markers on the sequence.

    What an earlier run put in is replaced. The copy is read again before it is kept: all clips, transitions and
    foreign markers must be where they were.

    Arguments:
        source: An xmeml file.
        output: Path of the copy.
        placement: The music.

    Returns:
        What to tell the user, in full sentences.

    Raises:
        TimelineError: The document cannot be read or the music cannot go into it.
        OutputError: The copy cannot be written.
    """
    refuse_same(source.path, output)
    original = open_xmeml(source.path, source.document, whole=True)
    before = source.once("cut model", lambda: read(source))
    node, notes = original.choose(source.sequence)
    index = original.sequences.index(node)
    cleaned = open_xmeml(source.path, _without_ours(original, node), whole=True)
    data = _with_ours(cleaned, cleaned.sequences[index], placement, before.rate)
    again = read_xmeml(open_xmeml(source.path, data), sequence=source.sequence, rate=source.rate)
    check_same(before, again, source.path)
    save(output, data)
    return [*notes, *length_notes(before, placement)]


def music_only(model: CutModel, placement: Placement, output: Path) -> None:
    """Write a document with a sequence of the same rate, length and start timecode that holds the music alone.

    Arguments:
        model: The timeline that the music was made for.
        placement: The music.
        output: Path of the document.

    Raises:
        TimelineError: The music is neither mono nor stereo.
        OutputError: It cannot be written.
    """
    added = _tracks(placement, f"{OUR_PREFIX}1-", model.rate, 1, [])
    picture = branch(
        "samplecharacteristics",
        rate_element(model.rate),
        element("width", 1920),
        element("height", 1080),
        element("pixelaspectratio", "square"),
    )
    name = f"{model.name} {placement.track_name}"
    sequence = branch(
        "sequence",
        element("name", name),
        element("duration", max(round(model.duration * model.rate), placement.start + placement.frames)),
        rate_element(model.rate),
        branch(
            "media",
            branch("video", branch("format", picture)),
            branch("audio", element("numOutputChannels", 2), audio_format(), outputs(), *added),
        ),
        timecode_element(model.start_frame, model.rate, drop_frame=model.drop_frame),
        *(marker_element(marker, premiere=True) for marker in placement.markers),
        id=f"{OUR_PREFIX}sequence-1",
    )
    root = branch("xmeml", sequence, version="4")
    ET.indent(root, space="\t")
    text = ET.tostring(root, encoding="unicode")
    save(output, f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n{text}\n'.encode())


def _without_ours(xmeml: Xmeml, sequence: Node) -> bytes:
    """Return the document without what an earlier run put into the sequence."""
    gone = [marker for marker in sequence.all("marker") if is_emsync_marker(marker)]
    for track in tracks(sequence, "audio"):
        if is_emsync_track(track):
            gone.append(track)
        else:
            gone += [clip for clip in track.all("clipitem") if is_emsync_clip(clip)]
    return apply(xmeml.document, [removal(xmeml.document, node) for node in gone])


def _with_ours(xmeml: Xmeml, sequence: Node, placement: Placement, rate: Fraction) -> bytes:
    media = sequence.child("media")
    if media is None:  # ``choose`` returns sequences with media only
        raise TimelineError("The sequence holds nothing", where=xmeml.path)
    layout = Layout(xmeml.document, sequence)
    added = _tracks(placement, _free_prefix(xmeml), rate, len(tracks(sequence, "audio")) + 1, _urls(xmeml))
    markers = [marker_element(marker, premiere=xmeml.from_premiere()) for marker in placement.markers]
    edits = [_audio_edit(layout, media, added)]
    if markers:
        there = [*sequence.all("marker")[-1:], *sequence.all("timecode")[:1], media]
        edits.append(layout.after(there[0], markers))
    return apply(xmeml.document, edits)


def _audio_edit(layout: Layout, media: Node, added: list[Element]) -> ByteEdit:
    audio = media.child("audio")
    if audio is not None:
        last = (audio.all("track") or audio.children)[-1:]
        return layout.after(last[0], added) if last else layout.first(audio, added)
    whole = branch("audio", element("numOutputChannels", 2), audio_format(), outputs(), *added)
    video = media.child("video")
    return layout.after(video, [whole]) if video is not None else layout.last(media, [whole])


def _tracks(placement: Placement, prefix: str, rate: Fraction, first: int, urls: list[str]) -> list[Element]:
    found: list[Element] = []
    for group, (name, wav) in enumerate(placement.tracks, start=1):
        url = legal_text(media_url(wav, urls, UrlStyle.LOCALHOST))
        found += tracks_of(placement, name, wav, TrackPlan(prefix, rate, first + len(found), group, url))
    return found


def _urls(xmeml: Xmeml) -> list[str]:
    return [file.value("pathurl") for file in xmeml.files.values()]


def _free_prefix(xmeml: Xmeml) -> str:
    """Return the beginning of our ids, which no id of the document has: another sequence may hold music too."""
    taken = {
        node.attributes["id"]
        for node in xmeml.document.root.walk()
        if node.attributes.get("id", "").startswith(OUR_PREFIX)
    }
    number = 1
    while any(key.startswith(f"{OUR_PREFIX}{number}-") for key in taken):
        number += 1
    return f"{OUR_PREFIX}{number}-"
