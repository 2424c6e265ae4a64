"""The name of a cut, which stays when its file is dropped again, renamed, moved or written over."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from emsync_bridge.server.jobs.store import Job

WHOLE = 64 * 2**20
"""Bytes up to which a file is compared whole; of a larger one samples are."""

_SAMPLES = 64
_SAMPLE = 64 * 1024
_MAX_MEMBERS = 2000


def cut_id(source: str, sequence: str = "") -> str:
    """Return the name of a cut that is new: 16 hexadecimal digits of the SHA-256 of its file's path and sequence.

    Arguments:
        source: Path of its file.
        sequence: Name of the sequence, where the file holds several.
    """
    named = f"{source}\0{sequence}" if sequence else source
    return hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def source_of(job: Job) -> str:
    """Return the path of the timeline or movie that a job began with; empty where it is not known."""
    return str(job.basis.get("source", ""))


def sequence_of(job: Job) -> str:
    """Return the name of the sequence that a job was asked to read; empty where none was named."""
    return str((job.basis.get("read") or {}).get("sequence") or "")


def cut_of(job: Job) -> str:
    """Return the name of the cut that a job belongs to; empty where its source is not known."""
    source = source_of(job)
    return (job.cut or cut_id(source, sequence_of(job))) if source else ""


def content_of(source: str) -> str:
    """Return a text that is the same for files of the same content, whatever their names.

    It is the SHA-256 of the size and of the bytes; of a file over ``WHOLE`` of 64 samples of 64 kB at equal distances,
    first and last included, because a movie is read in a fraction of a second so. Of a folder, such as an OTIOD bundle,
    its timelines count.

    Arguments:
        source: Path of a file or a folder.

    Returns:
        64 hexadecimal digits; empty for what cannot be read.
    """
    path = Path(source)
    try:
        if path.is_file():
            return _digest([path])
        found = sorted(path.glob("*.otio")) + sorted(path.glob("*.fcpxml"))
        inner = [each for each in found if each.is_file()]  # a pipe would be read for ever
        return _digest(inner[:_MAX_MEMBERS]) if inner else ""
    except OSError:
        return ""


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            digest.update(size.to_bytes(8, "big"))
            if size <= WHOLE:
                digest.update(file.read(size))  # no more: some files of the system never end
                continue
            for number in range(_SAMPLES):
                file.seek((size - _SAMPLE) * number // (_SAMPLES - 1))
                digest.update(file.read(_SAMPLE))
    return digest.hexdigest()


def recognized_cut(source: str, content: str, jobs: Iterable[Job], sequence: str = "") -> str:
    """Return the name of the cut in a file: that of an earlier job with the same content or, failing that, path.

    A file that has been written over stays the cut that it was. A copy that has been changed is a cut of its own: the
    file that it was copied from goes on under the earlier name. Each sequence of a file is a cut of its own, with its
    own edits and versions; one that was read before the file held others is found by its title.

    Arguments:
        source: The file's path.
        content: Its content, as ``content_of`` returns it.
        jobs: Earlier jobs.
        sequence: Name of the sequence that is read, where the request names one.
    """
    own = (job for job in jobs if source_of(job) and (sequence_of(job) or (sequence and job.title)) == sequence)
    known = sorted(own, key=lambda job: job.created, reverse=True)
    alike = [job for job in known if content and job.content == content]
    same = [job for job in known if source_of(job) == source]
    for job in (*(job for job in alike if source_of(job) == source), *alike):
        return cut_of(job)
    if not same:
        return cut_id(source, sequence)
    cut = cut_of(same[0])
    latest = {source_of(job): cut_of(job) for job in reversed(known)}
    others = (other for other, its_cut in latest.items() if its_cut == cut and other != source)
    return cut_id(source, sequence) if any(Path(other).exists() for other in others) else cut
