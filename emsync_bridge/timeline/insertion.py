"""Insertion of music into the user's own timeline, in the format that it came in."""

from __future__ import annotations

from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Literal, cast

from emsync_bridge.errors import OutputError, TimelineError
from emsync_bridge.files.atomic import replacing
from emsync_bridge.files.portable import refuse_undecodable
from emsync_bridge.timeline.cut.model import CutModel
from emsync_bridge.timeline.formats import Format
from emsync_bridge.timeline.output import refuse_same
from emsync_bridge.timeline.placement import Placement
from emsync_bridge.timeline.reading import read_timeline
from emsync_bridge.timeline.source import Source, source_of
from emsync_bridge.timeline.verification import check_same_edits, length_notes

# Every writer module has ``place(source, output, placement) -> list[str]``, reads its own work back and keeps it only
# if the cut is unchanged. It is imported when it is needed.
_WRITERS = {
    Format.OTIO: "otio.writer",
    Format.OTIOZ: "otio.writer",
    Format.OTIOD: "otio.writer",
    Format.XMEML: "xmeml.writer",
    Format.FCPXML: "fcpxml.writer",
}

REWRITTEN = frozenset(_WRITERS)
"""Formats that a timeline can be handed back in; the others get the music beside them."""

_WITHOUT_TRACKS = {
    Format.EDL: "An EDL has no place for a second sound track and loses markers",
    Format.AAF: "An AAF cannot be changed without losing effects and markers",
}

Editor = Literal["same", "premiere"]
"""The editor that a timeline is written for: the one that it came from, or Premiere."""


def place(
    given: Source | Path,
    output: Path,
    placement: Placement,
    *,
    sequence: str | None = None,
    rate: Fraction | None = None,
    editor: Editor = "same",
) -> list[str]:
    """Write a timeline with the music on new tracks and markers on the timeline.

    It is a copy of the user's document with nothing but insertions. For an EDL, an AAF or another editor it is a new
    .otio file with one picture track of what the viewer sees.

    Arguments:
        given: The user's timeline, opened or as a path; it is not changed.
        output: Path of the result.
        placement: The music.
        sequence: Name of the sequence, where a path is given to a file that holds several.
        rate: Frames per second, for a path to a file that does not state its own.
        editor: The editor that it is written for.

    Returns:
        Notes for the user, in full sentences.

    Raises:
        TimelineError: The timeline cannot be read, its format cannot take the music, or ``output`` is the
            timeline itself.
        OutputError: The result cannot be written.
    """
    source = source_of(given, sequence=sequence, rate=rate)
    kind = source.format
    if kind is Format.VIDEO:
        raise TimelineError(
            "A video has no tracks to put music on",
            where=source.path,
            hint="Give the timeline that it was exported from",
        )
    refuse_same(source.path, output)
    for path in (source.path, output, placement.audio):
        refuse_undecodable(path)
    if not placement.audio.is_file():
        raise TimelineError("The audio file was not found", where=placement.audio, hint="Check the path")
    if kind in _WITHOUT_TRACKS or editor != "same":
        return _place_in_new(source, output, placement, editor)
    writer = import_module(f"emsync_bridge.timeline.{_WRITERS[kind]}")
    return cast("list[str]", writer.place(source, output, placement))


def refuse_unplaceable(source: Source) -> None:
    """Refuse a timeline that its format's version keeps music out of, before any is composed.

    Arguments:
        source: A timeline or a video.

    Raises:
        TimelineError: ``place`` would refuse it for its version, or cannot read it.
        OutputError: Its path cannot be written into a document.
    """
    refuse_undecodable(source.path)
    if source.format is Format.FCPXML:
        import_module(f"emsync_bridge.timeline.{_WRITERS[source.format]}").refuse_unplaceable(source)


def moves_along(source: Source, output: Path, placement: Placement) -> list[str]:
    """Return the names of the sound files and folders that have to move with a timeline that ``place`` wrote.

    Arguments:
        source: The user's timeline.
        output: The timeline with the music.
        placement: The music.

    Returns:
        The music and the stems' files or folder where the document names them relative to itself; none where their
        paths are absolute or they are inside a bundle.
    """
    if source.format is not Format.OTIO:
        return []
    return cast("list[str]", import_module("emsync_bridge.timeline.otio.writer").moves_along(source, output, placement))


def _place_in_new(source: Source, output: Path, placement: Placement, editor: Editor) -> list[str]:
    """Write a new .otio file with what the viewer sees of a timeline and the music; see ``place``."""
    reason = _WITHOUT_TRACKS.get(source.format, "The timeline for Premiere is an OpenTimelineIO file")
    if output.suffix.lower() != ".otio":
        raise OutputError(
            f"{reason}, so the music goes into a new .otio timeline",
            where=output,
            hint="Give a name that ends in .otio",
            setting="out",
        )
    model = read_timeline(source)
    notes = list(model.warnings)
    if source.format in _WITHOUT_TRACKS:
        notes.append(f"{reason}; the new timeline has one picture track with what the viewer sees")
    if editor == "premiere":
        notes += write_for_premiere(source, model, output, placement)
    else:
        _write_verified(source, model, output, placement)
    return [*notes, *length_notes(model, placement)]


def write_for_premiere(source: Source, model: CutModel, output: Path, placement: Placement) -> list[str]:
    """Write a new .otio file for Premiere: clips of schema version 1, plain media names and bare paths.

    Sound whose name is not plain ASCII is copied beside the result under one that is.

    Arguments:
        source: The user's timeline or video.
        model: The cut that was read from it.
        output: The new file.
        placement: The music.

    Returns:
        Notes for the user, in full sentences.

    Raises:
        TimelineError: The new timeline would not show the same cut.
        OutputError: It cannot be written.
    """
    from emsync_bridge.timeline.premiere_names import path_notes, with_safe_audio

    placement, copied = with_safe_audio(placement, output.absolute().parent)
    named = [leaf.media for leaf in model.leaves if leaf.media]
    _write_verified(source, model, output, placement, premiere=True)
    return [*copied, *path_notes([*named, *(str(wav.absolute()) for _, wav in placement.tracks)])]


def _write_verified(
    source: Source, model: CutModel, output: Path, placement: Placement, *, premiere: bool = False
) -> None:
    from emsync_bridge.timeline.otio.editor_dialect import EditorDialect
    from emsync_bridge.timeline.otio.new_timeline import write_new

    dialect = EditorDialect.PREMIERE if premiere else EditorDialect.PLAIN
    with replacing(output) as draft:
        write_new(model, draft, placement, media_folder=source.path.resolve().parent, dialect=dialect)
        check_same_edits(model, read_timeline(draft), output)


def music_only(source: Source, model: CutModel, placement: Placement, stem: Path) -> Path:
    """Write a timeline of the same rate, length and start that holds the music alone, for editors to copy from.

    Arguments:
        source: The user's timeline, whose format it takes; OpenTimelineIO where that format cannot be written.
        model: Contents as they were read.
        placement: The music.
        stem: Path of the new file without its suffix.

    Returns:
        The new file.

    Raises:
        OutputError: It cannot be written.
    """
    kind = source.format
    if kind in (Format.XMEML, Format.FCPXML):
        output = stem.with_name(f"{stem.name}.{'xml' if kind is Format.XMEML else 'fcpxml'}")
        import_module(f"emsync_bridge.timeline.{_WRITERS[kind]}").music_only(model, placement, output)
        return output
    from emsync_bridge.timeline.otio.new_timeline import music_only as otio_music_only

    output = stem.with_name(f"{stem.name}.otio")
    like = source if kind in (Format.OTIO, Format.OTIOZ, Format.OTIOD) else None
    otio_music_only(model, placement, output, like=like)
    return output
