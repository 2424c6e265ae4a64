"""Reasons of an emotion span for people: how sure it is in a word, and each cue's part in numbers."""

from __future__ import annotations

from emsync_bridge.cue import EmotionSpan
from emsync_bridge.emotion.fusion.sign import NONE, sign_confidence, word_of
from emsync_bridge.emotion.overrides.moods import CLEAR, EMOTIONS, RUSSELL_MEHRABIAN, mood_name

YOURS = "yours"
"""Confidence of a value that the user set."""

LEAST_LISTED = 0.015
"""Move of a cue below which it is not listed."""

UNCLEAR = "unclear"

CALM_FROM = 0.1
"""Valence above which a label with negative valence is not given."""

CERTAIN = 0.6
"""Probability from which an emotion is named where valence is near 0 and its sign unknown, as of a black picture."""

_AXES = ("valence", "arousal")


def certainty(span: EmotionSpan) -> tuple[str, str]:
    """Return how sure the signs of valence and arousal are: ``none``, ``faint``, ``clear``, or ``yours``."""
    signs = sign_confidence(span.affect, span.sigma)
    words = [YOURS if own else word_of(sign) for own, sign in zip(span.ordered, signs, strict=True)]
    return words[0], words[1]


def certainty_text(span: EmotionSpan) -> str:
    """Return how sure valence and arousal are, in one word where both are alike."""
    valence, arousal = certainty(span)
    return valence if valence == arousal else f"{valence}, {arousal}"


def label_of(span: EmotionSpan) -> str:
    """Return the likeliest of the six emotions, or ``calm``, which none of them is; ``unclear`` where none stands out.

    A mood that was ordered by name is its own label, and a ramp between two has none.

    An emotion whose valence is on the other side of the estimate is no label for it: calm contentment lies nearer to
    sadness than to joy.
    """
    if all(span.ordered) and (named := UNCLEAR if "->" in span.reason else mood_name(span.reason)):
        return named
    if not span.ekman:
        return ""
    name = max(EMOTIONS, key=lambda emotion: (span.ekman or {}).get(emotion, 0.0))
    if span.affect.valence > CALM_FROM and RUSSELL_MEHRABIAN[name][0] < 0:
        return "calm" if span.affect.arousal < 0 else UNCLEAR
    unsided = abs(span.affect.valence) <= CALM_FROM and certainty(span)[0] == NONE
    return name if span.ekman.get(name, 0.0) >= (CERTAIN if unsided else CLEAR) else UNCLEAR


def numbers_text(span: EmotionSpan) -> str:
    """Return each cue's part, such as ``valence +.24: face +.19, scene +.05``; empty where there is none."""
    lines = []
    for axis, (name, value) in enumerate(zip(_AXES, (span.affect.valence, span.affect.arousal), strict=True)):
        if span.ordered[axis]:
            continue
        moves = [(cue, move[axis]) for cue, *move in span.contributions if abs(move[axis]) >= LEAST_LISTED]
        moves.sort(key=lambda move: -abs(move[1]))
        if moves:
            lines.append(f"{name} {_short(value)}: {', '.join(f'{cue} {_short(move)}' for cue, move in moves)}")
    return "; ".join(lines)


def _short(value: float) -> str:
    """Return a number with its sign, two digits and no leading zero."""
    return f"{value:+.2f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:+.2f}"
