"""Writing results: a file or folder has its new content, or is as it was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emsync_bridge.errors import OutputError, TimelineError


def refuse_same(source: Path, output: Path) -> None:
    """Refuse to write over the user's own document.

    Arguments:
        source: The user's file or bundle.
        output: Where the result is to go.

    Raises:
        TimelineError: They are the same, or one lies inside the other.
    """
    try:
        same = output.exists() and output.samefile(source)
        one, other = source.resolve(), output.resolve()
    except (OSError, RuntimeError, ValueError) as problem:
        raise OutputError(f"The place cannot be looked at: {problem}", where=output) from None
    if same or one == other or (source.is_dir() and one in other.parents) or other in one.parents:
        raise TimelineError(
            "The result would replace the timeline itself", where=output, hint="Give another name for the result"
        )


@contextmanager
def replacing(output: Path) -> Iterator[Path]:
    """Give the path of a new file or folder that takes the place of another when all went well.

    Arguments:
        output: Where the result goes. A file or folder that is there stays until the new one is whole.

    Raises:
        OutputError: It cannot be written.
    """
    temporary = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        yield temporary
        _move(temporary, output)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise OutputError(f"The result cannot be written: {reason}", where=output, hint="Check the folder") from None
    finally:
        _remove(temporary)


def _move(temporary: Path, output: Path) -> None:
    if not output.is_dir() or output.is_symlink():
        temporary.replace(output)
        return
    # A folder cannot be replaced by another in one step.
    old = output.with_name(f".{output.name}.{os.getpid()}.old")
    output.rename(old)
    try:
        temporary.rename(output)
    except OSError:
        old.rename(output)
        raise
    _remove(old)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
