"""Reading of any timeline file into a cut model."""

from __future__ import annotations

from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import cast

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.cut.model import CutModel
from emsync_bridge.timeline.formats import Format, sniff

MAX_BYTES = 512 * 1024 * 1024

# Every reader module has ``read(path, *, sequence, rate) -> CutModel``; it is imported when it is needed.
_READERS = {
    Format.OTIO: "otio.reader",
    Format.OTIOZ: "otio.reader",
    Format.OTIOD: "otio.reader",
    Format.XMEML: "xmeml.reader",
    Format.FCPXML: "fcpxml.reader",
    Format.EDL: "edl.reader",
    Format.AAF: "aaf.reader",
}


def read_timeline(path: Path, *, sequence: str | None = None, rate: Fraction | None = None) -> CutModel:
    """Return the cut model of a timeline file in any known format.

    Arguments:
        path: The timeline file or bundle folder; its content decides how it is read, not its suffix.
        sequence: Name of the sequence, where the file holds several.
        rate: Frames per second, for files that do not say theirs; None to work it out.

    Raises:
        TimelineError: The file is not a timeline, is damaged, is too large, or holds several sequences and
            ``sequence`` names none of them.
    """
    kind = sniff(path)
    if kind is Format.VIDEO:
        raise TimelineError(
            "This is a video, not a timeline", where=path, hint="Give the timeline that it was exported from"
        )
    if rate is not None and not 1 <= rate <= 1000:
        raise TimelineError(
            f"{float(rate):g} frames per second is outside 1 to 1000",
            hint="Give a rate such as 23.976 or 25",
            setting="rate",
        )
    # A bundle is judged by the document inside, by its reader.
    if path.is_file() and kind is not Format.OTIOZ:
        check_size(path, path.stat().st_size)
    reader = import_module(f"emsync_bridge.timeline.{_READERS[kind]}")
    return cast("CutModel", reader.read(path, sequence=sequence, rate=rate))


def check_size(path: Path, size: int) -> None:
    """Refuse a document that is far larger than any timeline.

    Arguments:
        path: The file, for the message.
        size: Bytes of the document.

    Raises:
        TimelineError: It is larger than ``MAX_BYTES``.
    """
    if size > MAX_BYTES:
        raise TimelineError(
            f"The document is larger than {MAX_BYTES // 2**20} MB",
            where=path,
            hint="Give the timeline, not its media",
        )
