"""Overwrite protection: only files that emsync wrote and nobody changed since are replaced, and never an input.

A command states its inputs with ``protecting``; from then on ``atomic.publish`` asks here before it replaces anything.
What was written is remembered in a ledger of this user, one line of JSON each. Where the ledger is lost, files count
as somebody else's, which costs a word (``--force``) and never work.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from emsync_bridge.errors import OutputError
from emsync_bridge.files.home import state_folder
from emsync_bridge.files.manifest import digest

STAGING = ".emsync-"
"""Prefix of the names of temporary folders."""

LEDGER = "written.jsonl"
MAX_BYTES = 4 * 2**20
"""Size beyond which the ledger is written again with its latest lines alone."""

MAX_FILES = 5000
"""Files that stay in it then."""

BUNDLES = frozenset({".otiod", ".fcpxmld", ".dra", ".drp"})
"""Suffixes of folders that are one document for the user."""


@dataclass(frozen=True)
class _Protection:
    """Protection of files: inputs that are never written over, and whether others are replaced by the user's wish."""

    inputs: tuple[Path, ...]
    force: bool


_protection: ContextVar[_Protection | None] = ContextVar("protection", default=None)


@contextmanager
def protecting(inputs: Iterable[Path] = (), *, force: bool = False) -> Iterator[None]:
    """Have everything that is published from here on replace only what emsync wrote itself.

    Arguments:
        inputs: Files and folders that are read; they are not written over, even with ``force``.
        force: Whether other files may be replaced.
    """
    token = _protection.set(_Protection(tuple(inputs), force))
    try:
        yield
    finally:
        _protection.reset(token)


def refuse(target: Path) -> None:
    """Refuse to go on where a result would replace an input, or a file that is not ours.

    Outside of ``protecting`` nothing is refused: there the caller owns the place.

    Arguments:
        target: Path where a result is going to be written.

    Raises:
        OutputError: It is an input, lies inside one, or is there and was not left as emsync wrote it.
    """
    protection = _protection.get()
    if protection is None:
        return
    for source in protection.inputs:
        if _is_same(source, target) or (source.suffix.lower() in BUNDLES and _is_inside(target, source)):
            raise OutputError(
                f"The result would replace the input {source.name}", where=target, hint="Give another name for it"
            )
    if protection.force or not os.path.lexists(target) or _is_empty_folder(target):
        return
    kept = _ledger().get(_key(target), [])
    if not kept:
        raise OutputError(
            "There is already a file of this name that emsync did not write, or does not remember",
            where=target,
            hint="Choose another name, or insist on replacing it",
            setting="force",
        )
    if not any(_unchanged(target, one) for one in kept):
        raise OutputError(
            "This file was changed since emsync wrote it, and is not written over",
            where=target,
            hint="Choose another name, or insist on replacing it",
            setting="force",
        )


def is_ours(target: Path, of: Path | None = None) -> bool:
    """Tell whether a file, or a folder, is as emsync wrote it.

    Arguments:
        target: The file or folder.
        of: The main file of the set that it must have been written with; any set, or none, when None.
    """
    written = _ledger().get(_key(target), ())
    return any(_unchanged(target, kept) for kept in written if of is None or kept.get("of") == _key(of))


def remember(finished: Path, target: Path | None = None, of: Path | None = None) -> None:
    """Note that a file, or a folder, is as emsync wrote it; outside of ``protecting`` nothing is noted.

    It is noted before it is moved into place, so that what a killed run has left is known as its own.

    Arguments:
        finished: File or folder that was written.
        target: Path where it will stand; where it is when None.
        of: The main file of the set that it is written with, such as the mix that stems belong to.
    """
    target = target or finished
    if _protection.get() is None or any(folder.name.startswith(STAGING) for folder in target.parents):
        return
    with suppress(OSError):
        line = {"path": _key(target), "stamp": _stamp(finished), "sha256": digest(finished)}
        if of is not None and of != target:
            line["of"] = _key(of)
        folder = state_folder()
        folder.mkdir(parents=True, exist_ok=True)
        place = folder / LEDGER
        with place.open("a", encoding="utf-8") as ledger:
            ledger.write(json.dumps(line) + "\n")
        if place.stat().st_size > MAX_BYTES:
            _shorten(place)


def _is_empty_folder(target: Path) -> bool:
    return target.is_dir() and not target.is_symlink() and not any(target.iterdir())


def _unchanged(target: Path, kept: dict[str, str]) -> bool:
    try:
        return not target.is_symlink() and (kept["stamp"] == _stamp(target) or kept["sha256"] == digest(target))
    except OSError:
        return False


def _stamp(target: Path) -> str:
    """Return what changes whenever a file is written to, without reading it: size and time of the last change."""
    files = sorted(target.rglob("*")) if target.is_dir() else [target]
    mark = hashlib.sha256()
    for file in files:
        status = file.stat()
        size = 0 if file.is_dir() else status.st_size
        changed = 0 if file.is_dir() else status.st_mtime_ns
        mark.update(f"{file.relative_to(target).as_posix()}\0{size}\0{changed}\n".encode(errors="surrogateescape"))
    return mark.hexdigest()


def _key(target: Path) -> str:
    """Return the path of a file with its folder's links followed, but not its own: a link is a file of its own."""
    return str(target.absolute().parent.resolve() / target.name)


def _ledger() -> dict[str, list[dict[str, str]]]:
    """Return the last two lines about each file: a move that failed has left what the line before says."""
    found: dict[str, list[dict[str, str]]] = {}
    try:
        text = (state_folder() / LEDGER).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return found
    for line in text.splitlines():
        try:
            entry = json.loads(line)
            known = ("stamp", "sha256", *(("of",) if "of" in entry else ()))
            path, entry = entry["path"], {name: str(entry[name]) for name in known}
        except (ValueError, KeyError, TypeError, RecursionError):
            continue  # half a line of a run that was cut off
        earlier = found.pop(path, [])
        found[path] = [*earlier[-1:], entry]
    return found


def _shorten(place: Path) -> None:
    latest = list(_ledger().items())[-MAX_FILES:]
    draft = place.with_name(f"{place.name}.{os.getpid()}")
    lines = (json.dumps({"path": path, **entry}) + "\n" for path, entries in latest for entry in entries)
    draft.write_text("".join(lines), encoding="utf-8")
    draft.replace(place)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.resolve() == other.resolve() or (one.exists() and other.exists() and one.samefile(other))
    except (OSError, RuntimeError):
        return False


def _is_inside(target: Path, folder: Path) -> bool:
    return folder.resolve() in target.absolute().parent.resolve().parents or (
        folder.resolve() == target.absolute().parent.resolve()
    )
