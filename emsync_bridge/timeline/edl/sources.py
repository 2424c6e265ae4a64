"""Source of an EDL event: black, generator or media, source time and speed."""

from __future__ import annotations

import re
from fractions import Fraction

from emsync_bridge.timeline.cut.model import LeafKind
from emsync_bridge.timeline.edl.events import EdlEdit
from emsync_bridge.timeline.edl.rate import TimecodeCounting

# CMX 3600 reserves BL for black and AX for auxiliary sources, which editors use for everything without a reel
_BLACK_REELS = frozenset({"BL", "BLK", "BLACK"})
_NO_REEL = frozenset({"", "AX"})
_BAR_REELS = frozenset({"BARS", "BAR"})
# the names of Premiere's and Final Cut's generators
_GENERATORS = re.compile(
    r"(?:black video|slug|transparent video|color matte|colou?r bars?|bars and tone|hd bars and tone|"
    r"universal counting leader|solid colou?r|title)(?: \d+)?",
    re.IGNORECASE,
)
_MEDIA_NAME = re.compile(
    r".*\.(?:mov|mp4|m4v|mxf|avi|mkv|mpe?g|m2?ts|ts|webm|wmv|dv|r3d|braw|ari|arx|crm|dng|dpx|exr|tiff?|tga|jpe?g|png|"
    r"psd|heic|gif|bmp)",
    re.IGNORECASE,
)
# Avid names a freeze after its clip
_FREEZE_SUFFIX = re.compile(r"\s+FF$")
# M2 lines carry one decimal
_SPEED_STEP = Fraction(1, 10)


def is_black(edit: EdlEdit) -> bool:
    """Tell whether an event is black."""
    return edit.line.reel.upper() in _BLACK_REELS


def leaf_kind(edit: EdlEdit) -> LeafKind:
    """Return what an event shows; a list never names media for certain, so anything may be picture."""
    reel = edit.line.reel.upper()
    generated = reel in _BAR_REELS or (reel in _NO_REEL and _GENERATORS.fullmatch(edit.name))
    return "generator" if generated else "picture"


def name_of(edit: EdlEdit) -> str:
    """Return the clip's name, or its reel where the list has none."""
    name = _FREEZE_SUFFIX.sub("", edit.name) if edit.fps == 0 else edit.name
    return name or edit.line.reel


def media_of(edit: EdlEdit) -> str | None:
    """Return the file, the clip that is named like a file, the reel or the clip, whichever comes first."""
    reel = "" if edit.line.reel.upper() in _NO_REEL else edit.line.reel
    clip = edit.name if _MEDIA_NAME.fullmatch(edit.name) else ""
    return edit.file or clip or reel or edit.name or None


def motion(edit: EdlEdit, length: int, count: TimecodeCounting) -> tuple[Fraction | None, Fraction | None]:
    """Return the source time in seconds at an event's start and the speed, None for what is not known.

    Arguments:
        edit: An event.
        length: Frames that it lasts on the record side.
        count: Frame count of its timecodes.
    """
    first = count.source(edit, edit.line.source_in)
    last = count.source(edit, edit.line.source_out)
    if first is None or last is None:
        return None, _m2_speed(edit.fps, count.base) if edit.fps is not None else Fraction(1)
    taken = last - first
    if edit.fps is not None:
        speed = _measured(_m2_speed(edit.fps, count.base), abs(taken), length)
    elif abs(taken - length) <= 1:
        speed = Fraction(1)
    elif taken == 0:
        return None, None  # a list without source timecode, or a still without a length
    else:
        speed = Fraction(taken, length)
    # backwards from the end, unless the list has the later timecode first
    start = max(first, last) if speed < 0 else first
    return start / count.rate, speed


def _m2_speed(fps: Fraction, base: int) -> Fraction:
    """Return the speed of an ``M2`` line, whose 029.9 and 023.9 are the whole speed at NTSC rates."""
    return Fraction(1 if fps > 0 else -1) if abs(abs(fps) - base) <= _SPEED_STEP else fps / base


def _measured(speed: Fraction, taken: int, length: int) -> Fraction:
    """Return the exact speed of a long event: its two lengths tell it better than one decimal in ``M2`` does."""
    exact = Fraction(taken, length) * (1 if speed > 0 else -1)
    rounding = _SPEED_STEP / 24
    close = abs(exact - speed) <= rounding + Fraction(1, length)
    return exact if speed and taken != length and close and length * rounding > 1 else speed
