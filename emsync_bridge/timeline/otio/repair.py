"""Documents that OpenTimelineIO refuses, rewritten with only what a cut model needs of them.

It refuses schema versions newer than itself, schemas that it does not know among children and effects, and fields
that are missing or null. Here every known field is copied if it has the right type, under the schema version that
all releases since 0.15 read; all else is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from emsync_bridge.timeline.markers.color import from_rgb

Node = dict[str, Any]

# Namespaces whose metadata readers look at.
NAMESPACES = ("Resolve_OTIO", "PremierePro_OTIO", "emsync_bridge")
_TEXT_FIELDS = ("name", "kind", "comment", "effect_name", "transition_type", "generator_kind", "target_url")
_SEQUENCE_DEFAULTS = {
    "target_url_base": "",
    "name_prefix": "",
    "name_suffix": "",
    "start_frame": 1,
    "frame_step": 1,
    "frame_zero_padding": 0,
}


def repair_document(tree: Node) -> tuple[Node, list[str]]:
    """Return a document that OpenTimelineIO reads, and what was left out, in full sentences.

    Arguments:
        tree: The JSON object of the document.
    """
    rewriter = _Rewriter()
    simple = rewriter.top(tree)
    notes = [
        f"{count} item{'s' * (count > 1)} of the unknown kind {schema} left out; their length is kept"
        for schema, count in sorted(rewriter.unknown.items())
    ]
    return simple, notes or ["The document is not quite valid OpenTimelineIO; what is valid of it was read"]


class _Rewriter:
    def __init__(self) -> None:
        self.unknown: Counter[str] = Counter()
        self._items: dict[str, Callable[[Node], Node]] = {
            "Clip": self._clip,
            "Gap": self._gap,
            "Track": self._track,
            "Stack": self._stack,
            "Transition": self._transition,
        }

    def top(self, node: Any) -> Node:
        schema = _schema(node)
        if schema == "Timeline":
            return {
                **_basics(node, "Timeline.1"),
                "global_start_time": _time(node.get("global_start_time")),
                "tracks": self._stack(_node(node.get("tracks"))),
            }
        if schema == "SerializableCollection":
            inside = [child for child in _list(node.get("children")) if _schema(child) in ("Timeline", *self._items)]
            return {**_basics(node, "SerializableCollection.1"), "children": [self.top(child) for child in inside]}
        return self._child(node)

    def _child(self, node: Any) -> Node:
        schema = _schema(node)
        if schema in self._items:
            return self._items[schema](node)
        self.unknown[schema or "without a name"] += 1
        return self._gap({"name": _node(node).get("name"), "source_range": _length(_node(node))})

    def _item(self, node: Node, schema: str) -> Node:
        enabled = node.get("enabled")
        return {
            **_basics(node, schema),
            "source_range": _range(node.get("source_range")),
            "enabled": enabled if isinstance(enabled, bool) else True,
            "effects": [_effect(effect) for effect in _list(node.get("effects")) if isinstance(effect, dict)],
            "markers": [_marker(marker) for marker in _list(node.get("markers")) if isinstance(marker, dict)],
        }

    def _clip(self, node: Node) -> Node:
        references = _node(node.get("media_references"))
        active = node.get("active_media_reference_key")
        chosen = node.get("media_reference") or references.get(active if isinstance(active, str) else "DEFAULT_MEDIA")
        return {
            **self._item(node, "Clip.2"),
            "media_references": {"DEFAULT_MEDIA": _reference(_node(chosen))},
            "active_media_reference_key": "DEFAULT_MEDIA",
        }

    def _gap(self, node: Node) -> Node:
        return self._item(node, "Gap.1")

    def _track(self, node: Node) -> Node:
        kind = node.get("kind")
        kind = kind if isinstance(kind, str) else "Video"
        return {**self._item(node, "Track.1"), "kind": kind, "children": self._children(node)}

    def _stack(self, node: Node) -> Node:
        return {**self._item(node, "Stack.1"), "children": self._children(node)}

    def _children(self, node: Node) -> list[Node]:
        return [self._child(child) for child in _list(node.get("children"))]

    def _transition(self, node: Node) -> Node:
        zero = {"OTIO_SCHEMA": "RationalTime.1", "rate": 24, "value": 0}
        offsets = {key: _time(node.get(key)) or zero for key in ("in_offset", "out_offset")}
        if node.get("enabled") is False:  # a field of newer versions
            offsets = {key: {**offset, "value": 0} for key, offset in offsets.items()}
        return {**_basics(node, "Transition.1"), **offsets, "transition_type": "SMPTE_Dissolve"}


def _schema(node: Any) -> str:
    label = node.get("OTIO_SCHEMA") if isinstance(node, dict) else None
    return label.partition(".")[0] if isinstance(label, str) else ""


def _node(value: Any) -> Node:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _basics(node: Node, schema: str) -> Node:
    """Copy the fields that every object may have and that are plain text."""
    texts = {key: node[key] for key in _TEXT_FIELDS if isinstance(node.get(key), str)}
    metadata = _node(node.get("metadata"))
    kept = {space: _plain(metadata[space]) for space in NAMESPACES if space in metadata}
    return {"OTIO_SCHEMA": schema, "metadata": kept, **texts}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if key != "OTIO_SCHEMA"}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _number(value: Any) -> float | None:
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300
    return float(value) if good else None


def _time(value: Any) -> Node | None:
    rate, amount = _number(_node(value).get("rate")), _number(_node(value).get("value"))
    return None if not rate or amount is None else {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": amount}


def _range(value: Any) -> Node | None:
    start, duration = _time(_node(value).get("start_time")), _time(_node(value).get("duration"))
    if duration is None:
        return None
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": start or {**duration, "value": 0.0},
        "duration": duration,
    }


def _length(node: Node) -> Node:
    """Return the range that an item of an unknown kind fills in its track."""
    references = [node.get("media_reference"), *_node(node.get("media_references")).values()]
    ranges = (_range(node.get("source_range")), *(_range(_node(each).get("available_range")) for each in references))
    zero = {"OTIO_SCHEMA": "RationalTime.1", "rate": 24.0, "value": 0.0}
    return next((each for each in ranges if each), {"start_time": zero, "duration": zero})


def _effect(node: Node) -> Node:
    schema, scalar = _schema(node), _number(node.get("time_scalar"))
    enabled = {"enabled": node["enabled"]} if isinstance(node.get("enabled"), bool) else {}
    if schema == "FreezeFrame":
        return {"effect_name": "", **_basics(node, "FreezeFrame.1"), **enabled, "time_scalar": 0.0}
    if schema == "LinearTimeWarp" and scalar is not None:
        return {"effect_name": "", **_basics(node, "LinearTimeWarp.1"), **enabled, "time_scalar": scalar}
    return {"effect_name": "", **_basics(node, "TimeEffect.1" if schema == "TimeEffect" else "Effect.1"), **enabled}


def _marker(node: Node) -> Node:
    color = node.get("color")
    if isinstance(color, dict):  # from Marker.3 on a colour is an object with a name and parts from 0 to 1
        parts = [_number(color.get(part)) for part in ("r", "g", "b")]
        known = [round(255 * min(max(part, 0.0), 1.0)) for part in parts if part is not None]
        color = color.get("name") or (from_rgb(*known) if len(known) == 3 else None)
    zero = {"OTIO_SCHEMA": "RationalTime.1", "rate": 24.0, "value": 0.0}
    marked = _range(node.get("marked_range")) or {"OTIO_SCHEMA": "TimeRange.1", "start_time": zero, "duration": zero}
    name = color.upper() if isinstance(color, str) else "GREEN"
    return {**_basics(node, "Marker.2"), "marked_range": marked, "color": name}


def _reference(node: Node) -> Node:
    schema = _schema(node)
    available = {"available_range": _range(node.get("available_range"))}
    if schema == "ImageSequenceReference":
        given = ((key, node.get(key), default) for key, default in _SEQUENCE_DEFAULTS.items())
        sequence = {key: value if type(value) is type(default) else default for key, value, default in given}
        timing = {"rate": _number(node.get("rate")) or 24.0, "missing_frame_policy": "error"}
        return {**_basics(node, "ImageSequenceReference.1"), **available, **sequence, **timing}
    if schema == "GeneratorReference":
        return {"generator_kind": "", **_basics(node, "GeneratorReference.1"), **available, "parameters": {}}
    if isinstance(node.get("target_url"), str):
        return {**_basics(node, "ExternalReference.1"), **available}
    return {**_basics(node, "MissingReference.1"), **available}
