"""Mood of a film over time: points on the valence-arousal plane, spans and the curve."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Ekman = Literal["anger", "disgust", "fear", "joy", "sadness", "surprise"]

BY_HAND = "set by hand"
"""Reason of a mood that a person set by its place on the plane, without a name."""

_FEW_WORDS = 2
"""Words of a mood's name at most; longer orders are descriptions."""


@dataclass(frozen=True)
class Affect:
    """A point on the valence-arousal plane.

    Arguments:
        valence: Valence from -1 (unpleasant) to 1 (pleasant).
        arousal: Arousal from -1 (calm) to 1 (excited).
    """

    valence: float
    arousal: float

    def clipped(self) -> Affect:
        """Return the nearest point inside [-1, 1] on both axes."""
        return Affect(max(-1.0, min(1.0, self.valence)), max(-1.0, min(1.0, self.arousal)))


@dataclass(frozen=True)
class EmotionSpan:
    """The affect that holds from one moment to another.

    Arguments:
        start: Seconds from the timeline's start.
        end: Seconds from the timeline's start.
        affect: The estimate or the order.
        sigma: One standard deviation of the error in valence and in arousal.
        confidence: Confidence from 0 (a guess) to 1 (an order): of an estimate, 2 P - 1 of the surer axis, where P
            is the probability that its sign is right.
        ekman: Probabilities of the six emotions, where known.
        reason: Reason in a few words for people.
        silence: Whether no music is wanted here.
        ordered: Whether the user set valence and arousal.
        contributions: Name of each cue, and by how much it moves valence and arousal.
    """

    start: float
    end: float
    affect: Affect
    sigma: tuple[float, float] = (0.6, 0.6)
    confidence: float = 0.0
    ekman: Mapping[str, float] | None = None
    reason: str = ""
    silence: bool = False
    ordered: tuple[bool, bool] = (False, False)
    contributions: tuple[tuple[str, float, float], ...] = ()


@dataclass(frozen=True)
class EmotionCurve:
    """Affect over time, held constant within a span.

    Arguments:
        spans: Spans in order of time, without gaps or overlaps.
    """

    spans: tuple[EmotionSpan, ...]

    def at(self, time: float) -> EmotionSpan:
        """Return the span that holds at a time in seconds; the nearest one outside the curve."""
        starts = [span.start for span in self.spans]
        return self.spans[max(0, bisect_right(starts, time) - 1)]

    def mean(self, start: float | None = None, end: float | None = None) -> Affect:
        """Return the affect averaged over time.

        Arguments:
            start: Seconds; with ``end`` the average is of what lies between, silences and all.
            end: Seconds; without them it is of the whole, silences left out.
        """
        if start is not None and end is not None:
            parts = [(span, min(span.end, end) - max(span.start, start)) for span in self.spans]
            parts = [(span, length) for span, length in parts if length > 0] or [(self.at(start), 1.0)]
            whole = sum(length for _, length in parts)
            return Affect(
                sum(span.affect.valence * length for span, length in parts) / whole,
                sum(span.affect.arousal * length for span, length in parts) / whole,
            )
        voiced = [s for s in self.spans if not s.silence] or list(self.spans)
        total = sum(s.end - s.start for s in voiced) or 1.0
        return Affect(
            sum(s.affect.valence * (s.end - s.start) for s in voiced) / total,
            sum(s.affect.arousal * (s.end - s.start) for s in voiced) / total,
        )

    def ordered_word(self, start: float, end: float) -> str:
        """Return the word by which a person ordered the mood of most of a stretch; empty where there is none.

        Arguments:
            start: Seconds.
            end: Seconds.
        """
        shares: dict[str, float] = {}
        for span in self.spans:
            length = min(span.end, end) - max(span.start, start)
            words = span.reason.split()
            named = all(span.ordered) and not span.silence and span.reason != BY_HAND
            if length > 0 and named and 0 < len(words) <= _FEW_WORDS and "".join(words).isalpha():
                shares[span.reason] = shares.get(span.reason, 0.0) + length
        word = max(shares, key=lambda each: shares[each], default="")
        return word if word and 2 * shares[word] > end - start else ""
