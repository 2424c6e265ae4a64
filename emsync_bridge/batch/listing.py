"""Lists of jobs: a CSV table with options per row, or a folder of timelines."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emsync_bridge import __version__
from emsync_bridge.errors import EmsyncError, TimelineError
from emsync_bridge.files.text import read_text

SUFFIXES = frozenset({".otio", ".otioz", ".xml", ".fcpxml", ".edl", ".aaf", ".mov", ".mp4", ".mkv", ".mxf"})
"""Endings of the files that a folder is searched for."""

MAX_JOBS = 1_000_000
"""Rows of a list."""

SOURCE = "source"
FLAGS = frozenset({"1", "yes", "true", "on"})
_NO_FLAGS = frozenset({"", "0", "no", "false", "off"})
_PATH_OPTIONS = frozenset({"picture", "media", "curve", "edit", "soundfont", "model", "theme", "script", "head"})
_OPTION = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True)
class BatchJob:
    """One cut to score.

    Arguments:
        name: Name of its folder among the results, unique in the list.
        source: Timeline or video.
        options: Options of ``emsync score`` by name without dashes; a flag's value is empty.
    """

    name: str
    source: Path
    options: Mapping[str, str]

    def arguments(self, out: Path, digest: str) -> list[str]:
        """Return the arguments of ``emsync`` that score it.

        Arguments:
            out: Folder of all results.
            digest: What ``digest`` returned.
        """
        given = [word for key, value in self.options.items() for word in (f"--{key}", value) if word]
        return ["score", str(self.source), "--out", str(out / self.name), "--batch-digest", digest, *given]

    def digest(self) -> str:
        """Return the digest of its inputs, options and emsync's version.

        Of media only size and time of change count, since reading them would take as long as scoring.

        Raises:
            TimelineError: The source cannot be read.
        """
        total = hashlib.sha256(json.dumps([__version__, sorted(self.options.items())]).encode())
        inputs = [self.source, *(Path(self.options[key]) for key in sorted(_PATH_OPTIONS & self.options.keys()))]
        for path in inputs:
            try:
                state = path.stat()
                large = path.is_dir() or state.st_size > 64 * 2**20
                content = f"{state.st_size} {state.st_mtime_ns}".encode() if large else path.read_bytes()
            except OSError as problem:
                raise TimelineError(f"Cannot be read: {problem.strerror}", where=path) from problem
            total.update(hashlib.sha256(content).digest())
        return total.hexdigest()[:32]


def read_jobs(source: Path, prefixes: Sequence[tuple[str, str]] = ()) -> tuple[BatchJob, ...]:
    """Return the jobs of a CSV list or of a folder.

    Arguments:
        source: A table with a ``source`` column and a column per option of ``emsync score``, or a folder.
        prefixes: Path prefixes of other computers with what they are here; the first that fits counts.

    Raises:
        EmsyncError: It is no table, has unknown columns, or holds no job.
    """
    if source.is_dir():
        found = sorted(path for path in source.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
        own = [path for path in found if ".scored" not in path.name and ".music" not in path.name]
        jobs = _named((path, {}) for path in own)
    else:
        jobs = _named(_rows(source, prefixes))
    if not jobs:
        raise EmsyncError(
            "Holds no timeline or video", where=source, hint=f"Known endings: {' '.join(sorted(SUFFIXES))}"
        )
    return jobs


def shard_of(jobs: Sequence[BatchJob], number: int, of: int) -> tuple[BatchJob, ...]:
    """Return every ``of``-th job, beginning with the ``number``-th, counted from 1."""
    return tuple(jobs[number - 1 :: of])


def _rows(source: Path, prefixes: Sequence[tuple[str, str]]) -> Iterable[tuple[Path, dict[str, str]]]:
    text = read_text(source)
    head = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
    columns = [cell.strip().lower().replace("_", "-").lstrip("-") for cell in next(rows, [])]
    if SOURCE not in columns:
        raise EmsyncError(
            "The first row has no column 'source'", where=source, hint="Name the columns in the first row"
        )
    odd = [column for column in columns if column and not _OPTION.fullmatch(column)]
    if odd or len(set(columns)) < len(columns):
        wrong = odd or [c for c in columns if columns.count(c) > 1]
        raise EmsyncError(f"Column {wrong[0]!r} is not an option of emsync score, or stands twice", where=source)
    for number, row in enumerate(rows, 2):
        if number > MAX_JOBS:
            raise EmsyncError(f"More than {MAX_JOBS:,} rows", where=source, hint="Split the list")
        cells = dict(zip(columns, (cell.strip() for cell in row), strict=False))
        place = cells.pop(SOURCE, "")
        if not place:
            if any(cells.values()):
                raise EmsyncError(f"Row {number} names no source", where=source)
            continue
        path = Path(_mapped(place, prefixes))
        options = {}
        for key, value in cells.items():
            if value.lower() in FLAGS and key not in {"takes", "seed"}:
                options[key] = ""
            elif value.lower() not in _NO_FLAGS or (key == "seed" and value):
                options[key] = _mapped(value, prefixes) if key in _PATH_OPTIONS else value
        yield (path if path.is_absolute() else source.parent / path), options


def _mapped(path: str, prefixes: Sequence[tuple[str, str]]) -> str:
    for there, here in prefixes:
        if path.startswith(there):
            return here + path[len(there) :].replace("\\", "/")
    return path


def _named(found: Iterable[tuple[Path, dict[str, str]]]) -> tuple[BatchJob, ...]:
    """Return jobs whose names are unique: the file's stem, with a number where several share it."""
    jobs, used = [], set[str]()
    for path, options in found:
        base = re.sub(r"[^\w .-]", "_", path.stem).strip(" .") or "cut"
        name, count = base, 1
        while name.casefold() in used:
            count += 1
            name = f"{base}_{count}"
        used.add(name.casefold())
        jobs.append(BatchJob(name, path, options))
    return tuple(jobs)
