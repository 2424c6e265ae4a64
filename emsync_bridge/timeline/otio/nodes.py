"""Music tracks and markers as OpenTimelineIO nodes, in the dialect of the editor that is to read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from emsync_bridge.files.urls import UrlStyle, style_of
from emsync_bridge.timecode import exact_rate
from emsync_bridge.timeline.otio.editor_dialect import EditorDialect, dialect_in
from emsync_bridge.timeline.otio.to_cut import OWN_KEY
from emsync_bridge.timeline.placement import PlacedMarker

Node = dict[str, Any]


@dataclass(frozen=True)
class DocumentStyle:
    """Dialect of a document: its writer, and the spellings that new elements follow.

    Arguments:
        dialect: Editor that wrote it.
        rate: The timeline's frames per second in the document's own spelling; OpenTimelineIO compares rates exactly.
        url_style: Spelling of the places of media.
        old_clips: Whether its clips are of the schema version before several media references.
        links: The highest link number in it.
    """

    dialect: EditorDialect
    rate: float
    url_style: UrlStyle
    old_clips: bool = False
    links: int = 0


@dataclass(frozen=True)
class AudioClip:
    """One audio file for one track.

    Arguments:
        track: Name of the track.
        name: Name of the file.
        url: URL where it lies, as the document writes it.
        frames: Length of the clip in timeline frames.
        media_frames: Length of the file in timeline frames.
        channels: Its channels.
        muted: Whether the track is switched off.
        role: ``music`` or ``stem``.
        start: Frame number of the timecode at which it begins.
        cue: The cue as a JSON document, for the track to carry.
    """

    track: str
    name: str
    url: str
    frames: int
    media_frames: int
    channels: int
    muted: bool
    role: str
    start: int = 0
    cue: Mapping[str, Any] | None = None


def document_style(timeline: Node, rate: Fraction) -> DocumentStyle:
    """Return how a document writes things.

    Arguments:
        timeline: The timeline's JSON object.
        rate: Its frames per second, exact.
    """
    spaces: set[str] = set()
    rates: list[float] = []
    schemas: set[str] = set()
    urls: list[str] = []
    links = 0
    for node in json_objects(timeline):
        schema = str(node.get("OTIO_SCHEMA"))
        schemas.add(schema)
        metadata = node.get("metadata")
        if isinstance(metadata, Mapping):
            spaces.update(metadata)
            links = max(links, _link(metadata))
        if schema.startswith("RationalTime") and _is_rate(node.get("rate"), rate):
            rates.append(float(node["rate"]))
        if isinstance(node.get("target_url"), str) and not is_emsync_node(node):
            urls.append(node["target_url"])
    dialect = dialect_in(spaces)
    # Resolve writes bare paths and Premiere URLs, whatever else the media of a document came from.
    fixed = {EditorDialect.RESOLVE: UrlStyle.PATH, EditorDialect.PREMIERE: UrlStyle.URL}
    return DocumentStyle(
        dialect=dialect,
        rate=max(set(rates), key=rates.count) if rates else float(rate),
        url_style=fixed.get(dialect) or style_of(urls),
        old_clips="Clip.1" in schemas and "Clip.2" not in schemas,
        links=links,
    )


def is_emsync_node(node: Any) -> bool:
    """Tell whether emsync wrote a track, clip or marker."""
    metadata = node.get("metadata") if isinstance(node, Mapping) else None
    return isinstance(metadata, Mapping) and OWN_KEY in metadata


def is_emsync_track(node: Any) -> bool:
    """Tell whether emsync wrote a track and nobody else has put anything beside its clips."""
    children = node.get("children") if is_emsync_node(node) else None
    shared = any(map(is_emsync_node, children or ())) and any(map(_is_foreign, children or ()))
    return is_emsync_node(node) and not shared


def without_emsync_clips(track: Node) -> Node:
    """Return a track that people share with emsync without its clips: gaps are in their places.

    Arguments:
        track: A track of emsync's with clips of others.
    """
    children = list(track.get("children") or ())
    while children and not _is_foreign(children[-1]):
        children.pop()
    gaps = [
        {**item("Gap.1", ""), "source_range": child.get("source_range")} if is_emsync_node(child) else child
        for child in children
    ]
    metadata = {key: value for key, value in track["metadata"].items() if key != OWN_KEY}
    return {**track, "metadata": metadata, "children": gaps}


def _is_foreign(child: Any) -> bool:
    gap = isinstance(child, Mapping) and str(child.get("OTIO_SCHEMA")).startswith("Gap.")
    return not gap and not is_emsync_node(child)


def json_objects(root: Any) -> Iterator[Node]:
    """Give every JSON object below a value, in no particular order."""
    waiting = [root]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def track_node(sound: AudioClip, style: DocumentStyle, *, lead: int = 0, link: int = 1) -> Node:
    """Return an audio track with one clip.

    Arguments:
        sound: The audio.
        style: Dialect of the document.
        lead: Frames of gap before it: first frames that are trimmed off, and those that the music leaves out.
        link: Link number of the clip, unlike any other.
    """
    gap = {**item("Gap.1", ""), "source_range": time_range(0, lead, style.rate)}
    clip = {
        **item("Clip.1" if style.old_clips else "Clip.2", sound.name, _clip_metadata(sound, style, link)),
        "source_range": time_range(sound.start, sound.frames, style.rate),
        **media(sound.name, sound.url, time_range(sound.start, sound.media_frames, style.rate), old=style.old_clips),
    }
    return {
        **item("Track.1", sound.track, _track_metadata(sound, style)),
        "enabled": not sound.muted,
        "children": [gap, clip] if lead else [clip],
        "kind": "Audio",
    }


def marker_node(marker: PlacedMarker, style: DocumentStyle, *, lead: int = 0) -> Node:
    """Return a marker of the timeline.

    Arguments:
        marker: The marker.
        style: Dialect of the document.
        lead: Frames that the timeline's first frame is counted from in the document.
    """
    metadata: Node = {OWN_KEY: {"version": 1}}
    if style.dialect is EditorDialect.RESOLVE:
        metadata[style.dialect.value] = {"Note": marker.comment}
    return {
        "OTIO_SCHEMA": "Marker.2",
        "metadata": metadata,
        "name": marker.name,
        "color": marker.color,
        "marked_range": time_range(marker.frame + lead, marker.duration, style.rate),
        "comment": marker.comment,
    }


def time_range(start: float, duration: float, rate: float) -> Node:
    """Return a range of time."""
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "duration": rational_time(duration, rate),
        "start_time": rational_time(start, rate),
    }


def rational_time(value: float, rate: float) -> Node:
    """Return a moment."""
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(value)}


def media(name: str, url: str | None, available: Node | None, *, old: bool = False) -> Node:
    """Return the fields of a clip that say what it shows.

    Arguments:
        name: The file's name.
        url: URL where it lies; None when that is not known.
        available: Its range.
        old: Whether to write them as before schema version 2.
    """
    reference: Node = {
        "OTIO_SCHEMA": "ExternalReference.1" if url else "MissingReference.1",
        "metadata": {},
        "name": name,
        "available_range": available,
        "available_image_bounds": None,
    }
    if url:
        reference["target_url"] = url
    if old:
        return {"media_reference": reference}
    return {"media_references": {"DEFAULT_MEDIA": reference}, "active_media_reference_key": "DEFAULT_MEDIA"}


def item(schema: str, name: str, metadata: Node | None = None) -> Node:
    """Return the fields that every clip, gap, track and stack has."""
    return {
        "OTIO_SCHEMA": schema,
        "metadata": metadata or {},
        "name": name,
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
    }


def _track_metadata(sound: AudioClip, style: DocumentStyle) -> Node:
    metadata: Node = {OWN_KEY: {"version": 1, "role": sound.role}}
    if sound.cue is not None:
        metadata[OWN_KEY]["cue"] = sound.cue
    kind = "Mono" if sound.channels == 1 else "Stereo"
    if style.dialect is EditorDialect.RESOLVE:
        metadata[style.dialect.value] = {"Audio Type": kind, "Locked": False, "SoloOn": False}
    elif style.dialect is EditorDialect.PREMIERE:
        metadata[style.dialect.value] = {"AudioChannels": {"ChannelType": kind, "NumberOfChannels": sound.channels}}
    return metadata


def _clip_metadata(sound: AudioClip, style: DocumentStyle, link: int) -> Node:
    metadata: Node = {OWN_KEY: {"version": 1, "role": sound.role}}
    channels = range(sound.channels)
    if style.dialect is EditorDialect.RESOLVE:
        metadata[style.dialect.value] = {
            "Channels": [{"Source Channel ID": channel, "Source Track ID": 0} for channel in channels]
        }
    elif style.dialect is EditorDialect.PREMIERE:
        # As the export that was tested against Premiere has it (WyattBlue/auto-editor#1163); the link is text there.
        metadata[style.dialect.value] = {
            "AudioChannels": {
                "ChannelType": "Mono" if sound.channels == 1 else "Stereo",
                "SecondaryAssignments": [{"SecondaryChannelIndex": channel} for channel in channels],
            },
            "LinkID": str(link),
            "OriginalChannelGroupIndex": 0,
            "SourceClipIndex": 0,
        }
    return metadata


def _is_rate(value: Any, rate: Fraction) -> bool:
    return isinstance(value, (int, float)) and 1 < value < 1000 and exact_rate(value) == rate


def _link(metadata: Mapping[str, Any]) -> int:
    premiere = metadata.get(EditorDialect.PREMIERE.value)
    link = premiere.get("LinkID") if isinstance(premiere, Mapping) and OWN_KEY not in metadata else None
    return int(link) if isinstance(link, (int, str)) and str(link).isdecimal() and len(str(link)) < 10 else 0
