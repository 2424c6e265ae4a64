"""Appearance of an xmeml clip in the frame: the filters Basic Motion, Opacity and Crop.

``scale`` is per cent of the media's own size in pixels, ``center`` counts in frames to the right and downwards,
``opacity`` and the sides of the crop are per cent, and key frames count frames in the clock of ``in`` (Apple, Final Cut
Pro XML Interchange Format, "Effects"; checked against exports of Premiere Pro).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from emsync_bridge.timeline.cut.coverage import Appearance, KeyframeCurve
from emsync_bridge.timeline.xmeml.clips import PlacedClip, clip_rate, effects_of, file_of
from emsync_bridge.timeline.xmeml.document import Xmeml, number
from emsync_bridge.timeline.xml.tree import Node

_CROP = ("crop", "ae.adbe aecrop")


def appearance_of(xmeml: Xmeml, item: Node, placed: PlacedClip, around: tuple[Node, Fraction]) -> Appearance | None:
    """Return how a clip lies in the frame, on the clock of its sequence; None when no filter says.

    Arguments:
        xmeml: The document, for files that are defined elsewhere in it.
        item: A clipitem or generatoritem.
        placed: Its place on the track.
        around: The sequence that it is in, and its frames per second.
    """
    motion, opacity, crop = (
        next(iter(effects_of(item, *names)), None) for names in (("basic", "basic motion"), ("opacity",), _CROP)
    )
    if motion is None and opacity is None and crop is None:
        return None
    sequence, rate = around
    own = clip_rate(item, placed, rate)
    first = number(item.value("in")) or Fraction(0)
    clock = _Clock(placed.origin / rate, first, own)
    scale = _parameter(motion, "scale")
    size = clock.curve(scale, 100.0, _plain).scaled(1 / 100)
    width, height = _fill(xmeml, item, sequence) if scale is not None and not _is_default(size) else (1.0, 1.0)
    center = _parameter(motion, "center")
    sides = {
        side: clock.curve(_parameter(crop, side), 0.0, _plain).scaled(1 / 100)
        for side in ("left", "right", "top", "bottom")
    }
    return Appearance(
        opacity=clock.curve(_parameter(opacity, "opacity"), 100.0, _plain).scaled(1 / 100),
        width=size.scaled(width),
        height=size.scaled(height),
        x=clock.curve(center, 0.0, lambda value: _part(value, "horiz")),
        y=clock.curve(center, 0.0, lambda value: _part(value, "vert")).scaled(-1),
        **sides,
    )


class _Clock:
    """The clock of a clip's key frames: frame ``first`` of it shows ``origin`` seconds into the sequence."""

    def __init__(self, origin: Fraction, first: Fraction, rate: Fraction) -> None:
        self._origin, self._first, self._rate = origin, first, rate

    def curve(
        self, parameter: Node | None, default: float, read: Callable[[Node | None], float | None]
    ) -> KeyframeCurve:
        """Return a parameter over the sequence's time in seconds."""
        if parameter is None:
            return KeyframeCurve.of(default)
        keys: dict[Fraction, float] = {}
        for key in parameter.all("keyframe"):
            when, value = number(key.value("when")), read(key.child("value"))
            if when is not None and value is not None:
                keys[self._origin + (when - self._first) / self._rate] = value
        constant = read(parameter.child("value"))
        return KeyframeCurve.through(keys, default if constant is None else constant)


def _parameter(effect: Node | None, name: str) -> Node | None:
    found = effect.all("parameter") if effect else ()
    return next((parameter for parameter in found if parameter.value("parameterid").lower() == name), None)


def _plain(value: Node | None) -> float | None:
    found = number(value.text) if value else None
    return None if found is None else float(found)


def _part(value: Node | None, tag: str) -> float | None:
    found = number(value.value(tag)) if value else None
    return None if found is None else float(found)


def _is_default(scale: KeyframeCurve) -> bool:
    """Tell whether a scale is 100 throughout: media of another size may then be fitted to the frame unsaid."""
    return all(value == 1 for _, value in scale.keys)


def _fill(xmeml: Xmeml, item: Node, sequence: Node) -> tuple[float, float]:
    """Return how much of the frame's width and height a clip's media fills at its own size; 1 when nothing says."""
    nest = item.child("sequence")
    if nest is not None and nest.child("media") is None:
        nest = xmeml.by_id.get(nest.attributes.get("id", ""))
    inner = nest.child("media", "video", "format") if nest else None
    file = file_of(xmeml, item)
    if nest is None and file is not None:
        inner = file.child("media", "video")
    outer = sequence.child("media", "video", "format")
    if inner is None or outer is None:
        return 1.0, 1.0
    sizes = []
    for side in ("width", "height"):
        small, large = (number(node.value("samplecharacteristics", side)) for node in (inner, outer))
        if not small or not large or small < 0 or large < 0:
            return 1.0, 1.0
        sizes.append(float(small / large))
    return sizes[0], sizes[1]
