"""Disk space that the bridge's files take up, and the versions that go when there are too many."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from emsync_bridge.server.cuts.catalogue import upload_folders
from emsync_bridge.server.cuts.identity import cut_of
from emsync_bridge.server.cuts.version_notes import VersionNote
from emsync_bridge.server.jobs.store import ENDED, Job
from emsync_bridge.server.paths import Home
from emsync_bridge.server.uploads import GB, MAX_KEPT, size_of

MAX_VERSIONS = 24
"""Versions of a cut that are kept; the oldest go first, and those that a person marked never."""

MAX_RESULTS = 64 * GB
"""Bytes of all versions together beyond which the oldest go."""

MAX_SOUNDS = 24
"""Families whose single players are kept as sounds, of all versions together; the oldest go first."""

Notes = Callable[[str], Mapping[str, VersionNote]]
"""Function that returns the notes of a cut by the letters of its versions."""


def results_size(job: Job) -> int:
    """Return the bytes that a job has written into the bridge's own folder."""
    return 0 if job.request.get("out") else sum(size for size, _ in job.written.values())


def folder_size(folder: Path) -> int:
    """Return the bytes of the files in a folder; a file with several names counts once."""
    found: dict[tuple[int, int], int] = {}
    for path in folder.rglob("*"):
        size = size_of(path)
        if size:
            stat = path.lstat()
            found[(stat.st_dev, stat.st_ino) if stat.st_ino else (0, hash(path))] = size
    return sum(found.values())


def use_of(home: Home, jobs: Iterable[Job]) -> dict[str, Any]:
    """Return the disk use of the bridge in bytes.

    Returns:
        ``total``; of it ``uploads``, ``results`` and ``proxies``; ``free`` bytes of the disk; and the bounds
        ``max_uploads``, ``max_results`` and ``max_versions``, the last by cut.
    """
    return {
        "total": folder_size(home.root),
        "uploads": folder_size(home.inputs),
        "results": sum(map(results_size, jobs)),
        "proxies": folder_size(home.proxies),
        "free": shutil.disk_usage(home.root).free,
        "max_uploads": MAX_KEPT,
        "max_results": MAX_RESULTS,
        "max_versions": MAX_VERSIONS,
    }


def sizes_of_cuts(home: Home, jobs: Iterable[Job]) -> dict[str, int]:
    """Return the bytes of each cut's results and uploads by its name; an upload that two cuts share counts for both."""
    sizes: dict[str, int] = defaultdict(int)
    folders: dict[Path, int] = {}
    by_cut: dict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        by_cut[cut_of(job)].append(job)
    for cut, own in by_cut.items():
        sizes[cut] += sum(map(results_size, own))
        for folder in upload_folders(home.inputs, own):
            if folder not in folders:
                folders[folder] = folder_size(folder)
            sizes[cut] += folders[folder]
    return dict(sizes)


def surplus(jobs: Iterable[Job], notes: Notes, *, most: int = MAX_VERSIONS, most_bytes: int = MAX_RESULTS) -> list[Job]:
    """Return the jobs whose versions are to go, the oldest first.

    Kept are versions with a star, a name or a note, those that an editor has placed, those that a menu script or a
    program asked for, those in a folder of the user's, and the latest version of each cut.

    Arguments:
        jobs: All jobs.
        notes: Notes of a cut.
        most: Versions of a cut.
        most_bytes: Bytes of all versions.
    """
    all_jobs = sorted(jobs, key=lambda job: job.created)
    makers = [
        job for job in all_jobs if job.state == "done" and "cue" in job.files and job.kind not in ("take", "live")
    ]
    versions: dict[str, list[Job]] = defaultdict(list)
    for job in makers:
        versions[cut_of(job)].append(job)
    worked_on = {job.request.get("job") for job in all_jobs if job.state not in ENDED}
    going: list[Job] = []
    spare: list[Job] = []
    for cut, made in versions.items():
        noted = notes(cut)
        free = [
            job
            for job in made[:-1]
            if job.letters
            and not noted.keys() & set(job.letters)
            and not (job.request.get("client") or job.request.get("out") or job.id in worked_on)
        ]
        over = sum(len(job.letters) or 1 for job in made) - most
        while free and over > 0:
            over -= len(free[0].letters)
            going.append(free.pop(0))
        spare += free
    total = sum(map(results_size, all_jobs)) - sum(map(results_size, going))
    for job in sorted(spare, key=lambda job: job.created):
        if total <= most_bytes:
            break
        total -= results_size(job)
        going.append(job)
    gone = {job.id for job in going}
    rendered = [job for job in all_jobs if job.kind == "take" and job.request["job"] in gone and job.state in ENDED]
    return sorted((*going, *rendered), key=lambda job: job.created)


def surplus_sounds(jobs: Iterable[Job], most: int = MAX_SOUNDS) -> list[Job]:
    """Return the jobs whose sounds of single players are to go."""
    made = sorted((job for job in jobs if job.kind == "players" and job.state == "done"), key=lambda job: job.created)
    return made[: max(0, len(made) - most)]
