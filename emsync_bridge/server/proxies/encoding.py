"""One run of ffmpeg that makes a small H.264 movie with AAC sound, which every browser plays."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from emsync_bridge.errors import MediaError, OutputError
from emsync_bridge.ffmpeg import find_ffmpeg, input_url, meaningful_line
from emsync_bridge.picture.probe import probe
from emsync_bridge.server.jobs.processes import detached_options

WIDTH = 960
"""Pixels at most: enough to judge music by."""

MAX_BYTES = 4 * 10**9
"""Bytes of one movie; three hours at the greatest bit rate."""

_THREADS = 2
_MAX_CPU_SECONDS = 4 * 3600
_NICENESS = 10
_LOOK_EVERY = 0.5


def command(source: Path, target: Path) -> list[str]:
    """Return the arguments that make a proxy.

    A key frame every half second at 24 fps makes the picture follow the playhead at once; ``faststart`` puts the index
    first, so that a browser need not read the whole file before it plays.

    Arguments:
        source: The movie.
        target: The file to make.
    """
    threads = str(_THREADS)
    return [
        find_ffmpeg(), "-nostdin", "-hide_banner", "-loglevel", "error", "-progress", "pipe:1", "-y",
        "-timelimit", str(_MAX_CPU_SECONDS), "-filter_threads", "1",
        "-threads", threads, "-protocol_whitelist", "file,pipe", "-i", input_url(source),
        "-map", "0:V:0", "-map", "0:a:0?", "-map_metadata", "-1",
        "-vf", f"scale='trunc(min({WIDTH},iw)/2)*2':-2",
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-maxrate", "3M", "-bufsize", "6M", "-g", "12",
        "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2", "-b:a", "128k",
        "-threads", threads, "-movflags", "+faststart", "-f", "mp4", f"file:{target}",
    ]  # fmt: skip


async def encode(source: Path, target: Path, tell: Callable[[float], None], wanted: Callable[[], bool]) -> bool:
    """Make a proxy; nothing is left of one that is not finished.

    Arguments:
        source: The movie.
        target: The file to make.
        tell: Function called with the share that is done.
        wanted: Function that tells whether the movie is still waited for; if not, ffmpeg is killed.

    Returns:
        Whether it was finished.

    Raises:
        MediaError: The movie cannot be read or converted.
        OutputError: The proxy would become larger than ``MAX_BYTES``.
    """
    info = await asyncio.to_thread(probe, source)
    process = await asyncio.create_subprocess_exec(
        *command(source, target),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        **detached_options(),
    )
    if sys.platform != "win32":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
    lines: deque[str] = deque(maxlen=40)
    reading = (_progress(process, info.duration, tell), _errors(process, lines))
    listening = [asyncio.create_task(each) for each in reading]
    finished = False
    try:
        while process.returncode is None:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(process.wait(), _LOOK_EVERY)
            if process.returncode is None and not wanted():
                return False
            if _size(target) > MAX_BYTES:
                raise OutputError(f"The movie would be larger than {MAX_BYTES // 10**9} GB", where=str(source))
        await asyncio.gather(*listening)
        if process.returncode:
            raise MediaError(f"ffmpeg cannot convert this movie: {meaningful_line(lines)}", where=source)
        finished = True
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        for each in listening:
            each.cancel()
        if not finished:
            target.unlink(missing_ok=True)
    return finished


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


async def _progress(process: asyncio.subprocess.Process, duration: float, tell: Callable[[float], None]) -> None:
    assert process.stdout is not None  # noqa: S101  piped
    async for line in process.stdout:
        name, _, value = line.decode("ascii", "replace").strip().partition("=")
        if name == "out_time_us" and value.lstrip("-").isdigit() and duration > 0:
            tell(min(1.0, max(0.0, int(value) / 1e6 / duration)))


async def _errors(process: asyncio.subprocess.Process, lines: deque[str]) -> None:
    assert process.stderr is not None  # noqa: S101  piped
    async for line in process.stderr:
        lines.append(line.decode("utf-8", "replace").rstrip())
