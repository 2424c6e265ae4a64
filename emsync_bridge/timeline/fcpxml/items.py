"""Story elements of FCPXML: an element's own clock, its length, its speed and what it shows."""

from __future__ import annotations

from fractions import Fraction

from emsync_bridge.timeline.cut.dialogue import is_dialogue
from emsync_bridge.timeline.cut.model import LeafKind
from emsync_bridge.timeline.cut.retiming import Retiming
from emsync_bridge.timeline.fcpxml.document import STORY, Fcpxml, time_of
from emsync_bridge.timeline.xml.tree import Node

LATE_SECONDS = 60  # a storyline that begins later than this after its start timecode is looked at


def contained_elements(item: Node) -> list[Node]:
    """Return what a clip holds: its story elements without a lane."""
    return [child for child in item.children if child.tag in (*STORY, "spine") and lane_of(child) == 0]


def connected_elements(item: Node) -> list[Node]:
    """Return what is connected to an item: story elements and storylines with a lane."""
    return [child for child in item.children if child.tag in (*STORY, "spine") and lane_of(child) != 0]


def lane_of(item: Node) -> int:
    """Return the lane of an element, 0 without one."""
    text = item.attributes.get("lane", "")
    digits = text.lstrip("-+")
    return (
        int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 6 and len(text) - len(digits) < 2 else 0
    )


def audition_pick(item: Node) -> Node | None:
    """Return the clip of an audition that is shown, the first; None for any other item or an empty audition."""
    if item.tag != "audition":
        return None
    return next((child for child in item.children if child.tag in STORY and child.tag != "audition"), None)


def picked_item(item: Node) -> Node:
    """Return the item itself, for an audition its first pick, placed where the audition is."""
    pick = audition_pick(item)
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


def is_spoken(item: Node) -> bool:
    """Tell whether an item's sound is dialogue by its roles, those of its channels before its own.

    Arguments:
        item: An asset-clip or audio; other items play nothing themselves.
    """
    if item.tag not in ("asset-clip", "audio") or item.attributes.get("srcEnable", "all") not in ("all", "audio"):
        return False
    channels = [each for each in item.all("audio-channel-source") if is_enabled(each) and "role" in each.attributes]
    own = item.attributes.get("audioRole" if item.tag == "asset-clip" else "role", "")
    return any(is_dialogue(each.attributes["role"]) for each in channels) if channels else is_dialogue(own)


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
    """Return how long an item is on the clock around it; None when the document does not say."""
    duration = time_of(item, "duration")
    if duration is None:
        resource = fcpxml.resource(item)
        inner = resource.child("sequence") if resource is not None and resource.tag == "media" else resource
        duration = time_of(inner, "duration") if inner is not None else None
    return duration if duration is not None and duration > 0 else None


def spine_begin(fcpxml: Fcpxml, sequence: Node) -> tuple[Fraction, str]:
    """Return the time on the primary storyline's clock at which the picture of a sequence begins, and a note.

    It is the start timecode. Some programs write the timecode of the media into the offsets of the storyline; then it
    is the first offset. In Final Cut Pro a storyline has no gaps, so its first item lies at the start.

    Arguments:
        fcpxml: The document, for its resources.
        sequence: A sequence.
    """
    begin = time_of(sequence, "tcStart") or Fraction(0)
    spine = sequence.child("spine")
    items = [item for item in (spine.children if spine else ()) if item.tag in STORY]
    first = time_of(items[0], "offset") if items else None
    if first is None or first - begin < LATE_SECONDS:
        return begin, ""
    end = first
    for item in items:
        offset, duration = time_of(item, "offset"), duration_of(fcpxml, picked_item(item))
        if duration is None or (offset is not None and offset != end):
            return begin, ""
        end += duration
    asset = fcpxml.resource(picked_item(items[0]))
    origin = time_of(asset, "start") if asset is not None and asset.tag == "asset" else None
    if first not in (origin, start_of(picked_item(items[0]))) and (
        origin is None or not 0 <= first - origin < end - first
    ):
        return begin, ""
    return first, (
        "The offsets of the primary storyline hold the timecode of the media; "
        "the first clip was put at the start of the project"
    )


def time_map(fcpxml: Fcpxml, item: Node) -> Retiming | None:
    """Return how an item's media runs over its own clock; None at its normal speed.

    Arguments:
        fcpxml: The document, for its resources.
        item: A story element, with or without a ``timeMap``. Curves between its points count as straight lines.
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
    return ("picture" if normal else "overlay"), resource


def media_of(asset: Node) -> str | None:
    """Return where an asset's media lies: in a child since version 1.9, in an attribute before."""
    reps = asset.all("media-rep")
    best = next((rep for rep in reps if rep.attributes.get("kind", "original-media") == "original-media"), None)
    rep = best or (reps[0] if reps else None)
    return (rep.attributes.get("src") if rep else asset.attributes.get("src")) or None


def begin_of(sequence: Node) -> Fraction:
    """Return the time on a sequence's own clock at which it begins."""
    return time_of(sequence, "tcStart") or Fraction(0)


def shown_angle(item: Node, multicam: Node) -> Node | None:
    """Return the angle whose picture a multicam clip shows."""
    angles = {angle.attributes.get("angleID", ""): angle for angle in multicam.all("mc-angle")}
    chosen = [
        source for source in item.all("mc-source") if source.attributes.get("srcEnable", "all") in ("all", "video")
    ]
    for source in chosen:
        if source.attributes.get("angleID", "") in angles:
            return angles[source.attributes["angleID"]]
    if item.all("mc-source"):
        return None
    return next(iter(angles.values()), None)


def text_of(item: Node) -> str:
    """Return the words of a title or caption."""
    runs = [run for node in item.children if node.tag == "text" for run in node.walk()]
    return " ".join(run.text for run in runs if run.text)


def color_of(marker: Node) -> str:
    """Return the colour in which Final Cut Pro draws a kind of marker."""
    if marker.tag == "chapter-marker":
        return "ORANGE"
    completed = marker.attributes.get("completed")
    return "BLUE" if completed is None else "GREEN" if completed == "1" else "RED"
