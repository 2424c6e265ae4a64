"""Atomic writing: results appear whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from emsync_bridge.errors import OutputError
from emsync_bridge.files import leftovers, overwriting

DISK_FULL = "The disk is full"
"""Fact of an error for want of room."""


@contextmanager
def staging_folder(folder: Path) -> Iterator[Path]:
    """Lend a temporary folder beside the results, so that finished files can be moved into place at once.

    Arguments:
        folder: Folder where the results will go.

    Raises:
        OutputError: The folder is missing, cannot be written to, or the disk is full, now or while it is lent.
    """
    try:
        # the process is named so that its leftovers can be cleared up if it is killed
        prefix = f"{overwriting.STAGING}{os.getpid()}-{leftovers.host_mark()}-"
        with tempfile.TemporaryDirectory(prefix=prefix, dir=folder, ignore_cleanup_errors=True) as room:
            yield Path(room)
    except OSError as problem:
        raise _explained(problem, folder) from None


def publish(finished: Path, target: Path, of: Path | None = None) -> None:
    """Move a finished file, or a finished folder, to its final name, replacing what was there of its kind.

    Inside ``overwriting.protecting`` only what emsync wrote itself is replaced.

    Arguments:
        finished: The file or folder.
        target: Its final name.
        of: The main file of the set that it is remembered with, as in ``overwriting.remember``.

    Raises:
        OutputError: The target is of the other kind, is held open by another program, or is not ours to replace.
    """
    overwriting.refuse(target)
    overwriting.remember(finished, target, of)
    try:
        if finished.is_dir() and target.is_dir() and not target.is_symlink():
            _exchange(finished, target)
        else:
            finished.replace(target)
    except OSError as problem:
        raise _explained(problem, target) from None


def publish_all(moves: Mapping[Path, Path], of: Path | None = None) -> None:
    """Move finished files to their final names as one set: when one cannot be moved, all is as it was before.

    Arguments:
        moves: The final name of each finished file. The finished ones lie in a ``staging_folder``.
        of: The main file of the set, which the others are remembered with.

    Raises:
        OutputError: As for ``publish``.
    """
    for target in moves.values():
        overwriting.refuse(target)
    done: list[tuple[Path, Path | None]] = []
    try:
        for finished, target in moves.items():
            old = finished.with_name(f"{finished.name}.old") if os.path.lexists(target) else None
            if old is not None:
                target.rename(old)
            done.append((target, old))
            publish(finished, target, of)
    except BaseException:
        for target, old in reversed(done):
            if old is None:
                target.unlink(missing_ok=True)
            else:
                old.replace(target)
        raise


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Lend the path of a new file or folder that takes the place of another when all went well.

    Arguments:
        target: Path where the result goes. What is there stays until the new one is whole.

    Raises:
        OutputError: It cannot be written.
    """
    with staging_folder(target.parent) as room:
        yield room / target.name
        publish(room / target.name, target)


def _exchange(finished: Path, target: Path) -> None:
    """Put a folder in another's place, which no system does in one step."""
    old = finished.with_name(f"{finished.name}.old")
    target.rename(old)
    try:
        finished.rename(target)
    except OSError:
        old.rename(target)
        raise


def _explained(problem: OSError, where: Path) -> OutputError:
    rooms = [folder for folder in (where, *where.parents) if folder.name.startswith(overwriting.STAGING)]
    where = rooms[-1].parent if rooms else where  # the user's own folder, not one that is gone afterwards
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(DISK_FULL, where=where, hint="Make room there or choose another folder")
    if problem.errno in (errno.ENOENT, errno.ENOTDIR):
        return OutputError("Folder not found", where=where, hint="Create it or choose another one")
    if problem.errno == errno.EROFS:
        return OutputError("The disk is read-only", where=where, hint="Choose a folder on another one")
    if isinstance(problem, PermissionError):
        return OutputError(
            "It cannot be written to", where=where, hint="Close programs that use it, or choose another folder"
        )
    return OutputError(f"It cannot be written ({problem.strerror or problem})", where=where)
