"""Clips of an xmeml track: place on the track, kind, media and the course of source time.

Positions (``start``, ``end``) count frames of the sequence. ``in`` and ``out`` count frames of the clip after any speed
change, and the Time Remap filter's graph leads from those to frames of the media (Apple, Final Cut Pro XML Interchange
Format, "The Time Remap Effect"; checked against exports of Premiere Pro, Resolve and Hiero).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from emsync_bridge.timeline.cut.model import LeafKind
from emsync_bridge.timeline.cut.retiming import Retiming
from emsync_bridge.timeline.xmeml.document import Xmeml, is_true, number, rate_of, timecode_of
from emsync_bridge.timeline.xml.tree import Node

PREMIERE_TICKS = 254_016_000_000  # per second, the unit of Premiere's own time elements
_WITH_ALPHA = (".png", ".psd", ".psb", ".tif", ".tiff", ".tga", ".ai", ".eps", ".pdf", ".exr", ".dpx", ".webp", ".gif")
_STILLS = (*_WITH_ALPHA, ".jpg", ".jpeg", ".bmp", ".heic")
_TEXT_WORDS = ("text", "title", "lower third", "crawl", "scrolling", "typewriter", "subtitle", "caption", "credit")
# "black" stands on ordinary camera files, so it is ignored for movies; "straight" and "white" are set by hand.
_MOVIE_ALPHA = ("straight", "white")
_STILL_FRAMES = 2  # Final Cut Pro 7 gives a still a file of two frames, others one of one frame
_FRAME = Fraction(1)


@dataclass(frozen=True)
class TrackTransition:
    """A transition on a track, in frames of its sequence."""

    start: Fraction
    end: Fraction
    edit: Fraction
    name: str


@dataclass(frozen=True)
class PlacedClip:
    """A clip on its track.

    Arguments:
        node: The clipitem or generatoritem.
        start: First frame of the sequence in which it alone shows, or the edit under a transition.
        end: Frame after its last one, or the edit under a transition.
        origin: Frame of the sequence at which the clip's ``in`` shows; before ``start`` under a transition.
    """

    node: Node
    start: Fraction
    end: Fraction
    origin: Fraction


def joins(track: Node, rate: Fraction) -> dict[int, TrackTransition]:
    """Return the transitions of a track by their position among its children.

    Arguments:
        track: A video track.
        rate: Frames per second of its sequence.
    """
    found = {}
    for index, item in enumerate(track.children):
        start, end = number(item.value("start")), number(item.value("end"))
        if item.tag == "transitionitem" and start is not None and end is not None and 0 <= start < end:
            name = item.value("effect", "name") or item.value("name")
            found[index] = TrackTransition(start, end, _edit(item, start, end, rate), name)
    return found


def place(track: Node, found: dict[int, TrackTransition], rate: Fraction) -> tuple[list[PlacedClip], int]:
    """Return where the clips of a track lie, and how many could not be placed.

    Arguments:
        track: A track.
        found: Its transitions by position among its children.
        rate: Frames per second of its sequence.
    """
    placed: list[PlacedClip] = []
    lost = 0
    for index, item in enumerate(track.children):
        if item.tag not in ("clipitem", "generatoritem"):
            continue
        length = _length(item, rate)
        start, end = _edge(item, "start"), _edge(item, "end")
        before, after = found.get(index - 1), found.get(index + 1)
        if start is None and before is None:
            before = _around(found, end - length) if end is not None and length is not None else None
        if end is None and after is None and length is not None:
            origin = start if start is not None else before.start if before else None
            after = _around(found, origin + length) if origin is not None else None
            if after is None and origin is not None:
                end = origin + length
        origin = start if start is not None else before.start if before else None
        first = _under(before, start, late=True)
        last = _under(after, end, late=False)
        if origin is None or first is None or last is None or first >= last or last <= 0:
            lost += 1
            continue
        placed.append(PlacedClip(item, first, last, origin))
    return placed, lost


def title_text(item: Node) -> str:
    """Return the words of a text generator; empty where it has none."""
    effect = item.child("effect")
    parameters = effect.children if effect else []
    return " ".join(node.value("value") for node in parameters if node.value("parameterid").lower() in ("str", "text"))


def kind_of(xmeml: Xmeml, item: Node) -> tuple[LeafKind, str | None]:
    """Return what a clip shows and where its media lies.

    Stills and movies with an alpha channel and clips in a blend mode leave the picture under them visible: they are
    overlays.

    Arguments:
        xmeml: The document, for files that are defined elsewhere in it.
        item: A clipitem or generatoritem.
    """
    effect = item.child("effect")
    if item.tag == "generatoritem":
        words = f"{item.value('name')} {effect.value('name')} {effect.value('effectcategory')}" if effect else ""
        return ("title" if any(word in words.lower() for word in _TEXT_WORDS) else "generator"), None
    file = file_of(xmeml, item)
    name = item.value("name").lower()
    alpha_type = item.value("alphatype").lower()
    alpha = alpha_type not in ("", "none")
    media = file.value("pathurl") if file else ""
    if not media:
        source = file.value("mediaSource").lower() if file else ""
        if item.attributes.get("adjustmentLayer", "").lower() == "true" or name.startswith(
            ("adjustment layer", "adjustment clip", "transparent video")
        ):
            return "adjustment", None
        if source == "slug":
            return ("title" if alpha else "generator"), None
        return ("title" if source else "missing"), None
    blend = item.value("compositemode").lower() not in ("", "normal")
    name = media.lower()
    seen_through = alpha if name.endswith(_WITH_ALPHA) else alpha_type in _MOVIE_ALPHA and not name.endswith(_STILLS)
    return ("overlay" if blend or seen_through else "picture"), media


def file_of(xmeml: Xmeml, item: Node) -> Node | None:
    """Return the definition of the file that a clip plays; that of the active angle for a multiclip."""
    file = item.child("file")
    angle = active_angle(xmeml, item)
    if angle is not None:
        file = next((node for node in angle.walk() if node.tag == "file"), file)
    if file is None:
        return None
    return xmeml.files.get(file.attributes.get("id", ""), file)


def active_angle(xmeml: Xmeml, item: Node) -> Node | None:
    """Return the multicam angle that a clip shows; None where there is only one picture."""
    multiclip = item.child("multiclip")
    if multiclip is None:
        return None
    if multiclip.child("angle") is None:
        multiclip = xmeml.multiclips.get(multiclip.attributes.get("id", ""), multiclip)
    angles = multiclip.all("angle")
    return next(
        (angle for angle in angles if is_true(angle, "activevideoangle", default=False)), next(iter(angles), None)
    )


def clip_rate(item: Node, placed: PlacedClip, rate: Fraction) -> Fraction:
    """Return the frame rate that a clip's ``in`` and ``out`` count in.

    It is the rate that the clip states, unless it has as many frames as it fills in a sequence of another rate:
    Resolve states the media's rate and counts the sequence's frames.

    Arguments:
        item: A clipitem.
        placed: Its place on the track.
        rate: Frames per second of the sequence.
    """
    own = rate_of(item) or rate
    first, last = number(item.value("in")), number(item.value("out"))
    if own == rate or first is None or last is None:
        return own
    start, end = _edge(item, "start"), _edge(item, "end")
    filled = end - start if start is not None and end is not None else placed.end - placed.start
    counted = last - first
    return rate if abs(counted - filled) < abs(counted * rate / own - filled) - _FRAME else own


def is_still(item: Node, file: Node | None) -> bool:
    """Tell whether a clip plays a single picture, which shows the same at any ``in``.

    A file named like a still may be the first of a numbered sequence; then it is as long as what is played of it.
    """
    if file is None or not file.value("pathurl").lower().endswith(_STILLS):
        return False
    frames, last = number(file.value("duration")), number(item.value("out"))
    return frames is None or frames <= _STILL_FRAMES or (last is not None and last > frames + _FRAME)


def media_start_of(file: Node | None) -> Fraction:
    """Return the timecode of a file's first frame in seconds; 0 when it states none, for ``in`` counts from there."""
    rate = rate_of(file) or Fraction(30)
    timecode = timecode_of(file, rate)
    return timecode[0] / timecode[1] if timecode else Fraction(0)


def source_of(item: Node, placed: PlacedClip, rate: Fraction, file: Node | None) -> Retiming | None:
    """Return how source time, in seconds from the media's start, runs over the sequence's time in seconds.

    Arguments:
        item: A clipitem.
        placed: Its place on the track.
        rate: Frames per second of the sequence.
        file: The file that it plays; None for a nested sequence.
    """
    first = number(item.value("in"))
    if first is None:
        first = Fraction(0)
    if is_still(item, file):
        return Retiming.steady(placed.origin / rate, Fraction(0), Fraction(0))
    own = clip_rate(item, placed, rate)
    # A subclip counts from its own beginning.
    offset = number(item.value("subclipinfo", "startoffset")) or Fraction(0)
    origin = placed.origin / rate
    remap = next((effect for effect in effects_of(item, "timeremap", "time remap")), None)
    if remap is None:
        return Retiming.steady(origin, (first + offset) / own)
    knots = _remapped(item, remap, first, own, file)
    if knots is None:
        return None
    # From frames of the clip to the sequence's clock, and from frames of the media to seconds.
    return Retiming(
        tuple((origin + (when - first) / own, (value + offset) / own) for when, value in knots),
    )


def _remapped(
    item: Node, effect: Node, first: Fraction, own: Fraction, file: Node | None
) -> list[tuple[Fraction, Fraction]] | None:
    """Return points of the graph from clip frames to media frames."""
    parameters = {parameter.value("parameterid").lower(): parameter for parameter in effect.all("parameter")}
    graph = _graph(parameters.get("graphdict"))
    speed_text = parameters["speed"].value("value") if "speed" in parameters else ""
    percent = number(speed_text)
    variable = "variablespeed" in parameters and parameters["variablespeed"].value("value") == "1"
    if variable and len(graph) > 1:
        return graph
    if percent is None:
        return graph if len(graph) > 1 else None
    # Hiero writes the factor where Final Cut Pro and Premiere write per cent; speeds under 5 % do not occur.
    speed = percent / 100 if abs(percent) >= 5 or percent == 0 else percent
    backwards = "reverse" in parameters and is_true(parameters["reverse"], "value", default=False)
    still = len(graph) > 1 and len({value for _, value in graph}) == 1
    if speed == 0 or still:
        frozen = graph[0][1] if graph else first
        return [(first, frozen), (first + 1, frozen)]
    if not backwards and speed > 0:
        return [(Fraction(0), Fraction(0)), (Fraction(1), speed)]
    if len(graph) > 1 and graph[-1][1] < graph[0][1]:
        return graph
    # Backwards, the clip begins at the media's end.
    frames = number(file.value("duration")) if file else None
    in_own = frames / (rate_of(file) or own) * own if frames is not None else None
    length = number(item.value("duration"))
    last = in_own if in_own is not None else length * abs(speed) if length is not None else None
    return None if last is None else [(Fraction(0), last), (Fraction(1), last - abs(speed))]


def _graph(parameter: Node | None) -> list[tuple[Fraction, Fraction]]:
    """Return the key frames that can be trusted, clip frames rising.

    Premiere marks the ones it adds itself as virtual, and their values may be junk; without two others they are all
    there is.
    """
    keys = parameter.all("keyframe") if parameter else []
    real = [key for key in keys if not is_true(key, "speedvirtualkf", default=False)]
    points: dict[Fraction, Fraction] = {}
    for key in real if len(real) > 1 else keys:
        when, value = number(key.value("when")), number(key.value("value"))
        if when is not None and value is not None and value >= 0:
            points[when] = value
    return sorted(points.items())


def effects_of(item: Node, *names: str) -> list[Node]:
    """Return the effects of a clip that are switched on.

    Arguments:
        item: A clipitem or generatoritem.
        names: Their ids or names, in small letters.
    """
    found = []
    for filters in item.all("filter"):
        effect = filters.child("effect")
        if (
            effect is not None
            and is_true(filters, "enabled", default=True)
            and not is_true(effect, "pproBypass", default=False)
            and (effect.value("effectid").lower() in names or effect.value("name").lower() in names)
        ):
            found.append(effect)
    return found


def _edit(item: Node, start: Fraction, end: Fraction, rate: Fraction) -> Fraction:
    """Return the edit under a transition: where Premiere says, else by alignment, a half frame rounded down."""
    ticks = number(item.value("cutPointTicks"))
    if ticks is not None:
        frame = start + round(ticks * rate / PREMIERE_TICKS)
        if start <= frame <= end:
            return frame
    alignment = item.value("alignment").lower()
    if alignment.startswith("start"):
        return start
    if alignment.startswith("end"):
        return end
    return Fraction(math.floor((start + end) / 2))


def _edge(item: Node, tag: str) -> Fraction | None:
    """Return an edge of a clip in frames; None for -1, which means that a transition holds it."""
    frame = number(item.value(tag))
    return None if frame is None or frame < 0 else frame


def _length(item: Node, rate: Fraction) -> Fraction | None:
    """Return how many frames of the sequence a clip fills, transitions included."""
    first, last = number(item.value("in")), number(item.value("out"))
    if first is None or last is None or last <= first:
        return None
    return (last - first) * rate / (rate_of(item) or rate)


def _around(found: dict[int, TrackTransition], frame: Fraction) -> TrackTransition | None:
    """Return the transition over a frame, for documents that list transitions apart from the clips they join."""
    near = [join for join in found.values() if join.start - _FRAME <= frame <= join.end + _FRAME]
    return min(near, key=lambda join: abs(join.edit - frame), default=None)


def _under(join: TrackTransition | None, edge: Fraction | None, *, late: bool) -> Fraction | None:
    """Return where a clip's own share begins or ends, given the transition beside it."""
    if join is None:
        return edge
    if edge is None:
        return join.edit
    if join.start <= edge <= join.end:
        return max(edge, join.edit) if late else min(edge, join.edit)
    return edge
