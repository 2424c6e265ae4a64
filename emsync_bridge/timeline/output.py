"""Output paths: a timeline is written beside the user's own, never over it."""

from __future__ import annotations

from pathlib import Path

from emsync_bridge.errors import OutputError, TimelineError
from emsync_bridge.files.atomic import replacing


def refuse_same(source: Path, output: Path) -> None:
    """Refuse to write over the user's own document.

    Arguments:
        source: The user's file or bundle.
        output: Path of the result.

    Raises:
        TimelineError: They are the same, or one lies inside the other.
    """
    try:
        same = output.exists() and output.samefile(source)
        one, other = source.resolve(), output.resolve()
    except (OSError, RuntimeError, ValueError) as problem:
        raise OutputError(f"The output path cannot be accessed: {problem}", where=output) from None
    if same or one == other or (source.is_dir() and one in other.parents) or other in one.parents:
        raise TimelineError(
            "The result would replace the timeline itself", where=output, hint="Give another name for the result"
        )


def save(output: Path, data: bytes) -> None:
    """Write a file at once: it has its new content or is as it was.

    Arguments:
        output: The file.
        data: Its content.

    Raises:
        OutputError: It cannot be written.
    """
    if output.is_dir():
        raise OutputError("There is a folder of that name", where=output, hint="Give another name for the result")
    with replacing(output) as temporary:
        temporary.write_bytes(data)
