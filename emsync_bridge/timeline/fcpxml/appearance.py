"""Appearance of an FCPXML item in the frame: its transform, crop, opacity and spatial conform.

Scale is a factor of the picture fitted to the frame, positions are per cent of the frame's height, to the right and
upwards, and the sides of a trim are per cent of the picture's height; a crop and a pan fill the frame again (Apple,
FCPXML Reference, "adjust-transform", "adjust-crop", "adjust-blend", "adjust-conform").
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from emsync_bridge.timeline.cut.coverage import Appearance, KeyframeCurve
from emsync_bridge.timeline.fcpxml.document import Fcpxml, time_of
from emsync_bridge.timeline.xml.tree import Node

_ASPECT = 16 / 9  # of a sequence whose format gives no size
_ADJUSTMENTS = ("adjust-transform", "adjust-blend", "adjust-crop", "adjust-conform")


def appearance_of(fcpxml: Fcpxml, item: Node, sequence: Node | None) -> Appearance | None:
    """Return how an item lies in the frame, on its own clock; None when nothing says.

    Arguments:
        fcpxml: The document, for its formats.
        item: A story element.
        sequence: The sequence or multicam that it is in.
    """
    if not any(item.child(name) for name in _ADJUSTMENTS):
        return None
    transform, crop = _adjustment(item, "adjust-transform"), _adjustment(item, "adjust-crop")
    frame = _size(fcpxml, sequence)
    aspect = frame[0] / frame[1] if frame else _ASPECT
    fitted = _unscaled(fcpxml, item, frame)
    trim = crop.child("trim-rect") if crop is not None and crop.attributes.get("mode") == "trim" else None
    sides = {
        side: _curve(trim, side, 0.0, _first).scaled(1 / 100 / (aspect if side in ("left", "right") else 1))
        for side in ("left", "right", "top", "bottom")
    }
    return Appearance(
        opacity=_curve(_adjustment(item, "adjust-blend"), "amount", 1.0, _first),
        width=_curve(transform, "scale", 1.0, _first).scaled(fitted[0]),
        height=_curve(transform, "scale", 1.0, _last).scaled(fitted[1]),
        x=_curve(transform, "position", 0.0, _first).scaled(1 / 100 / aspect),
        y=_curve(transform, "position", 0.0, _last).scaled(1 / 100),
        **sides,
    )


def _adjustment(item: Node, name: str) -> Node | None:
    """Return an adjustment that is switched on."""
    found = item.child(name)
    return found if found is not None and found.attributes.get("enabled", "1") != "0" else None


def _curve(element: Node | None, name: str, default: float, read: Callable[[str], float | None]) -> KeyframeCurve:
    """Return a value of an adjustment: its attribute, or the parameter of that name with key frames."""
    if element is None:
        return KeyframeCurve.of(default)
    constant = read(element.attributes.get(name, ""))
    keys: dict[Fraction, float] = {}
    for parameter in element.all("param"):
        if parameter.attributes.get("name", "").lower() != name:
            continue
        stated = read(parameter.attributes.get("value", ""))
        constant = stated if stated is not None else constant
        animation = parameter.child("keyframeAnimation")
        for key in animation.all("keyframe") if animation else ():
            time, value = time_of(key, "time"), read(key.attributes.get("value", ""))
            if time is not None and value is not None:
                keys[time] = value
    return KeyframeCurve.through(keys, default if constant is None else constant)


def _first(text: str) -> float | None:
    return _number(text.split(maxsplit=1)[0]) if text.split() else None


def _last(text: str) -> float | None:
    return _number(text.rsplit(maxsplit=1)[-1]) if text.split() else None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) < 1e9 else None


def _size(fcpxml: Fcpxml, node: Node | None) -> tuple[float, float] | None:
    form = fcpxml.resource(node, "format") if node else None
    if form is None:
        return None
    width, height = (_number(form.attributes.get(side, "")) for side in ("width", "height"))
    return (width, height) if width and height and width > 0 and height > 0 else None


def _unscaled(fcpxml: Fcpxml, item: Node, frame: tuple[float, float] | None) -> tuple[float, float]:
    """Return the share of the frame's sides that media shown at its own size in pixels fills; 1 when it is fitted."""
    conform = item.child("adjust-conform")
    if conform is None or conform.attributes.get("type", "fit") != "none" or frame is None:
        return 1.0, 1.0
    own = _size(fcpxml, fcpxml.resource(item)) or _size(fcpxml, item)
    return (own[0] / frame[0], own[1] / frame[1]) if own else (1.0, 1.0)
