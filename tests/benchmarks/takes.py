"""Cost of takes side by side against one after the other, on a quiet machine and on one whose cores are all busy.

Usage: python tests/benchmarks/takes.py [--takes 4] [--seconds 60]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

LOOP = "while True: pass"


@contextmanager
def busy(cores: int) -> Iterator[None]:
    """Keep as many cores busy with something else."""
    others = [subprocess.Popen([sys.executable, "-c", LOOP]) for _ in range(cores)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def spent(work) -> tuple[float, float]:
    """Return processor time and time on the clock of some work, in seconds."""
    processor, clock = time.process_time(), time.monotonic()
    work()
    return time.process_time() - processor, time.monotonic() - clock


def main() -> None:
    """Measure and print one JSON document."""
    from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, Spotting
    from emsync_bridge.music.generation.batch import compose_takes
    from emsync_bridge.music.network.checkpoint import load

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--takes", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60.0)
    asked = parser.parse_args()
    cut = Spotting("cut", asked.seconds, Fraction(24))
    mood = EmotionCurve((EmotionSpan(0.0, asked.seconds, Affect(-0.4, 0.7)),))
    model, seeds = load(), range(1, asked.takes + 1)

    def together():
        compose_takes(cut, mood, model, seeds=seeds)

    def apart():
        for seed in seeds:
            compose_takes(cut, mood, model, seeds=[seed])

    found = {}
    for name, others in (("quiet", 0), ("all cores busy", os.cpu_count() or 1)):
        with busy(others):
            pairs = [(spent(together), spent(apart)) for _ in range(3)]
        found[name] = {
            "processor": round(min(a[0] for a, _ in pairs) / min(b[0] for _, b in pairs), 2),
            "clock": round(min(a[1] for a, _ in pairs) / min(b[1] for _, b in pairs), 2),
        }
    sys.stdout.write(json.dumps({"takes": asked.takes, "side by side / one after the other": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
