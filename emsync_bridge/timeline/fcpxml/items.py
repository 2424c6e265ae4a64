"""What one story element of FCPXML says of itself: its own clock, its length, its speed and what it shows."""

from __future__ import annotations

from fractions import Fraction

from emsync_bridge.timeline.cut.model import LeafKind
from emsync_bridge.timeline.cut.retiming import Retiming
from emsync_bridge.timeline.fcpxml.document import STORY, Fcpxml, time_of
from emsync_bridge.timeline.xml.tree import Node

_NTSC = Fraction(1000, 1001)
_SOURCE_RATES = {
    "23.98": 24 * _NTSC,
    "24": Fraction(24),
    "25": Fraction(25),
    "29.97": 30 * _NTSC,
    "30": Fraction(30),
    "47.95": 48 * _NTSC,
    "48": Fraction(48),
    "50": Fraction(50),
    "59.94": 60 * _NTSC,
    "60": Fraction(60),
}


def contained(item: Node) -> list[Node]:
    """Return what a clip holds: its story elements without a lane."""
    return [child for child in item.children if child.tag in (*STORY, "spine") and lane_of(child) == 0]


def anchored(item: Node) -> list[Node]:
    """Return what is connected to an item: story elements and storylines with a lane."""
    return [child for child in item.children if child.tag in (*STORY, "spine") and lane_of(child) != 0]


def lane_of(item: Node) -> int:
    """Return the lane of an element, 0 without one."""
    text = item.attributes.get("lane", "")
    digits = text.lstrip("-+")
    return (
        int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 6 and len(text) - len(digits) < 2 else 0
    )


def active(item: Node) -> Node:
    """Return the item itself, for an audition its first pick, placed where the audition is."""
    if item.tag != "audition":
        return item
    pick = next((child for child in item.children if child.tag in STORY and child.tag != "audition"), None)
    if pick is None:
        return item
    chosen = Node(pick.tag, {**pick.attributes, **item.attributes}, pick.start)
    chosen.children = pick.children
    return chosen


def is_still(asset: Node) -> bool:
    """Tell whether an asset is a single picture: it has no duration."""
    return time_of(asset, "duration") == 0


def is_enabled(item: Node) -> bool:
    """Tell whether an item is switched on."""
    return item.attributes.get("enabled", "1") != "0"


def gives_picture(item: Node) -> bool:
    """Tell whether an item's picture is wanted; a clip can be asked for its sound alone."""
    return item.attributes.get("srcEnable", "all") in ("all", "video")


def start_of(item: Node) -> Fraction:
    """Return the time on an item's own clock at which it begins: 0 when it does not say (Apple's DTD)."""
    return time_of(item, "start") or Fraction(0)


def inner_shift(fcpxml: Fcpxml, item: Node) -> Fraction:
    """Return how far the clock of what an item plays is ahead of the item's own.

    An item that states its start states it in the timecode of its media. One that does not begins at 0 and plays its
    media from the media's own start.

    Arguments:
        fcpxml: The document, for its resources.
        item: A story element.
    """
    resource = fcpxml.resource(item)
    if resource is None or time_of(item, "start") is not None:
        return Fraction(0)
    if resource.tag == "asset":
        return time_of(resource, "start") or Fraction(0)
    inner = resource.child("sequence") or resource.child("multicam")
    begin = time_of(inner, "tcStart") if inner else None
    if inner is None or not begin:
        return Fraction(0)
    # Some writers let the inside count from 0 whatever its start timecode.
    lines = [*inner.all("spine"), *inner.all("mc-angle")]
    offsets = [time_of(line.children[0], "offset") for line in lines if line.children]
    return begin if any(offset is None or offset >= begin for offset in offsets) else Fraction(0)


def duration_of(fcpxml: Fcpxml, item: Node) -> Fraction | None:
    """Return how long an item is on the clock around it; None when nobody says."""
    duration = time_of(item, "duration")
    if duration is None:
        resource = fcpxml.resource(item)
        inner = resource.child("sequence") if resource is not None and resource.tag == "media" else resource
        duration = time_of(inner, "duration") if inner is not None else None
    return duration if duration is not None and duration > 0 else None


def conform_speed(item: Node, rate: Fraction) -> Fraction:
    """Return how many seconds of an item's own clock pass in a second of the clock around it.

    Arguments:
        item: A story element.
        rate: Frames per second around it.
    """
    conform = item.child("conform-rate")
    if conform is None or conform.attributes.get("scaleEnabled", "1") == "0":
        return Fraction(1)
    media = _SOURCE_RATES.get(conform.attributes.get("srcFrameRate", ""))
    return _played(media, rate) / media if media is not None else Fraction(1)


def _played(media: Fraction, rate: Fraction) -> Fraction:
    """Return the rate that media of one rate is played at in a timeline of another.

    Source: Apple, FCPXML Reference, "conform-rate", the chart of combinations: media within a few per cent of the
    timeline's rate, its half or its double is played frame for frame; beyond that, only the 1000/1001 is made good.
    """
    for times in (Fraction(1), Fraction(2), Fraction(1, 2), Fraction(4), Fraction(1, 4)):
        if abs(rate * times / media - 1) < Fraction(1, 20):
            return rate * times
    if (media.denominator == 1) == (rate.denominator == 1):
        return media
    return media * _NTSC if media.denominator == 1 else media / _NTSC


def time_map(fcpxml: Fcpxml, item: Node) -> Retiming | None:
    """Return how an item's media runs over its own clock; None at its normal speed.

    Arguments:
        fcpxml: The document, for its resources.
        item: A story element, perhaps with a ``timeMap``. Curves between its points count as straight lines.
    """
    found = item.child("timeMap")
    points: dict[Fraction, Fraction] = {}
    for point in found.all("timept") if found else ():
        time, value = time_of(point, "time"), time_of(point, "value")
        if time is not None and value is not None:
            points[time] = value
    if len(points) < 2:
        return None
    knots = sorted(points.items())
    start = start_of(item)
    resource = fcpxml.resource(item)
    origin = (time_of(resource, "start") if resource is not None and resource.tag == "asset" else None) or Fraction(0)
    if not knots[0][0] <= start <= knots[-1][0] and knots[0][0] <= start - origin <= knots[-1][0]:
        # Counted from the media's first frame, not in its timecode
        knots = [(time + origin, value + origin) for time, value in knots]
    return Retiming(tuple(knots))


def is_invisible(item: Node) -> bool:
    """Tell whether an item's opacity is fixed at zero."""
    blend = item.child("adjust-blend")
    if blend is None or any(param.child("keyframeAnimation") for param in blend.all("param")):
        return False
    amount = blend.attributes.get("amount", "1").strip()
    return amount != "" and set(amount) <= set("0.-+")


def kind_of(fcpxml: Fcpxml, item: Node) -> tuple[LeafKind, Node | None] | None:
    """Return what an item shows and the asset that it comes from; None when it has no picture of its own.

    Arguments:
        fcpxml: The document, for its resources.
        item: An asset-clip, video or title.
    """
    resource = fcpxml.resource(item)
    label = f"{item.attributes.get('name', '')} {resource.attributes.get('name', '') if resource else ''}".lower()
    if item.tag == "title":
        return ("adjustment" if "adjustment" in label else "title"), None
    if item.tag not in ("asset-clip", "video"):
        return None
    if resource is None:
        return "missing", None
    if resource.tag != "asset":
        return "generator", None
    if resource.attributes.get("hasVideo") != "1" and resource.attributes.get("hasAudio") == "1":
        return None
    blend = item.child("adjust-blend")
    normal = blend is None or blend.attributes.get("mode", "0").split(" ")[0] in ("", "0")
    return ("picture" if normal else "title"), resource


def media_of(asset: Node) -> str | None:
    """Return where an asset's media lies: in a child since version 1.9, in an attribute before."""
    reps = asset.all("media-rep")
    best = next((rep for rep in reps if rep.attributes.get("kind", "original-media") == "original-media"), None)
    rep = best or (reps[0] if reps else None)
    return (rep.attributes.get("src") if rep else asset.attributes.get("src")) or None
