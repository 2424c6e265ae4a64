"""Options of the mood, and orders for places of a cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, MaxLen

from emsync_bridge.options.bounds import CHECKED, Axis, File, Folder


@dataclass(frozen=True)
class PlacedOrder:
    """An order for a place in a cut.

    Arguments:
        place: ``all``, ``shot3`` or ``shots3-5`` counted from 1, or two moments with a hyphen between: seconds
            (``12.5``), minutes and seconds or hours too (``00:10``, ``1:00:10``), both from the cut's start, or the
            timeline's own timecode (``01:00:10:12``). A moment that is left out is the start or the end.
        words: Text of the order, as in a marker.
    """

    place: str
    words: str

    def __str__(self) -> str:
        return f"{self.place}={self.words}"


@dataclass(frozen=True)
class EmotionOptions:
    """Options of the mood.

    Arguments:
        valence: Pleasantness for the whole cut, -1 to 1, instead of the estimate.
        arousal: Excitement for the whole cut, -1 to 1, instead of the estimate.
        mood: A named mood for the whole cut.
        media_roots: Folder to look for media in; may be repeated.
        picture: A rendering of the whole cut to look at instead of its media.
        keyframes: Look at key frames only: much faster, blind to movement.
        contrast: Stretch the estimate to a wider range, keeping its mean.
        gain: Multiply the estimate: 2 for a mood twice as strong, 0.5 for half.
        classes: Placing of emotions that models tell apart: the mean of their places on the plane, or one drawn for
            each shot. raw leaves the places as they were rated.
        orders: A mood, values, a ramp, silence or auto for one place, over everything else; may be repeated:
            shot3=joy, shots3-5=calm, 00:10-00:24=tense, 12.5-20=v=-0.4, 01:00:08:00-=silence, all='calm -> fear'.
        tier: Estimate with what comes with emsync, or with pretrained models too (emsync models list).
        models_dir: Folder of pretrained models, searched first.
        head: A head that `emsync train-emotion` wrote; its estimate is added.
        script: A script or subtitles of the cut, whose words count for the mood.
        curve: Mood as edited in a table of `emsync feel --export`.
        cache: Keep measurements of media between runs.
    """

    __pydantic_config__: ClassVar = CHECKED

    valence: Axis | None = None
    arousal: Axis | None = None
    mood: Annotated[str, MaxLen(40)] | None = None
    media_roots: Annotated[tuple[Folder, ...], MaxLen(64)] = ()
    picture: File | None = None
    keyframes: bool = False
    contrast: bool = False
    gain: Annotated[float, Ge(0), Le(4)] = 1.0
    classes: Literal["mean", "draw", "mean-raw", "draw-raw"] = "mean"
    orders: Annotated[tuple[PlacedOrder, ...], MaxLen(1000)] = ()
    tier: Literal["embedded", "pretrained"] = "embedded"
    models_dir: Folder | None = None
    head: Folder | None = None
    script: File | None = None
    curve: File | None = None
    cache: bool = True
