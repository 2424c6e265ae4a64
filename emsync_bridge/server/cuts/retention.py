"""Removal of versions and cuts with all that belongs to them, by a person or because there are too many."""

from __future__ import annotations

import logging
import shutil
from contextlib import suppress
from pathlib import Path

from emsync_bridge.server.cuts.catalogue import jobs_of, letters_taken, upload_folders
from emsync_bridge.server.cuts.disk_use import surplus, surplus_sounds
from emsync_bridge.server.cuts.drafts import Drafts
from emsync_bridge.server.cuts.identity import cut_of
from emsync_bridge.server.cuts.letters import RemovedLetters
from emsync_bridge.server.cuts.version_notes import VersionNotes
from emsync_bridge.server.errors import RequestError
from emsync_bridge.server.jobs.store import ENDED, Job, Records
from emsync_bridge.server.paths import Home

_log = logging.getLogger(__name__)


class Retention:
    """Retention of jobs: those that stay, and the removal of others.

    Arguments:
        home: The bridge's folder.
        records: Records of the jobs.
        jobs: All jobs by name; those that are removed leave it.
    """

    def __init__(self, home: Home, records: Records, jobs: dict[str, Job]) -> None:
        self.drafts = Drafts(home.drafts)
        self.notes = VersionNotes(home.notes)
        self.letters = RemovedLetters(home.notes)
        self._home, self._records, self._jobs = home, records, jobs

    def remove(self, job: Job, *, results: bool = False) -> None:
        """Remove an ended job: its record, the export that it read, and results that nobody has changed.

        Arguments:
            job: The job.
            results: Whether results in a folder that the user has named go too; an editor may show them.

        Raises:
            RequestError: It has not ended.
        """
        if job.state not in ENDED:
            raise RequestError(409, "The job has not ended", where=job.id, hint="Cancel it first")
        if results or job.out == str(self._records.own_out(job)):
            _remove_results(job)
        self._records.remove(job)
        del self._jobs[job.id]
        for each in [each for each in self._jobs.values() if each.kind == "players" and each.request["job"] == job.id]:
            if each.state in ENDED:
                self.remove(each)
        cut = cut_of(job)
        self.notes.forget(cut, set(job.letters) - set(letters_taken(self._jobs.values(), cut)))
        if job.state == "done":
            self.letters.add(cut, job.letters)
        self._forget_export(str(job.basis.get("source", "")))

    def ended_jobs(self, cut: str) -> list[Job]:
        """Return the jobs of a cut on which no work goes on.

        Raises:
            RequestError: There is no cut of that name, or a job of it has not ended.
        """
        jobs = jobs_of(self._jobs.values(), cut)
        if not jobs:
            raise RequestError(404, "Cut not found", where=cut[:40])
        if any(job.state not in ENDED for job in jobs):
            raise RequestError(409, "Work on this cut is going on", where=cut, hint="Cancel it or wait for it first")
        return jobs

    def remove_cut(self, cut: str) -> None:
        """Remove a cut: its jobs, their own results, its edits, and uploads that nothing else needs.

        Results in a folder that the user has named stay, and so does a timeline that was given by its path.

        Arguments:
            cut: Its name.

        Raises:
            RequestError: There is none of that name, or a job of it has not ended.
        """
        jobs = self.ended_jobs(cut)
        uploaded = upload_folders(self._home.inputs, jobs)
        for job in jobs:
            self.remove(job)
        self.drafts.remove(cut)
        self.letters.forget(cut)
        for folder in uploaded - upload_folders(self._home.inputs, self._jobs.values()):
            shutil.rmtree(folder, ignore_errors=True)

    def make_room(self, job: Job) -> None:
        """Remove the oldest versions once there are more than are kept; the new job tells which.

        Arguments:
            job: Job that has just ended.
        """
        for old in surplus(self._jobs.values(), self.notes.read):
            if old is job:
                continue
            _log.info("version %s of cut %s goes, for there are too many", ",".join(old.letters), cut_of(old))
            self.remove(old)
            if cut_of(old) == cut_of(job) and old.kind != "take":
                job.removed = [*job.removed, *old.letters]
        if job.removed:
            self._records.save(job)

    def make_room_for_sounds(self) -> None:
        """Remove the oldest sounds of single players once there are more than are kept."""
        for old in surplus_sounds(self._jobs.values()):
            self.remove(old)

    def _forget_export(self, source: str) -> None:
        """Remove what an editor has exported for jobs, once the last of them is gone."""
        exports = self._home.exports.resolve()
        path = Path(source).resolve()  # ``exports/..`` lies in exports by its text alone
        place = next((each for each in (path, *path.parents) if each.parent == exports), None)
        if place is None or any(job.basis.get("source") == source for job in self._jobs.values()):
            return
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place, ignore_errors=True)
        else:
            with suppress(OSError):
                place.unlink()


def _remove_results(job: Job) -> None:
    """Remove the results of a job that nobody has changed, and their folder if it is then empty."""
    for path, (size, changed) in job.written.items():
        with suppress(OSError):
            found = Path(path).lstat()
            if (found.st_size, found.st_mtime_ns) == (size, changed):
                Path(path).unlink()
    if job.out:
        with suppress(OSError):
            Path(job.out).rmdir()
