"""The way back: the user's own timeline with the music on a new track, in the format that it came in."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import cast

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.placement import Placement
from emsync_bridge.timeline.saving import refuse_same
from emsync_bridge.timeline.sniff import Format, sniff

# Every writer module has ``place(source, output, placement, *, sequence) -> list[str]``, reads its own work back and
# keeps it only if the cut is unchanged. It is imported when it is needed.
_WRITERS = {
    Format.OTIO: "otio_writer",
    Format.OTIOZ: "otio_writer",
    Format.OTIOD: "otio_writer",
    Format.XMEML: "xmeml_writer",
    Format.FCPXML: "fcpxml_writer",
}

_INSTEAD = {
    Format.EDL: "An EDL has no place for a second sound track and loses markers",
    Format.AAF: "An AAF cannot be changed without losing effects and markers",
    Format.VIDEO: "A video has no tracks to put music on",
}


def place(source: Path, output: Path, placement: Placement, *, sequence: str | None = None) -> list[str]:
    """Write a copy of a timeline with the music on new tracks and markers on the timeline.

    Arguments:
        source: The user's timeline; it is not changed.
        output: Where the copy goes, in the same format.
        placement: The music.
        sequence: Name of the sequence, where the file holds several.

    Returns:
        What to tell the user, in full sentences.

    Raises:
        TimelineError: The timeline cannot be read, its format cannot take the music, or ``output`` is ``source``.
        OutputError: The copy cannot be written.
    """
    kind = sniff(source)
    if kind in _INSTEAD:
        raise TimelineError(
            f"{_INSTEAD[kind]}, so nothing is put into it",
            where=source,
            hint="Use the WAV, the marker list and the .otio timeline that are written beside it",
        )
    refuse_same(source, output)
    if not placement.audio.is_file():
        raise TimelineError("The music is not there", where=placement.audio, hint="Render it first")
    writer = import_module(f"emsync_bridge.timeline.{_WRITERS[kind]}")
    return cast("list[str]", writer.place(source, output, placement, sequence=sequence))
