"""Overlays of a whole edit that do not hide it: watermarks, burn-ins, reference mixdowns of the same cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from emsync_bridge.timeline.cut.through_edits import is_through_edit
from emsync_bridge.timeline.cut.visibility import ItemSpan, visible_runs

# How much of the picture such an item covers, how many cuts lie below it, and how much of it has picture below.
OVERLAY_SHARE = Fraction(9, 10)
OVERLAY_CUTS = 2
PICTURE_BELOW = Fraction(1, 2)


@dataclass(frozen=True)
class Overlays:
    """Opaque items that count as seen through.

    Arguments:
        ranks: Their ranks.
        warnings: A sentence for each.
    """

    ranks: frozenset[int] = frozenset()
    warnings: tuple[str, ...] = ()


def find_overlays(items: Sequence[ItemSpan], rate: Fraction) -> Overlays:
    """Find the items that cover more than nine tenths of the picture and have two or more cuts below them.

    Arguments:
        items: All items on the frame grid.
        rate: Frames per second of the timeline.
    """
    if not items:
        return Overlays()
    length = max(item.end for item in items) - min(item.start for item in items)
    by_rank = sorted(items, key=lambda item: item.rank)
    long = [i for i, item in enumerate(by_rank) if item.hides and item.end - item.start > OVERLAY_SHARE * length]
    floor = 0
    for number, place in enumerate(long):
        # What lies below the last long item is hidden by it, so that every item is looked at once only.
        cuts = _cuts_below(by_rank[place], by_rank[floor:place], rate)
        if cuts >= OVERLAY_CUTS:
            found = [by_rank[index] for index in long[number:]]
            return Overlays(frozenset(item.rank for item in found), tuple(_warning(item, cuts) for item in found))
        floor = place
    return Overlays()


def _cuts_below(item: ItemSpan, lower: Sequence[ItemSpan], rate: Fraction) -> int:
    """Count the cuts from picture to picture below an item; none when most of what is below is black."""
    below = [
        other._replace(start=max(other.start, item.start), end=min(other.end, item.end))
        for other in lower
        if other.leaf.layer < item.leaf.layer and other.start < item.end and item.start < other.end
    ]
    runs = [run for run in visible_runs(below, item.end) if run.leaf is not None]
    if sum(run.end - run.start for run in runs) < PICTURE_BELOW * (item.end - item.start):
        return 0
    return sum(
        before.end == after.start and not is_through_edit(before.leaf, after.leaf, after.start, rate)
        for before, after in pairwise(runs)
    )


def _warning(item: ItemSpan, cuts: int) -> str:
    name = f"'{item.leaf.name}'" if item.leaf.name else "An item without a name"
    return (
        f"{name} lies over the whole picture with {cuts} cuts below it; it is taken for a watermark or a reference, "
        "and the cuts below are used"
    )
