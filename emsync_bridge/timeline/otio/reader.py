"""Reader for OpenTimelineIO: .otio files, .otioz zips and .otiod folders."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from emsync_bridge.timeline.cut.model import CutModel
from emsync_bridge.timeline.formats import Format
from emsync_bridge.timeline.otio.container import OtioFile, open_otio, parse
from emsync_bridge.timeline.otio.to_cut import cut_model
from emsync_bridge.timeline.sequence_choice import SequenceCandidate, choose
from emsync_bridge.timeline.source import Source


def read(source: Source) -> CutModel:
    """Return the cut model of an OpenTimelineIO document.

    Arguments:
        source: File, zip or folder.

    Raises:
        TimelineError: It is damaged, empty, or none of its timelines is meant.
    """
    return read_document(open_otio(source), source.path, sequence=source.sequence, rate=source.rate)


def read_document(
    document: OtioFile, path: Path, *, sequence: str | None = None, rate: Fraction | None = None
) -> CutModel:
    """Return the cut model of a document that was opened before.

    Arguments:
        document: The document.
        path: Its file.
        sequence: Name of the timeline, where the document is a collection of several.
        rate: Frames per second; None to take the document's.

    Raises:
        TimelineError: It is damaged, empty, or none of its timelines is meant.
    """
    root, notes = parse(document, path)
    timelines = timelines_in(root)
    index, chosen = choose(
        [SequenceCandidate(line.name, filled=len(line.tracks) > 0) for line in timelines], sequence, path
    )
    bundle = path if document.kind is Format.OTIOD else None
    return cut_model(timelines[index], path, rate=rate, bundle=bundle, notes=(*notes, *chosen))


def timelines_in(root: Any) -> list[otio.schema.Timeline]:
    """Return all timelines of a document in document order; a bare stack, track or clip becomes one.

    Arguments:
        root: The object that the document holds.
    """
    if isinstance(root, otio.schema.Timeline):
        return [root] if isinstance(root.tracks, otio.schema.Stack) else []
    if isinstance(root, otio.schema.SerializableCollection):
        return [line for child in root for line in timelines_in(child) if isinstance(child, _HOLDERS)]
    if isinstance(root, (otio.schema.Stack, otio.schema.Track, otio.schema.Clip)):
        return [_timeline_around(root)]
    return []


_HOLDERS = (otio.schema.Timeline, otio.schema.SerializableCollection)


def _timeline_around(item: otio.core.Item) -> otio.schema.Timeline:
    line = otio.schema.Timeline(item.name)
    if isinstance(item, otio.schema.Stack):
        line.tracks = item
        return line
    track = item
    if isinstance(item, otio.schema.Clip):
        track = otio.schema.Track(kind=otio.schema.TrackKind.Video)
        track.append(item)
    line.tracks.append(track)
    return line
