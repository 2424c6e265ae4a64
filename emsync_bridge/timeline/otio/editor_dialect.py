"""Dialects of OpenTimelineIO: the editor that wrote a document, recognised by its metadata."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from itertools import islice
from typing import Any

import opentimelineio as otio


class EditorDialect(Enum):
    """Editor that wrote a document; the value is the namespace of its metadata."""

    RESOLVE = "Resolve_OTIO"
    PREMIERE = "PremierePro_OTIO"
    PLAIN = ""


def editor_dialect(timeline: otio.schema.Timeline) -> EditorDialect:
    """Return which editor wrote a timeline, by the metadata that it leaves on all levels."""
    stack = timeline.tracks
    levels: Iterable[Any] = (
        timeline,
        stack,
        *stack,
        *(clip for track in stack for clip in islice(children_of(track), 50)),
    )
    return dialect_in(key for level in levels for key in level.metadata)


def dialect_in(spaces: Iterable[str]) -> EditorDialect:
    """Return which editor leaves such metadata.

    Arguments:
        spaces: Names of metadata on any level of a document.
    """
    found = set(spaces)
    return next(
        (each for each in (EditorDialect.RESOLVE, EditorDialect.PREMIERE) if each.value in found), EditorDialect.PLAIN
    )


def children_of(item: Any) -> Iterable[Any]:
    """Return the children of a composition; none of any other item."""
    return item if isinstance(item, otio.core.Composition) else ()
