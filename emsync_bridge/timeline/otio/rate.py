"""Times, frame rate and start timecode of an OpenTimelineIO timeline."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import opentimelineio as otio

from emsync_bridge.errors import TimelineError
from emsync_bridge.timecode import can_drop, exact_rate, frame_at, to_timecode
from emsync_bridge.timeline.otio.editor_dialect import EditorDialect, children_of

# Rates outside are clocks of sound or of a file format (1, 600, 1000, 48000, ...), not of picture.
VIDEO_RATES = (5, 240)
_MAX_RATE = 10**9
_MAX_SECONDS = 10**12


@dataclass(frozen=True)
class TimelineClock:
    """Frame count of a timeline: rate, start and drop frame.

    Arguments:
        rate: Frames per second, exact.
        start_frame: Frame number of the start timecode, counted from 00:00:00:00.
        drop_frame: Whether timecode is counted in drop frame.
        warnings: Assumptions that were made.
    """

    rate: Fraction
    start_frame: int
    drop_frame: bool
    warnings: tuple[str, ...] = ()


def seconds(time: otio.opentime.RationalTime) -> Fraction:
    """Return exact seconds of a rational time; its rate is taken for the one that is meant.

    Raises:
        TimelineError: It is not a number, or more than 30,000 years away.
    """
    return _seconds(time.value, time.rate)


@lru_cache(maxsize=1 << 16)
def _seconds(value: float, rate: float) -> Fraction:
    exact = _exact(rate)
    if exact is None or not abs(value) <= _MAX_SECONDS * rate:
        raise TimelineError(
            f"A time of {value:g} at {rate:g} per second is out of range", hint="Export the timeline again"
        )
    if value.is_integer():
        return Fraction(int(value) * exact.denominator, exact.numerator)
    return Fraction(value).limit_denominator(1_000_000) / exact


@lru_cache(maxsize=256)
def _exact(rate: float) -> Fraction | None:
    return exact_rate(rate) if math.isfinite(rate) and 1e-6 < rate <= _MAX_RATE else None


def clock_of(timeline: otio.schema.Timeline, path: Path, rate: Fraction | None = None) -> TimelineClock:
    """Return how a timeline counts.

    Arguments:
        timeline: The timeline.
        path: Its file, for messages.
        rate: Rate that the user gave; None to work it out.
    """
    warnings = []
    start = timeline.global_start_time
    own = _stated_rate(timeline) or _usual_rate(timeline)
    if rate is not None and own is not None and rate != own:
        used = f"{float(rate):.6g} are used, as set"
        warnings.append(f"The document itself counts {float(own):.6g} frames per second; {used}")
    rate = rate or own
    if rate is None:
        rate = Fraction(24)
        warnings.append("The document names no frame rate; 24 frames per second are assumed")
    first = frame_at(seconds(start) if start is not None else _hidden_start(timeline), rate)
    if first < 0:
        raise TimelineError("The start timecode is negative", where=path, hint="Export the timeline again")
    return TimelineClock(rate, first, _looks_drop(first, rate), tuple(warnings))


def _video_rate(value: Any) -> Fraction | None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return exact_rate(value) if number and VIDEO_RATES[0] <= value <= VIDEO_RATES[1] else None


def _stated_rate(timeline: otio.schema.Timeline) -> Fraction | None:
    """Return the rate that the document gives for the whole timeline."""
    premiere = timeline.tracks.metadata.get(EditorDialect.PREMIERE.value)
    if isinstance(premiere, Mapping):
        stated = premiere.get("VideoFrameRate")
        stated = stated.rate if isinstance(stated, otio.opentime.RationalTime) else stated
        if (rate := _video_rate(stated)) is not None:
            return rate
    start = timeline.global_start_time
    if start is None:
        return None
    rate = _video_rate(start.rate)
    # A start of zero is often left at some default rate, so the clips may overrule it together.
    if start.value == 0 and (usual := _usual_rate(timeline, share=Fraction(1, 2))) is not None:
        return usual
    return rate


def _usual_rate(timeline: otio.schema.Timeline, share: Fraction = Fraction(0)) -> Fraction | None:
    """Return the rate that most picture items are counted in, sound only where there is no picture."""
    picture: Counter[Fraction] = Counter()
    sound: Counter[Fraction] = Counter()
    for track in timeline.tracks:
        counts = sound if str(getattr(track, "kind", "")).casefold() == "audio" else picture
        for item in children_of(track):
            length = getattr(item, "source_range", None)
            if length is None and isinstance(item, otio.schema.Clip) and item.media_reference is not None:
                length = item.media_reference.available_range
            rate = _video_rate(length.duration.rate) if length is not None else None
            if rate is not None:
                counts[rate] += 1
    counts = picture or sound
    if not counts:
        return None
    usual, times = counts.most_common(1)[0]
    return usual if times > share * counts.total() else None


def _hidden_start(timeline: otio.schema.Timeline) -> Fraction:
    """Return the start timecode that the EDL adapter leaves in a negative track range (OpenTimelineIO#1385)."""
    starts = (track.source_range.start_time for track in timeline.tracks if getattr(track, "source_range", None))
    return max((-seconds(start) for start in starts if start.value < 0), default=Fraction(0))


def _looks_drop(first: int, rate: Fraction) -> bool:
    """Tell whether a start timecode is a whole second in drop frame only; the document does not say which it is."""
    if not can_drop(rate) or first == 0:
        return False
    return to_timecode(first, rate, drop_frame=True).endswith(";00") and not to_timecode(first, rate).endswith(":00")
