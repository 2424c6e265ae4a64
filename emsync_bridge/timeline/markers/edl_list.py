"""Markers as an edit decision list in the form that DaVinci Resolve writes and imports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

from emsync_bridge.cue import Directive, HitPoint, Spotting
from emsync_bridge.files.atomic import replacing
from emsync_bridge.timecode import can_drop, frame_at, to_timecode
from emsync_bridge.timeline.placement import PlacedMarker

# Resolve has these sixteen; the colours of OpenTimelineIO that it lacks go to their neighbours
_SIXTEEN = "Blue Cyan Green Yellow Red Pink Purple Fuchsia Rose Lavender Sky Mint Lemon Sand Cocoa Cream"
_RESOLVE_COLORS = frozenset(_SIXTEEN.split())
_NEIGHBOURS = {"ORANGE": "Sand", "MAGENTA": "Fuchsia", "BLACK": "Cocoa", "WHITE": "Cream"}
HIT_COLORS = {"cut": "BLUE", "transition": "PURPLE", "marker": "GREEN", "start": "CYAN", "end": "CYAN"}
_THINNED_COLOR = "CREAM"


def spotting_markers(spotting: Spotting) -> tuple[PlacedMarker, ...]:
    """Return a marker for every hit point, coloured by its kind and pale if it is not answered, and every directive.

    Arguments:
        spotting: Spotting as ``spot`` returned it.
    """
    hits = [
        PlacedMarker(
            frame=hit.frame,
            name=hit.name or hit.kind,
            comment=_describe(hit),
            color=HIT_COLORS[hit.kind] if hit.answered else _THINNED_COLOR,
        )
        for hit in spotting.hits
    ]
    orders = [_order(directive, spotting.rate) for directive in spotting.directives]
    return tuple(sorted([*hits, *orders], key=lambda marker: marker.frame))


def _order(directive: Directive, rate: Fraction) -> PlacedMarker:
    start = frame_at(directive.start, rate)
    end = start + 1 if directive.end is None else frame_at(directive.end, rate)
    return PlacedMarker(start, f"emsync: {directive.text}", color="PINK", duration=max(1, end - start))


def _describe(hit: HitPoint) -> str:
    return f"{hit.kind}, weight {hit.weight:g}{'' if hit.answered else ', not answered'}"


def marker_edl(markers: Iterable[PlacedMarker], spotting: Spotting) -> str:
    """Return the list: for each marker an event of one frame at its absolute timecode, and a line that describes it.

    The form is that of Resolve's own export (SubtitleEdit/subtitleedit#13730): text before the first bar is the note.

    Arguments:
        markers: Markers by timeline frame.
        spotting: Name, rate, start timecode and way of counting of the timeline.
    """
    drop = spotting.drop_frame and can_drop(spotting.rate)
    lines = [f"TITLE: {_line(spotting.name)}", f"FCM: {'DROP FRAME' if drop else 'NON-DROP FRAME'}", ""]
    for number, marker in enumerate(markers, 1):
        first = spotting.start_frame + marker.frame
        times = " ".join(to_timecode(frame, spotting.rate, drop) for frame in (first, first + 1))
        color = resolve_color(marker.color)
        note = _line(marker.comment)
        lines += [
            f"{number:03}  001      V     C        {times} {times}  ",
            f"{note} |C:ResolveColor{color} |M:{_line(marker.name)} |D:{max(1, marker.duration)}",
            "",
        ]
    return "\r\n".join(lines)


def write_marker_edl(markers: Sequence[PlacedMarker], spotting: Spotting, path: Path) -> None:
    """Write markers as an edit decision list for Resolve's import of timeline markers.

    Arguments:
        markers: Markers by timeline frame.
        spotting: Name, rate, start timecode and way of counting of the timeline.
        path: Path of the file to write.

    Raises:
        OutputError: It cannot be written there.
    """
    with replacing(path) as draft:
        draft.write_bytes(marker_edl(markers, spotting).encode(errors="replace"))


def resolve_color(color: str) -> str:
    """Return the Resolve marker colour for a colour name; blue, its default, for those that it has not.

    Arguments:
        color: Name in any case, such as ``GREEN``.
    """
    known = _NEIGHBOURS.get(color.upper(), color.capitalize())
    return known if known in _RESOLVE_COLORS else "Blue"


def _line(text: str) -> str:
    """Return a text that stays within one field of one line."""
    return " ".join(text.replace("|", "/").split())
