"""FCPXML reader: a project to the cut model."""

from __future__ import annotations

from fractions import Fraction

from emsync_bridge.timecode import can_drop
from emsync_bridge.timeline.cut.builder import MAX_SECONDS, CutBuilder
from emsync_bridge.timeline.cut.model import CutModel
from emsync_bridge.timeline.cut.retiming import TimeTransform
from emsync_bridge.timeline.fcpxml.conform import ConformRates
from emsync_bridge.timeline.fcpxml.document import Fcpxml, open_fcpxml, sequence_rate
from emsync_bridge.timeline.fcpxml.items import (
    begin_of,
    spine_begin,
)
from emsync_bridge.timeline.fcpxml.storyline import StoryLevel, StorylineWalk
from emsync_bridge.timeline.source import Source


def read(source: Source) -> CutModel:
    """Return the cut model of a project.

    Arguments:
        source: An FCPXML file of version 1.0 to 1.14, or a ``.fcpxmld`` folder.

    Raises:
        TimelineError: The document is damaged, holds no such project, or several and the source names none.
    """
    return read_fcpxml(open_fcpxml(source.path, source.document), sequence=source.sequence, rate=source.rate)


def read_fcpxml(fcpxml: Fcpxml, *, sequence: str | None = None, rate: Fraction | None = None) -> CutModel:
    """Return the cut model of a project in a document that is open.

    Arguments:
        fcpxml: The document.
        sequence: Name of the project; None for the only one.
        rate: Frames per second for a project that states none.

    Raises:
        TimelineError: It holds no such project, or several and ``sequence`` is None.
    """
    node, name, notes = fcpxml.choose(sequence)
    own = sequence_rate(fcpxml, node, rate)
    builder = CutBuilder(fcpxml.path, own)
    for note in notes:
        builder.warn(note)
    if rate is not None and rate != own:
        builder.warn(f"The project itself says {float(own):.6g} frames per second; the rate given was not used")
    begin = begin_of(node)
    first, note = spine_begin(fcpxml, node)
    if note:
        builder.warn(note)
    walk = StorylineWalk(fcpxml, builder, ConformRates(fcpxml))
    clock = TimeTransform(Fraction(0), Fraction(MAX_SECONDS), first)
    walk.storyline(node.all("spine"), StoryLevel(own, clock, (0,), sequence=node), first)
    if walk.lost:
        builder.warn(f"{walk.lost} clips without a length or a place were left out")
    if walk.markers_inside:
        builder.warn(f"{walk.markers_inside} markers inside compound clips are not used")
    return builder.build(
        name,
        drop_frame=node.attributes.get("tcFormat") == "DF" and can_drop(own),
        start_frame=round(begin * own),
    )
