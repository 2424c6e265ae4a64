"""A cut model for a plain video file whose shots were detected in the picture."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from emsync_bridge.cue import DetectedShots
from emsync_bridge.errors import TimelineError
from emsync_bridge.timecode import frame_at, from_timecode
from emsync_bridge.timeline.cut.model import CutModel, TimelineClip, TimelineTransition


def model_from_shots(name: str, media: Path, found: DetectedShots) -> CutModel:
    """Return the cut model of a video: one item per shot, one after the other.

    Arguments:
        name: Name of the timeline.
        media: The video file.
        found: Its rate, length, cuts and transitions. A transition has an edit in its middle and replaces the cuts
            inside it.

    Raises:
        TimelineError: The video has no length.
    """
    rate = found.rate
    frames = frame_at(found.duration, rate)
    if frames <= 0:
        raise TimelineError("The video has no length", where=media, hint="Check that it plays")
    layer = (0,)
    dissolves = []
    for start, end in sorted(found.transitions):
        first, last = max(0, frame_at(start, rate)), min(frames, frame_at(end, rate))
        if last - first >= 2:
            dissolves.append((first, last))
    spans = [
        TimelineTransition(first / rate, last / rate, ((first + last) // 2) / rate, layer, "Dissolve")
        for first, last in dissolves
    ]
    edits = {frame_at(cut, rate) for cut in found.cuts}
    edits = {edit for edit in edits if not any(first <= edit <= last for first, last in dissolves)}
    edits |= {(first + last) // 2 for first, last in dissolves}
    bounds = [0, *sorted(edit for edit in edits if 0 < edit < frames), frames]
    # Named apart, so that joins of the one source are seen as the cuts that they are.
    leaves = tuple(
        TimelineClip(
            start=start / rate,
            end=end / rate,
            layer=layer,
            kind="picture",
            media=str(media),
            source=start / rate,
            media_start=Fraction(0),
            name=f"Shot {number}",
        )
        for number, (start, end) in enumerate(pairwise(bounds), start=1)
    )
    drop = ";" in (found.start_timecode or "")
    start_frame = from_timecode(found.start_timecode, rate, drop) if found.start_timecode else 0
    return CutModel(
        name=name,
        rate=rate,
        duration=frames / rate,
        leaves=leaves,
        transitions=tuple(spans),
        drop_frame=drop,
        start_frame=start_frame,
        warnings=found.warnings,
    )
