"""Tables for spreadsheets: markers, and a spotting that may be edited and read back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from emsync_bridge.cue import Spotting
from emsync_bridge.files.atomic import replacing
from emsync_bridge.timecode import to_timecode
from emsync_bridge.timeline.placement import PlacedMarker

SPOTTING_COLUMNS = ("timecode", "frame", "seconds", "kind", "weight", "name", "answered")
MARKER_COLUMNS = ("timecode", "frame", "seconds", "frames", "color", "name", "comment")
# what a spreadsheet takes for a formula; an apostrophe before it says that it is text (OWASP, CSV injection)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_spotting_csv(spotting: Spotting, path: Path) -> None:
    """Write all hit points as a table that ``read_spotting_csv`` takes back.

    Arguments:
        spotting: What ``spot`` returned.
        path: Where to.

    Raises:
        OutputError: It cannot be written there.
    """
    rows = (
        (
            to_timecode(spotting.start_frame + hit.frame, spotting.rate, spotting.drop_frame),
            hit.frame,
            f"{float(hit.frame / spotting.rate):.6f}",
            hit.kind,
            repr(float(hit.weight)),
            as_text(hit.name),
            "yes" if hit.answered else "no",
        )
        for hit in spotting.hits
    )
    with replacing(path) as draft:
        draft.write_bytes(_table(SPOTTING_COLUMNS, rows))


def write_marker_csv(markers: Sequence[PlacedMarker], spotting: Spotting, path: Path) -> None:
    """Write markers as a table for spreadsheets.

    Arguments:
        markers: Markers by timeline frame.
        spotting: Rate, start timecode and way of counting of the timeline.
        path: Where to.

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
        draft.write_bytes(_table(MARKER_COLUMNS, rows))


def as_text(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula.

    Arguments:
        text: A name out of somebody's timeline.
    """
    return f"'{text}" if text.startswith((*FORMULA_STARTS, "'")) else text


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a table in UTF-8 with the byte order mark that spreadsheets look for."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8-sig", errors="replace")
