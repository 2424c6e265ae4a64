"""Time and memory of feeling a minute of 1080p H.264; run by hand: ``python tests/benchmarks/feeling.py [MOVIE]``.

Without MOVIE the minute is made first: twelve shots of moving patterns and noise at 8 Mb/s with sound. Every line is a
run in a process of its own. Seconds are processor seconds of ours and of the decoder together, given also as a ratio to
a plain decode of the same movie in the same run; "times real time" is by the clock, so it wants an idle machine. Memory
is the largest of ours and, after the plus sign, of the largest program that we started.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SHOT = 5.0
"""Seconds of each shot that is felt."""

PLAIN = {"decode": {"what": "decode"}}

NAMES = ("look", "sound", "scene", "face", "sound-events")

EXTRACTORS = {name: {"names": [name]} for name in NAMES}

WAYS = {
    "exact, 4 samples a second": {},
    "2 samples a second": {"grid": 2},
    "key frames only": {"keyframes": True},
    "shots alone": {"what": "shots"},
    "shots and mood, one decode": {"what": "once"},
    "shots and mood, two decodes": {"what": "twice"},
}

LEFT_OUT = {f"without {name}": {"names": [other for other in NAMES if other != name]} for name in NAMES}
LEFT_OUT["as before faces and events"] = {"names": ["look", "sound", "scene"]}


def make_minute(folder: Path) -> Path:
    """Render a minute: three kinds of picture, cut twelve times."""
    from emsync_bridge.ffmpeg import find_ffmpeg

    size = "s=1920x1080:r=30"
    sources = [
        f"mandelbrot={size}:start_scale=2:end_scale=0.05:end_pts=300,trim=duration={SHOT}",
        f"gradients={size}:speed=0.03:seed=3:n=6:d={SHOT},noise=alls=6:allf=t",
        f"testsrc2={size}:d={SHOT}",
    ]
    inputs = [word for source in sources for word in ("-f", "lavfi", "-i", source)]
    alike = "".join(f"[{i}:v]format=yuv420p,setsar=1[v{i}];" for i in range(3))
    part, movie = folder / "part.mp4", folder / "minute.mp4"
    program = [find_ffmpeg(), "-v", "error", "-nostdin", "-y"]
    graph = f"{alike}[v0][v1][v2]concat=n=3[v]"
    coding = ["-c:v", "libx264", "-preset", "veryfast", "-b:v", "8M", "-c:a", "aac", "-shortest"]
    noise = ["-f", "lavfi", "-i", f"anoisesrc=d={3 * SHOT}:c=pink:a=0.3:seed=1"]
    subprocess.run(
        [*program, *inputs, *noise, "-filter_complex", graph, "-map", "[v]", "-map", "3:a", *coding, str(part)],
        check=True,
    )
    return repeated(part, 4, movie)


def repeated(movie: Path, times: int, out: Path) -> Path:
    """Write a movie that shows another several times, without coding it again."""
    from emsync_bridge.ffmpeg import find_ffmpeg

    command = [find_ffmpeg(), "-v", "fatal", "-nostdin", "-y", "-stream_loop", str(times - 1), "-i", str(movie)]
    subprocess.run([*command, "-c", "copy", str(out)], check=True)
    return out


def curve_of(movie: Path, order: dict[str, Any]) -> tuple[list[tuple[float, float]], float, float]:
    """Feel a movie as an order says; return valence and arousal twice a second, and mean errors."""
    from itertools import pairwise

    from emsync_bridge.cue import Shot, Spotting
    from emsync_bridge.emotion import estimate as emotion
    from emsync_bridge.picture.probe import probe
    from emsync_bridge.picture.relink import relink
    from emsync_bridge.scoring import steps
    from emsync_bridge.timeline.source import open_source

    if order.get("what") in ("once", "twice"):
        looking, feeling = steps.ReadOptions(), steps.EmotionOptions(cache=False)
        onlooker = steps.shared_decode(open_source(movie), looking, feeling) if order["what"] == "once" else None
        cut = steps.spot(steps.read(open_source(movie), looking, shared=onlooker), looking)
        curve, _ = steps.feel(cut, steps.find_media(open_source(movie), cut, feeling), feeling, shared=onlooker)
    else:
        info = probe(movie)
        edges = [SHOT * number for number in range(round(info.duration / SHOT) + 1)]
        shots = tuple(Shot(a, b, str(movie), a, b) for a, b in pairwise(edges))
        cut = Spotting("cut", edges[-1], info.rate, shots=shots)
        names = order.get("names")
        chosen = [e for e in emotion.default_extractors()[0] if names is None or e.name in names]
        relinked = relink(cut.shots, timeline=movie.with_suffix(".otio"))
        options = steps.EmotionOptions(keyframes=order.get("keyframes", False))
        curve = emotion.feel(cut, relinked, options, emotion.EstimateInputs(extractors=chosen)).curve
    moments = [curve.at(number / 2) for number in range(int(2 * curve.spans[-1].end))]
    rows = [(span.affect.valence, span.affect.arousal) for span in moments]
    errors = [sum(span.sigma[axis] for span in moments) / len(moments) for axis in (0, 1)]
    return rows, errors[0], errors[1]


def measure(movie: Path, order: dict[str, Any]) -> None:
    """Carry out one order in this process and print what it took as JSON."""
    import resource

    begin = time.perf_counter()
    found: dict[str, Any] = {}
    what = order.get("what", "feel")
    if what == "decode":
        from emsync_bridge.ffmpeg import find_ffmpeg

        command = [find_ffmpeg(), "-v", "error", "-nostdin", "-i", str(movie), "-map", "0:v", "-f", "null", "-"]
        subprocess.run(command, check=True)
    elif what == "shots":
        from emsync_bridge.picture.shot_detection import detect_shots

        detect_shots(movie)
    else:
        if "grid" in order:
            set_grid(order["grid"])
        found["curve"], found["valence_error"], found["arousal_error"] = curve_of(movie, order)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    found["clock"] = time.perf_counter() - begin
    found["busy"] = sum(use.ru_utime + use.ru_stime for use in used)
    found["memory"] = [use.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10) for use in used]
    sys.stdout.write(json.dumps(found))


def set_grid(grid: int) -> None:
    """Look so many times a second instead of four."""
    from emsync_bridge.emotion.extractors import interface, observe, scene

    interface.GRID = observe.GRID = grid
    scene.SceneExtractor.every = grid


def run(movie: Path, order: dict[str, Any]) -> dict[str, Any]:
    """Carry out an order in a process of its own."""
    command = [sys.executable, __file__, str(movie), json.dumps(order)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def show(name: str, found: dict[str, Any], seconds: float, decode: float) -> None:
    """Print one line of the table."""
    ours, decoder = found["memory"]
    sys.stdout.write(
        f"{name:<28} {found['busy']:6.2f} s busy, {found['busy'] / decode:5.2f} x decode, "
        f"{seconds / found['clock']:6.1f} x real time, {ours:4.0f} + {decoder:.0f} MB\n"
    )
    sys.stdout.flush()


def difference(one: dict[str, Any], other: dict[str, Any]) -> str:
    """Return how far two curves differ, in words."""
    axes = []
    for axis, name in enumerate(("valence", "arousal")):
        gaps = [abs(a[axis] - b[axis]) for a, b in zip(one["curve"], other["curve"], strict=True)]
        axes.append(f"{name} mean {sum(gaps) / len(gaps):.3f}, largest {max(gaps):.3f}")
    return "; ".join(axes)


def main(movie: Path | None) -> None:
    """Print all tables."""
    from emsync_bridge.picture.probe import probe

    with tempfile.TemporaryDirectory() as folder:
        movie = movie or make_minute(Path(folder))
        seconds = probe(movie).duration
        found = {name: run(movie, order) for name, order in (PLAIN | EXTRACTORS | WAYS).items()}
        decode = found["decode"]["busy"]
        for name, result in found.items():
            show(name, result, seconds, decode)
        exact = found["exact, 4 samples a second"]
        sys.stdout.write("\nHow far the curve is from that of exact sampling:\n")
        for name in ("2 samples a second", "key frames only"):
            sys.stdout.write(f"  {name}: {difference(exact, found[name])}\n")
        sys.stdout.write("\nWhat an extractor adds to the exact curve:\n")
        fewer = {name: run(movie, order) for name, order in LEFT_OUT.items()}
        for name, result in {"with all": exact, **fewer}.items():
            errors = f"{result['valence_error']:.3f} in valence, {result['arousal_error']:.3f} in arousal"
            sys.stdout.write(f"  {name}: stated error {errors}; {difference(exact, result)}\n")
        sys.stdout.write("\nLength:\n")
        for name, order in (("exact", {}), ("key frames", {"keyframes": True})):
            before = 0.0
            for times in (1, 2, 4):
                longer = repeated(movie, times, Path(folder) / f"{times}.mp4")
                result = run(longer, order)
                show(f"  {times} min, {name}", result, seconds * times, decode)
                if before:
                    sys.stdout.write(f"    {result['busy'] / before:.2f} times the processor time before\n")
                before = result["busy"]


if __name__ == "__main__":
    if len(sys.argv) > 2:
        measure(Path(sys.argv[1]), json.loads(sys.argv[2]))
    else:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
