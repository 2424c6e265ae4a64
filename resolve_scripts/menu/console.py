"""What the user reads in Resolve's Console, and what is written down beside it."""

import os
import sys
import threading
import time
from pathlib import Path
from typing import Callable

LOG_LIMIT = 1000000


class Voice:
    """Says sentences in the Console and writes them into a log file.

    Arguments:
        home: The bridge's folder, where the log lies.
    """

    def __init__(self, home: "Path") -> None:
        self.log = home / "resolve.log"

    def say(self, sentence: str) -> None:
        """Print a line and log it."""
        try:
            print("emsync: " + sentence, flush=True)
        except (OSError, UnicodeError, ValueError):  # a Console that is closed or knows ASCII only
            print("emsync: " + sentence.encode("ascii", "replace").decode("ascii"))
        self.note(sentence)

    def note(self, text: str) -> None:
        """Log without printing; a log that cannot be written stops nothing."""
        try:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            fresh = not self.log.exists() or self.log.stat().st_size > LOG_LIMIT
            with self.log.open("w" if fresh else "a", encoding="utf-8") as file:
                file.write("{} [{}] {}\n".format(time.strftime("%Y-%m-%d %H:%M:%S"), os.getpid(), text))
        except OSError:
            pass


class Watch:
    """Ends the script with a sentence when Resolve does not come back from a call.

    A call into a Resolve that hangs never returns and no signal can interrupt it, so a second thread keeps the time.

    Arguments:
        patience: Seconds that one step may take.
        alarm: Called with the step when that is over.
    """

    def __init__(self, patience: float, alarm: "Callable[[str], None]") -> None:
        self.patience, self.alarm = patience, alarm
        self.step, self.deadline = "", float("inf")
        self.over = threading.Event()
        keeper = threading.Thread(target=self._keep)
        keeper.daemon = True
        keeper.start()

    def expect(self, step: str) -> None:
        """Begin a step in which Resolve is asked things."""
        self.step, self.deadline = step, time.time() + self.patience

    def rest(self) -> None:
        """Begin a time in which Resolve is not asked anything."""
        self.deadline = float("inf")

    def end(self) -> None:
        """Stop keeping the time."""
        self.over.set()

    def _keep(self) -> None:
        while time.time() < self.deadline:
            if self.over.wait(min(1.0, self.patience / 5)):
                return
        self.alarm(self.step)
        if not runs_inside_resolve():
            os._exit(3)


def runs_inside_resolve() -> bool:
    """Tell whether this is Resolve's own process, which must never be ended from here."""
    return Path(sys.executable or "").stem.lower() in ("resolve", "davinci resolve", "davinci resolve studio")
