"""Words of a timeline: what markers, clips, titles and captions say, for the mood."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath

from emsync_bridge.cue import Shot, TimedText
from emsync_bridge.timeline.cut.model import CutModel, TimelineMarker

MAX_LETTERS = 2000
"""Letters of one text that are kept."""


def timed_texts(model: CutModel, markers: Iterable[TimelineMarker], shots: Sequence[Shot]) -> tuple[TimedText, ...]:
    """Return the words of a timeline in order of time.

    Arguments:
        model: The timeline.
        markers: Its markers without orders to emsync.
        shots: Its shots, whose names are those of their clips.
    """
    found = [*model.captions]
    for marker in markers:
        words = ". ".join(piece for piece in (marker.name.strip(), marker.comment.strip()) if piece)
        end = float(marker.time + marker.duration) if marker.duration * model.rate > 1 else None
        found.append(TimedText(float(marker.time), words, "marker", end))
    found += [TimedText(shot.start, _name(shot.name), "clip", shot.end) for shot in shots]
    for leaf in model.leaves:
        if leaf.kind == "title":
            found.append(TimedText(float(leaf.start), leaf.name, "title", float(leaf.end)))
    kept = [TimedText(text.start, text.text[:MAX_LETTERS], text.source, text.end) for text in found if text.text]
    return tuple(sorted(kept, key=lambda text: text.start))


def _name(name: str) -> str:
    """Return the words of a clip's name, without the ending of a file and with spaces for underscores."""
    return PurePath(name).stem.replace("_", " ") if name else ""
