"""Facts of a timeline for the bridge: numbers from Resolve's calls, the cut from an export."""

import re
import time
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Optional, Tuple

from .errors import UserError, maybe, whole
from .rates import parse_rate
from .state import OURS

if TYPE_CHECKING:
    from .resolve_api import OpenTimeline

EXPORTS = (
    ("OTIO", "EXPORT_OTIO", ".otio", ""),
    ("FCPXML 1.10", "EXPORT_FCPXML_1_10", ".fcpxml", "It can lose an audio track."),
    ("Final Cut Pro 7 XML", "EXPORT_FCP_7_XML", ".xml", ""),
    ("EDL", "EXPORT_EDL", ".edl", "An EDL holds one video track and no media paths."),
)
"""Formats that the cut is exported as, best first: name, Resolve's constant, suffix, and what gets lost."""

MAX_NOTE_LENGTH = 10000


class TimelineInfo(NamedTuple):
    """A timeline as Resolve's calls tell it.

    ``start_frame`` is absolute; the frames of markers and marks count from it.
    """

    identity: str
    project: str
    timeline: str
    start_frame: int
    frames: int
    rate: Fraction
    rate_text: str
    drop_frame: bool
    markers: List[Dict[str, Any]]

    def seconds(self, frames: int) -> float:
        """Return the seconds that a number of frames lasts."""
        return float(frames / self.rate)

    def editor(self) -> "Dict[str, Any]":
        """Return what the bridge is told beside the export."""
        return {
            "start_frame": self.start_frame,
            "rate": self.rate_text,
            "drop_frame": self.drop_frame,
            "markers": self.markers,
            "project": self.project[:1000],
            "timeline": self.timeline[:1000],
        }


def read_timeline(opened: "OpenTimeline") -> "TimelineInfo":
    """Ask Resolve for everything but the cut.

    Raises:
        UserError: Resolve does not know something that cannot be done without.
    """
    timeline, project = opened.timeline, opened.project
    # A timeline may have settings of its own; the project's are the fallback.
    text = maybe(lambda: timeline.GetSetting("timelineFrameRate"), "") or maybe(
        lambda: project.GetSetting("timelineFrameRate"), ""
    )
    rate, rate_text, drop = parse_rate(str(text))
    if str(maybe(lambda: timeline.GetSetting("timelineDropFrameTimecode"), "")) == "1":
        drop = True
    start, end = timeline.GetStartFrame(), timeline.GetEndFrame()
    if start is None or end is None:
        raise UserError(
            "Resolve does not say where this timeline starts and ends. Close and open the timeline, and try again."
        )
    if whole(end) <= whole(start):
        raise UserError("This timeline is empty. Put the cut into it first.")
    return TimelineInfo(
        identity=identity_of(timeline),
        project=maybe(lambda: project.GetName(), ""),
        timeline=maybe(lambda: timeline.GetName(), ""),
        start_frame=whole(start),
        frames=whole(end) - whole(start),
        rate=rate,
        rate_text=rate_text,
        drop_frame=drop,
        markers=read_markers(timeline, whole(end) - whole(start)),
    )


def identity_of(timeline: "Any") -> str:
    """Return what tells a timeline from all others: its unique identifier, its name where there is none."""
    return str(maybe(lambda: timeline.GetUniqueId(), "") or maybe(lambda: timeline.GetName(), ""))


def read_markers(timeline: "Any", frames: int) -> "List[Dict[str, Any]]":
    """Return the user's markers; those that emsync made are left out, for they are no hit points."""
    found: "List[Dict[str, Any]]" = []
    markers: "Dict[float, Any]" = maybe(lambda: timeline.GetMarkers(), {})
    for frame in sorted(markers):
        marker = markers[frame]
        if OURS.match(str(marker.get("customData", ""))) or not 0 <= whole(frame) < frames:
            continue
        found.append(
            {
                "frame": whole(frame),
                "color": str(marker.get("color", "")),
                "name": str(marker.get("name", ""))[:1000],
                "note": str(marker.get("note", ""))[:MAX_NOTE_LENGTH],
                "duration": max(1, whole(marker.get("duration", 1))),
            }
        )
    return found


def read_marks(opened: "OpenTimeline", info: "TimelineInfo") -> "Tuple[int, int]":
    """Return the first frame between the in and out marks and the one after the last, from the timeline's start.

    Raises:
        UserError: No marks are set, or this version of Resolve cannot tell them.
    """
    marks: "Optional[Any]" = maybe(lambda: opened.timeline.GetMarkInOut(), None)
    if marks is None:
        raise UserError(
            "This version of Resolve does not tell scripts where the in and out marks are. "
            "It needs Resolve 20. Use 'Score this timeline'."
        )
    chosen = marks.get("video") or marks.get("audio") or {}
    if "in" not in chosen and "out" not in chosen:
        raise UserError("No in or out mark is set. Set them on the Edit page with I and O, then click again.")
    first = max(0, whole(chosen.get("in", 0)))
    after = min(info.frames, whole(chosen["out"]) + 1) if "out" in chosen else info.frames
    if after <= first:
        raise UserError("The out mark is not after the in mark. Set them again, then click again.")
    return first, after


def export(opened: "OpenTimeline", info: "TimelineInfo", folder: "Path", say: "Any") -> "Path":
    """Export the cut into the bridge's folder, in the best format that this Resolve knows.

    Returns:
        The file that was written.

    Raises:
        UserError: No format could be written.
    """
    stem = "{}-{}".format(safe_name(info.timeline), time.strftime("%Y%m%d-%H%M%S"))
    nothing = getattr(opened.resolve, "EXPORT_NONE", None)
    for name, constant, suffix, loss in EXPORTS:
        kind = getattr(opened.resolve, constant, None)  # the live value; None where this version does not know it
        if kind is None or callable(kind):
            continue
        path = _fresh(folder, stem, suffix)
        opened.timeline.Export(str(path), kind, nothing)
        written = _written(path)
        if written is not None:
            if constant != "EXPORT_OTIO":
                say("This Resolve gave no OTIO export, so the cut went over as {}. {}".format(name, loss).strip())
            return written
    raise UserError(
        "Resolve could not export this timeline in any format that emsync reads (tried {}). Check that {} can be "
        "written to, and that Resolve shows no open dialog.".format(
            ", ".join(name for name, _, _, _ in EXPORTS), folder
        )
    )


def _written(path: "Path") -> "Optional[Path]":
    """Return the file that an export left; True from Resolve alone is no proof."""
    inner = path / "Info.fcpxml"
    if path.is_dir() and inner.is_file():
        import shutil

        flat = path.with_name(path.stem + ".flat" + path.suffix)
        inner.rename(flat)
        shutil.rmtree(str(path), ignore_errors=True)
        flat.rename(path)
    return path if path.is_file() and path.stat().st_size > 0 else None


def _fresh(folder: "Path", stem: str, suffix: str) -> "Path":
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, path = 1, folder / (stem + suffix)
    while path.exists():
        number += 1
        path = folder / "{}-{}{}".format(stem, number, suffix)
    return path


def safe_name(text: str) -> str:
    """Return a name that every file system takes."""
    return re.sub(r"[^\w -]+", "_", text).strip(" _")[:60] or "timeline"
