"""Ways in which an XML file gets damaged or odd, for tests that throw such files at a reader."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import strategies as st

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.cut.model import CutModel
from emsync_bridge.timeline.placement import PlacedMarker, Placement

T = TypeVar("T")
MUSIC = Placement(Path("/m.wav"), 50, 48000, 2, (PlacedMarker(3, "hit"),))

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
    """Result of a call, or the sentence with which it fails."""
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


def survives(
    data: bytes,
    source: Path,
    read: Callable[[Path], CutModel],
    place: Callable[[Path, Path, Placement], object],
    *,
    may_refuse: bool = False,
) -> None:
    """See that damaged data give a sound cut, which takes music, or a sentence and no output.

    Arguments:
        data: A document.
        source: Where it is written.
        read: Reads its format.
        place: Puts music into it.
        may_refuse: Whether a document may be read that no music can be put into.
    """
    output = source.with_stem("out")
    source.write_bytes(data)
    output.unlink(missing_ok=True)
    model = outcome(lambda: read(source))
    if isinstance(model, TimelineError):
        assert model.what
        assert model.where
        with pytest.raises(TimelineError):
            place(source, output, MUSIC)
        assert not output.exists()
        return
    assert isinstance(model, CutModel)
    assert model.duration > 0
    for leaf in model.leaves:
        assert 0 <= leaf.start < leaf.end <= model.duration
        assert (leaf.start * model.rate).denominator == (leaf.end * model.rate).denominator == 1
    for span in model.transitions:
        assert span.start <= span.edit <= span.end
    refused = outcome(lambda: place(source, output, MUSIC))
    if may_refuse and isinstance(refused, TimelineError):
        assert refused.hint
        return
    again = read(output)
    assert (again.leaves, again.duration) == (model.leaves, model.duration)
