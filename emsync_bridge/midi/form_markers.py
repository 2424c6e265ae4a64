"""Markers of a piece's form: its parts and the statements of its themes."""

from __future__ import annotations

from emsync_bridge.cue import ShortScore

FORM = "form: "
"""Beginning of the text of markers that name a theme or a part of the form, which are not hits."""


def form_markers(score: ShortScore | None) -> list[tuple[int, str]]:
    """Return tick and text of a marker for every part of the form and every statement of a theme.

    Arguments:
        score: Score that the take was written from; None without one.
    """
    if score is None:
        return []
    parts = [(section.start, f"{FORM}{section.label}") for section in score.sections if section.label]
    themes = [
        (each.start, f"{FORM}Theme {each.theme}" + ("" if each.kind in ("", "whole") else f", {each.kind}"))
        for each in score.statements
    ]
    return sorted(parts + themes, key=lambda marker: marker[0])
