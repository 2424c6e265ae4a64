"""A spotting as a CSV table, to be edited in a spreadsheet and read back by ``csv_reader``."""

from __future__ import annotations

from pathlib import Path

from emsync_bridge.cue import Spotting
from emsync_bridge.files.atomic import replacing
from emsync_bridge.files.tables import as_text, table
from emsync_bridge.timecode import to_timecode

COLUMNS = ("timecode", "frame", "seconds", "kind", "weight", "name", "answered")


def write_spotting_csv(spotting: Spotting, path: Path) -> None:
    """Write all hit points as a table that ``read_spotting_csv`` takes back.

    Arguments:
        spotting: Spotting as ``spot`` returned it.
        path: Path of the file to write.

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
        draft.write_bytes(table(COLUMNS, rows))
