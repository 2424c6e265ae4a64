"""Orders that an editor writes into markers: ``emsync: joy``, ``emsync: silence``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from emsync_bridge.cue import Directive
from emsync_bridge.timecode import frame_at, to_timecode
from emsync_bridge.timeline.cut.model import CutModel, TimelineMarker

_PREFIX = re.compile(r"\s*emsync\s*:\s*(.*?)\s*", re.IGNORECASE | re.DOTALL)
_WITHOUT_COLON = re.compile(r"\s*emsync\s+(?P<order>\S.{0,200})", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class SortedMarkers:
    """An editor's markers, sorted by their use.

    Arguments:
        directives: Orders, in order of time.
        others: All other markers, in order of time.
        warnings: Oddities, in full sentences.
    """

    directives: tuple[Directive, ...]
    others: tuple[TimelineMarker, ...]
    warnings: tuple[str, ...]


def sorted_markers(model: CutModel) -> SortedMarkers:
    """Tell the orders among a timeline's markers from the rest; emsync's own markers are neither."""
    directives, others, warnings = [], [], []
    for marker in sorted(model.markers, key=lambda marker: marker.time):
        if marker.ours:
            continue
        order = _order(marker)
        start = frame_at(marker.time, model.rate)
        place = to_timecode(model.start_frame + start, model.rate, model.drop_frame)
        if order is None:
            if bare := _WITHOUT_COLON.fullmatch(marker.name) or _WITHOUT_COLON.fullmatch(marker.comment):
                wanted = " ".join(bare["order"].split())
                warnings.append(
                    f"The marker at {place} lacks a colon and is a hit point; 'emsync: {wanted}' is an order"
                )
            others.append(marker)
            continue
        if not order:
            warnings.append(f"The marker at {place} says 'emsync:' and no order after it")
            continue
        # Editors give a marker without a length the length of one frame.
        end = frame_at(marker.time + marker.duration, model.rate)
        lasts = marker.duration * model.rate > Fraction(3, 2)
        directives.append(Directive(float(start / model.rate), order, float(end / model.rate) if lasts else None))
    return SortedMarkers(tuple(directives), tuple(others), tuple(warnings))


def _order(marker: TimelineMarker) -> str | None:
    """Return a marker's order, empty when the prefix stands alone; None when it is an ordinary marker."""
    name, comment = _PREFIX.fullmatch(marker.name), _PREFIX.fullmatch(marker.comment)
    if name is None:
        return comment[1] if comment else None
    # The prefix may stand in the name and the order in the note.
    return name[1] or (comment[1] if comment else marker.comment.strip())
