"""The way back: the user's own timeline with the music on a new track, in the format that it came in."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import cast

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.cut.model import CutModel
from emsync_bridge.timeline.formats import Format, sniff
from emsync_bridge.timeline.output import refuse_same
from emsync_bridge.timeline.placement import Placement

# Every writer module has ``place(source, output, placement, *, sequence) -> list[str]``, reads its own work back and
# keeps it only if the cut is unchanged. It is imported when it is needed.
_WRITERS = {
    Format.OTIO: "otio.writer",
    Format.OTIOZ: "otio.writer",
    Format.OTIOD: "otio.writer",
    Format.XMEML: "xmeml.writer",
    Format.FCPXML: "fcpxml.writer",
}

REWRITTEN = frozenset(_WRITERS)
"""Formats that a timeline can be handed back in; the others get the music beside them."""

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


def music_only(source: Path, model: CutModel, placement: Placement, stem: Path, *, sequence: str | None = None) -> Path:
    """Write a timeline of the same rate, length and start that holds the music alone, for editors to copy from.

    Arguments:
        source: The user's timeline, whose format it takes; OpenTimelineIO where that format cannot be written.
        model: What was read from it.
        placement: The music.
        stem: Path of the new file without its suffix.
        sequence: Name of the sequence, where the file holds several.

    Returns:
        The new file.

    Raises:
        OutputError: It cannot be written.
    """
    kind = sniff(source)
    if kind in (Format.XMEML, Format.FCPXML):
        output = stem.with_name(f"{stem.name}.{'xml' if kind is Format.XMEML else 'fcpxml'}")
        import_module(f"emsync_bridge.timeline.{_WRITERS[kind]}").music_only(model, placement, output)
        return output
    from emsync_bridge.timeline.otio.new_timeline import music_only as otio_music_only

    output = stem.with_name(f"{stem.name}.otio")
    like = source if kind in (Format.OTIO, Format.OTIOZ, Format.OTIOD) else None
    otio_music_only(model, placement, output, like=like, sequence=sequence)
    return output
