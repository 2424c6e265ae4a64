"""Lists of jobs: a CSV table with options per row, or a folder of timelines."""

from __future__ import annotations

import csv
import io
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath, PureWindowsPath

from emsync_bridge.batch.jobs import BatchJob, OptionNames
from emsync_bridge.batch.path_prefixes import Prefixes, map_path
from emsync_bridge.errors import EmsyncError
from emsync_bridge.files.text import read_text

TIMELINES = frozenset({".otio", ".otioz", ".xml", ".fcpxml", ".edl", ".aaf"})
BUNDLES = frozenset({".otiod", ".fcpxmld"})
"""Endings of folders that are one timeline."""

MOVIES = frozenset({".mov", ".mp4", ".mkv", ".mxf"})
"""Endings of videos; a folder is searched for them where it holds no timeline, whose media they would be."""

MAX_JOBS = 1_000_000
"""Rows of a list."""

SOURCE = "source"
_YES = frozenset({"1", "yes", "true", "on", "x"})
_NO = frozenset({"", "0", "no", "false", "off"})
_RESULTS = re.compile(r".+\.(scored|music|markers|changes|premiere)\.\w+", re.IGNORECASE)

Found = Iterable[tuple[str, Mapping[str, str]]]
"""Sources with their options."""


def read_jobs(
    source: Path, names: OptionNames, prefixes: Prefixes = (), out: Path | None = None
) -> tuple[BatchJob, ...]:
    """Return the jobs of a CSV list or of a folder.

    Arguments:
        source: A table with a ``source`` column and a column per option of ``emsync score``, or a folder. Paths in a
            table are relative to its own folder.
        names: Options that rows may set.
        prefixes: Path prefixes of other computers with what they are here.
        out: Folder of the results, which is not searched.

    Raises:
        EmsyncError: It is not such a table, or holds no job.
    """
    source = source.absolute()
    jobs = _named(_inside(source, out) if source.is_dir() else _rows(source, names, prefixes), names)
    if not jobs:
        known = " ".join(sorted(TIMELINES | BUNDLES | MOVIES))
        raise EmsyncError("Holds no timeline or video", where=source, hint=f"Known endings: {known}")
    return jobs


def shard_of(jobs: Sequence[BatchJob], number: int, of: int) -> tuple[BatchJob, ...]:
    """Return every ``of``-th job, beginning with the ``number``-th, counted from 1."""
    return tuple(jobs[number - 1 :: of])


def _inside(folder: Path, out: Path | None) -> Found:
    leave = out.absolute() if out is not None else None
    timelines, movies = list[str](), list[str]()
    for place, folders, files in os.walk(folder):
        here = Path(place)
        timelines += [str(here / each) for each in folders if Path(each).suffix.lower() in BUNDLES]
        folders[:] = [
            each
            for each in sorted(folders)
            if not each.startswith(".") and Path(each).suffix.lower() not in BUNDLES and here / each != leave
        ]
        for name in files:
            if name.startswith(".") or _RESULTS.fullmatch(name):
                continue
            ending = Path(name).suffix.lower()
            if ending in TIMELINES:
                timelines.append(str(here / name))
            elif ending in MOVIES:
                movies.append(str(here / name))
    return [(path, {}) for path in sorted(timelines or movies)]


def _rows(source: Path, names: OptionNames, prefixes: Prefixes) -> Found:
    text = read_text(source)
    head = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    try:
        columns = [cell.strip().lower().replace("_", "-").lstrip("-") for cell in next(rows, [])]
        while columns and not columns[-1]:
            columns.pop()
        _check_columns(columns, names, source)
        for number, row in enumerate(rows, 1):
            if number > MAX_JOBS:
                raise EmsyncError(f"The list has more than {MAX_JOBS:,} rows", where=source, hint="Split the list")
            found = _job_of(row, columns, names, f"{source}, line {rows.line_num}")
            if found is not None:
                place, options = found
                options = {
                    key: _placed(value, source.parent, prefixes) if key in names.paths else value
                    for key, value in options.items()
                }
                yield _placed(place, source.parent, prefixes), options
    except csv.Error as problem:
        hint = "Save it as CSV with commas, semicolons or tabs"
        raise EmsyncError(f"Not a table: {problem}", where=f"{source}, line {rows.line_num}", hint=hint) from None


def _check_columns(columns: Sequence[str], names: OptionNames, source: Path) -> None:
    if SOURCE not in columns:
        raise EmsyncError("The first row has no column 'source'", where=source, hint="Name one column 'source'")
    twice = [column for column in columns if columns.count(column) > 1]
    if twice:
        raise EmsyncError(f"Column {twice[0]!r} stands twice", where=source, hint="Remove one of them")
    unknown = [column for column in columns if column not in {SOURCE} | names.flags | names.values]
    if unknown:
        from difflib import get_close_matches

        near = get_close_matches(unknown[0], sorted(names.flags | names.values), 1)
        meant = f"Is {near[0]!r} meant? " if near else ""
        raise EmsyncError(
            f"Column {unknown[0]!r} is not an option that a row can set",
            where=source,
            hint=f"{meant}Columns are called as the options of emsync score, without dashes",
        )


def _job_of(
    row: Sequence[str], columns: Sequence[str], names: OptionNames, where: str
) -> tuple[str, dict[str, str]] | None:
    """Return source and options of a row; None for an empty one."""
    values = [cell.strip() for cell in row]
    if not any(values):
        return None
    if any(values[len(columns) :]):
        hint = "Put cells that hold a separator between double quotes"
        raise EmsyncError(f"More cells than the {len(columns)} columns", where=where, hint=hint)
    cells = dict(zip(columns, values, strict=False))
    place = cells.pop(SOURCE, "")
    if not place:
        raise EmsyncError("No source", where=where, hint="Name a timeline or video, or remove the row")
    options = {}
    for key, value in cells.items():
        if key in names.values:
            if value:
                options[key] = value
        elif value.lower() in _YES:
            options[key] = ""
        elif value.lower() not in _NO:
            raise EmsyncError(f"{value!r} in column {key!r} is neither yes nor no", where=where)
    return place, options


def _placed(path: str, folder: Path, prefixes: Prefixes) -> str:
    """Return an absolute path on this computer, or as it was written where it is one of another system."""
    here = map_path(path, prefixes)
    if PurePath(here).is_absolute() or PureWindowsPath(here).is_absolute():
        return here
    return str(folder / here)


def _named(found: Found, names: OptionNames) -> tuple[BatchJob, ...]:
    """Return jobs with names that are unique: the file's stem, with folders or a number before or behind it."""
    pairs = list(found)
    jobs, used = [], set[str]()
    for (path, options), base in zip(pairs, _bases([path for path, _ in pairs]), strict=True):
        name, count = base, 1
        while name.casefold() in used:
            count += 1
            name = f"{base}_{count}"
        used.add(name.casefold())
        jobs.append(BatchJob(name, path, options, names.paths & options.keys(), names.inputs & options.keys()))
    return tuple(jobs)


def _bases(paths: Sequence[str]) -> Iterator[str]:
    """Return the stem of each path; where several share it, with as many folders before it as tell them apart."""
    parts = [[part for part in re.split(r"[/\\]", path) if part] for path in paths]
    stems = [_fit(PurePath(each[-1]).stem if each else "") for each in parts]
    alike = defaultdict[str, list[int]](list)
    for index, stem in enumerate(stems):
        alike[stem.casefold()].append(index)
    for stem in alike:
        members = alike[stem]
        if len({paths[index] for index in members}) < 2:
            continue
        deepest = max(len(parts[index]) for index in members)
        for depth in range(1, deepest):
            named = {index: "_".join([*map(_fit, parts[index][-1 - depth : -1]), stems[index]]) for index in members}
            if len({name.casefold() for name in named.values()}) == len({paths[index] for index in members}):
                for index, name in named.items():
                    stems[index] = name
                break
    return iter(stems)


def _fit(name: str) -> str:
    """Return a name that every system takes for a folder."""
    return re.sub(r"[^\w .-]", "_", name).strip(" .")[:120] or "cut"
