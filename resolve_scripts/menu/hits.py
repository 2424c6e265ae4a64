"""Markers for the hits that the music answers and for its form: made, told apart from the user's, and replaced."""

from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Optional

from .errors import whole
from .state import OURS

if TYPE_CHECKING:
    from fusionscript import MarkerColor, Timeline

COLORS: "Dict[str, MarkerColor]" = {
    "cut": "Mint",
    "transition": "Lavender",
    "marker": "Lemon",
    "start": "Sky",
    "end": "Sky",
    "form": "Purple",
}
"""Marker colours by the kind of hit; all are among the sixteen that Resolve takes."""

CHOICES = ("none", "hits", "all")
"""Markers that can be chosen: none, those of the hits, or those of the hits and of the form."""

STEPS = (0, 1, -1, 2, -2)
"""Frames beside a hit where its marker goes when the frame is taken: Resolve has one marker per frame."""


class Hit(NamedTuple):
    """A hit that the music answers or a section that begins, its frame counted from the timeline's start."""

    frame: int
    kind: str
    name: str
    note: str
    weight: float


class MarkerCounts(NamedTuple):
    """Numbers of markers that stand, were moved by a frame or two, or found no place."""

    made: int
    moved: int
    left_out: int


def hits_of(record: "Dict[str, Any]", first: int) -> "List[Hit]":
    """Return the answered hits of a finished job.

    Arguments:
        record: The job's record.
        first: Frame where its music begins, counted from the timeline's start.
    """
    cue = record["result"]["cue"]
    answers = cue.get("hits") or []
    found: "List[Hit]" = []
    for hit, answer in zip(cue["spotting"].get("hits") or [], answers):
        if not isinstance(answer, dict) or answer.get("error_ms") is None:
            continue
        name = "hit: {}".format(hit.get("name") or hit.get("kind"))
        note = "music {:+.2f} ms".format(round(answer["error_ms"], 2) + 0.0)  # + 0.0: no "-0.00"
        weight = float(hit.get("weight") or 0.0)
        found.append(Hit(first + whole(hit["frame"]), str(hit.get("kind")), name, note, weight))
    return found


def form_of(record: "Dict[str, Any]", first: int) -> "List[Hit]":
    """Return where the sections of the music's form begin; empty where the bridge gives none.

    Arguments:
        record: The job's record.
        first: Where its music begins, in frames from the timeline's start.
    """
    return [
        Hit(
            first + whole(each["frame"]),
            "form",
            "form: {}".format(each["label"]),
            ", ".join(str(each[name]) for name in ("character", "key") if each.get(name)),
            0.0,
        )
        for each in record["result"].get("form") or []
    ]


def weightiest(hits: "List[Hit]", most: int) -> "List[Hit]":
    """Return at most so many hits, those of greatest weight, in the order of time."""
    if len(hits) <= most:
        return hits
    chosen = sorted(range(len(hits)), key=lambda number: (-hits[number].weight, number))[: max(0, most)]
    return [hits[number] for number in sorted(chosen)]


def replace_markers(timeline: "Timeline", job: str, hits: "List[Hit]", frames: int) -> "MarkerCounts":
    """Make the markers of a job in place of those of earlier jobs; the user's markers stay as they are."""
    remove_ours(timeline)
    taken = {whole(frame) for frame in _markers(timeline)}
    made = moved = left_out = 0
    for number, hit in enumerate(hits):
        place = _free(hit.frame, taken, frames)
        if place is None or not _add(timeline, place, hit, "emsync:{}:{}".format(job, number)):
            left_out += 1
            continue
        taken.add(place)
        made += 1
        moved += place != hit.frame
    return MarkerCounts(made, moved, left_out)


def _free(frame: int, taken: "Any", frames: int) -> "Optional[int]":
    for step in STEPS:
        if frame + step not in taken and 0 <= frame + step < frames:
            return frame + step
    return None


def _add(timeline: "Timeline", frame: int, hit: "Hit", custom: str) -> bool:
    color = COLORS.get(hit.kind, "Mint")
    if timeline.AddMarker(frame, color, hit.name, hit.note, 1, custom):
        return True
    return custom in _ours(timeline)  # done, though it says that it is not


def remove_ours(timeline: "Timeline") -> int:
    """Delete the markers that emsync made, told by their custom data; return how many are gone."""
    before = _ours(timeline)
    for custom in before:
        timeline.DeleteMarkerByCustomData(custom)
    return len(before) - len(_ours(timeline))


def _markers(timeline: "Timeline") -> "Dict[float, Any]":
    markers: "Any" = timeline.GetMarkers()
    return markers or {}


def _ours(timeline: "Timeline") -> "List[str]":
    return [
        str(m["customData"]) for _, m in sorted(_markers(timeline).items()) if OURS.match(str(m.get("customData", "")))
    ]
