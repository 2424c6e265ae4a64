"""Advice of the libraries in words for who reads it here: for the command's options, the controls of the page."""

from __future__ import annotations

import re

CONTROLS = {
    "--media-root": "Media folder",
    "--mood": "Mood",
    "--picture": "Movie",
    "--seed": "Seed",
}
"""The page's label of what an option of the command sets."""

_OPTION = r"(?<!\S)--[a-z][a-z-]*"
_MENTION = re.compile(rf"(emsync [a-z]+(?: {_OPTION})+)|{_OPTION}(?:(?:,| or|, or| and) {_OPTION})*")
"""A whole command, which stays as it is, or options one after the other."""


def for_editors(text: str) -> str:
    """Return advice with controls of the page for options, or with a word on whose the option is that has none."""
    others: list[str] = []

    def said(mention: re.Match[str]) -> str:
        options = re.findall(_OPTION, mention[0])
        if mention[1]:
            return mention[0]
        if not CONTROLS.keys() >= set(options):
            others.extend(option for option in options if option not in others)
            return mention[0]
        return re.sub(_OPTION, lambda option: f"'{CONTROLS[option[0]]}'", mention[0]) + " on the emsync page"

    worded = _MENTION.sub(said, text)
    if not others:
        return worded
    stop = "." if worded.endswith(".") else ""
    return f"{worded.removesuffix('.')} ({', '.join(others)} of the emsync command){stop}"
