"""Insertion of music into an FCPXML document: an asset and a connected clip; every other byte stays."""

from __future__ import annotations

import math
import re
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

from emsync_bridge.errors import OutputError, TimelineError
from emsync_bridge.files.atomic import replacing
from emsync_bridge.files.urls import UrlStyle
from emsync_bridge.timeline.cut.model import CutModel
from emsync_bridge.timeline.fcpxml.conform import ConformRates
from emsync_bridge.timeline.fcpxml.document import OUR_PREFIX, Fcpxml, open_fcpxml, time_of
from emsync_bridge.timeline.fcpxml.elements import asset_element, clip_element, seconds_text
from emsync_bridge.timeline.fcpxml.items import audition_pick, lane_of, media_of, spine_begin, start_of, time_map
from emsync_bridge.timeline.fcpxml.reader import read, read_fcpxml
from emsync_bridge.timeline.formats import DOCUMENTS, Format
from emsync_bridge.timeline.output import refuse_same, save
from emsync_bridge.timeline.placement import Placement
from emsync_bridge.timeline.source import Source
from emsync_bridge.timeline.verification import check_same, length_notes
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

_HOSTS = ("asset-clip", "clip", "ref-clip", "sync-clip", "mc-clip", "gap", "video", "title", "audio")
# What comes after connected clips in an item, by Apple's DTDs 1.8 to 1.14
_AFTER_CLIPS = frozenset(
    {
        *("marker", "chapter-marker", "rating", "keyword", "analysis-marker", "hidden-clip-marker"),
        *("audio-channel-source", "audio-role-source", "sync-source", "metadata", "reserved"),
        *("filter-video", "filter-video-mask", "filter-audio"),
    }
)
_FORMAT_NAMES = {
    Fraction(24000, 1001): "2398",
    Fraction(24): "24",
    Fraction(25): "25",
    Fraction(30000, 1001): "2997",
    Fraction(30): "30",
    Fraction(50): "50",
    Fraction(60000, 1001): "5994",
    Fraction(60): "60",
}
_MUSIC_ONLY_VERSION = (1, 9)  # old enough for Resolve 17 and Final Cut Pro 10.5
_OUR_ID = re.compile(rf"{OUR_PREFIX}(\d{{1,9}})-")
_OLDEST = (1, 6)  # the first version with asset clips


def place(source: Source, output: Path, placement: Placement) -> list[str]:
    """Write a copy of a document with the music as a clip connected to its beginning, and markers in that clip.

    What an earlier run put in is replaced. The copy is read again before it is kept: all clips, transitions and
    foreign markers must be where they were.

    Arguments:
        source: An FCPXML file or ``.fcpxmld`` folder.
        output: Path of the copy; a folder when ``source`` is one and the name ends in ``.fcpxmld``.
        placement: The music.

    Returns:
        What to tell the user, in full sentences.

    Raises:
        TimelineError: The document cannot be read or the music cannot go into it.
        OutputError: The copy cannot be written.
    """
    refuse_same(source.path, output)
    original = open_fcpxml(source.path, source.document, whole=True)
    _refuse_old(original)
    before = source.once("cut model", lambda: read(source))
    node, _, notes = original.choose(source.sequence)
    index = original.sequences.index(node)
    cleaned = open_fcpxml(source.path, _without_ours(original, node), whole=True)
    span = range(placement.start, placement.start + placement.frames)
    outside = [marker for marker in placement.markers if marker.frame not in span]
    if outside:
        placement = replace(placement, markers=tuple(m for m in placement.markers if m.frame in span))
        notes = [*notes, f"{len(outside)} markers outside the music were left out"]
    data = _with_ours(cleaned, cleaned.sequences[index], placement, before.rate)
    again = read_fcpxml(open_fcpxml(source.path, data), sequence=source.sequence, rate=source.rate)
    check_same(before, again, source.path)
    if source.path.is_dir() and output.suffix.lower() == ".fcpxmld":
        _save_bundle(source.path, output, data)
    else:
        save(output, data)
    return [*notes, *length_notes(before, placement)]


def refuse_unplaceable(source: Source) -> None:
    """Refuse a document that music cannot be put into, as ``place`` does, before there is any music.

    Arguments:
        source: An FCPXML file or ``.fcpxmld`` folder.

    Raises:
        TimelineError: It cannot be read, or is older than music clips.
    """
    _refuse_old(open_fcpxml(source.path, source.document))


def music_only(model: CutModel, placement: Placement, output: Path) -> None:
    """Write a document with a project of the same rate, length and start timecode that holds the music alone.

    Arguments:
        model: The timeline that the music was made for.
        placement: The music.
        output: Path of the document.

    Raises:
        OutputError: It cannot be written.
    """
    rate = model.rate
    frames = max(math.ceil(model.duration * rate), placement.start + placement.frames)
    begin, length = seconds_text(model.start_frame / rate), seconds_text(frames / rate)
    form = {"id": "r1", "frameDuration": seconds_text(1 / rate), "width": "1920", "height": "1080"}
    if rate in _FORMAT_NAMES:
        form["name"] = f"FFVideoFormat1080p{_FORMAT_NAMES[rate]}"
    offset = seconds_text(placement.start / rate)
    assets: list[Element] = []
    clips: list[Element] = []
    for number, (track, wav) in enumerate(placement.tracks, start=1):
        key = f"{OUR_PREFIX}1-asset-{number}"
        url = legal_text(media_url(wav, [], UrlStyle.URL))
        assets.append(asset_element(placement, rate, key, name=wav.stem, url=url, version=_MUSIC_ONLY_VERSION))
        clip = clip_element(placement, rate, key, name=track, lane=-number, offset=offset, stem=number > 1)
        clips.append(clip)
    sequence = branch(
        "sequence",
        branch("spine", branch("gap", *clips, name="Gap", offset=begin, start="0s", duration=length)),
        format="r1",
        duration=length,
        tcStart=begin,
        tcFormat="DF" if model.drop_frame else "NDF",
        audioLayout="stereo",
        audioRate="48k",
    )
    name = f"{model.name} {placement.track_name}"
    root = branch(
        "fcpxml",
        branch("resources", element("format", **form), *assets),
        branch("library", branch("event", branch("project", sequence, name=name), name=name)),
        version=".".join(map(str, _MUSIC_ONLY_VERSION)),
    )
    ET.indent(root, space="    ")
    text = ET.tostring(root, encoding="unicode")
    save(output, f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n\n{text}\n'.encode())


def _refuse_old(fcpxml: Fcpxml) -> None:
    if fcpxml.version < _OLDEST:
        raise TimelineError(
            "Music can be put into FCPXML from version 1.6 on; this is an older one",
            where=fcpxml.path,
            hint="Export FCPXML 1.6 or newer, or an OpenTimelineIO file, Final Cut Pro 7 XML or EDL; music without a "
            "timeline is composed with: emsync compose",
        )


def _save_bundle(source: Path, output: Path, data: bytes) -> None:
    """Write a copy of a bundle folder with another document in it."""
    if not output.parent.is_dir():
        raise OutputError("Folder not found", where=output.parent, hint="Create it first")
    with replacing(output) as temporary:
        shutil.copytree(source, temporary)
        (temporary / DOCUMENTS[Format.FCPXML]).write_bytes(data)


def _without_ours(fcpxml: Fcpxml, sequence: Node) -> bytes:
    """Return the document without what an earlier run put into the sequence."""
    clips = [node for node in sequence.walk() if _is_emsync_clip(node)]
    inside = {clip.start for clip in clips}
    elsewhere = {
        node.attributes.get("ref", "")
        for node in fcpxml.document.root.walk()
        if _is_emsync_clip(node) and node.start not in inside
    }
    refs = {clip.attributes["ref"] for clip in clips}
    assets = [node for key, node in fcpxml.resources.items() if key in refs and key not in elsewhere]
    return apply(fcpxml.document, [removal(fcpxml.document, node) for node in [*clips, *assets]])


def _is_emsync_clip(node: Node) -> bool:
    return node.tag == "asset-clip" and node.attributes.get("ref", "").startswith(OUR_PREFIX)


def _with_ours(fcpxml: Fcpxml, sequence: Node, placement: Placement, rate: Fraction) -> bytes:
    begin = spine_begin(fcpxml, sequence)[0] + placement.start / rate
    host, at = _host(fcpxml, sequence, begin)
    layout = Layout(fcpxml.document, sequence)
    lowest = min(0, *(lane_of(node) for node in sequence.walk()))
    free = _free_number(fcpxml)
    urls = [media_of(node) or "" for node in fcpxml.resources.values() if node.tag == "asset"]
    speed = ConformRates(fcpxml).speed(host, rate)
    offset = seconds_text(start_of(host) + (begin - at) * speed)
    assets: list[Element] = []
    clips: list[Element] = []
    for number, (name, wav) in enumerate(placement.tracks, start=1):
        key = f"{OUR_PREFIX}{free}-asset-{number}"
        url = legal_text(media_url(wav, urls, UrlStyle.URL))
        assets.append(asset_element(placement, rate, key, name=wav.stem, url=url, version=fcpxml.version))
        clip = clip_element(placement, rate, key, name=name, lane=lowest - number, offset=offset, stem=number > 1)
        clips.append(clip)
    return apply(fcpxml.document, [_resources_edit(fcpxml, layout, assets, free), _clips_edit(layout, host, clips)])


def _host(fcpxml: Fcpxml, sequence: Node, begin: Fraction) -> tuple[Node, Fraction]:
    """Return the item of the primary storyline that the music is connected to, and its time on the storyline's clock.

    It is the last that can hold music before its start; where none can, the first one takes it. Of an audition it is
    the clip that is shown.
    """
    spine = sequence.child("spine")
    able: list[tuple[Node, Fraction | None]] = []
    for item in spine.children if spine else ():
        offset = time_of(item, "offset")
        clip = audition_pick(item) or item
        # At its very beginning a speed change of the host makes no difference.
        if clip.tag in _HOSTS and (offset in (None, begin) or time_map(fcpxml, clip) is None):
            able.append((clip, offset))
    if not able:
        raise TimelineError(
            "The primary storyline has no clip that music can be connected to",
            where=fcpxml.path,
            hint="Put a gap at the beginning of the project, or import the music-only timeline",
        )
    before = [(clip, offset) for clip, offset in able if offset is not None and offset <= begin]
    host, offset = before[-1] if before else able[0]
    return host, begin if offset is None else offset


def _clips_edit(layout: Layout, host: Node, clips: list[Element]) -> ByteEdit:
    before = [child for child in host.children if child.tag not in _AFTER_CLIPS]
    return layout.after(before[-1], clips) if before else layout.first(host, clips)


def _resources_edit(fcpxml: Fcpxml, layout: Layout, assets: list[Element], number: int) -> ByteEdit:
    """Return the insertion of assets, after the user's own and those of projects that got music earlier."""
    groups = fcpxml.document.root.all("resources")
    if not groups:
        options = fcpxml.document.root.child("import-options")
        made = [branch("resources", *assets)]
        return layout.after(options, made) if options else layout.first(fcpxml.document.root, made)
    before = [node for node in groups[-1].children if (_our_number(node) or 0) < number]
    return layout.after(before[-1], assets) if before else layout.first(groups[-1], assets)


def _free_number(fcpxml: Fcpxml) -> int:
    """Return a number for our ids that no id of the document has: another project may hold music too."""
    taken = {_our_number(node) for node in fcpxml.document.root.walk()}
    return next(number for number in range(1, len(taken) + 2) if number not in taken)


def _our_number(node: Node) -> int | None:
    """Return the number in an id that emsync gave; None for any other."""
    found = _OUR_ID.match(node.attributes.get("id", ""))
    return int(found[1]) if found else None
