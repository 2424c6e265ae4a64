"""Verification after writing: everything but emsync's own additions is where it was."""

from __future__ import annotations

from pathlib import Path

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.cut.edits import cut_list
from emsync_bridge.timeline.cut.model import CutModel, TimelineMarker
from emsync_bridge.timeline.placement import Placement


def check_same(before: CutModel, after: CutModel, path: Path) -> None:
    """Make sure that writing changed nothing but what emsync added.

    Arguments:
        before: The cut model of the user's document.
        after: The cut model of the copy.
        path: The document, for the message.

    Raises:
        TimelineError: Something else differs.
    """
    for what in ("rate", "duration", "start_frame", "drop_frame", "leaves", "transitions"):
        if getattr(before, what) != getattr(after, what):
            raise TimelineError(
                f"The music cannot be put in without a change of the cut ({what}); nothing was written",
                where=path,
                hint="Import the music-only timeline instead, and please report this file",
            )
    if _foreign(before) != _foreign(after):
        raise TimelineError(
            "The music cannot be put in without a change of the markers; nothing was written",
            where=path,
            hint="Import the music-only timeline instead, and please report this file",
        )


def check_same_edits(before: CutModel, after: CutModel, path: Path) -> None:
    """Make sure that a new timeline shows the same changes of picture as the one that it was made from.

    Arguments:
        before: The cut model of the user's document.
        after: The cut model of the new timeline.
        path: The new timeline, for the message.

    Raises:
        TimelineError: They differ.
    """
    found = [[(edit.frame, edit.center, edit.kind) for edit in cut_list(model).edits] for model in (before, after)]
    if before.rate != after.rate or found[0] != found[1]:
        raise TimelineError(
            "The new timeline does not show the same cut; do not use it",
            where=path,
            hint="Import the WAV by hand, and please report the timeline",
        )


def length_notes(model: CutModel, placement: Placement) -> list[str]:
    """Return a note when the music is longer or shorter than the timeline by more than a frame.

    Music that begins later, or was composed for a range of the timeline, is meant to be shorter.

    Arguments:
        model: The timeline.
        placement: The music.
    """
    frames = placement.start + placement.frames - round(model.duration * model.rate)
    part = placement.start > 0 or placement.cue is not None
    if abs(frames) <= 1 or (part and frames < 0):
        return []
    return [f"The music is {abs(frames)} frames {'longer' if frames > 0 else 'shorter'} than the timeline"]


def _foreign(model: CutModel) -> list[TimelineMarker]:
    return [marker for marker in model.markers if not marker.ours]
