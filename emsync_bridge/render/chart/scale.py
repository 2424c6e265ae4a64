"""Layout of the chart: timecode, ticks, labels, colours."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from emsync_bridge.cue import Spotting
from emsync_bridge.timecode import to_timecode

INK = "#22262b"
SOFT = "#7b828a"
FAINT = "#d5d9dd"
PAPER = "#ffffff"
ALARM = "#c0182c"

# Okabe and Ito, "Color Universal Design" (2008): told apart with any colour vision
COLOURS = {
    "strings": "#cc79a7",
    "piano": "#009e73",
    "guitar": "#e69f00",
    "bass": "#0072b2",
    "drums": "#5a6068",
    "woodwinds": "#56b4e9",
    "brass": "#d55e00",
    "percussion": "#3c4249",
    "keys": "#009e73",
    "harp": "#44aa99",
    "choir": "#9467bd",
    "guitars": "#e69f00",
    "synth": "#999933",
    "valence": "#0072b2",
    "arousal": "#d55e00",
    "marker": "#d55e00",
    "transition": "#0072b2",
    "tempo": "#22262b",
}

CHARACTER = 0.54
"""Mean width of a character of DejaVu Sans relative to its size."""

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


@dataclass(frozen=True)
class Scale:
    """The time axis of one chart.

    Arguments:
        spotting: The cut.
        pixels: Width of the axis.
        dpi: Pixels per inch.
    """

    spotting: Spotting
    pixels: float
    dpi: float

    @property
    def duration(self) -> float:
        """Seconds that the axis spans, never zero."""
        return max(self.spotting.duration, 1e-3)

    @property
    def per_second(self) -> float:
        """Pixels per second."""
        return self.pixels / self.duration

    def width(self, text: str, size: float) -> float:
        """Return the seconds that a text of a size in points takes."""
        return len(text) * CHARACTER * size * self.dpi / 72 / self.per_second

    def height(self, size: float) -> float:
        """Return the seconds that a text written upwards takes."""
        return 1.25 * size * self.dpi / 72 / self.per_second

    def timecode(self, frame: int) -> str:
        """Return the timecode of a frame counted from the timeline's start."""
        return to_timecode(frame + self.spotting.start_frame, self.spotting.rate, self.spotting.drop_frame)

    def ticks(self, pixels: float = 130) -> list[tuple[float, str]]:
        """Return time and timecode of the axis ticks: round timecodes, some pixels apart at least."""
        rate = self.spotting.rate
        step = next((s for s in _STEPS if s * self.per_second >= pixels), _STEPS[-1])
        if step * self.per_second > 4 * pixels and step == 1:
            return self._frame_ticks(pixels)
        count = round(rate)
        first = -(-self.spotting.start_frame // (count * step))
        ticks = []
        for number in range(first, first + int(self.duration / step) + 2):
            frame = _frame_of(number * step, rate, self.spotting.drop_frame) - self.spotting.start_frame
            time = float(frame / rate)
            if 0 <= time <= self.duration:
                ticks.append((time, self.timecode(frame)))
        return ticks

    def _frame_ticks(self, pixels: float) -> list[tuple[float, str]]:
        every = max(1, round(pixels / self.per_second * float(self.spotting.rate)))
        frames = range(0, self.spotting.frames + 1, every)
        return [(float(frame / self.spotting.rate), self.timecode(frame)) for frame in frames]

    def shortened(self, text: str, size: float, seconds: float) -> str:
        """Return as much of a text as fits into a stretch; empty when hardly anything does."""
        fits = int(seconds / max(self.width("x", size), 1e-9))
        if fits >= len(text):
            return text
        return text[: fits - 1].rstrip() + "\u2026" if fits >= 4 else ""


def spread_labels(times: Sequence[float], gap: float, first: Iterable[int] = ()) -> list[int]:
    """Return the indices of as many times as can be labelled with a gap between them.

    Arguments:
        times: Times in any order.
        gap: Seconds.
        first: Indices that are served before the others.
    """
    chosen: list[float] = []
    indices = []
    preferred = list(first)
    for index in [*preferred, *(i for i in range(len(times)) if i not in set(preferred))]:
        time = times[index]
        at = bisect_left(chosen, time)
        near = [abs(other - time) for other in chosen[max(0, at - 1) : at + 1]]
        if not near or min(near) >= gap:
            chosen.insert(bisect_right(chosen, time), time)
            indices.append(index)
    return indices


def one_line(text: str) -> str:
    """Return a name on one line, without characters that only control."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


@lru_cache(maxsize=4096)
def _frame_of(second: int, rate: Fraction, drop_frame: bool) -> int:
    """Return the frame whose timecode shows a whole number of seconds (SMPTE ST 12-1)."""
    count = round(rate)
    if not drop_frame:
        return second * count
    minutes, dropped = second // 60, count // 15
    skipped = dropped * (minutes - minutes // 10)
    # the first numbers of such a minute do not exist, its first frame has the number after them
    missing = dropped if second % 60 == 0 and minutes % 10 else 0
    return second * count - skipped + missing
