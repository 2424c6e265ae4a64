"""Hit markers as a CSV table for spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from emsync_bridge.cue import Spotting
from emsync_bridge.files.atomic import replacing
from emsync_bridge.files.tables import as_text, table
from emsync_bridge.timecode import to_timecode
from emsync_bridge.timeline.placement import PlacedMarker

MARKER_COLUMNS = ("timecode", "frame", "seconds", "frames", "color", "name", "comment")


def write_marker_csv(markers: Sequence[PlacedMarker], spotting: Spotting, path: Path) -> None:
    """Write markers as a table for spreadsheets.

    Arguments:
        markers: Markers by timeline frame.
        spotting: Rate, start timecode and way of counting of the timeline.
        path: Path of the file to write.

    Raises:
        OutputError: It cannot be written there.
    """
    rows = (
        (
            to_timecode(spotting.start_frame + marker.frame, spotting.rate, spotting.drop_frame),
            marker.frame,
            f"{float(marker.frame / spotting.rate):.6f}",
            marker.duration,
            marker.color,
            as_text(marker.name),
            as_text(marker.comment),
        )
        for marker in markers
    )
    with replacing(path) as draft:
        draft.write_bytes(table(MARKER_COLUMNS, rows))
