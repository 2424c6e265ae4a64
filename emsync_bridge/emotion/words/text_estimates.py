"""Affect estimates from words on the parts of a cut."""

from __future__ import annotations

import math
from collections.abc import Sequence

from emsync_bridge.cue import Affect, Shot, TextSource, TimedText
from emsync_bridge.emotion.extractors.interface import AffectEstimate, ShotPart
from emsync_bridge.emotion.words.vocabulary import WordMood, mood_of_text

NAME = "words"

SIGMA: dict[TextSource, tuple[float, float]] = {
    "marker": (0.40, 0.45),
    "title": (0.60, 0.70),
    "clip": (0.55, 0.60),
    "caption": (0.70, 0.90),
    "script": (0.65, 0.75),
}
"""Errors of valence and arousal by where words come from, judged.

A marker says what the editor sees there. A line of dialogue often says the opposite of what the scene feels like. A
script is laid over the cut by its length alone.
"""

SENTIMENT_SIGMA = 0.9
"""Error of valence where only the sentiment of everyday words tells it."""

NAMES: frozenset[TextSource] = frozenset(("clip", "title"))
"""Sources whose words are names: only the film vocabulary is asked."""

LEAST = 0.05
"""Valence and arousal below which words tell nothing."""


def estimates_from_text(part: ShotPart, shot: Shot, texts: Sequence[TimedText]) -> list[AffectEstimate]:
    """Return one estimate for each kind of text that holds in a part and has words of mood.

    Arguments:
        part: The part.
        shot: Its shot; a text without an end holds in the whole shot that it begins in.
        texts: All texts of the cut.
    """
    held: dict[TextSource, list[tuple[WordMood, str, float]]] = {}
    for text in texts:
        share = _share(part, shot, text)
        if share > 0:
            mood = mood_of_text(text.text, sentiment=text.source not in NAMES)
            if max(abs(mood.valence or 0), abs(mood.arousal or 0)) >= LEAST:
                held.setdefault(text.source, []).append((mood, text.text, share))
    return [_estimate(source, found) for source, found in held.items()]


def _share(part: ShotPart, shot: Shot, text: TimedText) -> float:
    """Return the share of a part in which a text holds."""
    start, end = text.start, text.end
    if end is None or end <= start:
        if not shot.start - 1e-6 <= start < shot.end - 1e-6:
            return 0.0
        start, end = shot.start, shot.end
    shared = min(end, part.end) - max(start, part.start)
    return max(0.0, shared / (part.end - part.start)) if part.end > part.start else 0.0


def _estimate(source: TextSource, found: Sequence[tuple[WordMood, str, float]]) -> AffectEstimate:
    values, errors = [0.0, 0.0], [math.inf, math.inf]
    for axis in (0, 1):
        told = [(mood, share, (mood.valence, mood.arousal)[axis]) for mood, _, share in found]
        known = [(mood, share, value) for mood, share, value in told if value is not None]
        total = sum(share for _, share, _ in known)
        if total <= 0:
            continue
        values[axis] = sum(share * value for _, share, value in known) / total
        plain = all(not mood.found for mood, _, _ in known)
        sigma = SENTIMENT_SIGMA if plain else SIGMA[source][axis]
        errors[axis] = sigma / math.sqrt(min(1.0, total))
    words = list(dict.fromkeys(word for mood, _, _ in found for word in mood.found))[:2]
    reason = f"words: {' '.join(words)}" if words else ""
    return AffectEstimate(NAME, Affect(values[0], values[1]), (errors[0], errors[1]), reason)
