"""Results that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emsync_bridge.errors import OutputError


@contextmanager
def workroom(folder: Path) -> Iterator[Path]:
    """Lend a temporary folder beside the results, so that finished files can be moved into place at once.

    Arguments:
        folder: Where the results will go.

    Raises:
        OutputError: The folder is missing, cannot be written to, or the disk is full, now or while it is lent.
    """
    try:
        # the process is named so that whoever has to kill it can clear up after it
        prefix = f".emsync-{os.getpid()}-"
        with tempfile.TemporaryDirectory(prefix=prefix, dir=folder, ignore_cleanup_errors=True) as room:
            yield Path(room)
    except OSError as problem:
        raise _explained(problem, folder) from None


def publish(finished: Path, target: Path) -> None:
    """Move a finished file to its final name, replacing what was there.

    Raises:
        OutputError: The target is a folder or is held open by another program.
    """
    try:
        finished.replace(target)
    except OSError as problem:
        raise _explained(problem, target) from None


def _explained(problem: OSError, where: Path) -> OutputError:
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError("The disk is full", where=where, hint="Make room there or choose another folder")
    if problem.errno in (errno.ENOENT, errno.ENOTDIR):
        return OutputError("There is no such folder", where=where, hint="Create it or choose another one")
    if isinstance(problem, PermissionError) or problem.errno == errno.EROFS:
        return OutputError(
            "It cannot be written to", where=where, hint="Close programs that use it, or choose another folder"
        )
    return OutputError(f"It cannot be written ({problem.strerror or problem})", where=where)
