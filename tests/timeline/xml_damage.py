"""Ways in which an XML file gets damaged or odd, for tests that throw such files at a reader."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from hypothesis import strategies as st

from emsync_bridge.errors import TimelineError

T = TypeVar("T")

ODD_VALUES = [
    "",
    "-1",
    "0",
    "1",
    "-7",
    "2.5",
    "1e9",
    "NaN",
    "inf",
    "99999999999999999999",
    "9" * 5000,
    "1/0s",
    "0/0s",
    "-5/3s",
    "1001/30000s",
    "123456789012345678901234567890/7s",
    "5s",
    "TRUE",
    "FALSE",
    "é\u2028<",
    "/x",
    "file:///%",
]
_ELEMENT = re.compile(r"<(\w[\w.-]*)(?:\s[^<>]*)?>[^<>]*</\1>|<\w[^<>]*/>")
_TEXT = re.compile(r">([^<>]+)<")
_ATTRIBUTE = re.compile(r'="([^"<>]*)"')


def outcome(call: Callable[[], T]) -> T | TimelineError:
    """What a call returns, or the sentence with which it fails."""
    try:
        return call()
    except TimelineError as problem:
        return problem


def damaged(text: str) -> st.SearchStrategy[bytes]:
    """Copies of a document, each with a few wounds."""
    elements = [match.span() for match in _ELEMENT.finditer(text)]
    values = [match.span(1) for pattern in (_TEXT, _ATTRIBUTE) for match in pattern.finditer(text) if match[1].strip()]

    @st.composite
    def build(draw) -> bytes:
        changed = text
        spots = sorted(
            draw(st.lists(st.tuples(st.sampled_from(values), st.sampled_from(ODD_VALUES)), max_size=4)), reverse=True
        )
        last = len(text) + 1
        for (start, end), odd in spots:
            if end < last:
                changed = changed[:start] + odd.replace("<", "&lt;") + changed[end:]
                last = start
        if elements and draw(st.booleans()) and not spots:
            start, end = draw(st.sampled_from(elements))
            again, _ = draw(st.sampled_from(elements))
            piece = changed[start:end]
            if draw(st.booleans()):
                changed = changed[:start] + changed[end:]
            else:
                changed = changed[:again] + piece + changed[again:]
        data = changed.encode()
        if draw(st.integers(0, 3)) == 0:
            at = draw(st.integers(0, len(data) - 1))
            data = data[:at] + draw(st.binary(max_size=3)) + data[at + draw(st.integers(0, 40)) :]
        return data

    return build()
