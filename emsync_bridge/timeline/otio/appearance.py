"""Appearance of an OpenTimelineIO clip in the frame, from the effects that Resolve and Premiere leave in its metadata.

Resolve writes Transform (zoom of the picture fitted to the frame, pan and tilt in frames) and Composite (opacity in per
cent), with key frames counted from the clip's first frame. Premiere writes Motion (position from 0 to 1 across the
frame, scale in per cent), Opacity and Crop in per cent, with key frames in media time. Both as seen in exports of
Resolve 18 and 21 and in writers that are tested against Premiere 25; plain OpenTimelineIO has no such effects.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from emsync_bridge.timeline.cut.coverage import MAX_KEYS, Appearance, KeyframeCurve
from emsync_bridge.timeline.otio.editor_dialect import EditorDialect
from emsync_bridge.timeline.otio.rate import seconds

_Keys = list[tuple[Fraction, Any]]
_RESOLVE = {
    "transformationzoomx": "width",
    "transformationzoomy": "height",
    "transformationpan": "x",
    "transformationtilt": "y",
    "opacity": "opacity",
}
_SIDES = ("left", "right", "top", "bottom")


def appearance_of(clip: Any, at: Fraction, length: Fraction) -> Appearance | None:
    """Return how a clip or nest lies in the frame, on the clock around it; None when no effect says.

    Arguments:
        clip: The item.
        at: Beginning of the item on that clock, in seconds.
        length: Length of the item, in seconds.
    """
    trimmed = clip.source_range
    start = seconds(trimmed.start_time) if trimmed is not None else Fraction(0)
    rate = trimmed.duration.rate if trimmed is not None and trimmed.duration.rate > 0 else 24.0
    curves: dict[str, KeyframeCurve] = {}
    for effect in clip.effects:
        if not getattr(effect, "enabled", True):
            continue
        resolve, premiere = (
            effect.metadata.get(each.value) for each in (EditorDialect.RESOLVE, EditorDialect.PREMIERE)
        )
        if isinstance(resolve, Mapping) and resolve.get("Enabled", True):
            for name, constant, keys in _resolve_parameters(resolve, rate):
                counted = keys if _inside(keys, Fraction(0), length) else _from(keys, start, length)
                curves |= _resolve_curve(name, constant, [(at + time, value) for time, value in counted])
        if isinstance(premiere, Mapping):
            match = str(premiere.get("MatchName", "")).lower()
            for name, constant, keys in _premiere_parameters(premiere):
                counted = _from(keys, start, length)
                curves |= _premiere_curves(match, name, constant, [(at + time, value) for time, value in counted])
    return Appearance(**curves) if curves else None


def _resolve_parameters(metadata: Mapping[str, Any], rate: float) -> Iterator[tuple[str, Any, _Keys]]:
    if not 1 <= rate <= 1000:
        return
    for parameter in _items(metadata.get("Parameters")):
        keys: _Keys = []
        frames = parameter.get("Key Frames")
        for frame, key in list(frames.items())[:MAX_KEYS] if isinstance(frames, Mapping) else ():
            if isinstance(key, Mapping) and str(frame).lstrip("-").isdecimal() and len(str(frame)) < 12:
                keys.append((Fraction(int(frame)) / Fraction(rate).limit_denominator(10_000), key.get("Value")))
        yield str(parameter.get("Parameter ID", "")).lower(), parameter.get("Parameter Value"), keys


def _premiere_parameters(metadata: Mapping[str, Any]) -> Iterator[tuple[str, Any, _Keys]]:
    for parameter in _items(metadata.get("Parameters")):
        start = parameter.get("StartValue")
        constant = start.get("Value") if isinstance(start, Mapping) else None
        keys: _Keys = []
        for key in _items(parameter.get("Keyframes"))[:MAX_KEYS]:
            time = _position(key.get("Position"))
            if time is not None:
                keys.append((time, key.get("Value")))
        yield str(parameter.get("DisplayName", "")).lower(), constant, keys


def _resolve_curve(name: str, constant: Any, keys: _Keys) -> dict[str, KeyframeCurve]:
    field = _RESOLVE.get(name)
    if field is None:
        return {}
    default = 100.0 if field == "opacity" else 0.0 if field in ("x", "y") else 1.0
    curve = _curve(constant, keys, default, _plain)
    return {field: curve.scaled(1 / 100) if field == "opacity" else curve}


def _premiere_curves(match: str, name: str, constant: Any, keys: _Keys) -> dict[str, KeyframeCurve]:
    if match == "ae.adbe opacity" and name == "opacity":
        return {"opacity": _curve(constant, keys, 100.0, _plain).scaled(1 / 100)}
    if match == "ae.adbe motion" and name == "scale":
        size = _curve(constant, keys, 100.0, _plain).scaled(1 / 100)
        return {"width": size, "height": size}
    if match == "ae.adbe motion" and name == "position":
        across = _curve(constant, keys, 0.5, lambda value: _part(value, "X"))
        down = _curve(constant, keys, 0.5, lambda value: _part(value, "Y"))
        return {"x": across.shifted(-0.5), "y": down.shifted(-0.5).scaled(-1)}
    if match == "ae.adbe aecrop" and name in _SIDES:
        return {name: _curve(constant, keys, 0.0, _plain).scaled(1 / 100)}
    return {}


def _inside(keys: _Keys, start: Fraction, length: Fraction) -> bool:
    """Tell whether all keys lie in a stretch of time, give or take a second."""
    return all(start - 1 <= time <= start + length + 1 for time, _ in keys)


def _from(keys: _Keys, start: Fraction, length: Fraction) -> _Keys:
    """Return keys counted from the clip's first frame: those in media time if all lie in the part that is played."""
    return [(time - start, value) for time, value in keys] if _inside(keys, start, length) else keys


def _curve(constant: Any, keys: _Keys, default: float, read: Callable[[Any], float | None]) -> KeyframeCurve:
    known = {time: value for time, raw in keys if (value := read(raw)) is not None}
    fixed = read(constant)
    return KeyframeCurve.through(known, default if fixed is None else fixed)


def _position(value: Any) -> Fraction | None:
    if isinstance(value, otio.opentime.RationalTime):
        return seconds(value) if math.isfinite(value.value) and value.rate > 0 else None
    if not isinstance(value, Mapping):
        return None
    amount, rate = _plain(value.get("value")), _plain(value.get("rate"))
    return Fraction(amount / rate).limit_denominator(1_000_000) if amount is not None and rate and rate > 0 else None


def _plain(value: Any) -> float | None:
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9
    return float(value) if good else None


def _part(value: Any, name: str) -> float | None:
    return _plain(value.get(name)) if isinstance(value, Mapping) else None


def _items(value: Any) -> list[Mapping[str, Any]]:
    found = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
    return [item for item in found if isinstance(item, Mapping)]
