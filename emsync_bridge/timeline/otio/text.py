"""Text of an OpenTimelineIO document, for tracks and markers to be inserted into one of its timelines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from emsync_bridge.errors import TimelineError
from emsync_bridge.timecode import exact_rate, frame_at
from emsync_bridge.timeline.json.splice import JsonText, Value
from emsync_bridge.timeline.otio.nodes import Node, is_emsync_node, is_emsync_track, json_objects, without_emsync_clips
from emsync_bridge.timeline.sequence_choice import SequenceCandidate, choose


class OtioText:
    """A document's text.

    Arguments:
        text: The document, which the reader has accepted.
        path: Its file, for messages.
        sequence: Name of the timeline, where there are several.

    Raises:
        TimelineError: The document holds no timeline, only tracks or clips.
    """

    def __init__(self, text: str, path: Path, sequence: str | None) -> None:
        self._json = JsonText(text)
        found = list(_timelines(self._json, self._json.root))
        if not found:
            raise TimelineError("The document holds only parts of a timeline", where=path, hint="Export a timeline")
        names = [SequenceCandidate(*_name_and_filled(self._json, start)) for start in found]
        self._index, _ = choose(names, sequence, path)

    def timeline(self) -> Node:
        """Return the chosen timeline."""
        return self._json.data(self._start())

    def head(self, rate: Fraction) -> int:
        """Return the frames that are trimmed off before the first frame of the timeline.

        Arguments:
            rate: Frames per second of the timeline, exact.
        """
        trimmed = self._stack().data.get("source_range")
        start = trimmed.get("start_time") if isinstance(trimmed, Mapping) else None
        if not isinstance(start, Mapping) or not start.get("value") or not start.get("rate"):
            return 0
        return max(0, frame_at(Fraction(start["value"]) / exact_rate(start["rate"]), rate))

    def urls(self) -> tuple[set[str], set[str]]:
        """Return where media lies, as the document writes it: audio that only emsync uses, and all other media."""
        everything = list(json_objects(self._json.data(self._json.root)))
        ours = [node for node in everything if is_emsync_track(node)]
        owned = {id(inner) for node in ours for inner in json_objects(node)}
        own: set[str] = set()
        foreign: set[str] = set()
        for node in everything:
            if isinstance(node.get("target_url"), str):
                (own if id(node) in owned else foreign).add(node["target_url"])
        return own - foreign, foreign

    def with_music(self, tracks: Sequence[Node], markers: Sequence[Node]) -> str:
        """Return the text with emsync's tracks after all others and its markers after all others.

        Arguments:
            tracks: New tracks, instead of those of an earlier run.
            markers: New markers, instead of those of an earlier run.
        """
        for _ in range(len(self._stack().data.get("children") or ())):
            shared = self._shared_track()
            if shared is None:
                break
            self._json = JsonText(self._json.with_value(shared, without_emsync_clips(shared.data)))
        self._json = JsonText(self._json.with_array(self._stack().start, "children", is_emsync_node, tracks))
        return self._json.with_array(self._stack().start, "markers", is_emsync_node, markers)

    def _shared_track(self) -> Value | None:
        """Return the first track of emsync's that others have put clips on."""
        children = self._json.member(self._stack().start, "children")
        found = self._json.elements(children.start) if children is not None and children.data else []
        return next((one for one in found if is_emsync_node(one.data) and not is_emsync_track(one.data)), None)

    def _start(self) -> int:
        return list(_timelines(self._json, self._json.root))[self._index]

    def _stack(self) -> Value:
        stack = self._json.member(self._start(), "tracks")
        assert stack is not None  # noqa: S101 - else it would not count as a timeline
        return stack


def _timelines(text: JsonText, start: int) -> Iterator[int]:
    """Give the offset of every timeline, in the order in which they are read."""
    schema, children = text.member(start, "OTIO_SCHEMA"), text.member(start, "children")
    kind = str(schema.data).partition(".")[0] if schema is not None else ""
    if kind == "Timeline":
        tracks = text.member(start, "tracks")
        if tracks is not None and isinstance(tracks.data, dict):
            yield start
    elif kind == "SerializableCollection" and children is not None and isinstance(children.data, list):
        for child in text.elements(children.start):
            if isinstance(child.data, dict):
                yield from _timelines(text, child.start)


def _name_and_filled(text: JsonText, start: int) -> tuple[str, bool, bool]:
    name, tracks = text.member(start, "name"), text.member(start, "tracks")
    filled = tracks is not None and bool(tracks.data.get("children"))
    return (name.data if name is not None and isinstance(name.data, str) else "", True, filled)
