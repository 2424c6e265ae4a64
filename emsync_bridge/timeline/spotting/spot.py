"""Spotting: hit points, shots and directives of a cut model."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from fractions import Fraction
from typing import Any

from emsync_bridge.cue import HitPoint, Shot, Spotting
from emsync_bridge.errors import TimelineError
from emsync_bridge.timecode import frame_at, to_timecode
from emsync_bridge.timeline.cut.edits import Edit, SeenShot, cut_list, seen_shots
from emsync_bridge.timeline.cut.model import CutModel, TimelineClip, TimelineMarker
from emsync_bridge.timeline.spotting.directives import sorted_markers
from emsync_bridge.timeline.spotting.texts import timed_texts

WEIGHTS = {
    "start": 1.0,
    "end": 1.0,
    "marker": 1.0,  # somebody asked for it
    "from_black": 0.9,
    "to_black": 0.9,
    "transition": 0.9,  # longer to see, and more often the border of a scene than a cut
    "cut": 0.8,
}

# Source times without a known beginning of the file are timecode from this hour on, time into the file before.
_TIMECODE_SECONDS = 3600
_SECOND_OF_SLACK = Fraction(1, 2)


def spot(
    model: CutModel,
    *,
    min_gap: float = 4.0,
    marker_colors: Sequence[str] | None = None,
    only_markers: bool = False,
    all_changes: bool = False,
) -> Spotting:
    """Return the hit points, shots and directives of a timeline.

    Hits closer together than ``min_gap`` are thinned: the heaviest stay, of equals the earliest, which for cuts alone
    is the rule of the method's authors (the first cut is kept, later ones if they are far enough from the last one
    kept). Start and end thin nothing and are never thinned. A marker on the frame of an edit lends it its name and
    weight.

    Arguments:
        model: The timeline.
        min_gap: Seconds between hits that are to be answered.
        marker_colors: Colours of markers that count as hits; None for all. Directives count in any colour.
        only_markers: Whether cuts and transitions are left out.
        all_changes: Whether changes closer than 2.5 frames to another stay hit points of their own.

    Raises:
        TimelineError: The timeline is empty, or ``min_gap`` is negative or not finite.
    """
    if not (math.isfinite(min_gap) and min_gap >= 0):
        raise TimelineError(
            f"The gap between hits is {min_gap} seconds and must be 0 or more",
            hint="Give a number from 0 up",
            setting="min_gap",
        )
    seen = cut_list(model, all_changes=all_changes)
    if seen.frames == 0:
        raise TimelineError("The timeline is empty", where=model.name, hint="Choose one that has picture or sound")
    markers = sorted_markers(model)
    shots = tuple(_shot(shot, model.rate) for shot in seen_shots(seen, (edit.center for edit in seen.edits)))
    hits = {} if only_markers else _edit_hits(seen.edits, seen.frames, model.rate)
    first_merged, last_merged = ((), ()) if only_markers else seen.merged_ends
    hits[0] = HitPoint(0.0, 0, "start", WEIGHTS["start"], shots[0].name, merged=first_merged)
    end = _time(seen.frames, model.rate)
    hits[seen.frames] = HitPoint(end, seen.frames, "end", WEIGHTS["end"], merged=last_merged)
    wanted = None if marker_colors is None else {color.strip().upper() for color in marker_colors}
    outside = _add_markers(
        hits,
        [marker for marker in markers.others if wanted is None or marker.color.upper() in wanted],
        seen.frames,
        model.rate,
    )
    late = [
        f"{count} marker{'s lie' if count > 1 else ' lies'} {side} and cannot be hit"
        for count, side in zip(outside, ("before the start", "after the end"), strict=True)
        if count
    ]
    if wanted is not None:
        late += _unused_colors(wanted, [marker for marker in markers.others if marker.color])
    held = [order for order in markers.directives if order.start < end and (order.end is None or order.end > 0)]
    late += [
        f"The order 'emsync: {order.text}' at {_timecode(order.start, model)} is outside of the cut and has no effect"
        for order in markers.directives
        if order not in held
    ]
    flashes = merged_changes_note(hits.values())
    first, *inner, last = (hits[frame] for frame in sorted(hits))
    return Spotting(
        name=model.name,
        duration=end,
        rate=model.rate,
        drop_frame=model.drop_frame,
        start_frame=model.start_frame,
        hits=(first, *_thinned(inner, Fraction(str(min_gap)) * model.rate), last),
        shots=shots,
        directives=tuple(held),
        texts=timed_texts(model, markers.others, shots),
        warnings=tuple(dict.fromkeys((*model.warnings, *seen.warnings, *markers.warnings, *flashes, *late))),
    )


def _timecode(seconds: float, model: CutModel) -> str:
    return to_timecode(model.start_frame + frame_at(seconds, model.rate), model.rate, model.drop_frame)


def _unused_colors(wanted: Set[str], markers: Sequence[TimelineMarker]) -> list[str]:
    """Return a sentence on each colour that is asked for and that no marker has."""
    there = Counter(marker.color.upper() for marker in markers)
    found = ", ".join(f"{count} {color}" for color, count in there.most_common()) or "none with a colour"
    return [f"No marker is {color}; the timeline has {found}" for color in sorted(wanted - set(there))]


def merged_changes_note(hits: Iterable[HitPoint]) -> list[str]:
    """Return a sentence on the changes of picture that count as one with another; none without any.

    Arguments:
        hits: All hit points.
    """
    frames = sorted(frame for hit in hits for frame in hit.merged)
    if not frames:
        return []
    places = ", ".join(map(str, frames[:8])) + (", ..." if len(frames) > 8 else "")
    if len(frames) == 1:
        return [f"The change of picture at frame {places} is within 2.5 frames of another and counts as one with it"]
    return [f"{len(frames)} changes of picture within 2.5 frames of another count as one with it: frames {places}"]


def spotting_document(spotting: Spotting) -> dict[str, Any]:
    """Return a spotting as the JSON document of ``emsync spot --json``.

    Arguments:
        spotting: Spotting as ``spot`` returned it.
    """

    def timecode(frame: int) -> str:
        return to_timecode(spotting.start_frame + frame, spotting.rate, spotting.drop_frame)

    return {
        "name": spotting.name,
        "duration": spotting.duration,
        "rate": str(spotting.rate),
        "drop_frame": spotting.drop_frame,
        "start_timecode": timecode(0),
        "hits": [
            {
                "time": hit.time,
                "frame": hit.frame,
                "timecode": timecode(hit.frame),
                "kind": hit.kind,
                "weight": hit.weight,
                "name": hit.name,
                "answered": hit.answered,
                **({"span": list(hit.span)} if hit.span else {}),
                **({"merged": list(hit.merged)} if hit.merged else {}),
            }
            for hit in spotting.hits
        ],
        "shots": [
            {
                "start": shot.start,
                "end": shot.end,
                "media": shot.media,
                "source_start": shot.source_start,
                "source_end": shot.source_end,
            }
            for shot in spotting.shots
        ],
        "directives": [
            {"start": directive.start, "text": directive.text, "end": directive.end}
            for directive in spotting.directives
        ],
        "warnings": list(spotting.warnings),
    }


def _time(frame: int | Fraction, rate: Fraction) -> float:
    return float(frame / rate)


def _edit_hits(edits: Iterable[Edit], frames: int, rate: Fraction) -> dict[int, HitPoint]:
    hits: dict[int, HitPoint] = {}
    for edit in edits:
        frame = min(max(edit.center, 1), frames - 1)
        hit = HitPoint(
            time=_time(frame, rate),
            frame=frame,
            kind="cut" if edit.span is None else "transition",
            weight=WEIGHTS[edit.kind],
            name=edit.after.name if edit.after is not None else "black",
            span=None if edit.span is None else (_time(edit.span[0], rate), _time(edit.span[1], rate)),
            merged=edit.merged,
        )
        if frame not in hits or hit.weight > hits[frame].weight:
            hits[frame] = hit
    return hits


def _add_markers(
    hits: dict[int, HitPoint], markers: Iterable[TimelineMarker], frames: int, rate: Fraction
) -> tuple[int, int]:
    """Add markers to the hits, or lend their names to what happens on their frames; count those before and after."""
    names: dict[int, str] = {}
    before = after = 0
    for marker in markers:
        frame = frame_at(marker.time, rate)
        if 0 <= frame <= frames:
            names[frame] = names.get(frame) or marker.name or marker.comment
        elif frame < 0:
            before += 1
        else:
            after += 1
    for frame, name in names.items():
        here = hits.get(frame) or HitPoint(_time(frame, rate), frame, "marker")
        hits[frame] = replace(here, weight=WEIGHTS["marker"], name=name or here.name)
    return before, after


def thinned(spotting: Spotting, min_gap: float) -> Spotting:
    """Return a part of a cut with its hits thinned as if there were none outside of it.

    Arguments:
        spotting: The part; its first and last hit are its start and end.
        min_gap: Seconds between two hits that are answered.
    """
    first, *inner, last = spotting.hits
    gap = Fraction(str(min_gap)) * spotting.rate
    return replace(spotting, hits=(first, *_thinned(inner, gap), last))


def _thinned(hits: Sequence[HitPoint], gap: Fraction) -> list[HitPoint]:
    """Mark the hits that the music is not asked to answer.

    Arguments:
        hits: Hits in order of frame.
        gap: Frames between two that are answered.
    """
    kept: list[int] = []
    for hit in sorted(hits, key=lambda hit: (-hit.weight, hit.frame)):
        place = bisect_left(kept, hit.frame)
        near = kept[max(0, place - 1) : place + 1]
        if all(abs(hit.frame - other) >= gap for other in near):
            insort(kept, hit.frame)
    answered = set(kept)
    return [replace(hit, answered=hit.frame in answered) for hit in hits]


def _shot(shot: SeenShot, rate: Fraction) -> Shot:
    start, end = Fraction(shot.start) / rate, Fraction(shot.end) / rate
    if shot.first is None or shot.last is None:
        return Shot(float(start), float(end))
    return Shot(
        start=float(start),
        end=float(end),
        media=shot.first.media,
        source_start=_in_file(shot.first, start),
        source_end=_in_file(shot.last, end),
        name=shot.first.name,
    )


def dialogue_shots(model: CutModel) -> tuple[tuple[Shot, bool], ...]:
    """Return the dialogue of a timeline with the media that is heard there, and whether a person has sorted it so.

    Arguments:
        model: The timeline; its times hold.
    """
    return tuple(
        (
            Shot(
                float(each.clip.start),
                float(each.clip.end),
                each.clip.media,
                _in_file(each.clip, each.clip.start),
                _in_file(each.clip, each.clip.end),
                each.clip.name,
            ),
            each.certain,
        )
        for each in model.dialogue
    )


def _in_file(leaf: TimelineClip, time: Fraction) -> float | None:
    """Return the seconds from the beginning of the media file that show at a time; None when that is unknown.

    Where the document does not say at which timecode the file begins, a source time below one hour is taken for time
    into the file.
    """
    source = leaf.source_at(time)
    if source is None and leaf.source is not None and time <= leaf.start:
        source = leaf.source  # the speed varies, but the beginning is known
    if source is None:
        return None
    if leaf.media_start is None and source >= _TIMECODE_SECONDS:
        return None
    into = source - (leaf.media_start or 0)
    return max(0.0, float(into)) if into > -_SECOND_OF_SLACK else None
