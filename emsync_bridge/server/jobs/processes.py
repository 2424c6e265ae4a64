"""Ending a process together with all that it has started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

GRACE = 1.0
"""Seconds for the members of a family to release what they hold, such as sounding notes."""


def detached_options() -> dict[str, Any]:
    """Return the options of a new process that begin a family of its own."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def kill_family(leader: int) -> None:
    """Kill a process that was started detached, and what it started.

    Arguments:
        leader: Its number, not yet waited for, so that it names no other process.
    """
    if sys.platform == "win32":
        _taskkill(leader)
        return
    with suppress(ProcessLookupError, PermissionError):
        os.kill(leader, signal.SIGKILL)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGTERM)


def finish_family(leader: int) -> None:
    """Kill what is left of a family after its grace; see ``kill_family``."""
    if sys.platform != "win32":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)


def family_lives(leader: int) -> bool:
    """Tell whether anything is left of a family whose leader has been waited for."""
    if sys.platform == "win32":
        return False
    try:
        os.killpg(leader, 0)
    except (ProcessLookupError, PermissionError):  # the latter is what macOS says of processes that have ended
        return False
    return True


def end_own_family() -> None:
    """End this process, which was started detached, and all that it has started; does not return."""
    if sys.platform == "win32":
        _taskkill(os.getpid())
    elif os.getpgrp() == os.getpid():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)
        for _ in range(20):
            if not _has_family():
                os._exit(0)
            time.sleep(GRACE / 20)
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _has_family() -> bool:
    """Tell whether others belong to this process's group; guesses yes where the system does not say."""
    group = str(os.getpgrp())
    try:
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                with suppress(OSError):
                    state, _, its_group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
                    if its_group == group and state != "Z":
                        return True
    except OSError:
        return True
    return False


def _taskkill(leader: int) -> None:
    root = os.environ.get("SYSTEMROOT", r"C:\Windows")
    command = [str(Path(root, "System32", "taskkill.exe")), "/T", "/F", "/PID", str(leader)]
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(command, capture_output=True, timeout=5, check=False)  # noqa: S603  numbers only
