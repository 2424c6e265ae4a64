"""Timecode to frame numbers and back, exactly, for every frame rate that editors use.

The counting is that of SMPTE ST 12-1. opentimelineio.opentime counts the same way but refuses rates such as 15, 100
and 119.88, and wraps non-drop-frame timecode after 24 hours of real time instead of 24 hours of timecode, which
misnames the last 86 seconds of a day at 29.97 and 59.94.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction

from emsync_bridge.errors import TimelineError

_TIMECODE = re.compile(r"\s*(\d{1,2})([:;.,])(\d{2})([:;.,])(\d{2})([:;.,])(\d{2,3})\s*")


def exact_rate(rate: float | Fraction | str) -> Fraction:
    """Return the exact frame rate that an editor means by a decimal such as 23.976.

    Arguments:
        rate: Frames per second as a number, or as text such as ``24000/1001`` or ``29.97``.

    Returns:
        The nearest whole rate or NTSC rate (n x 1000/1001, SMPTE ST 12-1) within 0.005 frames per second,
        otherwise the number itself.
    """
    value = Fraction(rate) if isinstance(rate, (str, Fraction)) else Fraction(repr(rate))
    whole, ntsc = Fraction(round(value)), Fraction(math.ceil(value) * 1000, 1001)
    nearest = min(whole, ntsc, key=lambda candidate: abs(candidate - value))
    return nearest if nearest and abs(nearest - value) <= Fraction(5, 1000) else value


def can_drop(rate: Fraction) -> bool:
    """Tell whether drop-frame timecode exists for a rate: multiples of 30000/1001."""
    multiple = rate / Fraction(30000, 1001)
    return multiple.denominator == 1


def to_timecode(frame: int, rate: Fraction, drop_frame: bool = False) -> str:
    """Return the timecode of a frame, with ``;`` before the frames in drop frame.

    Arguments:
        frame: Frame, counted from 00:00:00:00; timecode starts again after 24 hours.
        rate: Frames per second, exact.
        drop_frame: Whether to skip labels as 29.97, 59.94 and 119.88 can; no effect at other rates.
    """
    base = math.ceil(rate)
    drops = drop_frame and can_drop(rate)
    label = label_number(frame, base, drop_frame=drops)
    seconds, frames = divmod(label, base)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{';' if drops else ':'}{frames:02}"


def from_timecode(text: str, rate: Fraction, drop_frame: bool | None = None) -> int:
    """Return the frame that a timecode names, counted from 00:00:00:00.

    Arguments:
        text: Hours, minutes, seconds and frames.
        rate: Frames per second, exact.
        drop_frame: Whether it counts in drop frame; None to go by a ``;`` in it. No effect at rates without drop
            frame. A label that drop frame skips means the first one after it.

    Raises:
        TimelineError: It is not a timecode, or does not exist at that rate.
    """
    found = _TIMECODE.fullmatch(text)
    if found is None:
        raise TimelineError(f"'{text[:40]}' is not a timecode", hint="Write it as 01:02:03:04")
    base = math.ceil(rate)
    hours, minutes, seconds, frames = (int(found[group]) for group in (1, 3, 5, 7))
    if minutes >= 60 or seconds >= 60 or frames >= base:
        raise TimelineError(
            f"The timecode {text.strip()} does not exist at {float(rate):g} frames per second",
            hint="Frames count from 00 up to the rate",
        )
    whole_minutes = 60 * hours + minutes
    label = (60 * whole_minutes + seconds) * base + frames
    drops = ";" in text if drop_frame is None else drop_frame
    if not (drops and can_drop(rate)):
        return label
    per_minute = base // 15
    if minutes % 10 and seconds == 0 and frames < per_minute:
        label += per_minute - frames
    return frame_number(label, base, drop_frame=True)


def label_number(frame: int, base: int, *, drop_frame: bool) -> int:
    """Return the number of the label of a frame, counted from 00:00:00:00 without drop frame; a day wraps.

    Arguments:
        frame: Frame, counted from 00:00:00:00.
        base: Labels per second.
        drop_frame: Whether labels are skipped, two for every 30 per second.
    """
    if not drop_frame:
        return frame % (86400 * base)
    per_minute = base // 15
    minute, ten_minutes = 60 * base - per_minute, 600 * base - 9 * per_minute
    tens, rest = divmod(frame % (144 * ten_minutes), ten_minutes)
    # The first of ten minutes keeps all its labels, each of the other nine skips the first few.
    skipped = max(0, (rest - per_minute) // minute)
    return tens * 600 * base + rest + skipped * per_minute


def frame_number(label: int, base: int, *, drop_frame: bool) -> int:
    """Return the frame that a label of ``label_number`` belongs to."""
    minutes = label // (60 * base)
    return label - (base // 15) * (minutes - minutes // 10) if drop_frame else label


def frame_at(time: float | Fraction, rate: Fraction) -> int:
    """Return the frame whose beginning is nearest to a time; a time half-way between two goes to the later.

    Arguments:
        time: Seconds from frame 0.
        rate: Frames per second, exact.
    """
    # In whole numbers, because readers ask this of every edge of every clip.
    numerator, denominator = time.as_integer_ratio()
    numerator, denominator = numerator * rate.numerator, denominator * rate.denominator
    return (2 * numerator + denominator) // (2 * denominator)


def parse_position(text: str, rate: Fraction, start_frame: int, drop_frame: bool) -> float:
    """Return a position of a timeline, written as seconds or as timecode, in seconds from its start.

    Arguments:
        text: Text, such as ``32.5`` or ``01:00:32:12``.
        rate: Frames per second, exact.
        start_frame: Frame number of the timeline's start timecode.
        drop_frame: Whether the timeline counts in drop frame.

    Raises:
        TimelineError: It is neither, or before the timeline's start.
    """
    try:
        seconds = float(text)
    except ValueError:
        seconds = float((from_timecode(text, rate, drop_frame or None) - start_frame) / rate)
    if not 0 <= seconds < float("inf"):
        raise TimelineError(
            f"'{text[:40]}' is outside the timeline, or not a time", hint="Write seconds from its start, or timecode"
        )
    return seconds
