"""Motifs out of a generator: it composes a short sketch for a mood, and the top line is cut into motifs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, Shot, Spotting, Take
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.arranging.themes.critic import score_motifs
from emsync_bridge.music.arranging.themes.motifs import Motif, motifs_in, top_line

SKETCH = 24.0
"""Seconds that are composed for one look at a generator."""

FASTEST_SKETCH = 112.0
"""Quarter notes per minute above which a sketch's two bars hold too few seconds for a tune."""

Composer = Callable[[Spotting, EmotionCurve], Take]
"""Composes one take for a cut and its mood, in C major or A minor."""


def sketch(affect: Affect, seconds: float = SKETCH) -> tuple[Spotting, EmotionCurve]:
    """Return a cut without hits and one mood from beginning to end, to be composed for.

    Arguments:
        affect: The mood.
        seconds: Length.
    """
    spotting = Spotting("sketch", seconds, Fraction(25), shots=(Shot(0.0, seconds),))
    return spotting, EmotionCurve((EmotionSpan(0.0, seconds, affect, confidence=1.0),))


def motifs_of(take: Take) -> list[Motif]:
    """Return every two bars of a take's top line that can be a motif, in its own key."""
    major, minor = keys.key_correlations(keys.pitch_class_profile(take.notes))
    is_minor = bool(minor.max() > major.max())
    tonic = int(minor.argmax() if is_minor else major.argmax())
    end = max((note.end for note in take.notes), default=0)
    bar_lines = [*take.tempo_map.bar_lines(end), end]
    return motifs_in(top_line(take.notes), bar_lines, tonic, minor=is_minor)


def mined_motifs(takes: Iterable[Take], affect: Affect) -> list[Motif]:
    """Return the motifs of some takes, best first.

    Arguments:
        takes: Sketches, or any music.
        affect: Mood that they were composed for.
    """
    return score_motifs((motif for take in takes for motif in motifs_of(take)), affect)
