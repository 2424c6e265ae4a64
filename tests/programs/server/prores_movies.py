"""ProRes movies, as editors export them for reference."""

import subprocess

from emsync_bridge.ffmpeg import find_ffmpeg


def prores(path, seconds=2, size="320x240"):
    """Make a ProRes movie with sound."""
    made = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate=24:duration={seconds}"]
    heard = ["-f", "lavfi", "-i", f"sine=duration={seconds}"]
    coded = ["-c:v", "prores_ks", "-profile:v", "0", "-c:a", "pcm_s16le", "-threads", "1"]
    subprocess.run([find_ffmpeg(), "-v", "error", *made, *heard, *coded, str(path)], check=True)
    return path


def looped(movie, times):
    """Make a movie many times as long, without coding it again."""
    target = movie.with_name(f"{movie.stem} {times}{movie.suffix}")
    command = [
        find_ffmpeg(),
        "-v",
        "error",
        "-stream_loop",
        str(times - 1),
        "-i",
        str(movie),
        "-c",
        "copy",
        str(target),
    ]
    subprocess.run(command, check=True)
    return target
