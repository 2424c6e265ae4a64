"""Sound of a media file as samples, in windows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.errors import MediaError
from emsync_bridge.ffmpeg import FfmpegPipe, open_input
from emsync_bridge.picture.probe import MediaInfo, probe

Samples = NDArray[np.float32]


def sound_windows(
    media: Path | MediaInfo, start: float, end: float, seconds: float, rate: int = 16000
) -> Iterator[tuple[float, Samples]]:
    """Yield the sound in windows of equal length, the last one shorter.

    Arguments:
        media: The file, or its properties by ``probe``.
        start: Seconds from the media's first frame.
        end: Seconds from the media's first frame.
        seconds: Length of a window.
        rate: Samples per second.

    Yields:
        The time in seconds at which a window starts, and its samples from -1 to 1.

    Raises:
        MediaError: There is no sound, or none of it can be decoded.
    """
    info = media if isinstance(media, MediaInfo) else probe(media)
    if not info.has_sound:
        raise MediaError("The file holds no sound", where=info.path)
    start = max(0.0, start)
    left = max(0, math.floor((end - start) * rate + 0.5))
    if left == 0 or start >= info.duration > 0:
        return
    # the first time stamp is made 0 by padding or cutting, so a sound that starts late stays in place
    sound = (
        open_input(info.path, ss=f"{start + info.picture_offset:.6f}")["a:0"]
        .filter("asettb", "1/1440000")
        .filter("asetpts", f"PTS-{start + info.start_time:.6f}/TB")
        .filter("aresample", rate, **{"async": 1, "first_pts": 0})
        .output("pipe:", format="f32le", acodec="pcm_f32le", ac=1, ar=rate)
        .global_args("-copyts")
    )
    size = max(1, round(seconds * rate))
    index = 0
    with FfmpegPipe(sound, info.path) as decoder:
        while left > 0 and (data := decoder.read(4 * min(size, left))):
            window = np.frombuffer(data[: len(data) // 4 * 4], "<f4")
            yield start + index * size / rate, np.nan_to_num(window)
            left -= len(window)
            index += 1
        complaint = "" if index else decoder.complaint()
    if complaint:
        raise MediaError(f"The sound cannot be decoded: {complaint}", where=info.path)
