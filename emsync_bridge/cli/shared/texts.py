"""Texts on the command line, and lists and orders that are written as such."""

from __future__ import annotations

import re
from typing import Any

import click

from emsync_bridge.options import PlacedOrder


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


class Texts(click.ParamType):  # type: ignore[type-arg]
    """A comma-separated list of texts.

    Arguments:
        some: Whether there has to be one.
    """

    name = "TEXT,..."

    def __init__(self, *, some: bool = False) -> None:
        self.some = some

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Return the texts in order.

        Raises:
            click.BadParameter: There is none, and there has to be one.
        """
        if isinstance(value, tuple):
            return value
        texts = tuple(part.strip() for part in value.split(",") if part.strip())
        if self.some and not texts:
            self.fail("It names nothing; give a name, or leave the option out.", param, ctx)
        return texts


class MoodName(click.ParamType):  # type: ignore[type-arg]
    """A named mood, such as joy."""

    name = "mood"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name as it was given.

        Raises:
            click.BadParameter: No mood has it.
        """
        from emsync_bridge.emotion.overrides.moods import mood
        from emsync_bridge.errors import EmotionError

        try:
            mood(str(value))
        except EmotionError as problem:
            self.fail(str(problem), param, ctx)
        return str(value)


class PlacedOrders(click.ParamType):  # type: ignore[type-arg]
    """An order for a place in the cut, such as shot3=joy."""

    name = "PLACE=ORDER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> PlacedOrder:
        """Return the order.

        Raises:
            click.BadParameter: It is not understood.
        """
        from emsync_bridge.emotion.overrides.placed_orders import parse_order
        from emsync_bridge.errors import EmotionError

        if isinstance(value, PlacedOrder):
            return value
        try:
            return parse_order(str(value))
        except EmotionError as problem:
            self.fail(str(problem), param, ctx)
