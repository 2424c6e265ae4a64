"""New OpenTimelineIO timelines: the visible cut with the music under it, or the music alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from emsync_bridge.files.atomic import replacing
from emsync_bridge.files.urls import UrlStyle, is_absolute, to_path
from emsync_bridge.timecode import frame_at
from emsync_bridge.timeline.cut.edits import CutList, Edit, SeenShot, cut_list, seen_shots
from emsync_bridge.timeline.cut.model import CutModel, TimelineClip
from emsync_bridge.timeline.cut.through_edits import is_through_edit
from emsync_bridge.timeline.otio.container import open_otio
from emsync_bridge.timeline.otio.editor_dialect import EditorDialect
from emsync_bridge.timeline.otio.nodes import (
    DocumentStyle,
    Node,
    document_style,
    item,
    marker_node,
    media,
    rational_time,
    time_range,
)
from emsync_bridge.timeline.otio.text import OtioText
from emsync_bridge.timeline.otio.writer import audio_urls, track_nodes
from emsync_bridge.timeline.placement import Placement
from emsync_bridge.timeline.premiere_names import ascii_name
from emsync_bridge.timeline.source import Source


def write_new(
    model: CutModel,
    output: Path,
    placement: Placement,
    *,
    media_folder: Path | None = None,
    dialect: EditorDialect = EditorDialect.PLAIN,
) -> None:
    """Write a new .otio file: one picture track with what the viewer sees, the music below it, and markers.

    Arguments:
        model: The cut, from a timeline of any format or from a video.
        output: The new file.
        placement: The music.
        media_folder: Folder that relative media of the cut counts from.
        dialect: The editor that it is for; for Premiere, clips are of schema version 1, names are plain and paths bare.

    Raises:
        OutputError: It cannot be written.
    """
    premiere = dialect is EditorDialect.PREMIERE
    url_style = UrlStyle.URL if dialect is EditorDialect.PLAIN else UrlStyle.PATH
    style = DocumentStyle(dialect, float(model.rate), url_style, old_clips=premiere)
    picture = {
        **item("Track.1", "Video 1"),
        "children": _picture(model, cut_list(model), style, media_folder),
        "kind": "Video",
    }
    foreign = [
        {
            "OTIO_SCHEMA": "Marker.2",
            "metadata": {},
            "name": marker.name,
            "color": marker.color or None,
            "marked_range": time_range(
                frame_at(marker.time, model.rate), frame_at(marker.duration, model.rate), style.rate
            ),
            "comment": marker.comment,
        }
        for marker in model.markers
        if not marker.ours
    ]
    tracks = [picture, *track_nodes(placement, audio_urls(placement, style, output), style)]
    _write(model, output, model.name, style, tracks, [*foreign, *_markers(placement, style)])


def music_only(model: CutModel, placement: Placement, output: Path, *, like: Source | None = None) -> None:
    """Write a new .otio file of the same rate, length and start timecode that holds the music alone.

    Arguments:
        model: The cut that the music was made for.
        placement: The music.
        output: The new file.
        like: The document that the cut was read from, if it is OpenTimelineIO: the editor that wrote it gets its
            own dialect.

    Raises:
        OutputError: It cannot be written.
    """
    style = DocumentStyle(EditorDialect.PLAIN, float(model.rate), UrlStyle.URL)
    if like is not None:
        style = document_style(OtioText(open_otio(like).text, like.path, like.sequence).timeline(), model.rate)
    # Resolve makes no timeline, without a message, when one of that name exists.
    name = f"{model.name} {placement.track_name}"
    tracks = track_nodes(placement, audio_urls(placement, style, output), style)
    _write(model, output, name, style, tracks, _markers(placement, style))


def _markers(placement: Placement, style: DocumentStyle) -> list[Node]:
    return [marker_node(marker, style) for marker in placement.markers]


def _write(
    model: CutModel, output: Path, name: str, style: DocumentStyle, tracks: Sequence[Node], markers: Sequence[Node]
) -> None:
    versions = {EditorDialect.RESOLVE: "Resolve OTIO Meta Version", EditorDialect.PREMIERE: "MetadataVersion"}
    space = {style.dialect.value: {versions[style.dialect]: "1.0"}} if style.dialect in versions else {}
    document = {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": space,
        "name": name,
        "global_start_time": rational_time(model.start_frame, style.rate),
        "tracks": {**item("Stack.1", name), "markers": list(markers), "children": list(tracks)},
    }
    if style.dialect is EditorDialect.PREMIERE:
        document["tracks"]["metadata"] = {style.dialect.value: {"VideoFrameRate": style.rate}}  # type: ignore[index]
    with replacing(output) as temporary:
        temporary.write_text(json.dumps(document, indent=4), encoding="utf-8", newline="\n")


def _picture(model: CutModel, cuts: CutList, style: DocumentStyle, folder: Path | None) -> list[Node]:
    """Return the items of a track that shows what the viewer sees."""
    edits = {edit.frame: edit for edit in cuts.edits}
    nodes: list[Node] = []
    before: TimelineClip | None = None
    names = 1
    shots = seen_shots(cuts, edits)
    for number, shot in enumerate(shots):
        edit = edits.get(shot.start)
        if edit is not None and edit.span is not None:
            nodes.append(_transition(edit, shots[number - 1], shot, style.rate))
        elif is_through_edit(before, shot.first, shot.start, model.rate):
            names += 1  # a join that was kept as a cut has to be told apart from a through edit
        else:
            names = 1
        nodes.append(_shot(shot, model, style, folder, f" {names}" if names > 1 else ""))
        before = shot.last
    return nodes


def _transition(edit: Edit, before: SeenShot, after: SeenShot, rate: float) -> Node:
    start, end = edit.span or (Fraction(edit.frame), Fraction(edit.frame))
    return {
        "OTIO_SCHEMA": "Transition.1",
        "metadata": {},
        "name": "Dissolve",
        "in_offset": rational_time(_between(edit.frame - start, before.end - before.start), rate),
        "out_offset": rational_time(_between(end - edit.frame, after.end - after.start), rate),
        "transition_type": "SMPTE_Dissolve",
    }


def _between(offset: Fraction, length: int) -> float:
    """Keep a transition inside the item that it begins or ends in."""
    return float(min(max(offset, Fraction(0)), Fraction(length)))


def _shot(shot: SeenShot, model: CutModel, style: DocumentStyle, folder: Path | None, suffix: str) -> Node:
    leaf, length, rate = shot.first, shot.end - shot.start, style.rate
    if leaf is None:
        return {**item("Gap.1", ""), "source_range": time_range(0, length, rate)}
    at = leaf.source_at(Fraction(shot.start) / model.rate)
    source = leaf.source if at is None else at
    start = 0.0 if source is None else float(source * model.rate)
    speed = Fraction(1) if leaf.speed is None else leaf.speed
    available = None
    if leaf.media_start is not None and source is not None:
        # As far as the document shows; its length is not known here.
        first = leaf.media_start * model.rate
        last = max(source, source + speed * length / model.rate) * model.rate
        available = time_range(float(first), float(max(last - first, Fraction(1))), rate)
    premiere = style.dialect is EditorDialect.PREMIERE
    # Premiere counts the source that is played, other programs what it fills on the track.
    played = float(length * abs(speed)) if premiere and speed else float(length)
    url = _located(leaf.media, folder)
    return {
        **item("Clip.1" if style.old_clips else "Clip.2", f"{leaf.name}{suffix}"),
        "source_range": time_range(start, played, rate),
        "effects": _effects(leaf),
        **media(
            ascii_name(leaf.name) if premiere else leaf.name,
            to_path(url) if premiere and url else url,
            available,
            old=style.old_clips,
        ),
    }


def _effects(leaf: TimelineClip) -> list[Node]:
    if leaf.speed == 1:
        return []
    basics = {"metadata": {}, "name": "Speed", "effect_name": "Speed"}
    if leaf.speed is None:
        return [{"OTIO_SCHEMA": "TimeEffect.1", **basics}]
    return [{"OTIO_SCHEMA": "LinearTimeWarp.1", **basics, "time_scalar": float(leaf.speed)}]


def _located(url: str | None, folder: Path | None) -> str | None:
    """Return where media lies for a document in another folder than the one that named it."""
    return str(folder / to_path(url)) if url and folder is not None and not is_absolute(url) else url
