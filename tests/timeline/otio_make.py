"""Small builders for OpenTimelineIO documents as plain JSON, counted in frames."""

from __future__ import annotations

import json
from pathlib import Path

from emsync_bridge.timeline.placement import PlacedMarker, Placement

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "timelines"
MARKERS = (PlacedMarker(0, "start"), PlacedMarker(24, "cut", "onset 1.000 s, error 0.0 ms", "BLUE"))


def time(value, rate=24.0):
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": value}


def span(start, length, rate=24.0):
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": time(start, rate), "duration": time(length, rate)}


def external(url, available=None, rate=24.0):
    reference = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": url, "metadata": {}}
    return reference | {"available_range": span(*available, rate=rate) if available else None}


def missing(metadata=None):
    return {"OTIO_SCHEMA": "MissingReference.1", "metadata": metadata or {}, "available_range": None}


def generator(kind="SolidColor"):
    return {
        "OTIO_SCHEMA": "GeneratorReference.1",
        "generator_kind": kind,
        "parameters": {},
        "metadata": {},
        "available_range": None,
    }


def item(schema, name, **more):
    basics = {"metadata": {}, "source_range": None, "effects": [], "markers": [], "enabled": True}
    return {"OTIO_SCHEMA": schema, "name": name, **basics, **more}


def clip(name, length, start=0, *, media=None, available=None, rate=24.0, **more):
    """A clip of a file of its own, unless ``media`` names one or is a reference itself."""
    reference = media if isinstance(media, dict) else external(media or f"/media/{name}.mov", available, rate)
    return item("Clip.2", name, **({"source_range": span(start, length, rate)} | more)) | {
        "media_references": {"DEFAULT_MEDIA": reference},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }


def gap(length, rate=24.0, **more):
    return item("Gap.1", "", **({"source_range": span(0, length, rate)} | more))


def dissolve(before, after, rate=24.0):
    return {
        "OTIO_SCHEMA": "Transition.1",
        "name": "Dissolve",
        "metadata": {},
        "in_offset": time(before, rate),
        "out_offset": time(after, rate),
        "transition_type": "SMPTE_Dissolve",
    }


def track(*children, kind="Video", name="", **more):
    return item("Track.1", name, **more) | {"children": list(children), "kind": kind}


def stack(*children, name="", **more):
    return item("Stack.1", name, **more) | {"children": list(children)}


def warp(scalar, schema="LinearTimeWarp.1"):
    return {"OTIO_SCHEMA": schema, "name": "", "metadata": {}, "effect_name": "", "time_scalar": scalar}


def marker(name, start, length=1, *, color="RED", comment="", rate=24.0, metadata=None):
    return {
        "OTIO_SCHEMA": "Marker.2",
        "name": name,
        "color": color,
        "comment": comment,
        "marked_range": span(start, length, rate),
        "metadata": metadata or {},
    }


def timeline(*tracks, name="Cut", start=None, rate=24.0, metadata=None, **of_stack):
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "name": name,
        "metadata": metadata or {},
        "global_start_time": None if start is None else time(start, rate),
        "tracks": stack(*tracks, name="tracks", **of_stack),
    }


def collection(*children):
    return {"OTIO_SCHEMA": "SerializableCollection.1", "name": "bin", "metadata": {}, "children": list(children)}


def save(folder, document, name="cut.otio", **layout):
    path = folder / name
    path.write_text(json.dumps(document, **({"indent": 4} | layout)), encoding="utf-8")
    return path


def placement(wav, frames=96, **more):
    return Placement(wav, frames, 48000, 2, MARKERS, **more)


def url_of(one):
    return one["media_references"]["DEFAULT_MEDIA"]["target_url"]
