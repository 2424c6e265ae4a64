"""The words of requests turned into the values of scoring; what a request leaves out is as scoring has it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emsync_bridge.cue import INSTRUMENTS, Meter
from emsync_bridge.scoring import job
from emsync_bridge.server.jobs import requests

if TYPE_CHECKING:
    from emsync_bridge.music.generation.compose import MusicOptions

_PATHS = ("edited", "picture", "models_dir", "head", "curve", "soundfont")


def looking_of(asked: requests.ReadOptions) -> job.ReadOptions:
    """Return how a cut is looked at."""
    given = _given(asked)
    if "rate" in given:
        given["rate"] = Fraction(given["rate"])
    return job.ReadOptions(**given)


def feeling_of(asked: requests.EmotionOptions) -> job.EmotionOptions:
    """Return how the mood is found."""
    from emsync_bridge.emotion.overrides.placed_orders import parse_order

    given = _given(asked)
    if "media_roots" in given:
        given["media_roots"] = tuple(map(Path, given["media_roots"]))
    if "orders" in given:
        given["orders"] = tuple(map(parse_order, given["orders"]))
    return job.EmotionOptions(**given)


def sounding_of(asked: requests.RenderOptions) -> job.RenderOptions:
    """Return how the music is played."""
    return job.RenderOptions(**_given(asked))


def wishes_of(asked: requests.MusicOptions) -> MusicOptions:
    """Return what is asked of the music."""
    from emsync_bridge.music.generation.compose import MusicOptions
    from emsync_bridge.music.generation.sampling import Sampling

    given = _given(asked)
    if "ensemble" in given:
        given["ensemble"] = tuple(name for name in INSTRUMENTS if name in given["ensemble"])
    if asked.meter is not None:
        given["meter"] = Meter(0, asked.meter.numerator, asked.meter.denominator)
    if asked.sampling is not None:
        given["sampling"] = Sampling(**_given(asked.sampling))
    return MusicOptions(**given)


def _given(asked: requests.Part) -> dict[str, Any]:
    given = {name: value for name in type(asked).model_fields if (value := getattr(asked, name)) is not None}
    for name, value in given.items():
        if name in _PATHS:
            given[name] = Path(value)
        elif isinstance(value, list):
            given[name] = tuple(value)
    return given
