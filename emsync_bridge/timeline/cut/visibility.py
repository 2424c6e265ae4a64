"""Visible items at every frame of a timeline, in one pass over all items of all layers."""

from __future__ import annotations

import heapq
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from emsync_bridge.timecode import frame_at
from emsync_bridge.timeline.cut.coverage import HIDING_SHARE, UNSEEN_SHARE
from emsync_bridge.timeline.cut.model import CutModel, TimelineClip

NO_SHARE = Fraction(0)


@dataclass(frozen=True)
class VisibleRun:
    """Frames in which one item shows without a break.

    Arguments:
        start: First frame, counted from 0.
        end: Frame after the last.
        leaf: Clip that shows; None for black.
    """

    start: int
    end: int
    leaf: TimelineClip | None


class ItemSpan(NamedTuple):
    """An item on the frame grid.

    Arguments:
        start: First frame.
        end: Frame after the last.
        rank: Place among all items from the lowest to the highest; no two share one.
        leaf: The item.
        share: Share of the frame that it covers.
    """

    start: int
    end: int
    rank: int
    leaf: TimelineClip
    share: Fraction = Fraction(1)

    @property
    def hides(self) -> bool:
        """True for a clip that hides everything below it."""
        return self.share > HIDING_SHARE and is_opaque(self.leaf)


_GRAPHIC_FILE = re.compile(r"\.(png|psd|svg|tga)$", re.IGNORECASE)
_GRAPHIC_NAME = re.compile(r"overlay|watermark|logo|lower.?third|subtitle|caption|letterbox|vignette", re.IGNORECASE)


def is_opaque(leaf: TimelineClip) -> bool:
    """Tell whether an item hides what lies below it where it covers the frame.

    Titles, generators and adjustment layers count as seen through, and so do stills of a kind with transparency whose
    name says that they are laid over a picture. A clip whose media the document does not name still has a picture.
    """
    if leaf.kind == "picture" and leaf.media and _GRAPHIC_FILE.search(leaf.media):
        return not (_GRAPHIC_NAME.search(leaf.name) or _GRAPHIC_NAME.search(re.split(r"[\\/]", leaf.media)[-1]))
    return leaf.kind in ("picture", "missing")


def total_frames(model: CutModel) -> int:
    """Return the frames of a timeline; a part of a frame at the end counts as one unless it is a rounding error."""
    exact = model.duration * model.rate
    nearest = frame_at(model.duration, model.rate)
    return nearest if abs(exact - nearest) * 1000 < 1 else -(-exact.numerator // exact.denominator)


def spans(model: CutModel) -> list[ItemSpan]:
    """Return all items on the frame grid, clipped to the timeline, without those shorter than half a frame.

    Items are ranked by layer; where two on one layer overlap, the later start wins, as in an edit list. An item whose
    coverage changes is several spans; while it cannot be seen it is none.
    """
    frames = total_frames(model)
    edges = [(frame_at(leaf.start, model.rate), frame_at(leaf.end, model.rate)) for leaf in model.leaves]
    order = sorted(range(len(edges)), key=lambda index: (model.leaves[index].layer, edges[index][0], index))
    found: list[ItemSpan] = []
    for index in order:
        leaf = model.leaves[index]
        parts = [(*edges[index], Fraction(1))]
        if leaf.coverage:
            parts = [(frame_at(s.start, model.rate), frame_at(s.end, model.rate), s.share) for s in leaf.coverage]
        for first, last, share in parts:
            start, end = max(0, first), min(frames, last)
            if start < end and share >= UNSEEN_SHARE:
                found.append(ItemSpan(start, end, len(found), leaf, share))
    return found


def visible_runs(items: Iterable[ItemSpan], frames: int, seen_through: Collection[int] = ()) -> list[VisibleRun]:
    """Return what shows from the first frame to the last, without gaps and in order.

    Of the items at a frame the highest that hides the others shows; without one the picture that covers most of the
    frame, of equals the highest; without a picture the lowest overlay, then the highest title or generator. Adjustment
    layers never show.

    Arguments:
        items: Items on the frame grid.
        frames: Length of the timeline.
        seen_through: Ranks of opaque items that are to count as seen through.
    """
    shown = [item for item in items if item.leaf.kind != "adjustment"]
    shown.sort(key=lambda item: (item.start, item.end, item.rank))
    points = sorted({0, frames, *(item.start for item in shown), *(item.end for item in shown)})
    runs: list[VisibleRun] = []
    waiting: list[tuple[tuple[int, Fraction, int], int, TimelineClip]] = []  # a heap with the one that shows on top
    upcoming = 0
    for start, end in pairwise(points):
        while upcoming < len(shown) and shown[upcoming].start == start:
            item = shown[upcoming]
            hides = item.hides and item.rank not in seen_through
            partly = not hides and item.share <= HIDING_SHARE and is_opaque(item.leaf)
            order = (0, NO_SHARE, -item.rank)
            if hides:
                order = (-3, NO_SHARE, -item.rank)
            elif partly:
                order = (-2, -item.share, -item.rank)
            elif item.leaf.kind == "overlay":
                order = (-1, NO_SHARE, item.rank)
            heapq.heappush(waiting, (order, item.end, item.leaf))
            upcoming += 1
        while waiting and waiting[0][1] <= start:
            heapq.heappop(waiting)
        leaf = waiting[0][2] if waiting else None
        if runs and runs[-1].leaf is leaf:
            runs[-1] = VisibleRun(runs[-1].start, end, leaf)
        else:
            runs.append(VisibleRun(start, end, leaf))
    return runs
