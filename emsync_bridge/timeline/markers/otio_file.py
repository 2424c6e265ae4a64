"""Hit points as markers of an otherwise empty OpenTimelineIO timeline."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from emsync_bridge.cue import Spotting
from emsync_bridge.files.atomic import replacing
from emsync_bridge.timeline.markers.edl_list import spotting_markers


def spotting_timeline(spotting: Spotting) -> otio.schema.Timeline:
    """Return a timeline of the spotting's length, rate and start timecode with a marker per hit point.

    The markers are not marked as emsync's own, so that reading the file gives them as hits again. The one track
    holds a gap, which gives the timeline its length. Only schemas that every editor knows are in it.

    Arguments:
        spotting: Spotting as ``spot`` returned it.
    """
    rate = float(spotting.rate)
    timeline = otio.schema.Timeline(spotting.name, global_start_time=RationalTime(spotting.start_frame, rate))
    track = otio.schema.Track(kind=otio.schema.TrackKind.Video)
    track.append(otio.schema.Gap(duration=RationalTime(spotting.frames, rate)))
    timeline.tracks.append(track)
    for marker in spotting_markers(spotting):
        place = TimeRange(RationalTime(marker.frame, rate), RationalTime(marker.duration, rate))
        timeline.tracks.markers.append(
            otio.schema.Marker(marker.name, place, color=marker.color, comment=marker.comment)
        )
    return timeline


def write_spotting_otio(spotting: Spotting, path: Path) -> None:
    """Write the hit points of a spotting as the markers of a native OpenTimelineIO document.

    Arguments:
        spotting: Spotting as ``spot`` returned it.
        path: Path of the file to write.

    Raises:
        OutputError: It cannot be written there.
    """
    with replacing(path) as draft:
        draft.write_bytes(spotting_timeline(spotting).to_json_string().encode())
