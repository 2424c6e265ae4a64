"""Markers that say where somebody speaks: ``emsync: duck`` and ``emsync: dialogue``, each over its length.

They stand among the directives of a spotting, beside those for the mood, which pass over them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from emsync_bridge.cue import Directive, Spotting

_ORDER = re.compile(r"\s*(duck|dialogue|dialog)\s*", re.IGNORECASE)


def is_dialogue_order(text: str) -> bool:
    """Tell whether a directive marks speech.

    Arguments:
        text: The order as written, without the prefix.
    """
    return _ORDER.fullmatch(text) is not None


def marked_dialogue(spotting: Spotting) -> tuple[tuple[tuple[float, float], ...], tuple[str, ...]]:
    """Return the stretches in which markers say that somebody speaks, and a warning for each without a length.

    Arguments:
        spotting: The cut.

    Returns:
        Start and end in seconds from the cut's start, in order of time; warnings.
    """
    ranges, warnings = [], []
    for directive in spotting.directives:
        if not is_dialogue_order(directive.text):
            continue
        start, end = max(0.0, directive.start), directive.end
        if end is None:
            warnings.append(
                f"The marker 'emsync: {directive.text}' at {directive.start:.2f} s has no length and is left aside; "
                "draw it out over the speech"
            )
        elif min(end, spotting.duration) > start:
            ranges.append((start, min(end, spotting.duration)))
    return tuple(sorted(ranges)), tuple(warnings)


def with_dialogue(spotting: Spotting, speech: Iterable[tuple[float, float]]) -> Spotting:
    """Return a cut with orders over the speech that was found in it, beside those that it has.

    Arguments:
        spotting: The cut.
        speech: Start and end in seconds from the cut's start.
    """
    known = marked_dialogue(spotting)[0]
    new = [
        Directive(start, "dialogue", end)
        for start, end in speech
        if end > start and not any(a <= start and end <= b for a, b in known)
    ]
    if not new:
        return spotting
    return replace(spotting, directives=tuple(sorted([*spotting.directives, *new], key=lambda each: each.start)))
