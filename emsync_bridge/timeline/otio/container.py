"""Document of an .otio file, .otioz zip or .otiod folder, as text and as OpenTimelineIO objects."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import opentimelineio as otio

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.formats import Format
from emsync_bridge.timeline.json.splice import decodable
from emsync_bridge.timeline.otio.repair import repair_document
from emsync_bridge.timeline.source import Source

# OpenTimelineIO's own parser is recursive and takes the process down with it when it runs out of stack.
MAX_DEPTH = 250

_CONTAINERS = (dict, list)

# What OpenTimelineIO raises, by trial, on documents that it does not understand.
_REFUSALS = (otio.exceptions.OTIOError, ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError)


@dataclass(frozen=True)
class OtioFile:
    """An OpenTimelineIO document as it lies on the disk.

    Arguments:
        kind: Plain file, zip or folder.
        data: The bytes of the document itself.
    """

    kind: Format
    data: bytes

    @property
    def text(self) -> str:
        """The document's text, without a byte order mark."""
        return self.data.decode("utf-8-sig")


def open_otio(source: Source) -> OtioFile:
    """Return the document of a source.

    Raises:
        TimelineError: It is not text.
    """
    document = OtioFile(source.format, source.document)
    try:
        document.text.isascii()  # decodes it once, here where the message can say so
    except UnicodeDecodeError:
        raise TimelineError(
            "The document is not UTF-8 text", where=source.path, hint="Export the timeline again"
        ) from None
    return document


def parse(document: OtioFile, path: Path) -> tuple[Any, list[str]]:
    """Return the OpenTimelineIO object of a document and what had to be left out to get it.

    Arguments:
        document: Document that ``open_otio`` returned.
        path: Its file, for messages.

    Raises:
        TimelineError: It is not an OpenTimelineIO document.
    """
    text = document.text
    tree, repeated = parse_json(text, path)
    if repeated:  # OpenTimelineIO 0.18 crashes on some objects that have a member twice
        text = json.dumps(tree)
    refusal = "a clip of version 1 has the media references of version 2"
    if not _has_mixed_clips(tree):
        try:
            return otio.core.deserialize_json_from_string(text), []
        except _REFUSALS as problem:
            refusal = str(problem)
    # A newer schema version or a schema that OpenTimelineIO does not know: read what is known of it.
    simple, notes = repair_document(tree)
    try:
        return otio.core.deserialize_json_from_string(json.dumps(simple)), notes
    except _REFUSALS:
        raise TimelineError(
            f"OpenTimelineIO does not understand the document: {refusal}", where=path, hint="Export the timeline again"
        ) from None


def _has_mixed_clips(tree: Any) -> bool:
    """Tell whether a clip older than version 2 has ``media_references``: OpenTimelineIO 0.18 crashes on it."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            schema = node.get("OTIO_SCHEMA")
            if (
                "media_references" in node
                and isinstance(schema, str)
                and schema.startswith("Clip.")
                and schema != "Clip.2"
            ):
                return True
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return False


def parse_json(text: str, path: Path) -> tuple[dict[str, Any], bool]:
    """Return the JSON object of a document, and whether an object in it has two members of one name.

    The last of such members counts.

    Arguments:
        text: The document.
        path: Its file, for messages.

    Raises:
        TimelineError: It is not a JSON object, or is nested too deeply.
    """
    too_deep = TimelineError(
        f"The nesting exceeds the limit of {MAX_DEPTH} levels", where=path, hint="Export the timeline again"
    )
    repeated = False

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        found = dict(pairs)
        repeated = repeated or len(found) < len(pairs)
        return found

    try:
        tree = json.loads(decodable(text), object_pairs_hook=members)
    except RecursionError:
        raise too_deep from None
    except ValueError as problem:
        raise TimelineError(f"The JSON is damaged: {problem}", where=path, hint="Export the timeline again") from None
    if not isinstance(tree, dict):
        raise TimelineError("The JSON is not an OpenTimelineIO document", where=path, hint="Give a timeline")
    level: list[Any] = [tree]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if type(inner) in _CONTAINERS
        ]
        if not level:
            return tree, repeated
    raise too_deep
