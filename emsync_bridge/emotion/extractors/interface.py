"""Interface of all extractors: they measure samples of a medium, and estimate the affect of parts of shots."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.cue import Affect, Ekman, Shot
from emsync_bridge.picture.relink import MediaSpan, Relinked

GRID = 4
"""Samples per second of a medium: all measuring happens at whole multiples of 1 / GRID seconds of its own time."""

MAX_PART = 4.0
"""Seconds; longer shots are looked at in parts."""

MIDDLE = Affect(0.0, 0.0)
"""Place of an estimate that knows neither valence nor arousal."""

Row = NDArray[np.float32]
Rows = NDArray[np.float32]


@dataclass(frozen=True)
class AffectEstimate:
    """Estimate of one extractor for one part of a shot: a point of the plane, classes, or both.

    Arguments:
        name: Cue that it rests on, such as ``motion``.
        affect: Valence and arousal.
        sigma: One standard deviation of its error in valence and in arousal; infinite where it is unknown. Where
            both are unknown and probabilities are given, the table of the six emotions places it on the plane.
        reason: Reason in a word or two for people; empty when nothing stands out.
        probabilities: Calibrated probabilities of the six emotions; missing ones are 0. Equal ones tell nothing.
        coverage: Share of the part's time in which there was something to look at.
    """

    name: str
    affect: Affect = MIDDLE
    sigma: tuple[float, float] = (math.inf, math.inf)
    reason: str = ""
    probabilities: Mapping[Ekman, float] | None = None
    coverage: float = 1.0


@dataclass(frozen=True)
class ShotPart:
    """A stretch of one shot that is felt as a whole.

    Arguments:
        shot: Index of the shot.
        start: Seconds from the timeline's start.
        end: Seconds from the timeline's start.
        pace: Mean length in seconds of the shots around it.
        source: The medium; None when there is none.
        source_start: Seconds from the medium's first frame, the earlier end.
        source_end: Seconds from the medium's first frame, the later end.
        speed: Seconds of medium per second of timeline, without sign.
        alone: Whether its shot is the only one, so that there is no rhythm of cuts.
    """

    shot: int
    start: float
    end: float
    pace: float
    source: MediaSpan | None = None
    source_start: float = 0.0
    source_end: float = 0.0
    speed: float = 1.0
    alone: bool = False

    def samples(self, every: int = 1) -> range:
        """Return the indices of the samples that lie inside; in a very short part the one nearest its middle.

        Arguments:
            every: Step between the samples that are kept.
        """
        # half a millisecond keeps a sample at a cut with the new shot, however the cut's time was rounded
        first = math.ceil((self.source_start - 0.0005) * GRID)
        after = math.ceil((self.source_end - 0.0005) * GRID)
        inside = range(-(-first // every) * every, after, every)
        if inside:
            return inside
        middle = math.floor((self.source_start + self.source_end) / 2 * GRID)
        nearest = min(max(middle, first), max(after - 1, first))
        return range(max(0, nearest), max(0, nearest) + 1)


class Extractor(Protocol):
    """Measures samples of a medium and estimates affect from the measurements.

    Measuring is slow and its results are kept between runs; estimates are quick. A changed ``version`` makes kept
    measurements worthless.
    """

    @property
    def name(self) -> str:
        """Name of its cue, a word that may stand in a file name."""

    @property
    def version(self) -> str:
        """Version, which changes with anything that changes a measurement."""

    @property
    def origin(self) -> str:
        """Model, source and licence, for reports."""

    @property
    def sense(self) -> Literal["picture", "sound"]:
        """Kind of samples: frames, or windows of sound."""

    @property
    def every(self) -> int:
        """Step on the grid: one sample of so many is measured."""

    @property
    def paired(self) -> tuple[int, ...]:
        """Columns of a row that compare a sample with the one before."""

    def measure(self, samples: Sequence[NDArray[Any]], before: Sequence[NDArray[Any] | None]) -> Rows:
        """Return one row of numbers for each sample.

        Arguments:
            samples: Frames of (height, width, 3) bytes, or windows of 1 / GRID seconds of sound at 16 kHz.
            before: The sample 1 / GRID seconds earlier in the same shot, where there is one.

        Raises:
            CheckpointError: Its networks cannot be loaded or run; it is left out then.
        """

    def estimates(self, part: ShotPart, rows: Rows) -> list[AffectEstimate]:
        """Return estimates for a part from its rows, of which there is at least one."""


@runtime_checkable
class Heavy(Protocol):
    """Extractor with large networks, or that needs larger frames and longer windows than usual.

    Such extractors go through the media one after the other, so that the networks of one are in memory at a time.
    """

    @property
    def span(self) -> int:
        """Size of its samples: the side in pixels of a square frame, or the samples of the grid that a window lasts.

        Windows begin at multiples of their length; ``measure`` returns span // every rows for each of them, and the
        last one of a medium may be shorter.
        """

    def release(self) -> None:
        """Let go of the networks; they are loaded again when something is measured."""


@runtime_checkable
class Detailed(Protocol):
    """Extractor that needs frames of twice the width, and the picture's true proportions.

    Such an extractor is light: it shares the decoding of all other light extractors. It is asked with
    ``measure_detailed`` instead of ``measure``.
    """

    def measure_detailed(self, frames: Sequence[NDArray[Any]], aspect: float) -> Rows:
        """Return one row of numbers for each frame.

        Arguments:
            frames: Frames of (SIDE, WIDE, 3) bytes, red, green and blue.
            aspect: Width of the picture as shown divided by its height.

        Raises:
            CheckpointError: Its networks cannot be loaded or run; it is left out then.
        """


@runtime_checkable
class OffersFeatures(Protocol):
    """Extractor whose rows, as kept, are not what a trained head should learn from."""

    def features(self, rows: Rows) -> Rows:
        """Return what a trained head sees of the rows.

        Arguments:
            rows: Rows as ``measure`` returned them, at least one.

        Returns:
            One row for each; the number of columns and their meaning change only with the extractor's ``version``.
        """


def features(extractor: Extractor, rows: Rows) -> Rows:
    """Return the frozen features that a trained head sees.

    All columns of the rows are features unless the extractor says otherwise with a method ``features``. What is not a
    number was not to be had there; a head takes it for the mean of what it was trained on. A head standardises
    columns itself, so they may have any scale. It knows an extractor by ``name``, ``version`` and number of columns.

    Arguments:
        extractor: Extractor that measured.
        rows: Rows as its ``measure`` returned them, at least one.
    """
    return extractor.features(rows) if isinstance(extractor, OffersFeatures) else rows


def split(shots: Sequence[Shot], relinked: Relinked) -> Iterator[ShotPart]:
    """Yield the parts of all shots in order: shots over four seconds in equal pieces.

    Arguments:
        shots: The shots of a timeline.
        relinked: Media found for each of them.
    """
    for index, (shot, source) in enumerate(zip(shots, relinked.sources, strict=True)):
        pieces = max(1, math.ceil(shot.duration / MAX_PART - 1e-6))
        span = shot.duration / pieces
        first = source.start if source else 0.0
        last = source.end if source and source.end is not None else first + shot.duration
        speed = (last - first) / shot.duration if shot.duration > 0 else 0.0
        for piece in range(pieces):
            ends = sorted((first + piece * span * speed, first + (piece + 1) * span * speed))
            yield ShotPart(
                shot=index,
                start=shot.start + piece * span,
                end=shot.start + (piece + 1) * span if piece + 1 < pieces else shot.end,
                pace=_pace(shots, index),
                source=source,
                source_start=max(0.0, ends[0]),
                source_end=max(0.0, ends[1]),
                speed=abs(speed),
                alone=len(shots) < 2,
            )


def _pace(shots: Sequence[Shot], index: int) -> float:
    """Return the geometric mean length of a shot and its neighbours, the shot itself counting twice."""
    near = [*shots[max(0, index - 1) : index + 2], shots[index]]
    return math.exp(sum(math.log(max(shot.duration, 0.04)) for shot in near) / len(near))
