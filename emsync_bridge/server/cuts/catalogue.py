"""The list of cuts that something was done to, and what belongs to each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from emsync_bridge.server.cuts.drafts import Drafts
from emsync_bridge.server.cuts.identity import cut_of, source_of
from emsync_bridge.server.jobs.store import Job


def jobs_of(jobs: Iterable[Job], cut: str) -> list[Job]:
    """Return the jobs of a cut in order of creation."""
    return sorted((job for job in jobs if cut_of(job) == cut), key=lambda job: job.created)


def letters_taken(jobs: Iterable[Job], cut: str) -> list[str]:
    """Return the letters of the versions that a cut has or will have."""
    return [letter for job in jobs_of(jobs, cut) if job.state not in ("failed", "cancelled") for letter in job.letters]


def listed(jobs: Iterable[Job], drafts: Drafts) -> list[dict[str, Any]]:
    """Return the cuts that were read or scored: those with music first, then the latest first.

    Returns:
        ``id``, ``source``, ``name``, ``file``, number of ``versions``, ``job`` to go on with, ``cut`` that answers for
        the pictures, ``pictured``, the index of its first shot that has one, ``edited`` and ``touched`` in seconds
        since 1970. Jobs that failed make no entry.
    """
    by_cut: dict[str, list[Job]] = {}
    for job in sorted(jobs, key=lambda job: job.created):
        if source_of(job) and job.state == "done" and job.kind not in ("live", "spot"):
            by_cut.setdefault(cut_of(job), []).append(job)
    rows = [_row(cut, done, drafts) for cut, done in by_cut.items()]
    return sorted(rows, key=lambda row: (row["versions"] == 0, -row["touched"]))


def _row(cut: str, done: list[Job], drafts: Drafts) -> dict[str, Any]:
    source = source_of(done[-1])
    scored = [job for job in done if "cue" in job.files]
    read = [job for job in done if job.kind == "feel"]
    edited = drafts.saved_at(cut)
    latest = (scored or done)[-1]
    versions = sum(len(job.letters) or 1 for job in scored if job.kind != "take")
    return {
        "id": cut,
        "source": source,
        "file": source.replace("\\", "/").rsplit("/", 1)[-1],
        "name": next((job.title for job in reversed(done) if job.title), ""),
        "versions": versions,
        "job": latest.id,
        "cut": read[-1].id if read else None,
        "pictured": (read[-1] if read else latest).pictured,
        "edited": edited,
        "touched": max(done[-1].ended or done[-1].created, edited or 0.0),
    }


def upload_folders(inputs: Path, jobs: Iterable[Job]) -> set[Path]:
    """Return the folders of uploads that jobs refer to, be it as timeline, movie, curve, soundfont or media folder."""
    folders = set()
    for job in jobs:
        for text in (*_texts(job.request), *_texts(job.basis)):
            with suppress(ValueError):
                parts = Path(text).relative_to(inputs).parts
                if parts and ".." not in parts:
                    folders.add(inputs / parts[0])
    return folders


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for name, value in data.items():
            # edited ones hold names of media by the thousand, and no path of an upload
            if not (name in ("spotting", "curve") and isinstance(value, dict)):
                yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)
