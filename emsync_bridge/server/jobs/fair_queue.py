"""Fair round-robin queue of jobs: one turn per client, and the jobs of a client in the order in which they came."""

from __future__ import annotations

from emsync_bridge.server.jobs.store import Job


class FairQueue:
    """A queue that is fair between clients."""

    def __init__(self) -> None:
        self._waiting: list[Job] = []
        self._served: dict[str, int] = {}
        self._turn = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, job: Job) -> None:
        """Put a job into the queue."""
        self._waiting.append(job)

    def discard(self, job: Job) -> bool:
        """Take a job out of the queue; return whether it was in it."""
        if job not in self._waiting:
            return False
        self._waiting.remove(job)
        return True

    def take(self) -> Job | None:
        """Return the next job: the first one of the client that has waited longest for its turn."""
        if not self._waiting:
            self._served.clear()
            return None
        job = min(self._waiting, key=lambda job: (self._served.get(job.client, 0), job.created))
        self._waiting.remove(job)
        self._turn += 1
        self._served[job.client] = self._turn
        return job
