"""A cut model for a plain video file whose shots were detected in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from emsync_bridge.errors import TimelineError
from emsync_bridge.timecode import frame_at
from emsync_bridge.timeline.cut.model import CutModel, TimelineClip, TimelineTransition


def model_from_shots(
    name: str,
    media: Path,
    rate: Fraction,
    duration: float | Fraction,
    cuts: Sequence[float | Fraction],
    *,
    transitions: Sequence[tuple[float | Fraction, float | Fraction]] = (),
    start_frame: int = 0,
    drop_frame: bool = False,
) -> CutModel:
    """Return the cut model of a video: one item per shot, one after the other.

    Arguments:
        name: What the timeline is to be called.
        media: The video file.
        rate: Its frames per second, exact.
        duration: Its length in seconds.
        cuts: Seconds at which a new shot begins, in any order.
        transitions: Start and end in seconds of each dissolve; each has an edit in its middle and replaces the cuts
            inside it.
        start_frame: Frame number of the video's own timecode, counted from 00:00:00:00.
        drop_frame: Whether that timecode is counted in drop frame.

    Raises:
        TimelineError: The video has no length.
    """
    frames = frame_at(duration, rate)
    if frames <= 0:
        raise TimelineError("The video has no length", where=media, hint="Check that it plays")
    layer = (0,)
    found = []
    for start, end in sorted(transitions):
        first, last = max(0, frame_at(start, rate)), min(frames, frame_at(end, rate))
        if last - first >= 2:
            found.append((first, last))
    spans = [
        TimelineTransition(first / rate, last / rate, ((first + last) // 2) / rate, layer, "Dissolve")
        for first, last in found
    ]
    edits = {frame_at(cut, rate) for cut in cuts}
    edits = {edit for edit in edits if not any(first <= edit <= last for first, last in found)}
    edits |= {(first + last) // 2 for first, last in found}
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
    return CutModel(
        name=name,
        rate=rate,
        duration=frames / rate,
        leaves=leaves,
        transitions=tuple(spans),
        drop_frame=drop_frame,
        start_frame=start_frame,
    )
