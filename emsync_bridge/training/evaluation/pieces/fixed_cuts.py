"""Twelve cuts of 30 to 240 seconds over the plane of valence and arousal, the same in every evaluation."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, HitPoint, Shot, Spotting

_RATE = Fraction(25)
_MIN_SHOT_SECONDS = 2.5
_SPREAD = 0.45

Span = tuple[float, float, float, float]
"""Start and end in seconds, valence, arousal."""


@dataclass(frozen=True)
class FixedCut:
    """A cut that is composed for in every evaluation.

    Arguments:
        name: Name of the cut.
        duration: Seconds.
        spans: Its moods.
        gap: Seconds between its hits, the median of a log-normal distribution.
    """

    name: str
    duration: float
    spans: tuple[Span, ...]
    gap: float

    @property
    def spotting(self) -> Spotting:
        """The cut with its hits, which depend on its name alone."""
        hits = tuple(HitPoint(time, round(time * _RATE), "cut") for time in self.hits)
        edges = (0.0, *self.hits, self.duration)
        shots = tuple(Shot(a, b) for a, b in pairwise(edges))
        return Spotting(self.name, self.duration, _RATE, hits=hits, shots=shots)

    @property
    def curve(self) -> EmotionCurve:
        """Its mood over time, certain as an order."""
        return EmotionCurve(tuple(EmotionSpan(a, b, Affect(v, r), confidence=1.0) for a, b, v, r in self.spans))

    @property
    def hits(self) -> tuple[float, ...]:
        """Seconds of its hits, on whole frames."""
        drawn = random.Random(sum(map(ord, self.name)))
        times: list[float] = []
        time = 0.0
        while True:
            time += max(_MIN_SHOT_SECONDS, drawn.lognormvariate(0, _SPREAD) * self.gap)
            if time > self.duration - _MIN_SHOT_SECONDS:
                return tuple(times)
            times.append(round(time * 25) / 25)

    @property
    def changes(self) -> tuple[float, ...]:
        """Seconds at which the mood changes."""
        return tuple(span[0] for span in self.spans[1:])


FIXED_CUTS: tuple[FixedCut, ...] = (
    FixedCut("01_joy_30", 30, ((0, 30, 0.8, 0.5),), 6),
    FixedCut("02_calm_60", 60, ((0, 60, 0.6, -0.6),), 10),
    FixedCut("03_sad_90", 90, ((0, 90, -0.7, -0.6),), 12),
    FixedCut("04_tension_60", 60, ((0, 60, -0.6, 0.4),), 7),
    FixedCut("05_action_60", 60, ((0, 60, -0.3, 0.9),), 4.5),
    FixedCut("06_triumph_90", 90, ((0, 90, 0.7, 0.8),), 9),
    FixedCut("07_neutral_120", 120, ((0, 120, 0.0, 0.0),), 10),
    FixedCut("08_arc_120", 120, ((0, 30, 0.5, -0.5), (30, 60, -0.3, 0.2), (60, 90, -0.6, 0.8), (90, 120, 0.7, 0.4)), 8),
    FixedCut("09_fear_band_60", 60, ((0, 60, -0.7, 0.7),), 6),
    FixedCut("10_love_180", 180, ((0, 180, 0.6, -0.2),), 14),
    FixedCut("11_epic_band_120", 120, ((0, 60, -0.2, 0.3), (60, 120, 0.5, 0.9)), 8),
    FixedCut(
        "12_long_arc_240",
        240,
        ((0, 60, 0.2, -0.6), (60, 120, -0.5, -0.2), (120, 180, -0.4, 0.8), (180, 240, 0.8, 0.6)),
        12,
    ),
)
"""Moods over the whole plane, alone and in turn; 09 and 11 are those that a band may be asked for."""


def random_cut(seed: int, duration: float = 60.0) -> FixedCut:
    """Return a cut of one or two moods drawn from a seed, to measure how alike pieces of many seeds are.

    Arguments:
        seed: Seed of everything that is drawn.
        duration: Seconds.
    """
    drawn = random.Random(f"cut {seed}")
    moods = [(drawn.uniform(-0.8, 0.8), drawn.uniform(-0.8, 0.9)) for _ in range(drawn.choice((1, 1, 2)))]
    edges = [duration * i / len(moods) for i in range(len(moods) + 1)]
    spans = tuple((a, b, v, r) for (a, b), (v, r) in zip(pairwise(edges), moods, strict=True))
    return FixedCut(f"seed_{seed:02}", duration, spans, drawn.uniform(5, 12))


def cut_at(affect: Affect, duration: float, seed: int) -> FixedCut:
    """Return a cut of one mood.

    Arguments:
        affect: The mood.
        duration: Seconds.
        seed: Seed of its hits.
    """
    span = (0.0, duration, affect.valence, affect.arousal)
    return FixedCut(f"mood_{affect.valence:+.1f}_{affect.arousal:+.1f}_{seed}", duration, (span,), 8)
