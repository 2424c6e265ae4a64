"""Spottings and curves that a person has edited, checked so far that music can be composed for them."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from emsync_bridge.cue import EmotionCurve, Spotting
from emsync_bridge.cue.serialization import from_document, to_document
from emsync_bridge.errors import EmsyncError

_MAX_COUNT = 20_000
_MAX_LENGTH = 24 * 3600.0


def edited_spotting(data: dict[str, Any]) -> Spotting:
    """Return a spotting from its document.

    Raises:
        ValueError: It is not a spotting, or its times are out of order or range.
    """
    spotting: Spotting = _read(Spotting, data)
    lists = (spotting.hits, spotting.shots, spotting.directives)
    if not 0 < spotting.duration <= _MAX_LENGTH or not 1 <= spotting.rate <= 1000 or max(map(len, lists)) > _MAX_COUNT:
        raise ValueError("its duration, rate or number of entries is out of range")
    _within([hit.time for hit in spotting.hits], spotting.duration, "hit points")
    _within([directive.start for directive in spotting.directives], spotting.duration, "directives")
    if any(not 0 <= hit.weight <= 1 for hit in spotting.hits):
        raise ValueError("weights must be from 0 to 1")
    _filled([(shot.start, shot.end) for shot in spotting.shots], "shots")
    return spotting


def edited_curve(data: dict[str, Any]) -> EmotionCurve:
    """Return an emotion curve from its document.

    Raises:
        ValueError: It is not a curve, or its times or values are out of order or range.
    """
    curve: EmotionCurve = _read(EmotionCurve, data)
    if not 0 < len(curve.spans) <= _MAX_COUNT:
        raise ValueError("it must have from 1 to 20000 spans")
    _filled([(span.start, span.end) for span in curve.spans], "spans")
    if any(span.affect != span.affect.clipped() for span in curve.spans):
        raise ValueError("valence and arousal must be from -1 to 1")
    return curve


def _read(kind: type[Any], data: dict[str, Any]) -> Any:
    try:
        _all_finite(data)
        value = from_document(kind, data)
        _nothing_unknown(data, to_document(value), kind.__name__)
    except EmsyncError as problem:
        raise ValueError(problem.what) from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return value


def _all_finite(data: Any) -> None:
    values = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    for value in values:
        _all_finite(value)
    if isinstance(data, float) and not math.isfinite(data):
        raise ValueError("numbers must be finite")


def _nothing_unknown(given: Any, known: Any, where: str) -> None:
    """Refuse fields that the vocabulary does not have."""
    if isinstance(given, dict) and isinstance(known, dict):
        unknown = [str(name) for name in given if name not in known]
        if unknown:
            raise ValueError(f"{where} has no field {unknown[0][:40]!r}")
        for name, value in given.items():
            _nothing_unknown(value, known[name], f"{where}.{name}")
    elif isinstance(given, list) and isinstance(known, list):
        for one, other in zip(given, known, strict=False):
            _nothing_unknown(one, other, where)


def _within(times: list[float], duration: float, what: str) -> None:
    if any(not 0 <= time <= duration + 1e-6 for time in times):
        raise ValueError(f"{what} must lie within the timeline")
    if any(before > after for before, after in pairwise(times)):
        raise ValueError(f"{what} must be in order of time")


def _filled(stretches: list[tuple[float, float]], what: str) -> None:
    if any(not 0 <= start < end <= _MAX_LENGTH for start, end in stretches):
        raise ValueError(f"{what} must end after they start")
    if any(abs(before[1] - after[0]) > 1e-3 for before, after in pairwise(stretches)):
        raise ValueError(f"{what} must follow each other without gaps")
