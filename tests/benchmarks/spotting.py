"""Time and memory of reading and spotting a reel of 200, 2,000 and 20,000 clips; run by hand.

Each size runs in a process of its own: two picture tracks in nests and pieces, dissolves, titles, markers, sound. The
ratio to the size before shows how time grows: ten for ten times the clips is linear.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = (200, 2_000, 20_000)


def reel(clips: int) -> dict:
    """Return an OpenTimelineIO document the way an editor writes it, with metadata on every item."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "timeline"))
    import otio_make as make

    effects = [
        {"OTIO_SCHEMA": "Effect.1", "name": "", "effect_name": "Resolve Effect", "metadata": {"Resolve_OTIO": {}}}
    ]
    base, upper, sound = [], [], []
    for number in range(clips):
        length = 24 + number * 37 % 96
        media = f"/Volumes/Rushes/A{number % 300:03}_C001.mov"
        more = {"media": media, "available": (86400, 100_000), "effects": effects, "metadata": {"Resolve_OTIO": {}}}
        base.append(make.clip(f"A{number % 300:03}", length, 86400 + number % 500 * 100, **more))
        if number % 20 == 7:
            base.append(make.dissolve(6, 6))
        elif number % 25 == 3:
            upper.append(make.clip("Title", length, media=make.missing()))
            continue
        elif number % 10 == 0:
            upper.append(make.clip(f"B{number}", length, 90000, **more | {"media": f"/Volumes/Rushes/B{number}.mov"}))
            continue
        upper.append(make.gap(length))
        sound.append(make.clip("S", length, media=media))
    markers = [make.marker(f"m{n}", n * 500) for n in range(clips // 10)]
    return make.timeline(
        make.track(*base),
        make.track(*upper),
        make.track(*sound, kind="Audio"),
        start=86400,
        metadata={"Resolve_OTIO": {}},
        markers=markers,
    )


def measure(path: Path) -> None:
    """Print size, seconds and peak memory of reading and spotting one file, as JSON."""
    import resource

    from emsync_bridge.timeline.cut import edits  # noqa: F401 - imports are not what is measured
    from emsync_bridge.timeline.otio import reader  # noqa: F401 - imports are not what is measured
    from emsync_bridge.timeline.reading import read_timeline
    from emsync_bridge.timeline.spotting.spot import spot

    begin, idle = time.perf_counter(), time.process_time()
    model = read_timeline(path)
    middle = time.perf_counter()
    spotting = spot(model)
    end, busy = time.perf_counter(), time.process_time() - idle
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    found = {"read": middle - begin, "spot": end - middle, "busy": busy, "peak": peak, "hits": len(spotting.hits)}
    sys.stdout.write(json.dumps(found))


def main() -> None:
    """Print a line for each size."""
    before = None
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            path = Path(folder) / f"{size}.otio"
            path.write_text(json.dumps(reel(size), indent=4))
            run = [sys.executable, __file__, str(path)]
            runs = [json.loads(subprocess.run(run, check=True, capture_output=True).stdout) for _ in range(3)]
            best = min(runs, key=lambda found: found["busy"])
            growth = "" if before is None else f", {best['busy'] / before:.1f} times the processor time before"
            sys.stdout.write(
                f"{size} clips, {path.stat().st_size / 2**20:.1f} MB, {best['hits']} hits: read {best['read']:.3f} s, "
                f"spot {best['spot']:.3f} s, processor {best['busy']:.3f} s, peak {best['peak']:.0f} MB{growth}\n"
            )
            before = best["busy"]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]))
    else:
        main()
