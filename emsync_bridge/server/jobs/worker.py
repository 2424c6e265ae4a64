"""The worker: a process of its own that does one job at a time and never outlives the bridge.

Orders come as lines of JSON on standard input, and answers go out the same way on what was standard output when it
started; whatever libraries print goes to standard error. The end of the orders means that the bridge is gone.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
import time
from pathlib import Path
from typing import Any, TextIO

from emsync_bridge.errors import EmsyncError
from emsync_bridge.server.errors import to_response
from emsync_bridge.server.jobs.processes import end_own_family
from emsync_bridge.server.jobs.store import keep_outcome

PROGRESS_EVERY = 0.05
"""Seconds between two reports of progress."""

LAST_CHANCE = 0.5
"""Seconds for a job to tidy up after the bridge has gone."""


class Cancelled(BaseException):
    """The job is to stop; not an Exception, so that nothing on the way takes it for a failure."""


class JobChannel:
    """State that the worker's two threads share: orders, and the job that is to stop.

    Arguments:
        answers: Stream for the lines to the bridge.
    """

    def __init__(self, answers: TextIO) -> None:
        self.orders: queue.Queue[dict[str, Any]] = queue.Queue()
        self.stop = threading.Event()
        self._answers = answers
        self._writing = threading.Lock()
        self._told = (0.0, "")

    def say(self, **answer: Any) -> None:
        """Send one line to the bridge."""
        with self._writing:
            self._answers.write(json.dumps(answer) + "\n")
            self._answers.flush()

    def progress(self, step: str, share: float) -> None:
        """Report progress, not too often.

        Raises:
            Cancelled: The job is to stop.
        """
        if self.stop.is_set():
            raise Cancelled
        now = time.monotonic()
        at, last = self._told
        if step != last or now - at >= PROGRESS_EVERY:
            self._told = (now, step)
            self.say(say="progress", step=step, share=min(1.0, max(0.0, share)))

    def listen(self) -> None:
        """Take orders until the bridge is gone, then end this process and all that it started."""
        for line in sys.stdin:
            order = json.loads(line)
            if order["do"] == "stop":
                self.stop.set()
            else:
                self.stop.clear()
                self.orders.put(order)
        self.stop.set()
        self.orders.put({"do": "end"})
        time.sleep(LAST_CHANCE)
        end_own_family()


def main() -> None:
    """Do jobs until the bridge is gone."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    channel = JobChannel(answers)
    threading.Thread(target=channel.listen, name="orders", daemon=True).start()
    try:
        if "--warm" in sys.argv[1:]:
            _warm()
        channel.say(say="ready")
        while (order := channel.orders.get())["do"] == "job":
            _carry_out(channel, order)
    except BrokenPipeError:
        pass
    end_own_family()


def _warm() -> None:
    from emsync_bridge.server.jobs.execute import warm

    try:
        warm()
    except Exception:  # the job that needs what is missing will say so
        logging.getLogger(__name__).exception("something cannot be loaded")


def _carry_out(channel: JobChannel, order: dict[str, Any]) -> None:
    from emsync_bridge.server.jobs.execute import perform

    channel.say(say="began")
    try:
        outcome = perform(order, channel.progress)
        keep_outcome(Path(order["folder"]), outcome)
        channel.say(say="done")
    except Cancelled:
        channel.say(say="cancelled")
    except EmsyncError as problem:
        channel.say(say="failed", error=to_response(problem))
    except MemoryError:
        channel.say(say="failed", error=_plain("Not enough memory", "Close other programs and try again"))
    except OSError as problem:
        where = str(problem.filename or "")
        channel.say(say="failed", error={**_plain(str(problem.strerror or problem), ""), "where": where})
    except Exception:
        logging.getLogger(__name__).exception("job %s failed", order["id"])
        channel.say(say="failed", error=_plain("The job failed for an unknown reason", "Look into the bridge's log"))


def _plain(what: str, hint: str) -> dict[str, str]:
    return {"what": what, "where": "", "hint": hint, "setting": ""}


if __name__ == "__main__":
    main()
