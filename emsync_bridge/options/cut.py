"""Options of reading a cut and finding its hit points."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, MaxLen

from emsync_bridge.options.bounds import CHECKED, Color, File, Name, Seconds


@dataclass(frozen=True)
class ReadOptions:
    """Options of reading a cut and finding its hit points.

    Arguments:
        sequence: Name of the sequence, where a file holds several.
        rate: Frame rate, for lists that do not state theirs.
        min_gap: Minimum seconds between hit points that the music answers.
        marker_colors: Colours of the markers that are hit points; every colour otherwise.
        only_markers: Leave cuts and transitions out.
        shots: Method by which the shots of a plain video are found.
        edited: Hit points as edited in a table of `emsync spot --export`.
        between: Score only this range: two timecodes, or seconds from the start.
        all_changes: Keep changes of picture within 2.5 frames of another (flash frames) as hit points of their own.
    """

    __pydantic_config__: ClassVar = CHECKED

    sequence: Name | None = None
    rate: Annotated[Fraction, Ge(1), Le(1000)] | None = None
    min_gap: Annotated[float, Ge(0), Le(3600)] = 4.0
    marker_colors: Annotated[tuple[Color, ...], MaxLen(64)] | None = None
    only_markers: bool = False
    shots: Literal["adaptive", "transnet"] = "adaptive"
    edited: File | None = None
    between: tuple[Seconds, Seconds] | None = None
    all_changes: bool = False
