"""Reading of any timeline file into a cut model."""

from __future__ import annotations

from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import cast

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.cut.model import CutModel
from emsync_bridge.timeline.formats import Format
from emsync_bridge.timeline.source import Source, source_of

# Every reader module has ``read(source) -> CutModel``; it is imported when it is needed.
_READERS = {
    Format.OTIO: "otio.reader",
    Format.OTIOZ: "otio.reader",
    Format.OTIOD: "otio.reader",
    Format.XMEML: "xmeml.reader",
    Format.FCPXML: "fcpxml.reader",
    Format.EDL: "edl.reader",
    Format.AAF: "aaf.reader",
}


def read_timeline(given: Source | Path, *, sequence: str | None = None, rate: Fraction | None = None) -> CutModel:
    """Return the cut model of a timeline in any format that is known.

    Arguments:
        given: The timeline, opened or as a path; its content decides how it is read, not its suffix.
        sequence: Name of the sequence, where a path is given to a file that holds several.
        rate: Frames per second, for a path to a file that does not state its own; None to work it out.

    Raises:
        TimelineError: The file is not a timeline, is damaged, is too large, or holds several sequences and
            ``sequence`` names none of them.
    """
    if rate is not None and not 1 <= rate <= 1000:
        raise TimelineError(
            f"{float(rate):g} frames per second is outside 1 to 1000",
            hint="Give a rate such as 23.976 or 25",
            setting="rate",
        )
    source = source_of(given, sequence=sequence, rate=rate)
    if source.is_video:
        raise TimelineError(
            "This is a video, not a timeline", where=source.path, hint="Give the timeline that it was exported from"
        )
    reader = import_module(f"emsync_bridge.timeline.{_READERS[source.format]}")
    try:
        return source.once("cut model", lambda: cast("CutModel", reader.read(source)))
    except TimelineError as problem:
        if problem.where or problem.setting:
            raise
        raise TimelineError(problem.what, where=source.path, hint=problem.hint) from None
