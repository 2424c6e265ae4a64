"""A cue inside an OpenTimelineIO document: plain data under emsync's own key, which other programs carry along.

No schema of its own: editors refuse a document that holds one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import opentimelineio as otio

from emsync_bridge.cue import Cue, Meter, Take, Tempo, TempoMap
from emsync_bridge.cue.serialization import from_document, to_document
from emsync_bridge.errors import EmsyncError
from emsync_bridge.timeline.otio.to_cut import OWN_KEY

VERSION = 1

# a variable-length quantity of four bytes at 480 ticks per quarter
_MAX_TICK = 2**28 // 20
_DENOMINATORS = (1, 2, 4, 8, 16, 32, 64)


def attach_cue(timeline: otio.schema.Timeline, cue: Cue) -> None:
    """Put a cue into a timeline's metadata, where it replaces an earlier one.

    Arguments:
        timeline: The timeline that the cue was made for.
        cue: The cue.
    """
    timeline.metadata[OWN_KEY] = {"version": VERSION, "cue": to_document(cue)}


def attach_music(timeline: otio.schema.Timeline, tempo_map: TempoMap, take: Take | None = None) -> None:
    """Put a tempo map, and the notes that belong to it, into a timeline's metadata.

    Arguments:
        timeline: The timeline.
        tempo_map: Tempo and meter.
        take: The notes, if there are any.
    """
    data: dict[str, Any] = {"version": VERSION, "tempo_map": plain(asdict(tempo_map))}
    if take is not None:
        data["take"] = to_document(take)
    timeline.metadata[OWN_KEY] = data


def take_of(timeline: otio.schema.Timeline) -> Take | None:
    """Return the music that a timeline carries, be it a cue's chosen take or one alone; None without any.

    Raises:
        EmsyncError: There is some, but it is damaged.
    """
    for data in _own(timeline):
        if "cue" in data:
            cue = from_document(Cue, plain(data["cue"]), where=timeline.name)
            if not 0 <= cue.chosen < len(cue.takes):
                raise EmsyncError("The cue in this timeline holds no chosen take", where=timeline.name)
            return _checked_take(cue.take, timeline.name)
        if "take" in data:
            return _checked_take(from_document(Take, plain(data["take"]), where=timeline.name), timeline.name)
    return None


def tempo_map_of(timeline: otio.schema.Timeline) -> TempoMap | None:
    """Return the tempo map that a timeline carries without music; None without any.

    Raises:
        EmsyncError: There is one, but it is damaged.
    """
    for data in _own(timeline):
        if "tempo_map" in data:
            return _checked(_tempo_map(data["tempo_map"], timeline.name), timeline.name)
    return None


def _tempo_map(data: Any, where: str) -> TempoMap:
    try:
        tempos = [(each["tick"], each["microseconds_per_quarter"]) for each in data["tempos"]]
        meters = [(each["tick"], each["numerator"], each["denominator"]) for each in data["meters"]]
        return TempoMap(
            tuple(Tempo(*map(int, each)) for each in tempos), tuple(Meter(*map(int, each)) for each in meters)
        )
    except (LookupError, TypeError, ValueError):
        raise EmsyncError("The tempo map in this timeline is damaged", where=where) from None


def _checked_take(take: Take, where: str) -> Take:
    _checked(take.tempo_map, where)
    for note in take.notes:
        if not (0 <= note.start < note.end < _MAX_TICK and 0 <= note.pitch <= 127 and 1 <= note.velocity <= 127):
            raise EmsyncError("The music in this timeline has a note that no instrument can play", where=where)
    return take


def _checked(tempo_map: TempoMap, where: str) -> TempoMap:
    ticks = [[each.tick for each in each_kind] for each_kind in (tempo_map.tempos, tempo_map.meters)]
    if any(not found or found[0] != 0 or found != sorted(set(found)) or found[-1] >= _MAX_TICK for found in ticks):
        raise EmsyncError("The tempo map in this timeline does not run from its start to its end", where=where)
    tempos = all(0 < tempo.microseconds_per_quarter <= 0xFFFFFF for tempo in tempo_map.tempos)
    meters = all(0 < meter.numerator < 256 and meter.denominator in _DENOMINATORS for meter in tempo_map.meters)
    if not (tempos and meters):
        raise EmsyncError("The tempo map in this timeline has a tempo or meter that MIDI cannot hold", where=where)
    return tempo_map


def plain(data: Any) -> Any:
    """Return metadata as dicts and lists, whatever mapping and sequence types OpenTimelineIO holds it in."""
    if isinstance(data, Mapping) or hasattr(data, "items"):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, (str, bytes, int, float)) or data is None:
        return data
    return [plain(value) for value in data] if hasattr(data, "__iter__") else data


def _own(timeline: otio.schema.Timeline) -> Iterator[Mapping[str, Any]]:
    """Yield emsync's data on the timeline, its stack and its tracks, wherever a program moved it."""
    for level in (timeline, timeline.tracks, *timeline.tracks):
        data = level.metadata.get(OWN_KEY)
        if data is not None and hasattr(data, "items"):
            yield data
