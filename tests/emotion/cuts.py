"""Cuts to be felt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from emsync_bridge.cue import Directive, EmotionSpan, Shot, Spotting
from emsync_bridge.emotion.estimate import CurveEstimate, EstimateInputs, feel
from emsync_bridge.emotion.extractors.low_level import LookExtractor, SoundExtractor
from emsync_bridge.options import EmotionOptions
from emsync_bridge.picture.relink import relink


def spotting(*shots: Shot, directives: Sequence[Directive] = ()) -> Spotting:
    """Return a cut of these shots."""
    end = shots[-1].end if shots else 0.0
    return Spotting("cut", end, Fraction(25), shots=shots, directives=tuple(directives))


def movie_cut(path: Path | None, *times: float, directives: Sequence[Directive] = ()) -> Spotting:
    """Return a cut that shows a movie from its start, with changes of shot at these times."""
    media = str(path) if path else None
    return spotting(*(Shot(a, b, media, a, b) for a, b in pairwise(times)), directives=directives)


def felt(cut: Spotting, **options: Any) -> CurveEstimate:
    """Feel a cut with the low-level extractors, unless told otherwise."""
    options.setdefault("extractors", [LookExtractor(), SoundExtractor()])
    return estimated(cut, **options)


def estimated(cut: Spotting, **options: Any) -> CurveEstimate:
    """Feel a cut without a timeline file, by options and inputs of the estimate."""
    progress = options.pop("progress", None)
    given = {field.name: options.pop(field.name) for field in fields(EstimateInputs) if field.name in options}
    media = relink(cut.shots, timeline=Path("/nowhere/cut.otio"))
    return feel(cut, media, EmotionOptions(**options), EstimateInputs(**given), progress)


def only(path: Path | None, end: float = 4.0, **options: Any) -> EmotionSpan:
    """Feel a movie as one shot of at most four seconds."""
    (span,) = felt(movie_cut(path, 0.0, end), **options).curve.spans
    return span
