"""Raising the sender's priority as far as the system allows."""

from __future__ import annotations

import os
import sys

_FIFO_PRIORITY = 10
_NICE = -10


def raise_priority() -> str:
    """Raise this process's priority and the timer's resolution; return what was obtained, in words."""
    if sys.platform == "win32":
        return _windows()
    if hasattr(os, "sched_setscheduler"):
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_FIFO_PRIORITY))
        except OSError:
            pass
        else:
            return "real-time (SCHED_FIFO)"
    try:
        os.setpriority(os.PRIO_PROCESS, 0, _NICE)
    except OSError:
        return "normal"
    return f"nice {_NICE}"


def _windows() -> str:
    import ctypes

    loader = getattr(ctypes, "windll")  # noqa: B009  exists on Windows only
    timer = loader.winmm.timeBeginPeriod(1) == 0
    high_priority_class = 0x80
    kernel = loader.kernel32
    raised = bool(kernel.SetPriorityClass(kernel.GetCurrentProcess(), high_priority_class))
    return f"{'high' if raised else 'normal'}, timer {'1 ms' if timer else 'as it was'}"
