"""Visible edits of a cut model, and the shots between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from emsync_bridge.timecode import frame_at, to_timecode
from emsync_bridge.timeline.cut.model import CutModel, TimelineClip, TimelineTransition
from emsync_bridge.timeline.cut.overlays import find_overlays
from emsync_bridge.timeline.cut.through_edits import is_same_source, is_through_edit
from emsync_bridge.timeline.cut.visibility import VisibleRun, spans, total_frames, visible_runs

EditKind = Literal["cut", "transition", "from_black", "to_black"]

# Two changes closer than this are one event for the eye: a flash frame, or a gap by mistake.
FLASH_FRAMES = Fraction(5, 2)
# A picture that begins later than this, and later than half of the timeline, is worth a note.
LATE_SECONDS = 60
# From here on, joins without a jump are taken for the cuts of a finished film that was detected and cut up.
CUT_UP_CHANGES = 5
CUT_UP_SHARE = Fraction(4, 5)


@dataclass(frozen=True)
class Edit:
    """A moment at which the viewer sees the picture change.

    Arguments:
        frame: The edit point, counted from 0.
        center: Frame that music should aim at: the middle of a transition, otherwise the edit point.
        kind: Kind of change.
        before: Clip before; None for black.
        after: Clip after; None for black.
        span: First frame and frame after the last of a transition, not always whole.
        merged: Frames of other changes that count as one with it.
    """

    frame: int
    center: int
    kind: EditKind
    before: TimelineClip | None
    after: TimelineClip | None
    span: tuple[Fraction, Fraction] | None = None
    merged: tuple[int, ...] = ()


@dataclass(frozen=True)
class SeenShot:
    """A stretch between two edits.

    Arguments:
        start: First frame, counted from 0.
        end: Frame after the last.
        first: The item that shows at its start; None for black.
        last: The item of the same source that shows at its end.
    """

    start: int
    end: int
    first: TimelineClip | None
    last: TimelineClip | None


@dataclass(frozen=True)
class CutList:
    """Visible edits of a timeline.

    Arguments:
        frames: Length of the timeline.
        edits: All visible changes strictly inside it, in order of ``frame``.
        runs: The clips that show, in order, without gaps.
        warnings: Oddities of the timeline, in full sentences.
        merged_ends: Frames of changes that count as one with the start, and with the end.
    """

    frames: int
    edits: tuple[Edit, ...]
    runs: tuple[VisibleRun, ...]
    warnings: tuple[str, ...] = ()
    merged_ends: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())


def cut_list(model: CutModel, *, all_changes: bool = False) -> CutList:
    """Return the visible edits of a timeline.

    Changes closer than ``FLASH_FRAMES`` to each other, to the start or to the end are merged: one transition or the
    last of the changes stands for them.

    Arguments:
        model: The timeline.
        all_changes: Whether each change stays an edit of its own.
    """
    frames = total_frames(model)
    items = spans(model)
    over = find_overlays(items, model.rate)
    runs = visible_runs(items, frames, over.ranks)
    seen, warnings = _seen(_changes(runs), model)
    notes = (*over.warnings, *warnings, *_picture_ends(runs, model))
    if all_changes:
        return CutList(frames, tuple(edit for edit in seen if 0 < edit.frame < frames), tuple(runs), notes)
    edits = _without_flashes(seen, frames)
    lost = {edit.frame for edit in seen} - {frame for edit in edits for frame in (edit.frame, *edit.merged)}
    ends = [tuple(sorted(frame for frame in lost if (frame > frames / 2) is late)) for late in (False, True)]
    return CutList(frames, tuple(edits), tuple(runs), notes, (ends[0], ends[1]))


def seen_shots(cuts: CutList, bounds: Iterable[int]) -> list[SeenShot]:
    """Return what shows between moments of a timeline, from its start to its end without gaps.

    Arguments:
        cuts: The visible edits.
        bounds: Frames at which one shot ends and the next begins.
    """
    edges = sorted({0, cuts.frames, *(frame for frame in bounds if 0 < frame < cuts.frames)})
    shots = []
    first = 0
    for start, end in pairwise(edges):
        while cuts.runs[first].end <= start:
            first += 1
        inside = []
        index = first
        while index < len(cuts.runs) and cuts.runs[index].start < end:
            inside.append(cuts.runs[index])
            index += 1
        main = max(inside, key=lambda run: min(run.end, end) - max(run.start, start)).leaf
        same = [
            leaf
            for leaf in (run.leaf for run in inside)
            if leaf and main and (leaf is main or is_same_source(leaf, main))
        ]
        shots.append(SeenShot(start, end, same[0] if same else None, same[-1] if same else None))
    return shots


def _changes(runs: Sequence[VisibleRun]) -> list[Edit]:
    """Return every change of item strictly inside the timeline."""
    return [
        Edit(after.start, after.start, _kind(before.leaf, after.leaf), before.leaf, after.leaf)
        for before, after in pairwise(runs)
    ]


def _kind(before: TimelineClip | None, after: TimelineClip | None) -> EditKind:
    if (before is None) == (after is None):
        return "cut"
    return "from_black" if before is None else "to_black"


def _seen(changes: Sequence[Edit], model: CutModel) -> tuple[list[Edit], list[str]]:
    """Leave out joins and mark transitions, unless the timeline is a film that was cut up."""
    joined = [is_through_edit(edit.before, edit.after, edit.frame, model.rate) for edit in changes]
    joins = sum(joined)
    cut_up = len(changes) >= CUT_UP_CHANGES and joins >= CUT_UP_SHARE * len(changes)
    find = _TransitionFinder(model)
    seen = []
    for edit, join in zip(changes, joined, strict=True):
        transition = find(edit)
        if transition is not None:
            seen.append(_with_transition(edit, transition, model.rate))
        elif cut_up or not join:
            seen.append(edit)
    if not cut_up:
        return seen, []
    note = (
        f"{joins} of {len(changes)} edits join pieces of one source without a jump; they are kept as cuts, because the "
        "timeline looks like a finished film that was cut up"
    )
    return seen, [note]


class _TransitionFinder:
    """Finds the transition that belongs to an edit: on the layer of either side, with its edit point there."""

    def __init__(self, model: CutModel) -> None:
        self._found: dict[tuple[tuple[int, ...], int], TimelineTransition] = {}
        for transition in model.transitions:
            if transition.start < transition.end:
                self._found.setdefault((transition.layer, frame_at(transition.edit, model.rate)), transition)

    def __call__(self, edit: Edit) -> TimelineTransition | None:
        for leaf in (edit.after, edit.before):
            # A transition between nests is on the layer that holds them.
            for depth in range(len(leaf.layer) if leaf and self._found else 0, 0, -1):
                # One whose edit point is elsewhere, hidden below another item, is not what the viewer sees here.
                for frame in (edit.frame, edit.frame - 1, edit.frame + 1):
                    found = self._found.get((leaf.layer[:depth], frame)) if leaf else None
                    if found is not None:
                        return found
        return None


def _with_transition(edit: Edit, transition: TimelineTransition, rate: Fraction) -> Edit:
    kind: EditKind = "transition" if edit.kind == "cut" else edit.kind
    center = frame_at((transition.start + transition.end) / 2, rate)
    return replace(edit, kind=kind, center=center, span=(transition.start * rate, transition.end * rate))


def _without_flashes(edits: Sequence[Edit], frames: int) -> list[Edit]:
    """Make one edit of those that the eye cannot tell apart, and drop those at the very start and end."""
    inside = [edit for edit in edits if FLASH_FRAMES < edit.frame < frames - FLASH_FRAMES or edit.span is not None]
    groups: list[list[Edit]] = []
    for edit in inside:
        # Counted from the group's first edit, so that a flicker of two-frame shots does not melt into one.
        if groups and edit.frame - groups[-1][0].frame < FLASH_FRAMES:
            groups[-1].append(edit)
        else:
            groups.append([edit])
    return [_merged(group) for group in groups]


def _merged(group: Sequence[Edit]) -> Edit:
    if len(group) == 1:
        return group[0]
    before, after = group[0].before, group[-1].after
    kept = next((edit for edit in reversed(group) if edit.span is not None), group[-1])
    kind = _kind(before, after)
    return replace(
        kept,
        before=before,
        after=after,
        kind="transition" if kept.span is not None and kind == "cut" else kind,
        merged=tuple(sorted({edit.frame for edit in group} - {kept.frame})),
    )


def _begins_late(runs: Sequence[VisibleRun], model: CutModel) -> bool:
    return runs[0].end > LATE_SECONDS * model.rate and 2 * runs[0].end > runs[-1].end


def _picture_ends(runs: Sequence[VisibleRun], model: CutModel) -> list[str]:
    """Return notes on a picture that begins long after the timeline, or ends before it."""

    def timecode(frame: int) -> str:
        return to_timecode(model.start_frame + frame, model.rate, model.drop_frame)

    notes = []
    if len(runs) > 1 and runs[0].leaf is None and _begins_late(runs, model):
        notes.append(
            f"The picture begins at {timecode(runs[0].end)}, the timeline at {timecode(0)}; "
            "check whether its positions hold timecode of the media"
        )
    if len(runs) > 1 and runs[-1].leaf is None and runs[-1].end - runs[-1].start > FLASH_FRAMES:
        notes.append(f"The picture ends at {timecode(runs[-1].start)}, the timeline at {timecode(runs[-1].end)}")
    return notes
