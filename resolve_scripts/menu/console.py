"""Messages in Resolve's Console and in a log beside it, and the watchdog over Resolve's answers."""

import os
import re
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable

LOG_LIMIT = 1000000


class ConsoleLog:
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


class Watchdog:
    """Ends the script with a sentence when Resolve does not come back from a call.

    A call into a Resolve that hangs never returns and no signal can interrupt it, so a second thread keeps the time.

    Arguments:
        patience: Seconds that one step may take.
        alarm: Function called with the step when that is over.
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

    def again(self) -> None:
        """Give the step its whole time again because Resolve has answered; does nothing outside a step."""
        if self.deadline != float("inf"):
            self.deadline = time.time() + self.patience

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
        if may_end_process():
            os._exit(3)


OWN_PROCESSES = ("python", "fuscript", "resolvepython")
"""Beginnings of the names of programs that run menu scripts beside Resolve."""


def may_end_process() -> bool:
    """Tell whether this process certainly is a child of Resolve and not Resolve itself.

    Ending Resolve would lose unsaved work, and ``sys.executable`` says nothing sure in an embedded interpreter: it may
    be empty, or name a Python of the PATH. The system knows the program that runs.
    """
    name = re.split(r"[/\\]", program_of_process())[-1].lower()
    return name.startswith(OWN_PROCESSES)


def program_of_process() -> str:
    """Return the program that this process runs, as the system knows it; empty where it does not say."""
    try:
        if sys.platform == "win32":
            import ctypes

            text = ctypes.create_unicode_buffer(32768)
            kernel: "Any" = ctypes.windll.kernel32
            return text.value if kernel.GetModuleFileNameW(None, text, len(text)) else ""
        if sys.platform == "darwin":
            import subprocess

            command = ["/bin/ps", "-o", "comm=", "-p", str(os.getpid())]
            return subprocess.check_output(command).decode("utf-8", "replace").strip()  # noqa: S603  fixed words
        return os.readlink("/proc/self/exe")
    except Exception:  # noqa: BLE001  not knowing is an answer, and the process then stays
        return ""
