"""Through edits: a clip cut in two whose halves continue each other."""

from __future__ import annotations

from fractions import Fraction

from emsync_bridge.timecode import frame_at
from emsync_bridge.timeline.cut.model import TimelineClip

# How far the source may jump, in frames, before a join of one source is seen as a cut. Source ranges are rounded to
# the frames of the media, so half a frame is not enough; a freeze is cut from the frame before or after.
JOIN_TOLERANCE = Fraction(3, 4)
FREEZE_TOLERANCE = Fraction(5, 4)


def is_through_edit(before: TimelineClip | None, after: TimelineClip | None, frame: int, rate: Fraction) -> bool:
    """Tell whether one item carries on where another ends, so that the viewer sees no cut between them.

    It must be the same source under the same name: pieces of a film with names of their own are shots. Each side may be
    off by its ``source_error``.

    Arguments:
        before: Clip up to ``frame``; None for black.
        after: Clip from then on; None for black.
        frame: Timeline frame counted from 0.
        rate: Frames per second of the timeline.
    """
    if before is None or after is None or not is_same_source(before, after):
        return False
    # The item's own start is exact where the frame grid is not.
    time = after.start if frame_at(after.start, rate) == frame else Fraction(frame) / rate
    here, there = before.source_at(time), after.source_at(time)
    if here is None or there is None:
        return False
    frozen = (before.speed == 0) != (after.speed == 0)
    rounding = (before.source_error + after.source_error) * rate
    return abs(here - there) * rate < (FREEZE_TOLERANCE if frozen else JOIN_TOLERANCE) + rounding


def is_same_source(one: TimelineClip, other: TimelineClip) -> bool:
    """Tell whether two items show the same source under the same name; items without media or name never do."""
    return bool(one.media or one.name) and (
        (one.media, one.file_id, one.angle, one.name, one.kind)
        == (other.media, other.file_id, other.angle, other.name, other.kind)
    )
