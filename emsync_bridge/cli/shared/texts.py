"""Texts on the command line."""

from __future__ import annotations

import re
from typing import Any

import click


class PatternText(click.ParamType):  # type: ignore[type-arg]  # generic only in click 8.5
    """A text that matches a regular expression.

    Arguments:
        pattern: The expression; the whole text must match it.
        expected: The texts that match, in words.
    """

    name = "text"

    def __init__(self, pattern: str, expected: str) -> None:
        self._pattern, self._expected = pattern, expected

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text.

        Raises:
            click.BadParameter: It does not match.
        """
        text = str(value)
        if not re.fullmatch(self._pattern, text):
            self.fail(f"{text!r} is not {self._expected}.", param, ctx)
        return text
