"""Documents of a conform: the JSON that every front end shows, and the lists of changes as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

from emsync_bridge.cue import Cue
from emsync_bridge.scoring.conform.changes import as_change_edl, as_csv
from emsync_bridge.scoring.conform.conform import Conformed
from emsync_bridge.scoring.conform.report import State

STATES: tuple[State, ...] = get_args(State)
"""States of hits and sections, in the order in which they are told."""


def conform_document(result: Conformed) -> dict[str, Any]:
    """Return a conform as JSON: changes of the picture, hits, sections, and how much music is identical.

    Arguments:
        result: The conform; times are in seconds of the old and of the new cut.
    """
    report = result.report
    return {
        "changes": [
            {"change": each.kind, "clip": each.name, "old": each.old, "new": each.new} for each in result.changes
        ],
        "hits": [{"state": hit.state, "old": hit.old, "new": hit.new, "name": hit.name} for hit in report.hits],
        "sections": [
            {"state": each.state, "old": each.old, "new": each.new, "same_notes": each.same_notes}
            for each in report.sections
        ],
        "identical": {
            "seconds": report.seconds_kept,
            "of_seconds": result.spotting.duration,
            "notes": report.notes_kept,
            "of_notes": report.notes,
        },
        "refitted": {"seconds": report.seconds_refitted, "notes": report.notes_refitted},
    }


def write_change_lists(cue: Cue, result: Conformed, folder: Path, stem: str) -> dict[str, Path]:
    """Write the changes of the picture as CSV and as a change EDL; return the files by their kind.

    Arguments:
        cue: Cue of the old cut.
        result: The conform.
        folder: Folder for the files.
        stem: Beginning of their names.
    """
    cuts = (cue.spotting, result.spotting)
    texts = {
        "changes": (folder / f"{stem}.changes.csv", as_csv(result.changes, *cuts)),
        "change EDL": (folder / f"{stem}.changes.edl", as_change_edl(result.changes, *cuts)),
    }
    for path, text in texts.values():
        path.write_text(text, encoding="utf-8", newline="")
    return {kind: path for kind, (path, _) in texts.items()}
