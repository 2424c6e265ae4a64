"""Insertion of music into an OpenTimelineIO document: tracks and markers are added to its text, the rest stays."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path, PurePath

from emsync_bridge.errors import TimelineError
from emsync_bridge.files.urls import UrlStyle, is_absolute, to_path, to_url
from emsync_bridge.timeline.cut.model import CutModel
from emsync_bridge.timeline.formats import Format
from emsync_bridge.timeline.otio.bundle import MEDIA, members, save
from emsync_bridge.timeline.otio.container import OtioFile, open_otio
from emsync_bridge.timeline.otio.editor_dialect import EditorDialect
from emsync_bridge.timeline.otio.nodes import AudioClip, DocumentStyle, Node, document_style, marker_node, track_node
from emsync_bridge.timeline.otio.reader import read, read_document
from emsync_bridge.timeline.otio.text import OtioText
from emsync_bridge.timeline.output import refuse_same
from emsync_bridge.timeline.placement import Placement
from emsync_bridge.timeline.source import Source
from emsync_bridge.timeline.verification import check_same, length_notes

_BOM = b"\xef\xbb\xbf"


def place(source: Source, output: Path, placement: Placement) -> list[str]:
    """Write a copy of a document with the music on new tracks and markers on the timeline.

    What an earlier run put in is replaced. In a zip or a folder the audio goes to the other media. The copy is read
    again before it is kept: all clips, transitions and foreign markers must be where they were.

    Arguments:
        source: An .otio file, .otioz zip or .otiod folder.
        output: Path of the copy; it is of the same kind whatever its suffix says.
        placement: The music.

    Returns:
        What to tell the user, in full sentences.

    Raises:
        TimelineError: The document cannot be read or the music cannot go into it.
        OutputError: The copy cannot be written.
    """
    refuse_same(source.path, output)
    document = open_otio(source)
    before = source.once("cut model", lambda: read(source))
    text = OtioText(document.text, source.path, source.sequence)
    style = document_style(text.timeline(), before.rate)
    names: list[str] = []
    gone: set[str] = set()
    if document.kind is Format.OTIO:
        urls = audio_urls(placement, style, output)
    else:
        own, foreign = ({to_path(url) for url in found} for found in text.urls())
        gone = own - foreign
        names = bundle_names(placement, (members(source.path, document.kind) | foreign) - gone)
        urls = [to_url(name, UrlStyle.RELATIVE_URL) for name in names]
    lead = text.head(before.rate)
    tracks = track_nodes(placement, urls, style, lead=lead)
    markers = [marker_node(marker, style, lead=lead) for marker in placement.markers]
    try:
        written = text.with_music(tracks, markers).encode()
    except UnicodeEncodeError:
        raise TimelineError("A name or path holds characters that no document can", where=source.path) from None
    data = (_BOM if document.data.startswith(_BOM) else b"") + written
    again = read_document(OtioFile(document.kind, data), source.path, sequence=source.sequence, rate=source.rate)
    check_same(before, again, source.path)
    audio = {name: wav for name, (_, wav) in zip(names, placement.tracks, strict=False)}
    save(source.path, output, document.kind, data, audio=audio, gone=gone)
    return [*before.warnings, *length_notes(before, placement), *_editor_notes(before, style)]


def moves_along(source: Source, output: Path, placement: Placement) -> list[str]:
    """Return the names of what lies beside a result of ``place`` and has to stay beside it, since it is named relative.

    Arguments:
        source: Source as ``place`` got it.
        output: Path as ``place`` got it.
        placement: Placement as ``place`` got it.
    """
    document = open_otio(source)
    if document.kind is not Format.OTIO:
        return []
    before = source.once("cut model", lambda: read(source))
    style = document_style(OtioText(document.text, source.path, source.sequence).timeline(), before.rate)
    urls, folder = audio_urls(placement, style, output), _absolute(output).parent
    named = zip(placement.tracks, urls, strict=True)
    beside = [_absolute(wav).relative_to(folder).parts[0] for (_, wav), url in named if not is_absolute(url)]
    return list(dict.fromkeys(beside))


def _editor_notes(model: CutModel, style: DocumentStyle) -> list[str]:
    """Return what an editor is known to do with its own files."""
    if style.dialect is not EditorDialect.RESOLVE:
        return []
    if any(leaf.kind == "title" for leaf in model.leaves):
        return ["Resolve refuses its own .otio files with titles in them; import the music alone instead"]
    return ["Resolve imports .otio as a new timeline without grades; to keep yours, copy the music's track from it"]


def track_nodes(placement: Placement, urls: Sequence[str], style: DocumentStyle, *, lead: int = 0) -> list[Node]:
    """Return the tracks of a placement, the music first and the stems muted below it.

    Arguments:
        placement: The music.
        urls: URL of each audio file, as the document writes it.
        style: Dialect of the document.
        lead: Frames of gap before the audio.
    """
    nodes = []
    for number, ((name, wav), url) in enumerate(zip(placement.tracks, urls, strict=True)):
        sound = AudioClip(
            track=name,
            name=wav.name,
            url=url,
            frames=placement.frames,
            media_frames=placement.media_frames,
            channels=placement.channels,
            muted=number > 0,
            role="stem" if number else "music",
            start=placement.media_start,
            cue=None if number else placement.cue,
        )
        nodes.append(track_node(sound, style, lead=lead + placement.start, link=style.links + number + 1))
    return nodes


def audio_urls(placement: Placement, style: DocumentStyle, output: Path) -> list[str]:
    """Return where the audio of a placement lies, in the document's style.

    Arguments:
        placement: The music.
        style: Dialect of the document.
        output: The new document, which relative paths count from.
    """
    folder = _absolute(output).parent
    return [to_url(_absolute(wav), style.url_style, beside=folder) for _, wav in placement.tracks]


def bundle_names(placement: Placement, taken: Collection[str]) -> list[str]:
    """Return the names of the audio inside a bundle, none of them in use there.

    Arguments:
        placement: The music.
        taken: Names of the user's files in it.
    """
    used = {name.casefold() for name in taken}
    names = []
    for _, wav in placement.tracks:
        stem, suffix = PurePath(wav.name).stem, PurePath(wav.name).suffix
        name, number = f"{MEDIA}{wav.name}", 2
        while name.casefold() in used:
            name, number = f"{MEDIA}{stem} {number}{suffix}", number + 1
        used.add(name.casefold())
        names.append(name)
    return names


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - keeps links
