"""The bridge itself: jobs, who waits for them, and who was here last."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from pathlib import Path
from typing import Any

from emsync_bridge import __version__
from emsync_bridge.errors import EmsyncError
from emsync_bridge.server.browser_tabs import BrowserTabs
from emsync_bridge.server.cuts.catalogue import jobs_of, letters_taken
from emsync_bridge.server.cuts.identity import cut_of, recognized_cut, sequence_of, source_of
from emsync_bridge.server.cuts.letters import name_versions
from emsync_bridge.server.cuts.previews import movies_of
from emsync_bridge.server.cuts.retention import Retention
from emsync_bridge.server.cuts.version_notes import VersionNote
from emsync_bridge.server.errors import RequestError
from emsync_bridge.server.jobs.store import ENDED, Job, Records
from emsync_bridge.server.jobs.worker_handle import clear_rooms
from emsync_bridge.server.jobs.worker_lane import Lane, take_outcome
from emsync_bridge.server.paths import PROTOCOL, Address, Home
from emsync_bridge.server.proxies.kept import Proxies

_log = logging.getLogger(__name__)

_EVENT_EVERY = 10.0
"""Seconds after which a silent stream of events shows that it is alive."""


_MAX_QUEUED = 200
_BASIS = ("source", "read", "emotion", "render", "music")


class Bridge:
    """Jobs and their lanes: music in one, live playing in the other, which may last for hours.

    Arguments:
        home: The bridge's folder.
        address: Address at which it answers.
        idle_minutes: Minutes that it waits for somebody before it stops.
    """

    def __init__(self, home: Home, address: Address, idle_minutes: float) -> None:
        self.home, self.address, self.idle_minutes = home, address, idle_minutes
        self.records = Records(home.jobs)
        self.proxies = Proxies(home.proxies)
        self.jobs: dict[str, Job] = {}
        self.retention = Retention(home, self.records, self.jobs)
        self.drafts, self.notes = self.retention.drafts, self.retention.notes
        self.stopping = asyncio.Event()
        self._changes: dict[str, asyncio.Event] = {}
        self._music = Lane(home, self.records, self._changed, keep=True)
        self._playing = Lane(home, self.records, self._changed, keep=False)
        self._began = self._asked = time.monotonic()
        self._streams = 0
        self.tabs = BrowserTabs()

    def lane(self, kind: str) -> Lane:
        """Return the lane of a kind of job."""
        return self._playing if kind == "live" else self._music

    async def run(self) -> None:
        """Take up what an earlier bridge left, then do jobs until told to stop."""
        self._take_up()
        lanes = [asyncio.create_task(lane.run()) for lane in (self._music, self._playing)]
        stop = asyncio.create_task(self.stopping.wait())
        await asyncio.wait([stop, *lanes], return_when=asyncio.FIRST_COMPLETED)
        self.stopping.set()
        for each in (stop, *lanes):
            each.cancel()
        for event in self._changes.values():
            event.set()
        await self.proxies.close()
        for outcome in await asyncio.gather(*lanes, return_exceptions=True):
            if isinstance(outcome, Exception):
                _log.error("a lane has ended", exc_info=outcome)

    def _take_up(self) -> None:
        for job in self.records.load():
            self.jobs[job.id] = job
            job.cut = cut_of(job)
            if job.state == "running":
                outcome = self.records.outcome(job)
                if outcome is not None:
                    take_outcome(job, outcome)
                    job.state = "done"
                else:
                    job.state = "failed"
                    job.error = {
                        "what": "The bridge was stopped",
                        "where": "",
                        "hint": "Start the job again",
                        "setting": "",
                    }
                    if job.out and job.worker:
                        clear_rooms(Path(job.out), job.worker)
                    self.records.clear_own(job)
                job.ended = time.time()
                self.records.save(job)
            elif job.state == "queued":
                self.lane(job.kind).add(job)
        for job in self.jobs.values():
            if job.state == "done" and "cue" in job.files and not job.letters:  # of a bridge that gave none
                taken = letters_taken(self.jobs.values(), cut_of(job))
                name_versions(job, self.jobs.get(job.request.get("job", "")), taken)
                self.records.save(job)
        for left in self.home.scratch.iterdir():
            shutil.rmtree(left, ignore_errors=True)

    def status(self) -> dict[str, Any]:
        """Return how the bridge is doing."""
        lanes = (self._music, self._playing)
        return {
            "protocol": PROTOCOL,
            "version": __version__,
            "pid": self.address.pid,
            "uptime": time.monotonic() - self._began,
            "exchange": self.address.exchange,
            "running": sum(lane.running is not None for lane in lanes),
            "queued": sum(lane.queued for lane in lanes),
            "idle_minutes": self.idle_minutes,
        }

    def job(self, name: str) -> Job:
        """Return a job.

        Raises:
            RequestError: There is none of that name.
        """
        if name not in self.jobs:
            raise RequestError(404, "Job not found", where=name[:40])
        return self.jobs[name]

    def submit(self, client: str, request: dict[str, Any], content: str = "") -> Job:
        """Queue a new job.

        Arguments:
            client: Name of the client, which takes turns with others.
            request: Request that was asked for, checked.
            content: Content of its source, by which a file that was renamed or dropped again is recognised.

        Raises:
            RequestError: The job that it builds on is not there, or has no music.
        """
        earlier = self.job(request["job"]) if "job" in request else None
        if earlier is not None and (earlier.state != "done" or "cue" not in earlier.files):
            raise RequestError(
                409, "That job has no music", where=earlier.id, hint="Name a job of kind score that is done"
            )
        kind = request["kind"]
        if self.lane(kind).queued >= _MAX_QUEUED:
            raise RequestError(409, "Too many jobs wait already", hint="Cancel some, or wait")
        job = self.records.new(kind, client, request)
        if earlier is not None:
            self.records.build_on(job, earlier)
        job.basis = _basis_of(request, earlier)
        self._name_cut(job, content, earlier)
        job.out = request.get("out") or str(self.records.own_out(job))
        cut = cut_of(job)
        taken = [*letters_taken(self.jobs.values(), cut), *self.retention.letters.last(cut)]
        name_versions(job, earlier, taken)
        self.records.save(job)
        self.jobs[job.id] = job
        self.lane(kind).add(job)
        return job

    def _name_cut(self, job: Job, content: str, earlier: Job | None) -> None:
        if earlier is not None and "source" not in job.request:
            job.cut, job.content = cut_of(earlier), earlier.content
        elif source_of(job):
            source, sequence = source_of(job), sequence_of(job)
            job.cut, job.content = recognized_cut(source, content, self.jobs.values(), sequence), content

    async def cancel(self, job: Job) -> None:
        """Stop a job and wait until it has stopped."""
        self.lane(job.kind).cancel(job)
        while job.state not in ENDED and not self.stopping.is_set():
            await self.change(job)

    def remove_cut(self, cut: str) -> None:
        """Remove a cut with all that belongs to it, copies of its movies included; see ``Retention.remove_cut``.

        Arguments:
            cut: Its name.

        Raises:
            RequestError: There is none of that name, or a job of it has not ended.
        """
        jobs = self.retention.ended_jobs(cut)
        shown = jobs if any(self.home.proxies.iterdir()) else []  # looking for media takes time
        movies = {movie for job in shown for movie in movies_of(self.result(job), job.basis)}
        self.retention.remove_cut(cut)
        for movie in movies:
            self.proxies.forget(movie)

    def result(self, job: Job) -> dict[str, Any] | None:
        """Return what came of a job; reads a file."""
        outcome = self.records.outcome(job) if job.state == "done" else None
        return outcome["result"] if outcome else None

    async def change(self, job: Job, within: float = _EVENT_EVERY) -> bool:
        """Wait until a job has changed; return whether it has."""
        event = self._changes.setdefault(job.id, asyncio.Event())
        try:
            await asyncio.wait_for(event.wait(), within)
        except asyncio.TimeoutError:
            return False
        return True

    def touch(self) -> None:
        """Take note that somebody asked."""
        self._asked = time.monotonic()

    @property
    def bored(self) -> bool:
        """True when nothing is to be done and nobody has asked for as long as it waits."""
        status = self.status()
        busy = status["running"] or status["queued"] or self._streams
        return not busy and time.monotonic() - self._asked > self.idle_minutes * 60

    def stream(self, change: int) -> None:
        """Count those who listen to events."""
        self._streams += change
        self.touch()

    def note_version(self, cut: str, letter: str, note: VersionNote) -> dict[str, VersionNote]:
        """Keep what a person notes on a version; return all notes of the cut.

        Raises:
            RequestError: The cut has no such version.
        """
        if not any(letter in job.letters for job in jobs_of(self.jobs.values(), cut)):
            raise RequestError(404, "Version not found", where=letter)
        values = {name: getattr(note, name) for name in note.model_fields_set}
        return self.notes.change(cut, letter, **values)

    def mark_placed(self, job: Job) -> None:
        """Note that an editor shows a job's music: its files must stay."""
        chosen = (self.result(job) or {}).get("cue", {}).get("chosen", 0)
        for letter in job.letters[chosen : chosen + 1] or job.letters[:1]:
            self.notes.change(cut_of(job), letter, placed=True)

    def _changed(self, job: Job) -> None:
        if job.state == "done" and job.letters:
            try:
                self.retention.make_room(job)
            except (OSError, EmsyncError):
                _log.exception("older versions cannot be removed")
        if job.state == "done" and job.kind == "players":
            self.retention.make_room_for_sounds()
        event = self._changes.pop(job.id, None)
        if event is not None:
            event.set()
        if job.state in ENDED:
            self.touch()
            _log.info("job %s (%s) %s", job.id, job.kind, job.state)


def _basis_of(request: dict[str, Any], earlier: Job | None) -> dict[str, Any]:
    """Return what a job begins with: its own, that of an earlier job, or its own cut with the music of that job."""
    own = {name: request[name] for name in _BASIS if name in request}
    if earlier is None:
        return own
    return {"music": earlier.basis.get("music", {}), **own} if "source" in own else earlier.basis
