"""Jobs of the bridge for an agent: started, waited for, and told in short."""

from __future__ import annotations

import json
import re
import time
import urllib.error
from typing import Any

from emsync_bridge.errors import AgentError
from emsync_bridge.server import client
from emsync_bridge.server.paths import Home

_ENDED = ("done", "failed", "cancelled")
_LOOK_EVERY = 0.2
_JOB = re.compile(r"[0-9a-f]{16}")


class BridgeJobs:
    """The bridge of this user, started when it is first asked.

    Arguments:
        home: The bridge's folder.
        idle_minutes: Minutes that a bridge that is started here waits for somebody.
    """

    def __init__(self, home: Home, idle_minutes: float = 30.0) -> None:
        self._home, self._idle_minutes = home, idle_minutes

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request and return the document that is answered.

        Raises:
            AgentError: The bridge refuses, or does not answer.
        """
        try:
            return client.ask(client.start(self._home, self._idle_minutes), method, path, body)
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise _refusal(refusal.read(), refusal.code) from None
        except OSError as problem:
            raise AgentError(
                f"The bridge does not answer ({problem})", where=self._home.log, hint="The log there may say why"
            ) from None

    def start(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Start a job and wait for it; see ``wait``."""
        return self.wait(self.ask("POST", "/v1/jobs", {"client": "agent", **request})["id"], seconds)

    def wait(self, job: str, seconds: float) -> dict[str, Any]:
        """Return a job's record when it has ended, or as it is after some seconds.

        Raises:
            AgentError: There is no such job, or it has failed.
        """
        if not _JOB.fullmatch(job):
            raise AgentError(
                "This is not the name of a job", where=job[:40], hint="Use the id that a tool has returned"
            )
        until = time.monotonic() + seconds
        while True:
            record: dict[str, Any] = self.ask("GET", f"/v1/jobs/{job}")
            if record["state"] == "failed":
                problem = record["error"] or {}
                raise AgentError(
                    problem.get("what", "The job failed"), where=problem.get("where", ""), hint=problem.get("hint", "")
                )
            if record["state"] in _ENDED or time.monotonic() >= until:
                return record
            time.sleep(_LOOK_EVERY)


def _refusal(text: bytes, status: int) -> AgentError:
    try:
        said = json.loads(text)["error"]
        return AgentError(str(said["what"]), where=str(said["where"]), hint=str(said["hint"]))
    except (ValueError, KeyError, TypeError):
        return AgentError(f"The bridge answers with {status}")


def summary(record: dict[str, Any]) -> dict[str, Any]:
    """Return what an agent needs of a job's record: its state, files, hits and mood, without every note.

    Arguments:
        record: The record, with its result where the job is done.
    """
    request, result = record.get("request") or {}, record.get("result") or {}
    told = {
        "job": record["id"],
        "kind": record["kind"],
        "state": record["state"],
        "source": request.get("source"),
        "progress": record.get("progress"),
        "files": record.get("files") or {},
        "warnings": result.get("warnings") or [],
    }
    if "conform" in result:
        told["conform"] = result["conform"]
    cue = result.get("cue") or {}
    spotting = cue.get("spotting") or result.get("spotting") or (result if "hits" in result else {})
    if spotting:
        told["rate"], told["duration"] = spotting.get("rate"), spotting.get("duration")
        told["shots"] = len(spotting.get("shots") or [])
        told["hits"] = [
            {name: hit.get(name) for name in ("time", "kind", "name")} for hit in spotting.get("hits") or []
        ]
    curve = cue.get("curve") or result.get("curve") or {}
    if curve:
        told["mood"] = [
            {"start": span["start"], "end": span["end"], **span["affect"]} for span in curve.get("spans") or []
        ]
    if cue:
        told["chosen"] = cue.get("chosen")
        told["takes"] = [
            {
                "take": number,
                "seed": take.get("seed"),
                "key": take.get("key"),
                "worst_hit_ms": max((abs(a["error_ms"]) for a in take.get("answers") or [] if a), default=None),
            }
            for number, take in enumerate(cue.get("takes") or [])
        ]
    return {name: value for name, value in told.items() if value not in (None, [], {})}
