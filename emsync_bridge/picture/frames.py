"""Frames of a movie at regular times, one after the other, never all at once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.errors import MediaError
from emsync_bridge.ffmpeg import FfmpegPipe, cheap_decoding_options, open_input
from emsync_bridge.picture.probe import MediaInfo, probe

Frame = NDArray[np.uint8]

RUN_UP = 12.0
"""Seconds to decode ahead of the goal where the container has no index: longer than a usual group of pictures."""

FINE = "1/1440000"
"""Time base in which frames of all common rates last a whole number of ticks."""


def sample_frames(
    media: Path | MediaInfo,
    start: float,
    end: float,
    *,
    fps: float,
    width: int,
    height: int,
    keyframes: bool = False,
) -> Iterator[tuple[float, Frame]]:
    """Yield what is on screen at ``start``, ``start + 1 / fps``, and so on, before ``end``.

    Times follow the frames' time stamps, so a variable rate or a late start shifts nothing. The picture is turned
    upright and squeezed to the size asked for.

    Arguments:
        media: The file, or what ``probe`` said of it.
        start: Seconds from the media's first frame.
        end: Seconds from the media's first frame.
        fps: Samples per second.
        width: Pixels.
        height: Pixels.
        keyframes: Whether to decode key frames only: many times faster, and each stays until the next.

    Yields:
        The time in seconds and the frame, an array of (height, width, 3) red, green and blue from 0 to 255.
        They stop early where the media ends.

    Raises:
        MediaError: There is no picture, or none of it can be decoded.
    """
    info = media if isinstance(media, MediaInfo) else probe(media)
    if not info.has_picture:
        raise MediaError("The file holds no picture", where=info.path)
    start = max(0.0, start)
    count = max(0, math.ceil((end - start) * fps - 1e-6))
    if info.still:
        frame = _still(info, width, height)
        yield from ((start + index / fps, frame) for index in range(count))
        return
    if count == 0 or start >= info.duration > 0:
        return
    decoding = cheap_decoding_options((info.width, info.height), (width, height))
    if keyframes:
        decoding["skip_frame"] = "nokey"
    taken = 0
    for run_up in (0.0,) if info.indexed else (RUN_UP, start):
        early = math.floor(min(run_up, start) * fps + 1e-6)
        picture = _picture(info, start - early / fps, early / fps, fps, decoding)
        for block in _decode(info, picture, (width, height), count):
            yield start + taken / fps, np.frombuffer(block, np.uint8).reshape(height, width, 3)
            taken += 1
        if taken:
            return


def _picture(info: MediaInfo, origin: float, skipped: float, fps: float, decoding: dict[str, str]) -> Any:
    """Return the picture at regular times from ``skipped`` seconds after ``origin`` on."""
    options: dict[str, str | None] = {**decoding}
    if info.indexed or origin > 1.0:
        # the key frame before the origin is needed too: the filter below takes the last frame before its start
        options |= {"ss": f"{origin + info.picture_offset:.6f}", "noaccurate_seek": None}
    reel = open_input(info.path, **options)["V:0"]
    clock = reel.filter("settb", FINE).filter("setpts", f"PTS-{origin + info.start_time:.6f}/TB")
    # rounding up makes sample n the newest frame with a time stamp of n / fps or before
    return clock.filter("fps", fps=fps, round="up", start_time=f"{skipped:.6f}")


def _decode(info: MediaInfo, picture: Any, size: tuple[int, int], count: int) -> Iterator[bytes]:
    """Yield up to ``count`` frames of a picture as raw bytes."""
    scaled = picture.filter("scale", *size, flags="area")
    taken = False
    output = scaled.output("pipe:", format="rawvideo", pix_fmt="rgb24", fps_mode="passthrough", frames=count)
    with FfmpegPipe(output.global_args("-copyts"), info.path) as decoder:
        for block in decoder.blocks(size[0] * size[1] * 3):
            taken = True
            yield block
        complaint = "" if taken else decoder.complaint()
    if complaint:
        raise MediaError(f"The picture cannot be decoded: {complaint}", where=info.path)


def _still(info: MediaInfo, width: int, height: int) -> Frame:
    block = next(_decode(info, open_input(info.path)["V:0"], (width, height), 1), None)
    if block is None:
        raise MediaError("The picture cannot be decoded", where=info.path)
    return np.frombuffer(block, np.uint8).reshape(height, width, 3)
